//! Which way a record takes.
use super::{FieldId, Test};
use alloc::{string::String, vec::Vec};

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
    /// A member of a member: the names on the way to it are the field's name, with a zero byte between them.
    Path(FieldId),
}
