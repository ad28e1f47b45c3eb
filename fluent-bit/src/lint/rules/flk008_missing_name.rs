use super::*;
use crate::lint::context::kind;

rule!("FLK008", "missing-name", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    let written = |section: &&Section| !context.files[section.file].is_task_definition();
    for section in context.configurations.iter().flat_map(|configuration| &configuration.sections).filter(written) {
        let parser = matches!(section.kind, SectionKind::Parser | SectionKind::MultilineParser);
        if (kind(section.kind).is_some() || parser) && section.plugin().is_none() {
            let message = format!("{} {} without a name", article(what(section)), what(section));
            let finding = RULE.at(section.title_place(), message).label("Fluent Bit does not start");
            found.push(finding.help("the property `Name` says which plugin it is"));
        }
    }
}
