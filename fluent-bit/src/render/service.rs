//! `[SERVICE]`: FireLens writes none, so this is the only one.
use super::Section;
use crate::{
    multiline,
    pipeline::{HTTP_PORT, PARSERS_PATH, Pipeline, STORAGE_PATH, Shape},
    plugin::{self, Kind},
};

/// Chunks that are mapped into memory at once. With Fluent Bit's own 128, emitters pause in an outage, and FireLens's input
/// with them, for good: the log driver loses what comes then. This is as many as the engine takes on at all. Mapped files
/// are given back when memory is short (3,315 chunks on 5.0.9: 21 MB of memory beside them), but each has a descriptor.
const CHUNKS_UP: &str = "16384";

/// Outputs turn records into JSON on stacks of this many bytes, call by call for each level: with Fluent Bit's own 24,576 a
/// record of 30 levels, as many as the module returns, ended 5.0.9.
const STACK: &str = "65536";

/// How many bytes that were on disk at the start are read at once.
const BACKLOG: &str = "16M";

/// Seconds between tries: from one to half a minute, so that an outage's end is soon noticed. Fluent Bit's own limit is
/// 2,000 seconds.
const RETRY_FROM: &str = "1";
const RETRY_TO: &str = "30";

pub(super) fn section(pipeline: &Pipeline) -> Section {
    let router = &pipeline.router;
    let port = HTTP_PORT.to_string();
    let grace = router.grace.to_string();
    let mut properties = vec![
        ("flush", "1"),
        ("grace", grace.as_str()),
        ("log_level", router.log_level.as_str()),
        ("coro_stack_size", STACK),
        ("http_server", "on"),
        ("http_listen", "127.0.0.1"),
        ("http_port", port.as_str()),
        ("scheduler.base", RETRY_FROM),
        ("scheduler.cap", RETRY_TO),
        ("storage.path", STORAGE_PATH),
        ("storage.sync", "normal"),
        ("storage.backlog.mem_limit", BACKLOG),
        ("storage.max_chunks_up", CHUNKS_UP),
    ];
    // Behind an emitter no record stays with the input, and a file would be made and deleted for each of them: 5.1.1 then
    // takes 300 records a second.
    if pipeline.version.shape() == Shape::Straight {
        properties.extend([("storage.type", "filesystem"), ("storage.inherit", "on")]);
    }
    let longest = format!("{}K", multiline::LONGEST >> 10);
    if !pipeline.joined.is_empty() {
        properties.extend([("parsers_file", PARSERS_PATH), ("multiline_buffer_limit", &longest)]);
    }
    let service = plugin::find(Kind::Service, "service", pipeline.version);
    let known = |name: &str| service.is_some_and(|service| service.property(name, pipeline.version).is_some());
    let section = Section::new("SERVICE", "");
    properties
        .into_iter()
        .filter(|(name, _)| known(name))
        .fold(section, |section, (name, value)| section.with(name, value))
}
