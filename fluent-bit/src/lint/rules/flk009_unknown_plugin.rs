use super::*;
use crate::{
    lint::context::kind,
    plugin::{self, Kind},
};

rule!("FLK009", "unknown-plugin", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (configuration, section) in plugins(context) {
        let Some((kind, text)) = kind(section.kind).zip(section.plugin()) else { continue };
        let Some(name) = configuration.resolve(text) else { continue };
        if is_known(kind, &name) || configuration.sections.iter().any(loads_plugins) {
            continue;
        }
        let message = format!("there is no {} `{name}`", what(section));
        let finding = RULE.at(section.place(&text.span), message);
        let task = configuration.task.and_then(|task| context.tasks.get(task));
        let own = task.is_some_and(|task| task.definition.routers().any(|router| !has_known_image(router)));
        let finding = match own {
            true => finding.severity(Severity::Warning).label("unless this image brings it along"),
            false => finding.label("unknown to every release"),
        };
        found.push(did_you_mean(finding, &name, &plugin::names(kind, context.version)));
    }
}

/// Some release has it. Every filter can be a processor too.
fn is_known(kind: Kind, name: &str) -> bool {
    let known = |kind| plugin::find_ever(kind, name).is_some();
    known(kind) || (kind == Kind::Processor && known(Kind::Filter))
}

/// The configuration brings plugins of its own.
fn loads_plugins(section: &Section) -> bool {
    section.kind == SectionKind::Plugins || section.get("plugins_file").is_some()
}
