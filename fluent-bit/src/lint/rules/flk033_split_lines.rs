use super::*;

rule!("FLK033", "split-lines", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.firelens) {
        let filters: Vec<&Section> = pipeline.of(SectionKind::Filter).collect();
        for (index, filter) in filters.iter().enumerate() {
            let parses = pipeline.is(filter, "wasm") || (pipeline.is(filter, "parser") && key(pipeline, filter) == "log");
            let joins = |other: &&Section| is_join(pipeline, other) && pipeline.meet(context, other, filter);
            if !parses || filters[..index].iter().any(joins) {
                continue;
            }
            let message = "lines over 16 KiB reach this filter in pieces";
            let finding = RULE.at(name_place(filter), message).label("parses each piece for itself");
            found.push(finding.help("put a filter before it: Name multiline, Mode partial_message, Multiline.key_content log"));
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
