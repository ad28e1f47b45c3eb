//! Times in JSON, all of one length: sorted as texts, they are sorted as times.
use jiff::Timestamp;
use serde::Serializer;

/// `2026-11-25T08:00:00.500Z`
pub(crate) fn sortable<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}

/// The same, or null.
pub(crate) fn sortable_or_none<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => sortable(time, serializer),
        None => serializer.serialize_none(),
    }
}
