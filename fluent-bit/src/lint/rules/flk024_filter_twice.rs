use super::*;

rule!("FLK024", "filter-twice", Warning, check);

/// The filters that make something else of a record the second time, or cost much.
const NOT_TWICE: [&str; 9] =
    ["wasm", "parser", "lua", "nest", "multiline", "modify", "throttle", "log_to_metrics", "content_modifier"];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let flow = pipeline.flow(context);
        for (index, filter) in
            pipeline.sections.iter().enumerate().filter(|(_, section)| section.kind == SectionKind::Filter)
        {
            let Some(own) = pipeline.matches(filter) else { continue };
            let twice = pipeline.plugin_name(filter).is_some_and(|name| NOT_TWICE.contains(&name.as_str()));
            let again = flow.rewrites.iter().find(|rewrite| {
                twice && index < rewrite.index && own.overlaps(&rewrite.from) && own.overlaps(&rewrite.to)
            });
            let Some(rewrite) = again else { continue };
            let message = "records that are moved to another tag pass this filter twice";
            let finding = RULE.at(match_place(filter), message).label("matches the old and the new tag");
            let finding = finding.related(rewrite.filter.place(&rewrite.rule.span), "they come back with this tag");
            found.push(finding.help("let its Match fit only the tags of the inputs, such as *-firelens-*"));
        }
    }
}
