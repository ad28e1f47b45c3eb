//! A task definition's family. An update registers a new revision; older ones stay, so that a deployment can go back to them,
//! until the stack goes.
//!
//! Source: Amazon ECS API reference, RegisterTaskDefinition, DeregisterTaskDefinition, DeleteTaskDefinitions.
use super::{
    Changes, Found, Id, Kind, Known, Owner, Progress, Resource,
    kind::{CloudFormation, Row, Terraform, Use},
    service,
};
use crate::{
    Aws, Error, Result,
    aws::wait,
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module, names},
    },
    names::BEFORE_TAG,
    plan::taken::Taken,
};
use async_trait::async_trait;
use hcl_edit::structure::Block;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

mod cloudformation;
pub(super) mod hidden;
mod normal;
pub(crate) mod revision;
pub(crate) mod rights;
pub mod router;
mod terraform;

pub(super) use normal::{input, normal};
use revision::Revision;
use router::Signs;

#[derive(Debug, Clone)]
pub struct TaskDefinition {
    pub stack: String,
    pub family: String,
    /// What RegisterTaskDefinition takes, but for the tags.
    pub input: Value,
    pub tags: BTreeMap<String, String>,
    /// What its router is recognized by.
    pub signs: Signs,
    /// The service of the user's that runs it.
    pub theirs: Option<Theirs>,
    /// Its roles, log group and image.
    pub depends_on: Vec<Id>,
}

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "task definition",
    rank: 3,
    single: true,
    terraform: Some(Terraform {
        kind: "aws_ecs_task_definition",
        local: names::APP,
        outputs: &[("task_definition_arn", "The task definition's revision.", "arn")],
    }),
    cloudformation: Some(CloudFormation {
        kind: "AWS::ECS::TaskDefinition",
        outputs: &[("Arn", "The task definition's ARN, with its revision.", None)],
    }),
    arn: Some(("ecs", "task-definition/")),
    by_tag: false,
    named: |stack| vec![stack.family()],
    left_over: Some(|stack, name| Arc::new(TaskDefinition::left_over(stack, name.into()))),
    rooms: &[("resource/task_definition", rights::rights)],
    uses_rights: true,
    used: Use::Never,
    taken: |_, found| taken(found),
};

fn taken(found: &Found) -> Taken {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let containers = found.attributes["containerDefinitions"].as_array().into_iter().flatten();
    let containers: Vec<String> =
        containers.map(|one| format!("`{}` ({})", text(&one["name"]), text(&one["image"]))).collect();
    let revision = found.physical.as_deref().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default();
    let instead = format!(
        "or, if a service of yours runs it, name that service in [stack.existing]; or deregister its revisions: aws ecs \
         deregister-task-definition --task-definition {revision}"
    );
    Taken::of_stack(&instead, None).that(format!(": its latest revision, {revision}, has {}", containers.join(", ")))
}

