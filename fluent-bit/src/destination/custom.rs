//! Any other output of Fluent Bit: its options are the user's, retries and buffers are as everywhere.
use super::Description;

pub(super) const DESCRIPTION: Description = Description::of("custom", "");
