use super::*;
use crate::lint::context::Content;

rule!("FLK074", "fluentd-file", Info, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (number, file) in context.files.iter().enumerate().filter(|(_, file)| file.content == Content::Fluentd) {
        let start = file.text.len() - file.text.trim_start().len();
        let end = file.text[start..].find('\n').map_or(file.text.len(), |at| start + at);
        let finding =
            RULE.at(Place::new(number, &(start..end)), "this is a configuration of Fluentd, and is not checked");
        let finding =
            finding.label("FireLens includes it after its own sources and filters, before the outputs of log options");
        found.push(finding.help("firelens-kit inject --replace-router puts a Fluent Bit router in its place"));
    }
}
