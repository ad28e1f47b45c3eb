//! What the sweeps of access and error formats share.
use firelens_filter::Filter;
use serde_json::{Map, Value, json};

/// A directive, and what httpd prints for it: ordinary values, and such with blanks, quotes or brackets, or nothing.
pub(crate) struct Printed {
    pub(crate) directive: &'static str,
    pub(crate) ordinary: &'static [&'static str],
    pub(crate) odd: &'static [&'static str],
}

pub(crate) const fn printed(
    directive: &'static str,
    ordinary: &'static [&'static str],
    odd: &'static [&'static str],
) -> Printed {
    Printed { directive, ordinary, odd }
}

/// The fields of a line of the container `httpd`.
pub(crate) fn read(filter: &mut Filter, source: &str, line: &str) -> Map<String, Value> {
    let record = json!({"container_name": "httpd", "source": source, "log": line}).to_string();
    let mut out = Vec::new();
    filter.filter(b"httpd", record.as_bytes(), &mut out);
    let mut fields: Map<String, Value> = serde_json::from_slice(&out).unwrap();
    ["container_name", "source"].iter().for_each(|own| drop(fields.remove(*own)));
    fields
}
