use super::*;

rule!("FLK043", "wasm-behind-forward", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    if !context.version.forward_breaks_wasm() {
        return;
    }
    for pipeline in context.pipelines() {
        for input in pipeline.of(SectionKind::Input).filter(|input| pipeline.is(input, "forward")) {
            let inner = input.processors.iter().map(|processor| &processor.section);
            found.extend(inner.filter(|processor| pipeline.is(processor, "wasm")).map(|wasm| finding(context, wasm)));
        }
    }
    for (pipeline, filter) in context.filters("wasm") {
        let Some(own) = pipeline.matches(filter) else { continue };
        let direct = |(tag, input): &(String, Option<&Section>)| {
            own.overlaps(tag) && input.is_none_or(|input| pipeline.is(input, "forward"))
        };
        if pipeline.flow(context).sources.iter().any(direct) {
            found.push(finding(context, filter));
        }
    }
}

fn finding(context: &Context, wasm: &Section) -> Finding {
    let message =
        format!("Fluent Bit {} loses every record in a WASM filter behind the forward input", context.version);
    let finding = RULE.at(name_place(wasm), message).label("\"native stack overflow\", and the record is dropped");
    let help =
        "take an image with Fluent Bit 5.0, or move all records to another tag with rewrite_tag, and match only that";
    finding.help(help)
}
