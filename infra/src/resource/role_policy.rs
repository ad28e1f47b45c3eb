//! Our inline policy in a role of the user's: the roles of a service that is there get what the router needs, and nothing
//! else of them is touched.
use super::{
    Changes, Found, Id, Known, Owner, Progress, Resource,
    kind::{Row, Use},
    role,
};
use crate::{
    Aws, Result, Stack,
    plan::taken::Taken,
    policy::{
        Document, meaning,
        union::{self, Way},
    },
    stack::Run,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Clone)]
pub struct RolePolicy {
    pub role: String,
    /// `firelens-kit-STACK`
    pub name: String,
    pub policy: Document,
}

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "role policy",
    rank: 2,
    single: false,
    terraform: None,
    cloudformation: None,
    arn: None,
    by_tag: false,
    named: of_roles_of_theirs,
    left_over: Some(|_, name| Arc::new(RolePolicy::left_over(name))),
    rooms: &[],
    uses_rights: false,
    used: Use::RolePolicy,
    taken: |_, _| Taken::of_destination(),
};

/// They have no tags, and are known by the configuration only: they go when there is nothing left for them to allow.
fn of_roles_of_theirs(stack: &Stack) -> Vec<String> {
    let roles = match &stack.run {
        Run::Existing(existing) => [existing.task_role.as_deref(), existing.execution_role.as_deref()],
        Run::Own(_) | Run::None => [None, None],
    };
    roles.into_iter().flatten().map(|role| Id::role_policy(role, &stack.statement()).name).collect()
}

impl RolePolicy {
    /// As far as taking it away needs it, by its id's name.
    pub fn left_over(name: &str) -> RolePolicy {
        let (role, name) = name.split_once('/').unwrap_or_default();
        RolePolicy { role: role.into(), name: name.into(), policy: Document::new(Vec::new()) }
    }
}

#[async_trait]
impl Resource for RolePolicy {
    fn id(&self) -> Id {
        Id::role_policy(&self.role, &self.name)
    }

    fn wanted(&self, _: &Known) -> Value {
        json!({ "policy": meaning::meaning(&super::attributes(&self.policy)) })
    }

    /// A policy has no tags: its name says whose it is.
    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let policy = role::inline_policy(aws, &self.role, &self.name).await?;
        let found = || Found { owner: Owner::Ours, attributes: json!({ "policy": policy }), physical: None };
        Ok((!policy.is_null()).then(found))
    }

    async fn create(&self, aws: &Aws, _: &Known, _: Progress<'_>) -> Result<()> {
        role::put_inline_policy(aws, &self.role, &self.name, &self.policy).await
    }

    async fn update(&self, aws: &Aws, _: &Known, changes: &mut Changes<'_>, _: Progress<'_>) -> Result<()> {
        match changes.take("policy") {
            true => role::widen(aws, &self.role, &self.name, &self.policy).await,
            false => Ok(()),
        }
    }

    fn way(&self, found: &Value) -> Way {
        union::way(&self.policy, &found["policy"])
    }

    async fn narrow(&self, aws: &Aws) -> Result<()> {
        role::put_inline_policy(aws, &self.role, &self.name, &self.policy).await
    }

    async fn delete(&self, aws: &Aws, _: Progress<'_>) -> Result<()> {
        role::delete_inline_policy(aws, &self.role, &self.name).await
    }
}
