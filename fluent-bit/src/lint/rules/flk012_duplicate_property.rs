use super::*;
use crate::plugin::Type;

rule!("FLK012", "duplicate-property", Error, check);

/// What the core reads itself: the last one counts.
const LAST_COUNTS: [&str; 13] = [
    "match",
    "match_regex",
    "alias",
    "log_level",
    "retry_limit",
    "tag",
    "host",
    "port",
    "tls",
    "workers",
    "storage.type",
    "mem_buf_limit",
    "storage.total_limit_size",
];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, section) in sections(context) {
        let plugin = plugin(configuration, section, context.version);
        for (index, entry) in section.entries.iter().enumerate() {
            let Some(first) = section.entries[..index].iter().find(|earlier| earlier.name == entry.name) else {
                continue;
            };
            let property = plugin.and_then(|plugin| plugin.property_ever(&entry.name));
            let name = entry.name == "name";
            if !name && property.is_none_or(|property| property.multiple || property.kind == Type::Prefix) {
                continue;
            }
            if entry.name == "match" && context.files[section.file].is_task_definition() {
                found.extend(replaced_match(configuration, section, first, entry));
                continue;
            }
            let finding = RULE.at(section.place(&entry.key.span), format!("`{}` is set twice", entry.key.text));
            let finding = finding.related(section.place(&first.key.span), "first here");
            let silent = !refuses(section.kind) || LAST_COUNTS.contains(&entry.name.as_str());
            found.push(match (name, silent) {
                (true, _) => {
                    finding.label("does not count: the first one does").help("a second plugin has a section of its own")
                }
                (false, true) => finding.severity(Severity::Warning).label("replaces the first").help("take one away"),
                (false, false) => finding.label("Fluent Bit does not start").help("take one away"),
            });
        }
    }
}

/// FireLens writes a `Match` of its own, and Fluent Bit takes the last one.
fn replaced_match(configuration: &Configuration, output: &Section, own: &Entry, option: &Entry) -> Option<Finding> {
    let own = own.text()?;
    let pattern = own.text.replace("-firelens*", "-firelens-*");
    if configuration.matches(output).is_some_and(|wide| wide.covers(&pattern)) {
        return None;
    }
    let message = format!("this `Match` replaces FireLens's `{}`", own.text);
    let finding = RULE.at(output.place(&option.key.span), message).severity(Severity::Warning);
    let finding = finding.label("what this container logs does not come to this output");
    Some(finding.related(output.place(&own.span), "the container").help("take it away: FireLens writes the right one"))
}
