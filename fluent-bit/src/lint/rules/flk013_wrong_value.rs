use super::*;
use crate::plugin::Type;

rule!("FLK013", "wrong-value", Error, check);

/// Properties with few values.
const WORDS: [(&str, &[&str]); 3] = [
    ("log_level", &["off", "error", "warn", "warning", "info", "debug", "trace"]),
    ("storage.type", &["filesystem", "memory", "memrb"]),
    ("storage.sync", &["normal", "full"]),
];

/// What the core reads itself, without a look at whether it is understood.
const BOOLEANS: [&str; 5] = ["tls", "tls.verify", "tls.verify_hostname", "ipv6", "routable"];

/// The sizes that the core refuses when it does not understand them.
const SIZES: [&str; 2] = ["mem_buf_limit", "storage.total_limit_size"];

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
                let finding = did_you_mean(finding, &value, words.unwrap_or_default());
                found.push(match (read_as(section.kind, &entry.name, property.kind, &value), words) {
                    (Some(read), None) => {
                        let label = format!("{wanted} is needed here; Fluent Bit reads {read}");
                        finding.severity(Severity::Warning).label(label)
                    }
                    _ => finding,
                });
            }
        }
    }
}

/// What Fluent Bit makes of a value that it does not understand (`flb_config_map.c`, `flb_input.c`, `flb_output.c`,
/// `flb_config.c`). `None`: it does not start.
fn read_as(section: SectionKind, name: &str, kind: Type, value: &str) -> Option<String> {
    match kind {
        Type::Bool if refuses(section) && !BOOLEANS.contains(&name) => None,
        Type::Bool => Some("off".to_string()),
        Type::Size if SIZES.contains(&name) => None,
        Type::Size => Some("no such size, and there is no limit".to_string()),
        Type::Double => Some(leading_number(value)),
        Type::Int => Some(whole(&leading_number(value))),
        Type::Time => Some(whole(&leading_number(value)) + unit(value)),
        _ => None,
    }
}

/// As `atoi` reads it.
fn whole(number: &str) -> String {
    number.split('.').next().filter(|whole| !whole.is_empty()).unwrap_or("0").to_string()
}

/// The unit of a time, which is its last letter whatever stands before it.
fn unit(value: &str) -> &str {
    let known = value.ends_with(['m', 'M', 'h', 'H', 'd', 'D']);
    if known { &value[value.len() - 1..] } else { "" }
}

/// As `atof` reads it.
fn leading_number(value: &str) -> String {
    let value = value.trim_start();
    let number = |c: char| c.is_ascii_digit() || c == '.' || c == '-' || c == '+';
    let end = value.find(|c| !number(c)).unwrap_or(value.len());
    let digits: &str = value[..end].trim_start_matches('+');
    if digits.bytes().any(|byte| byte.is_ascii_digit()) { digits.to_string() } else { "0".to_string() }
}
