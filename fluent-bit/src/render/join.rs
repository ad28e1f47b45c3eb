//! Lines that belong together are joined before the module sees them.
//!
//! Only the streams that ask for it are moved to tags of their own: Fluent Bit passes on what it holds of a tag when a line
//! fits no rule, so that a line of the other stream would cut a stack trace in two.
use super::{Section, filters::emitter};
use crate::{
    multiline::{Joined, WAIT},
    pipeline::Pipeline,
};

/// The parsers: one for each list of rules.
pub(super) fn parsers(pipeline: &Pipeline) -> Vec<Section> {
    let mut sections = Vec::new();
    for (rules, _) in groups(pipeline, |joined| joined.rules.clone()) {
        let section = Section::new("MULTILINE_PARSER", "").with("name", &rules.name).with("type", "regex");
        sections.push(rules.rendered().fold(section, |section, rule| section.with("rule", rule)));
    }
    sections
}

/// The filters: lines of these streams are moved to tags of their own, and joined there.
pub(super) fn filters(pipeline: &Pipeline) -> Vec<Section> {
    let mut sections = Vec::new();
    for (streams, joined) in groups(pipeline, streams) {
        let comment = match sections.is_empty() {
            true => {
                "Lines that belong together: a stream gets a tag of its own, so that no line of the other one comes between."
            }
            false => "",
        };
        let section = Section::new("FILTER", comment)
            .with("name", "rewrite_tag")
            .with("match_regex", format!("^(?:{})-firelens-[^.]+$", containers(&joined)));
        let rules = streams.iter().map(|stream| format!("$source ^{stream}$ $TAG.{stream} false"));
        let section = rules.fold(section, |section, rule| section.with("rule", rule));
        let name = format!("firelens_kit_lines_{}", sections.len() + 1);
        sections.push(emitter(section, &name, pipeline));
    }
    for (at, (rules, joined)) in groups(pipeline, |joined| joined.rules.clone()).into_iter().enumerate() {
        let tags = groups_of(&joined, streams).into_iter();
        let tags: Vec<String> = tags
            .map(|(streams, joined)| format!(r"(?:{})-firelens-[^.]+\.(?:{})", containers(&joined), streams.join("|")))
            .collect();
        let section = Section::new("FILTER", "")
            .with("name", "multiline")
            .with("match_regex", format!("^(?:{})$", tags.join("|")))
            .with("multiline.key_content", "log")
            .with("multiline.parser", &rules.name)
            .with("flush_ms", WAIT.to_string());
        sections.push(emitter(section, &format!("firelens_kit_joined_{}", at + 1), pipeline));
    }
    sections
}

/// The streams of a container that are joined.
fn streams(joined: &Joined) -> Vec<&'static str> {
    ["stdout", "stderr"].into_iter().filter(|stream| joined.takes(stream)).collect()
}

fn containers(joined: &[&Joined]) -> String {
    let names: Vec<String> = joined.iter().map(|joined| regex::escape(&joined.container)).collect();
    names.join("|")
}

/// The streams in the groups that have the same of something, in the order of the first of each.
fn groups<T: PartialEq>(pipeline: &Pipeline, key: impl Fn(&Joined) -> T) -> Vec<(T, Vec<&Joined>)> {
    groups_of(&pipeline.joined.iter().collect::<Vec<_>>(), key)
}

fn groups_of<'a, T: PartialEq>(joined: &[&'a Joined], key: impl Fn(&Joined) -> T) -> Vec<(T, Vec<&'a Joined>)> {
    let mut groups: Vec<(T, Vec<&Joined>)> = Vec::new();
    for joined in joined {
        let own = key(joined);
        match groups.iter_mut().find(|(key, _)| *key == own) {
            Some((_, group)) => group.push(joined),
            None => groups.push((own, vec![joined])),
        }
    }
    groups
}
