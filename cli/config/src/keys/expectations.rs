//! `*.test.toml`: what is expected of lines.
use super::{Shape, Table, key};

/// An expectation file.
pub static FILE: Table =
    Table::new("the file", &[key("test", "none", Shape::Tables(&TEST), "", "lines, and what becomes of them")]);

/// One test.
pub static TEST: Table = Table::new(
    "[[test]]",
    &[
        key("name", "its line in the file", Shape::Text, "\"a probe\"", "for the report"),
        key(
            "line",
            "none; this or `record` is required",
            Shape::Text,
            "'GET /'",
            "a log line, or several that are joined to one record",
        ),
        key(
            "record",
            "none; this or `line` is required",
            Shape::Any(&[Shape::Text, Shape::Map(&Shape::Anything)]),
            "{ log = \"GET /\" }",
            "a whole record, as a table or as JSON in a text",
        ),
        key("container", "any", Shape::Text, "\"httpd\"", "beside `line`: the container that wrote it"),
        key(
            "stream",
            "either",
            Shape::Words(&["stdout", "stderr"]),
            "\"stderr\"",
            "beside `line`: the stream it came on",
        ),
        key(
            "tag",
            "the usual one",
            Shape::Text,
            "\"httpd-firelens-1\"",
            "Fluent Bit's tag, where the usual one will not do",
        ),
        key(
            "expect",
            "none; this or `dropped` is required",
            Shape::Map(&Shape::Anything),
            "{ status = 200 }",
            "fields, by the names that are printed, with their values, `absent` (names that must not be there) and `to` \
             (destinations, in any order)",
        ),
        key(
            "exact",
            "`false`",
            Shape::Boolean,
            "true",
            "every field that the filter makes has to be named. What the record brought need not be",
        ),
        key("dropped", "`false`", Shape::Boolean, "true", "instead of `expect`: a route drops it"),
        key("route", "any", Shape::Text, "\"health-checks\"", "beside `dropped`: which route drops it"),
    ],
);
