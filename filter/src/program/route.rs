//! Which way a record takes.
use super::{Dfa, FieldId};
use alloc::{boxed::Box, string::String, vec::Vec};

/// A route: the first whose conditions hold decides about a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The value of the record's `route`.
    pub name: String,
    /// `,"route":"name"`.
    pub key: String,
    /// Any of these; in each, all of it. Empty: every record.
    pub any_of: Vec<Vec<Condition>>,
    /// What becomes of the records that take it.
    pub action: Action,
}

/// What becomes of a record that took a route.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// It passes.
    Keep,
    /// It is dropped.
    Drop,
    /// Kept when the record's hash is below this share of 2^32.
    Sample(u32),
}

/// A condition on one field: at least one of the tests holds (or, with `not`, none of them).
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What is looked at.
    pub subject: Subject,
    /// It holds when none of the tests does.
    pub not: bool,
    /// The tests; one of them has to pass.
    pub any: Vec<Test>,
}

/// What a condition looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The filter's own `kind`.
    Kind,
    /// The container's name, from the tag or the record's `container_name`.
    Container,
    /// A field of the line, or else one of the record's own.
    Field(FieldId),
}

/// A test on a value; an absent value fails every test.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The value is this text.
    Equals(String),
    /// The value starts with this text.
    Prefix(String),
    /// The value ends with this text.
    Suffix(String),
    /// This text is somewhere in the value.
    Contains(String),
    /// The regular expression matches somewhere in the value.
    Regex(Box<Dfa>),
    /// An integer from `0` to `1`, both included.
    Range(i64, i64),
    /// A level whose rank ([`level_rank`]) is from `0` to `1`, both included.
    Level(u8, u8),
    /// An address in this network; IPv4 is written as the last four bytes, with `v4`.
    Network {
        /// It is an IPv4 network.
        v4: bool,
        /// The network's address.
        address: [u8; 16],
        /// How many of its bits count.
        bits: u8,
    },
    /// There is a value.
    Present,
}

/// Severity of a level's name, in any case: 0 is `emerg`, 7 `debug`, 8 to 15 `trace1` to `trace8`; Rails' names too.
/// <https://httpd.apache.org/docs/2.4/mod/core.html#loglevel>
pub fn level_rank(name: &[u8]) -> Option<u8> {
    const NAMES: [(&[u8], u8); 20] = [
        (b"emerg", 0),
        (b"alert", 1),
        (b"crit", 2),
        (b"error", 3),
        (b"warn", 4),
        (b"notice", 5),
        (b"info", 6),
        (b"debug", 7),
        (b"trace1", 8),
        (b"trace2", 9),
        (b"trace3", 10),
        (b"trace4", 11),
        (b"trace5", 12),
        (b"trace6", 13),
        (b"trace7", 14),
        (b"trace8", 15),
        (b"fatal", 2),
        (b"unknown", 1),
        (b"any", 1),
        (b"warning", 4),
    ];
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, rank)| *rank)
}
