use super::*;
use crate::plugin::Type;

rule!("FLK069", "old-property", Info, check);

/// Plugin, old name, new name.
const RENAMED: [(&str, &str, &str); 1] = [("record_modifier", "whitelist_key", "allowlist_key")];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, section) in sections(context) {
        let Some(plugin) = plugin(configuration, section, context.version) else { continue };
        for entry in &section.entries {
            let renamed = RENAMED.iter().find(|(of, old, _)| *of == plugin.name && *old == entry.name);
            if let Some((_, _, new)) = renamed.filter(|(_, _, new)| plugin.property(new, context.version).is_some()) {
                let message = format!("`{}` has a new name", entry.key.text);
                let finding = RULE.at(section.place(&entry.key.span), message).label(format!("now `{new}`"));
                let edit = replace(section, &entry.key, new);
                found.push(finding.help(format!("write {new}")).fix(format!("{} -> {new}", entry.key.text), [edit]));
            }
            let property = plugin.property(&entry.name, context.version);
            if property.is_some_and(|property| property.kind == Type::Deprecated) {
                let message = format!("`{}` has no effect any more", entry.key.text);
                let finding = RULE.at(section.place(&entry.key.span), message).label("deprecated");
                let title = format!("{} taken away", entry.key.text);
                let edits = context.remove(section, &[entry]).unwrap_or_default();
                found.push(finding.help("take it away").fix(title, edits));
            }
        }
    }
}
