//! The events of log groups: those of a span of time, and those that come.
use crate::{Aws, send::Failure};
use jiff::Timestamp;
use std::sync::Arc;

mod follow;
mod page;
mod pattern;
mod reading;
pub(crate) mod rights;

pub use follow::Follow;
pub use pattern::{Condition, json_pattern, term};
pub use reading::Reading;

/// What is looked for in one log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub group: Arc<str>,
    /// A filter pattern of CloudWatch Logs; without one, every event.
    pub pattern: Option<String>,
    pub since: Timestamp,
    /// The last time that counts; without one, there is no end.
    pub until: Option<Timestamp>,
}

/// An event of a log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub group: Arc<str>,
    pub stream: String,
    /// CloudWatch Logs' own, different for each event.
    pub id: String,
    /// The event's own.
    pub time: Timestamp,
    /// When CloudWatch Logs got it.
    pub ingested: Option<Timestamp>,
    pub message: String,
}

/// The events that are there, of all groups, in the order of their times.
pub fn read(aws: &Aws, searches: &[Search]) -> Reading {
    Reading::new(aws, searches)
}

type Answer<T> = std::result::Result<T, Failure>;
