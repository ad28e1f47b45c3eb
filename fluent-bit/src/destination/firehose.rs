//! Data Firehose.
//!
//! The plugin writes a newline after each record; a delivery stream that appends one too makes empty lines. Records over
//! 1,024,000 bytes are discarded by it, and a retry can double records.
use super::{Defaults, Destination, region, time_key};

pub const PLUGIN: &str = "kinesis_firehose";

pub const ALIASES: &[(&str, &str)] = &[("stream", "delivery_stream")];

pub fn defaults(to: &Destination) -> Defaults {
    [region()].into_iter().chain(time_key(to)).collect()
}
