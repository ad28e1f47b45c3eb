use super::*;
use crate::{
    Version,
    image::backported,
    lint::context::kind,
    plugin::{self, Kind},
};

rule!("FLK011", "other-release", Error, check);

/// Since when an input can name its outputs, in YAML.
const ROUTES: Version = Version::new(4, 2, 0);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, section) in sections(context) {
        if let Some(routes) = section.get("routes").filter(|_| context.version < ROUTES) {
            let message = format!("Fluent Bit {} has no `routes`", context.version);
            let finding = RULE.at(section.place(&routes.key.span), message).label(when(ROUTES, None, context.version));
            found.push(finding.help(help(ROUTES, context.version)));
        }
        match plugin(configuration, section, context.version) {
            Some(plugin) => {
                let added = |entry: &Entry| context.image_adds(plugin, &entry.name);
                let missing = |entry: &&Entry| plugin.property(&entry.name, context.version).is_none() && !added(entry);
                for entry in section.entries.iter().filter(|entry| !is_core(&entry.name)).filter(missing) {
                    let Some(ever) = plugin.property_ever(&entry.name) else { continue };
                    let message = match section.kind {
                        SectionKind::Service => {
                            format!("Fluent Bit {} has no setting `{}`", context.version, entry.key.text)
                        }
                        _ => format!(
                            "Fluent Bit {} has no property `{}` of `{}`",
                            context.version, entry.key.text, plugin.name
                        ),
                    };
                    let finding = RULE.at(section.place(&entry.key.span), message).label(when(
                        ever.since,
                        ever.until,
                        context.version,
                    ));
                    let finding = finding.help(match backported(plugin.kind, plugin.name, &entry.name) {
                        Some(since) if context.version == Version::OLDEST => {
                            format!("aws-for-fluent-bit has it since its own release {since}, on this Fluent Bit")
                        }
                        _ => help(ever.since, context.version),
                    });
                    found.push(if refuses(section.kind) { finding } else { finding.severity(Severity::Warning) });
                }
            }
            None => found.extend(missing_plugin(context, configuration, section)),
        }
    }
}

fn missing_plugin(context: &Context, configuration: &Configuration, section: &Section) -> Option<Finding> {
    let kind = kind(section.kind)?;
    let name = configuration.plugin_name(section)?;
    if kind == Kind::Filter && name == "wasm" {
        return None;
    }
    let filter = kind == Kind::Processor && plugin::find(Kind::Filter, &name, context.version).is_some();
    let ever = plugin::find_ever(kind, &name).filter(|_| !filter)?;
    let message = format!("Fluent Bit {} has no {} `{name}`", context.version, what(section));
    let finding = RULE.at(name_place(section), message).label(when(ever.since, ever.until, context.version));
    Some(finding.help(help(ever.since, context.version)))
}

fn when(since: Version, until: Option<Version>, version: Version) -> String {
    match until.filter(|until| *until <= version) {
        Some(until) => format!("gone since {until}"),
        None => format!("there since {since}"),
    }
}

fn help(since: Version, version: Version) -> String {
    match since > version {
        true => format!("take an image with Fluent Bit {since} or newer, or do without it"),
        false => "take it away".to_string(),
    }
}
