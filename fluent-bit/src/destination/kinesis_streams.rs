//! Kinesis Data Streams.
use super::{Defaults, region, time_key};

pub const PLUGIN: &str = "kinesis_streams";

pub fn defaults() -> Defaults {
    [region()].into_iter().chain(time_key()).collect()
}
