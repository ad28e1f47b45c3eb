use super::*;
use crate::lint::context::Reach;

rule!("FLK033", "split-lines", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.is_whole_firelens()) {
        let flow = pipeline.flow(context);
        let mut joined: Vec<Reach> = Vec::new();
        let before = found.len();
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
        if joined.is_empty() && found.len() == before {
            found.extend(service_place(context, pipeline).map(|place| {
                let finding = RULE.at(place, "lines over 16 KiB arrive in pieces, each a record of its own");
                let help = "add a filter: Name multiline, Mode partial_message, Multiline.key_content log";
                finding.severity(Severity::Remark).label("nothing joins them").help(help)
            }));
        }
    }
}

fn key(pipeline: &Configuration, filter: &Section) -> String {
    pipeline.property(filter, "key_name").unwrap_or_default()
}

fn is_join(pipeline: &Configuration, filter: &Section) -> bool {
    pipeline.is(filter, "multiline") && pipeline.property(filter, "mode").is_some_and(|mode| mode == "partial_message")
}
