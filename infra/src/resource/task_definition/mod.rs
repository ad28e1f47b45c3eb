//! A task definition's family. An update registers a new revision; older ones stay, so that a deployment can go back to them,
//! until the stack goes.
//!
//! Source: Amazon ECS API reference, RegisterTaskDefinition, DeregisterTaskDefinition, DeleteTaskDefinitions.
use super::{Found, Id, Kind, Known, Owner, Progress, Resource, service};
use crate::{
    Aws, Error, Result,
    aws::wait,
    names::{BEFORE_TAG, STACK_TAG},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

mod hidden;
mod normal;
pub(super) mod revision;
pub(crate) mod rights;

pub(super) use normal::input;
use revision::Revision;

#[derive(Debug, Clone)]
pub struct TaskDefinition {
    pub stack: String,
    pub family: String,
    /// What RegisterTaskDefinition takes, but for the tags.
    pub input: Value,
    pub tags: BTreeMap<String, String>,
    /// Cluster and name of the service of the user's that runs it.
    pub service: Option<(String, String)>,
    /// Its roles, log group and image.
    pub depends_on: Vec<Id>,
}

/// IAM has a new role everywhere within a minute, mostly.
const FOR_ROLES: Duration = Duration::from_secs(120);

#[async_trait]
impl Resource for TaskDefinition {
    fn id(&self) -> Id {
        Id::new(Kind::TaskDefinition, &self.family)
    }

    fn depends_on(&self) -> Vec<Id> {
        self.depends_on.clone()
    }

    fn wanted(&self, _: &Known) -> Value {
        self.attributes(&self.input, &self.tags)
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let there = match self.running(aws).await? {
            Some(ours) => Some(ours),
            None => revision::newest(aws, &self.stack, &self.family).await?,
        };
        // The family of a service of the user's is the user's.
        let there = there.filter(|revision| self.service.is_none() || self.is_ours(revision));
        Ok(there.map(|revision| Found {
            owner: revision.owner(&self.stack),
            attributes: self.attributes(&revision.definition, &super::wanted_tags(&revision.tags, &self.tags)),
            physical: Some(revision.arn),
        }))
    }

    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        let mut input = self.input.clone();
        input["family"] = self.family.clone().into();
        let tags = self.tags_for(aws).await?;
        input["tags"] = tags.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        let passes = |error: &Error| {
            let waits = error.is("ClientException") && error.message.contains("Role is not valid");
            if waits {
                progress("waits until ECS knows the new roles");
            }
            waits
        };
        let arn = wait::unless(aws, FOR_ROLES, passes, || aws.register_task_definition(&input)).await?;
        known.set(self.id(), arn);
        Ok(())
    }

    async fn update(&self, aws: &Aws, known: &Known, _: &[&str], progress: Progress<'_>) -> Result<()> {
        self.create(aws, known, progress).await
    }

    async fn delete(&self, aws: &Aws, _: Progress<'_>) -> Result<()> {
        revision::delete_all(aws, &self.stack, &self.family).await
    }

    fn renewed_by_update(&self) -> bool {
        true
    }

    fn hidden(&self, field: &str) -> bool {
        hidden::may_be_secret(field)
    }
}

impl TaskDefinition {
    /// As far as taking it away needs it.
    pub fn left_over(stack: &str, family: String) -> TaskDefinition {
        TaskDefinition {
            stack: stack.to_string(),
            family,
            input: json!({}),
            tags: BTreeMap::new(),
            service: None,
            depends_on: Vec::new(),
        }
    }

    /// The revision that the user's service runs, if it is ours.
    async fn running(&self, aws: &Aws) -> Result<Option<Revision>> {
        let Some((cluster, name)) = &self.service else { return Ok(None) };
        let Some(arn) = service::revision_of(aws, cluster, name).await? else { return Ok(None) };
        Ok(Revision::read(aws, &arn).await?.filter(|revision| self.is_ours(revision)))
    }

    fn is_ours(&self, revision: &Revision) -> bool {
        revision.owner(&self.stack) == Owner::Ours
    }

    fn attributes(&self, definition: &Value, tags: &BTreeMap<String, String>) -> Value {
        let mut attributes = normal::normal(definition);
        attributes["tags"] = json!(tags);
        attributes
    }

    /// Ours; in a family of the user's also those of the revision that runs, and which that was before ours.
    async fn tags_for(&self, aws: &Aws) -> Result<BTreeMap<String, String>> {
        let Some((cluster, name)) = &self.service else { return Ok(self.tags.clone()) };
        let Some(runs) = service::revision_of(aws, cluster, name).await? else { return Ok(self.tags.clone()) };
        let mut tags = Revision::read(aws, &runs).await?.map(|revision| revision.own_tags()).unwrap_or_default();
        if tags.get(STACK_TAG) != Some(&self.stack) {
            tags.insert(BEFORE_TAG.to_string(), runs);
        }
        tags.extend(self.tags.clone());
        Ok(tags)
    }
}
