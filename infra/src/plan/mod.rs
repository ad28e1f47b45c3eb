//! What is there beside what is wanted: what a deploy would do. Text and JSON are made from this one struct.
use crate::{Id, Place};
use serde::Serialize;
use serde_json::Value;

/// What a deploy would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    pub stack: String,
    #[serde(skip)]
    pub place: Place,
    /// In the order in which they are applied.
    pub actions: Vec<Action>,
    /// Names of the kit's other stacks in the account.
    pub other_stacks: Vec<String>,
}

/// One resource's part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Action {
    #[serde(flatten)]
    pub id: Id,
    pub action: Verb,
    /// Of an update, what differs; of a creation, all attributes that are set.
    pub changes: Vec<FieldChange>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Create,
    Update,
    Delete,
    /// It is as it shall be.
    Keep,
}

/// A field of a resource, by its path (`lifecycle.expire_days`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    pub field: String,
    pub before: Value,
    pub after: Value,
}
