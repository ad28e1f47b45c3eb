use super::*;

rule!("FLK013", "wrong-value", Error, check);

/// Properties with few values.
const WORDS: [(&str, &[&str]); 3] = [
    ("log_level", &["off", "error", "warn", "warning", "info", "debug", "trace"]),
    ("storage.type", &["filesystem", "memory", "memrb"]),
    ("storage.sync", &["normal", "full"]),
];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, section) in sections(context) {
        let Some(plugin) = plugin(configuration, section, context.version) else { continue };
        for entry in &section.entries {
            let Some(property) = plugin.property(&entry.name, context.version) else { continue };
            for text in entry.texts() {
                let Some(value) = configuration.resolve(text) else { continue };
                let words = WORDS.iter().find(|(name, _)| *name == entry.name).map(|(_, words)| *words);
                let wanted = match words {
                    Some(words) if words.contains(&value.to_lowercase().as_str()) => continue,
                    Some(words) => format!("one of {}", words.join(", ")),
                    None if property.kind.accepts(&value) => continue,
                    None => property.kind.to_string(),
                };
                let message = format!("`{value}` is no value of `{}`", entry.key.text);
                let finding = RULE.at(section.place(&text.span), message).label(format!("{wanted} is needed here"));
                found.push(did_you_mean(finding, &value, words.unwrap_or_default()));
            }
        }
    }
}
