//! Data Firehose.
//!
//! The plugin writes a newline after each record; a delivery stream that appends one too makes empty lines. Records over
//! 1,024,000 bytes are discarded by it, and a retry can double records.
use super::{
    Defaults, Description, Destination, OWN_ROLE, REGION, Resource, Target,
    description::{Fate::*, Longest, Old},
    is_stream, region, stream_name, time_key,
};
use crate::Version;

pub(super) const DESCRIPTION: Description = Description {
    old: Some(&Old {
        plugin: "firehose",
        needs: &[&["delivery_stream"]],
        options: &[
            ("data_keys", Gone("a `record_modifier` filter with `Allowlist_key` keeps only some fields")),
            ("replace_dots", Gone("no filter does that")),
            ("simple_aggregation", Since(Version::new(4, 2, 2), &["true", "false"])),
        ],
        changes: None,
    }),
    aliases: &[("stream", "delivery_stream")],
    target: Some(Target {
        property: "delivery_stream",
        resource: Resource::DeliveryStream,
        default: stream_name,
        accepts: |name| is_stream(name, 64),
        rule: "delivery streams have 1 to 64 letters, digits and . - _",
    }),
    needs: &[&["delivery_stream"]],
    region: Some(REGION),
    longest: Some(|_| Longest { bytes: 1_024_000, fate: "discards" }),
    one_record_a_line: true,
    needs_rights: &[("role_arn", OWN_ROLE)],
    defaults,
    ..Description::of("firehose", "kinesis_firehose")
};

fn defaults(to: &Destination) -> Defaults {
    [region()].into_iter().chain(time_key(to)).collect()
}
