use super::*;
use crate::conf::Syntax;

rule!("FLK005", "parser-section", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.syntax == Syntax::Classic) {
        let parser = |kind: SectionKind| matches!(kind, SectionKind::Parser | SectionKind::MultilineParser);
        for section in pipeline.sections.iter().filter(|section| parser(section.kind)) {
            let message = format!("[{}] has no place in the main configuration", section.title.text);
            let finding = RULE.at(section.title_place(), message).label("Fluent Bit does not start");
            found.push(finding.help("put it into a file of its own, and name that as Parsers_File in [SERVICE]"));
        }
    }
}
