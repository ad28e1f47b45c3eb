use super::*;
use crate::{conf::Syntax, plugin::Type};

rule!("FLK068", "comment-in-value", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    let classic = |section: &Section| {
        context.documents().any(|(file, document)| file == section.file && document.syntax == Syntax::Classic)
    };
    for (configuration, section) in sections(context).into_iter().filter(|(_, section)| classic(section)) {
        for text in section.entries.iter().filter_map(Entry::text) {
            let Some(at) = [" # ", "\t# ", " #\t"].iter().filter_map(|mark| text.text.find(mark)).min() else {
                continue;
            };
            let span = text.span.start + at + 1..text.span.end;
            let finding = RULE.at(section.place(&span), "there are no comments at the end of a line");
            let finding = finding.label("belongs to the value").help("put the comment on a line of its own");
            let value = text.text[..at].trim_end();
            let edit =
                Edit { place: section.place(&(text.span.start + value.len()..text.span.end)), text: String::new() };
            let finding = if changes(context, configuration, section, text) {
                finding.severity(Severity::Error)
            } else {
                finding
            };
            let title = format!("comment behind {} taken away", section_key(section, text));
            found.push(if value.is_empty() { finding } else { finding.fix(title, [edit]) });
        }
    }
}

/// The key of a value.
fn section_key<'a>(section: &'a Section, value: &Text) -> &'a str {
    let entry = section.entries.iter().find(|entry| entry.value.span() == &value.span);
    entry.map_or("", |entry| entry.key.text.as_str())
}

/// The value is no text that may be longer: a tag that nothing has then, a switch, a number.
fn changes(context: &Context, configuration: &Configuration, section: &Section, value: &Text) -> bool {
    let Some(entry) = section.entries.iter().find(|entry| entry.value.span() == &value.span) else { return false };
    let property = plugin(configuration, section, context.version);
    let property = property.and_then(|plugin| plugin.property(&entry.name, context.version));
    let typed = property.is_some_and(|property| {
        matches!(property.kind, Type::Bool | Type::Int | Type::Double | Type::Size | Type::Time)
    });
    typed || ["name", "match", "tag", "path", "host"].contains(&entry.name.as_str())
}
