//! Kinesis Data Streams.
use super::{Defaults, Destination, region, time_key};

pub const PLUGIN: &str = "kinesis_streams";

pub fn defaults(to: &Destination) -> Defaults {
    [region()].into_iter().chain(time_key(to)).collect()
}
