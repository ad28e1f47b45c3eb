//! Kinesis Data Streams.
use super::{
    Defaults, Description, Destination, OWN_ROLE, REGION, Resource, Target,
    description::{Fate::*, Longest, Old},
    is_stream, region, stream_name, time_key,
};
use crate::Version;

pub(super) const DESCRIPTION: Description = Description {
    old: Some(&Old {
        plugin: "kinesis",
        needs: &[&["stream"]],
        options: &[
            ("append_newline", Always("true")),
            ("aggregation", Gone("KPL aggregation is not there; `simple_aggregation` is another format")),
            ("compression", Since(Version::new(5, 0, 0), &["gzip"])),
            ("data_keys", Gone("a `record_modifier` filter with `Allowlist_key` keeps only some fields")),
            ("experimental_concurrency", Goes),
            ("experimental_concurrency_retries", Goes),
            ("http_request_timeout", Gone("`net.io_timeout` is the nearest")),
            ("partition_key", Gone("the new plugin spreads the records by chance")),
            ("replace_dots", Gone("no filter does that")),
        ],
        changes: Some(("append_newline", "each record now ends with a newline")),
    }),
    target: Some(Target {
        property: "stream",
        resource: Resource::DataStream,
        default: stream_name,
        accepts: |name| is_stream(name, 128),
        rule: "data streams have 1 to 128 letters, digits and . - _",
    }),
    needs: &[&["stream"]],
    region: Some(REGION),
    longest: Some(|_| Longest { bytes: 1_048_556, fate: "discards" }),
    one_record_a_line: true,
    needs_rights: &[("role_arn", OWN_ROLE)],
    defaults,
    ..Description::of("kinesis_streams", "kinesis_streams")
};

fn defaults(to: &Destination) -> Defaults {
    [region()].into_iter().chain(time_key(to)).collect()
}
