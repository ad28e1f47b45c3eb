//! Policies: named actions on named resources, and nothing else. One file for each principal.
//!
//! Which actions there are, on which types of resources and with which condition keys: AWS's Service Authorization
//! Reference. Which of them a principal needs stands, with its source, in its file.
use crate::{Kind, Place, Stack};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub mod deployer;
pub mod execution;
pub mod firehose;
mod keys;
pub mod meaning;
pub mod router;
pub mod union;

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

/// What a managed policy holds, white space not counted (IAM user guide, "IAM and AWS STS quotas").
pub const MANAGED_POLICY: usize = 6144;

impl Document {
    pub fn new(statement: Vec<Statement>) -> Document {
        Document { version: VERSION, statement }
    }

    /// It grants nothing: IAM does not take such a document.
    pub fn is_empty(&self) -> bool {
        self.statement.is_empty()
    }

    /// As IAM takes it, on one line.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("a policy is plain data")
    }

    /// The same rights in as many documents as they take, each as large as a managed policy can be.
    pub fn managed(self) -> Vec<Document> {
        let mut parts: Vec<Document> = Vec::new();
        for statement in self.statement {
            let fits = |part: &&mut Document| {
                let mut statements = part.statement.clone();
                statements.push(statement.clone());
                Document::new(statements).json().len() <= MANAGED_POLICY
            };
            match parts.last_mut().filter(fits) {
                Some(part) => part.statement.push(statement),
                None => parts.push(Document::new(vec![statement])),
            }
        }
        parts
    }
}

impl Statement {
    pub fn allow(sid: &str, action: &[&str], resource: Vec<String>) -> Statement {
        Statement {
            sid: Some(sid.to_string()),
            effect: "Allow",
            principal: None,
            action: action.iter().map(ToString::to_string).collect(),
            resource,
            condition: BTreeMap::new(),
        }
    }

    /// Only when the key has one of the values.
    pub fn when(mut self, operator: &str, key: &str, values: Vec<String>) -> Statement {
        self.condition.entry(operator.to_string()).or_default().insert(key.to_string(), values);
        self
    }

    /// The statement, if it is about anything.
    fn if_any(self) -> Option<Statement> {
        (!self.resource.is_empty()).then_some(self)
    }
}

/// An AWS service may take the role.
fn takes(service: &str) -> Statement {
    Statement {
        sid: None,
        effect: "Allow",
        principal: Some(json!({ "Service": service })),
        action: vec!["sts:AssumeRole".to_string()],
        resource: Vec::new(),
        condition: BTreeMap::new(),
    }
}

/// ECS may take the role for tasks in the account and region only: another account cannot make it work with ours (Amazon ECS
/// developer guide, "Task execution IAM role" and "Task IAM role": the source is `arn:aws:ecs:REGION:ACCOUNT:*`; ECS cannot name
/// one cluster there).
fn tasks_trust(place: &Place) -> Document {
    let statement = takes("ecs-tasks.amazonaws.com");
    let statement = statement.when("StringEquals", "aws:SourceAccount", vec![place.account.clone()]);
    Document::new(vec![statement.when("ArnLike", "aws:SourceArn", vec![place.arn("ecs", "*")])])
}

/// The streams of a log group. A name cannot hold a `:`, so no other group's begin like that.
pub(crate) fn log_streams(place: &Place, group: &str) -> String {
    format!("{}:log-stream:*", Kind::LogGroup.arn(place, group))
}

/// The key of a resource: its own, else, of what we make, that of the stack.
fn key<'a>(stack: &'a Stack, own: &'a Option<String>, existing: bool) -> Option<&'a str> {
    own.as_deref().or(if existing { None } else { stack.kms_key.as_deref() })
}
