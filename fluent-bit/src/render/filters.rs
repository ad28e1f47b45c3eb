//! The filters: split lines are joined, the module parses them, and what goes elsewhere is moved to another tag.
use super::{
    Section, join,
    tags::{self, Tags},
};
use crate::{
    pipeline::{MODULE_PATH, Moved, Pipeline, Shape},
    release::Behaviour,
};
use firelens_filter::border;

pub(super) fn sections(pipeline: &Pipeline) -> Vec<Section> {
    let shape = pipeline.version.shape();
    let tags = Tags::of(pipeline);
    let mut sections = vec![pieces(&tags)];
    sections.extend(join::filters(pipeline));
    if shape == Shape::Emitter {
        sections.push(front(&tags, pipeline));
    }
    sections.push(module(&tags));
    let moved = pipeline.moved();
    if !moved.is_empty() {
        sections.push(routes(pipeline, &tags, &moved));
    }
    sections
}

/// What FireLens's records have, with or without a `log` that is text.
const FIELDS: [&str; 4] = ["container_id", "log", "source", "ecs_cluster"];

fn front(tags: &Tags, pipeline: &Pipeline) -> Section {
    let comment = "All records go through an emitter, whose own thread runs the filters behind it.";
    let section = Section::new("FILTER", comment).with("name", "rewrite_tag").with("match_regex", &tags.firelens);
    // Any text: the expression has nothing to read.
    let rules = FIELDS.iter().map(|field| format!("${field} ^ $TAG.{} false", tags::IN));
    emitter(rules.fold(section, |section, rule| section.with("rule", rule)), "firelens_kit_in", pipeline)
}

/// Milliseconds without a line's next piece after which it goes on as it is. Pieces wait in memory: less than the two
/// seconds that are Fluent Bit's own, so that none is left there when the router is stopped after the containers.
const PIECES_WAIT: &str = "500";

fn pieces(tags: &Tags) -> Section {
    Section::new("FILTER", "Lines over 16 KiB come in pieces.")
        .with("name", "multiline")
        .with("match_regex", &tags.firelens)
        .with("mode", "partial_message")
        .with("multiline.key_content", "log")
        .with("flush_ms", PIECES_WAIT)
        .with("emitter_name", "firelens_kit_pieces")
        .with("emitter_storage.type", "filesystem")
}

fn module(tags: &Tags) -> Section {
    Section::new("FILTER", "")
        .with("name", "wasm")
        .with("match_regex", &tags.module)
        .with("wasm_path", MODULE_PATH)
        .with("function_name", border::FILTER)
}

fn routes(pipeline: &Pipeline, tags: &Tags, moved: &[Moved]) -> Section {
    let comment =
        "The records of these routes have other destinations than those of the last route, which keep their tag.";
    let mut section = Section::new("FILTER", comment).with("name", "rewrite_tag").with("match_regex", &tags.module);
    for Moved { name, routes, .. } in moved {
        let routes = routes.join("|");
        section = section.with("rule", format!("$route ^(?:{routes})$ {}.{name}.{} false", tags::MOVED, tags.given));
    }
    emitter(section, "firelens_kit_routes", pipeline)
}

/// What is queued goes to disk, and nothing is refused: a refused record would keep its tag and go to the destinations of
/// the last route.
pub(super) fn emitter(section: Section, name: &str, pipeline: &Pipeline) -> Section {
    let section = section.with("emitter_name", name).with("emitter_storage.type", "filesystem");
    match pipeline.version.shows(Behaviour::EmitterRefuses) {
        true => section.with("emitter_mem_buf_limit", "0"),
        false => section,
    }
}
