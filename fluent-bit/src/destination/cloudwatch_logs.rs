//! CloudWatch Logs.
//!
//! Streams are named by tags, which have the container's name and the task's id in them. The log group is made before the
//! router needs it, with its retention: a router that may create groups needs wide rights, and makes ones that never
//! expire.
use super::{Defaults, Destination, region};

pub const PLUGIN: &str = "cloudwatch_logs";

pub const ALIASES: &[(&str, &str)] = &[("log_group", "log_group_name"), ("log_stream", "log_stream_name")];

pub fn defaults(to: &Destination) -> Defaults {
    // The output refuses a name beside a prefix.
    let prefix = (!to.sets("log_stream_name")).then(|| ("log_stream_prefix", "ecs/".to_string()));
    [region()].into_iter().chain(prefix).chain([("auto_create_group", "off".to_string())]).collect()
}
