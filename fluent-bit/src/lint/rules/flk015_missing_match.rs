use super::*;

rule!("FLK015", "missing-match", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        if pipeline.of(SectionKind::Input).any(|input| input.get("routes").is_some()) {
            continue;
        }
        let kinds = [SectionKind::Filter, SectionKind::Output];
        for section in pipeline.sections.iter().filter(|section| kinds.contains(&section.kind)) {
            if section.plugin().is_some() && pipeline.matches(section).is_none() {
                let message = format!("{} {} without `Match` gets no records", article(what(section)), what(section));
                let finding = RULE.at(name_place(section), message).label("Fluent Bit unloads it");
                found.push(finding.help("add Match with a tag, such as Match *-firelens-*"));
            }
        }
    }
}
