use super::*;
use crate::lint::context::Reach;

rule!("FLK033", "split-lines", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.firelens) {
        let flow = pipeline.flow(context);
        let mut joined: Vec<Reach> = Vec::new();
        for filter in pipeline.of(SectionKind::Filter) {
            let own = pipeline.matches(filter);
            if is_join(pipeline, filter) {
                joined.push(flow.reach(own.as_ref()));
            }
            let parses =
                pipeline.is(filter, "wasm") || (pipeline.is(filter, "parser") && key(pipeline, filter) == "log");
            if !parses || joined.iter().any(|reach| reach.meets(own.as_ref())) {
                continue;
            }
            let message = "lines over 16 KiB reach this filter in pieces";
            let finding = RULE.at(name_place(filter), message).label("parses each piece for itself");
            found.push(
                finding.help("put a filter before it: Name multiline, Mode partial_message, Multiline.key_content log"),
            );
            break;
        }
    }
}

fn key(pipeline: &Configuration, filter: &Section) -> String {
    pipeline.property(filter, "key_name").unwrap_or_default()
}

fn is_join(pipeline: &Configuration, filter: &Section) -> bool {
    pipeline.is(filter, "multiline") && pipeline.property(filter, "mode").is_some_and(|mode| mode == "partial_message")
}
