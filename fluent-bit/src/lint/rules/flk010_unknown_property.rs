use super::*;
use crate::plugin::Plugin;

rule!("FLK010", "unknown-property", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, section) in sections(context) {
        let Some(plugin) = plugin(configuration, section, context.version) else { continue };
        for entry in section.entries.iter().filter(|entry| !is_known(plugin, entry)) {
            let message = match section.kind {
                SectionKind::Service => format!("[SERVICE] has no setting `{}`", entry.key.text),
                _ => format!("`{}` has no property `{}`", plugin.name, entry.key.text),
            };
            let finding = RULE.at(section.place(&entry.key.span), message);
            let finding = match refuses(section.kind) {
                true => finding.label("Fluent Bit does not start"),
                false => finding.label("has no effect").severity(Severity::Warning),
            };
            let names = plugin.property_names(context.version);
            let near = firelens_nearest::nearest(&entry.name, &names);
            let finding = did_you_mean(finding, &entry.name, &names);
            let edit = near.map(|near| replace(section, &entry.key, near));
            let title = format!("{} -> {}", entry.key.text, near.unwrap_or_default());
            found.push(if is_slip(&entry.name, near) && near.is_none_or(|near| section.get(near).is_none()) {
                finding.fix(title, edit)
            } else {
                finding
            });
        }
    }
}

fn is_known(plugin: &Plugin, entry: &Entry) -> bool {
    plugin.open() || is_core(&entry.name) || plugin.property_ever(&entry.name).is_some()
}

/// One letter too many, too few, or another one, or two that changed places: nothing else can have been meant.
fn is_slip(wrong: &str, near: Option<&str>) -> bool {
    near.is_some_and(|near| near.len() > 4 && strsim::osa_distance(wrong, near) == 1)
}
