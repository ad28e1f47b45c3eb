use super::*;

rule!("FLK031", "short-grace", Warning, check);

/// Seconds. One retry takes up to ten.
const ENOUGH: u64 = 15;

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in remote_pipelines(context) {
        let wanted = grace(context, pipeline).to_string();
        match pipeline.setting("grace") {
            None if !pipeline.whole => {}
            None => {
                let Some(place) = service_place(context, pipeline) else { continue };
                let finding = RULE.at(place, "without `Grace` Fluent Bit ends five seconds after SIGTERM");
                let finding = finding
                    .label("what is still buffered then is lost")
                    .help(format!("write Grace {wanted} in [SERVICE]"));
                let service = pipeline.of(SectionKind::Service).last();
                let fix = service.and_then(|service| context.insert(service, "Grace", &wanted));
                found.push(finding.fix(format!("Grace {wanted} added"), fix));
            }
            Some((service, entry)) => {
                let seconds = pipeline.value(entry).and_then(|value| value.parse::<u64>().ok());
                let Some(text) = entry.text().filter(|_| {
                    seconds.is_some_and(|seconds| seconds < ENOUGH && (seconds as i64) < grace(context, pipeline))
                }) else {
                    continue;
                };
                let finding = RULE
                    .at(service.place(&text.span), format!("`Grace {}` is too short to empty the buffers", text.text));
                let finding =
                    finding.label("what is still buffered then is lost").help(format!("write Grace {wanted}"));
                let title = format!("Grace {} -> {wanted}", text.text);
                found.push(finding.fix(title, [replace(service, text, &wanted)]));
            }
        }
    }
}
