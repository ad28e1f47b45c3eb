use super::*;
use crate::conf::Syntax;

rule!("FLK006", "second-service", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let mut services = pipeline.of(SectionKind::Service);
        let Some(first) = services.next() else { continue };
        for service in services {
            if pipeline.syntax == Syntax::Yaml && service.file == first.file {
                continue;
            }
            let finding = RULE.at(service.title_place(), "a second [SERVICE] is poured into the first");
            let finding = finding.label("a setting here replaces that above").related(first.title_place(), "the first");
            let finding = finding.help("put all settings into one [SERVICE]");
            found.push(match pipeline.syntax {
                Syntax::Classic => finding,
                Syntax::Yaml => finding.severity(Severity::Error).label("Fluent Bit does not start"),
            });
        }
    }
}
