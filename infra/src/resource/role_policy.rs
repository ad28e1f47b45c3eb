//! Our inline policy in a role of the user's: the roles of a service that is there get what the router needs, and nothing
//! else of them is touched.
use super::{Found, Id, Kind, Known, Owner, Progress, Resource, role};
use crate::{
    Aws, Result,
    policy::{
        Document, meaning,
        union::{self, Way},
    },
};
use async_trait::async_trait;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct RolePolicy {
    pub role: String,
    /// `firelens-kit-STACK`
    pub name: String,
    pub policy: Document,
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
        Id::new(Kind::RolePolicy, format!("{}/{}", self.role, self.name))
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

    async fn update(&self, aws: &Aws, _: &Known, _: &[&str], _: Progress<'_>) -> Result<()> {
        role::widen(aws, &self.role, &self.name, &self.policy).await
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
