//! Policies: named actions on named resources, and nothing else. One file for each principal.
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    pub version: &'static str,
    pub statement: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// `Allow` or `Deny`
    pub effect: &'static str,
    /// Of a trust policy or a bucket's policy: `{"Service": "…"}`, `"*"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Value>,
    pub action: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
    /// Operator -> key -> values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub condition: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// The language's only version in use.
const VERSION: &str = "2012-10-17";

impl Document {
    pub fn new(statement: Vec<Statement>) -> Document {
        Document { version: VERSION, statement }
    }
}
