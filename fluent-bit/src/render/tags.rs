//! Tags: which route a record took, and which output takes it.
//!
//! FireLens's tags are `<container>-firelens-<task id>`, without a dot. A record that is moved gets another beginning and
//! not another end: FireLens's `grep` filters match `<container>-firelens*`, and would run again on records that have no
//! `log` any more.
use crate::pipeline::{Pipeline, Shape};

/// The tags of the filters, as regular expressions. Fluent Bit matches each filter's for every record, so that they are
/// chosen by what that costs: `^[^.]+-firelens-[^.]+$` takes 0.5 microseconds, nine times as much as [`Tags::STRAIGHT`] has.
pub struct Tags {
    /// Those that FireLens gives. Not `firelens-healthcheck`, and nothing that was moved.
    pub firelens: &'static str,
    /// Those of the records that come to the module.
    pub module: &'static str,
    /// The tag that FireLens gave, in a rule of a filter behind the module.
    pub given: &'static str,
}

impl Tags {
    const STRAIGHT: Tags = Tags { firelens: "^[^.]+?-firelens-.", module: "^[^.]+?-firelens-.", given: "$TAG" };

    /// The emitter in front of the module leaves the container's name at the tag's beginning, where the module reads it.
    const EMITTER: Tags =
        Tags { firelens: "^(?>[^.]+?-firelens-[^.]+)$", module: r"^(?>[^.]+?-firelens-[^.]+)\.in$", given: "$TAG[0]" };

    pub fn of(shape: Shape) -> Tags {
        match shape {
            Shape::Straight => Tags::STRAIGHT,
            Shape::Emitter => Tags::EMITTER,
        }
    }
}

/// The end of the tags behind the emitter in front of the module.
pub const IN: &str = "in";

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
