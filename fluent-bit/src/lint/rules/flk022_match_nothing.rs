use super::*;

rule!("FLK022", "match-nothing", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.whole) {
        let flow = pipeline.flow(context);
        let all = flow.tags();
        let kinds = [SectionKind::Filter, SectionKind::Output];
        for section in pipeline.sections.iter().filter(|section| kinds.contains(&section.kind)) {
            let Some(own) = pipeline.matches(section) else { continue };
            let Some(entry) = section.last("match_regex").or(section.last("match")) else { continue };
            if all.iter().any(|tag| own.overlaps(tag)) {
                continue;
            }
            let message = "no record has a tag that this matches";
            let finding = RULE.at(section.place(entry.value.span()), message).label("gets nothing");
            found.push(finding.help(format!("there are: {}", all.join(", "))));
        }
    }
}
