//! The outputs: one for each destination that gets something, whatever routes lead to it, so that it has one buffer with
//! one limit.
use super::{Section, tags};
use crate::pipeline::Pipeline;

pub fn sections(pipeline: &Pipeline) -> Vec<Section> {
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
    outputs.collect()
}
