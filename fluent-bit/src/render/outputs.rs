//! The outputs: one for each destination that gets something, whatever routes lead to it, so that it has one buffer with
//! one limit.
use super::{Section, tags};
use crate::pipeline::Pipeline;

pub(super) fn sections(pipeline: &Pipeline) -> Vec<Section> {
    let section = |name: &str, plugin: &str| {
        Section::new("OUTPUT", "")
            .with("name", plugin)
            .with("alias", name)
            .with("match_regex", tags::of_destination(pipeline, name))
    };
    let outputs = pipeline.used().map(|to| {
        let properties = to.properties(pipeline).into_iter();
        properties.fold(section(&to.name, to.kind.plugin()), |section, (name, value)| section.with(name, value))
    });
    outputs.chain(dropped(pipeline)).collect()
}

/// Where the last route drops, what stays under its tag is dropped as well, and openly.
fn dropped(pipeline: &Pipeline) -> Option<Section> {
    let comment = "The last route drops its records, and with them what the filter never saw.";
    let section = || {
        Section::new("OUTPUT", comment)
            .with("name", "null")
            .with("alias", "firelens_kit_dropped")
            .with("match_regex", tags::unmoved())
    };
    pipeline.default_destinations().is_empty().then(section)
}
