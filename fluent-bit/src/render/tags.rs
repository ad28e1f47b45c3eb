//! Tags: which route a record took, and which output takes it.
//!
//! FireLens's tags are `<container>-firelens-<task id>`, without a dot. A record that is moved gets another beginning and
//! not another end: FireLens's `grep` filters match `<container>-firelens*`, and would run again on records that have no
//! `log` any more.
use crate::pipeline::Pipeline;

/// The tags that FireLens gives. Not `firelens-healthcheck`, and nothing that was moved.
pub const FIRELENS: &str = r"^[^.]+-firelens-[^.]+$";

/// The end of the tags behind the emitter in front of the module. The container's name stays at their beginning, where
/// the module reads it.
pub const IN: &str = "in";

/// Those tags.
pub const FIRELENS_IN: &str = r"^[^.]+-firelens-[^.]+\.in$";

/// The beginning of the tags of moved records; a route's name follows, and the tag that they had.
pub const MOVED: &str = "firelens-kit";

/// The tag of FireLens's own health checks, which no destination gets.
const HEALTH_CHECK: &str = "firelens-healthcheck";

/// The tags of records that were not moved, and of what the module never saw.
pub fn unmoved() -> String {
    format!(r"^(?!{HEALTH_CHECK}$|{MOVED}\.).+")
}

/// The regular expression for the tags of a destination's records. Fluent Bit wants it to match at least one character,
/// at the tag's beginning.
pub fn of_destination(pipeline: &Pipeline, name: &str) -> String {
    let all = pipeline.moved();
    let moved: Vec<&str> = all.iter().filter(|moved| moved.to.contains(&name)).map(|moved| moved.name).collect();
    let names = moved.join("|");
    if !pipeline.default_destinations().contains(&name) {
        return format!(r"^{MOVED}\.(?:{names})\..+");
    }
    match (moved.len(), all.len()) {
        (some, all) if some == all => format!("^(?!{HEALTH_CHECK}$).+"),
        (0, _) => unmoved(),
        _ => format!(r"^(?!{HEALTH_CHECK}$|{MOVED}\.(?!(?:{names})\.)).+"),
    }
}
