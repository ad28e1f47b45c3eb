//! A pipeline as Fluent Bit's classic configuration, the only format that FireLens includes. One file a part.
use crate::pipeline::{Pipeline, Shape};
use section::Section;

mod filters;
mod join;
mod outputs;
mod section;
mod service;
mod tags;

/// The text of `pipeline.conf`. The same pipeline always gives the same text.
pub fn render(pipeline: &Pipeline) -> String {
    let sections = [vec![service::section(pipeline)], filters::sections(pipeline), outputs::sections(pipeline)];
    let mut text = head(pipeline);
    for section in sections.iter().flatten() {
        text.push('\n');
        text.push_str(&section.text());
    }
    text
}

/// The text of `parsers.conf`, with the rules for lines that belong together; `None` where no lines are joined.
pub fn parsers(pipeline: &Pipeline) -> Option<String> {
    let sections = join::parsers(pipeline);
    let head =
        "# Which lines belong together.\n# Written by firelens-kit render; the place to change it is firelens.toml.\n";
    let text = |section: &Section| format!("\n{}", section.text());
    (!sections.is_empty()).then(|| format!("{head}{}", sections.iter().map(text).collect::<String>()))
}

fn head(pipeline: &Pipeline) -> String {
    let shape = match pipeline.version.shape() {
        Shape::Straight => "records reach the module straight from FireLens's input, whose chunks are on disk",
        Shape::Emitter => "records pass through an emitter with its chunks on disk before they reach the module",
    };
    format!(
        "# For Fluent Bit {}: {shape}.\n\
         # Written by firelens-kit render; the place to change it is firelens.toml.\n",
        pipeline.version
    )
}

#[cfg(test)]
mod tests;