/// A service of the user's, whose family has revisions of ours.
#[derive(Debug, Clone)]
pub struct Theirs {
    pub cluster: String,
    pub service: String,
    /// The task definition that it ran when ours was made from it.
    pub from: Value,
    /// What is to be known about ours.
    pub notes: Vec<String>,
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
        match &self.theirs {
            Some(theirs) => self.read_theirs(aws, theirs).await,
            None => Ok(revision::newest(aws, &self.signs, &self.family).await?.map(|revision| self.found(revision))),
        }
    }

    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        let mut input = self.input.clone();
        input["family"] = self.family.clone().into();
        let tags = self.tags_for(aws).await?;
        input["tags"] = tags.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        let passes = |error: &Error| {
            let waits = error.is("ClientException") && error.message.contains("Role is not valid");
            if waits {
                progress("waiting until ECS knows the new roles");
            }
            waits
        };
        let arn = wait::unless(aws, FOR_ROLES, passes, || aws.register_task_definition(&input)).await?;
        known.set(self.id(), arn);
        Ok(())
    }

    /// A revision has all attributes.
    async fn update(&self, aws: &Aws, known: &Known, changes: &mut Changes<'_>, progress: Progress<'_>) -> Result<()> {
        changes.take_all();
        self.create(aws, known, progress).await
    }

    async fn delete(&self, aws: &Aws, _: Progress<'_>) -> Result<()> {
        revision::delete_all(aws, &self.signs, &self.family).await
    }

    fn renewed_by_update(&self) -> bool {
        true
    }

    /// A task definition of theirs that gets the router: its lines, as `inject` shows them.
    fn is_document(&self, found: &Found, wanted: &Value) -> bool {
        let containers = |definition: &Value| definition["containerDefinitions"].as_array().map(Vec::len);
        self.theirs.is_some() && containers(&found.attributes) != containers(wanted)
    }

    fn remark(&self, _: &Found) -> Option<String> {
        let notes = &self.theirs.as_ref()?.notes;
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    /// The family of a service of the user's gets a revision of ours.
    fn changes_theirs(&self) -> bool {
        self.theirs.is_some()
    }

    fn hidden(&self, field: &str) -> bool {
        hidden::may_be_secret(field)
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        blocks.ecs.push(terraform::block(module, self)?);
        Ok(())
    }

    fn terraform_imports(&self, module: &Module<'_>) -> Vec<Block> {
        terraform::imports(module, self)
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        cloudformation::declarations(self, draft)
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
            signs: Signs::named(stack),
            theirs: None,
            depends_on: Vec::new(),
        }
    }

    fn found(&self, revision: Revision) -> Found {
        Found {
            owner: revision.owner(&self.stack),
            attributes: self.attributes(&revision.definition, &super::wanted_tags(&revision.tags, &self.tags)),
            physical: Some(revision.arn),
        }
    }

    /// What the user's service runs, be it ours, a pipeline's, or from before the stack. It is ours as far as the family has
    /// revisions of ours. Of a service that has gone, these alone are left.
    async fn read_theirs(&self, aws: &Aws, theirs: &Theirs) -> Result<Option<Found>> {
        let runs = match service::revision_of(aws, &theirs.cluster, &theirs.service).await? {
            Some(arn) => Revision::read(aws, &arn).await?,
            None => None,
        };
        let made = match &runs {
            Some(runs) if runs.is_made_by(&self.signs) => Some(runs.clone()),
            _ => revision::newest_ours(aws, &self.signs, &self.family).await?,
        };
        let owner = if made.is_some() { Owner::Ours } else { Owner::Nobody };
        let Some(there) = runs.or(made) else { return Ok(None) };
        let has_router = self.signs.router(&there.definition, &there.tags).is_some_and(|one| one.owner == Owner::Ours);
        // A copy that lost its tags is no reason for a rollout: the next revision has them again.
        let tags = match has_router && there.owner(&self.stack) != Owner::Ours {
            true => self.tags.clone(),
            false => super::wanted_tags(&there.tags, &self.tags),
        };
        let attributes = self.attributes(&there.definition, &tags);
        Ok(Some(Found { owner, attributes, physical: Some(there.arn) }))
    }

    fn attributes(&self, definition: &Value, tags: &BTreeMap<String, String>) -> Value {
        let mut attributes = normal::normal(definition);
        attributes["tags"] = json!(tags);
        attributes
    }

    /// Ours; in a family of the user's also those of the revision that runs, and which that was before ours.
    ///
    /// # Errors
    /// When the service has gone on to another revision since the plan was made, which would be undone.
    async fn tags_for(&self, aws: &Aws) -> Result<BTreeMap<String, String>> {
        let Some(theirs) = &self.theirs else { return Ok(self.tags.clone()) };
        let runs = service::revision_of(aws, &theirs.cluster, &theirs.service).await?;
        let Some(runs) = runs else { return Ok(self.tags.clone()) };
        let Some(runs) = Revision::read(aws, &runs).await? else { return Ok(self.tags.clone()) };
        if normal::normal(&runs.definition) != normal::normal(&theirs.from) {
            let name = runs.arn.rsplit('/').next().unwrap_or_default();
            let text =
                format!("the service {} runs {name} now, which is not what the plan was made from", theirs.service);
            return Err(Error::new(text).help("run the same command again: it starts from there"));
        }
        let before = match service::before::is_of_the_kit(&self.signs, &runs) {
            true => service::before::before(aws, &self.signs, &runs).await?.map(|before| before.arn),
            false => Some(runs.arn.clone()),
        };
        let mut tags = runs.own_tags();
        tags.remove(BEFORE_TAG);
        tags.extend(before.map(|before| (BEFORE_TAG.to_string(), before)));
        tags.extend(self.tags.clone());
        Ok(tags)
    }
}
