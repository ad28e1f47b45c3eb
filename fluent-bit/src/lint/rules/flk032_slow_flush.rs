use super::*;

rule!("FLK032", "slow-flush", Remark, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in remote_pipelines(context) {
        let Some((service, entry)) = pipeline.setting("flush") else { continue };
        let seconds = pipeline.value(entry).and_then(|value| value.parse::<f64>().ok());
        if seconds.is_some_and(|seconds| seconds > 5.0) {
            let finding =
                RULE.at(service.place(entry.value.span()), "records wait that many seconds before they are sent");
            found.push(finding.label("more is lost when the router dies").help("write Flush 1"));
        }
    }
}
