//! The filter, run offline over lines and records: the very module that Fluent Bit loads, hosted as Fluent Bit does it
//! ([`host`]). Lines of any number go through [`stream`]; expectations, which say what is to become of given lines, are
//! read by [`expect`] and run by [`check`]. What does not depend on the host is in `firelens-lines`.
pub use firelens_lines::{fields, join, judge, objects, record, scan};

pub mod cells;
pub mod check;
pub mod containers;
pub mod expect;
pub mod explain;
pub mod fluent_bit;
pub mod host;
pub mod input;
pub mod junit;
pub mod pool;
pub mod progress;
pub mod report;
pub mod setup;
#[cfg(test)]
mod stand_in;
pub mod stream;
pub mod summary;
pub mod table;
pub mod update;
pub mod view;
