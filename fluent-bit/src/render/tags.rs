//! Tags: which route a record took, and which output takes it.
//!
//! FireLens's tags are `<container>-firelens-<task id>`, without a dot. A record that is moved gets another beginning and
//! not another end: FireLens's `grep` filters match `<container>-firelens*`, and would run again on records that have no
//! `log` any more.
pub(super) use crate::pipeline::MOVED;
use crate::{
    firelens::HEALTH_CHECK,
    pipeline::{Pipeline, Shape},
};

/// The tags of the filters, as regular expressions. Fluent Bit matches each filter's for every record, so that they are
/// chosen by what that costs: `^[^.]+-firelens-[^.]+$` takes 0.5 microseconds, `^[^.]+?-firelens-.` a ninth of it, and a name
/// that stands there as it is half of that.
pub(super) struct Tags {
    /// Those that FireLens gives. Not `firelens-healthcheck`, and nothing that was moved.
    pub firelens: String,
    /// Those of the records that come to the module.
    pub module: String,
    /// The tag that FireLens gave, in a rule of a filter behind the module.
    pub given: &'static str,
}

impl Tags {
    pub(super) fn of(pipeline: &Pipeline) -> Tags {
        let joins = !pipeline.joined.is_empty();
        match pipeline.version.shape() {
            Shape::Straight => Tags::straight(&pipeline.containers, joins),
            Shape::Emitter => Tags::emitter(joins),
        }
    }

    /// The containers that are known are tried by their names first.
    fn straight(containers: &[String], joins: bool) -> Tags {
        let is_plain = |name: &&String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let names: String = containers.iter().filter(is_plain).map(|name| format!("{name}|")).collect();
        let firelens = match names.as_str() {
            "" => "^[^.]+?-firelens-.".to_string(),
            names => format!("^(?:{names}[^.]+?)-firelens-."),
        };
        match joins {
            // The filters in front of the one that joins lines let those pass that come back from it.
            true => Tags { firelens: format!("{firelens}[^.]*$"), module: firelens, given: "$TAG[0]" },
            false => Tags { module: firelens.clone(), firelens, given: "$TAG" },
        }
    }

    /// The emitter in front of the module leaves the container's name at the tag's beginning, where the module reads it.
    fn emitter(joins: bool) -> Tags {
        let ends = if joins { format!("(?:{IN}|{STREAMS})") } else { IN.to_string() };
        let module = format!(r"^(?>[^.]+?-firelens-[^.]+)\.{ends}$");
        Tags { firelens: "^(?>[^.]+?-firelens-[^.]+)$".to_string(), module, given: "$TAG[0]" }
    }
}

/// The end of the tags behind the emitter in front of the module.
pub(super) const IN: &str = "in";

/// The ends of the tags of streams whose lines are joined.
const STREAMS: &str = "stdout|stderr";

/// The tags of records that were not moved, and of what the module never saw.
pub(super) fn unmoved() -> String {
    format!(r"^(?!{HEALTH_CHECK}$|{MOVED}\.).+")
}

/// The regular expression for the tags of a destination's records. Fluent Bit wants it to match at least one character,
/// at the tag's beginning.
pub(super) fn of_destination(pipeline: &Pipeline, name: &str) -> String {
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
