//! A service of the user's: it runs a revision of its own family with the router in it. When the stack goes, it gets what it runs
//! then without the router. Nothing else of it is ours.
use super::{
    before::before,
    describe, is_active, is_gone, is_young, missing,
    rollout::{self, Begun, State},
    without_router::without_router,
};
use crate::{
    Aws, Error, Result,
    aws::{error::Call as _, wait},
    names::{BEFORE_TAG, STACK_TAG},
    plan::{FieldChange, diff},
    resource::{
        Changes, Found, Id, Known, LATER, Owner, Progress, Removal, Resource,
        task_definition::{hidden, input, normal, revision::Revision, router::Signs},
    },
};
use async_trait::async_trait;
use aws_sdk_ecs::types::{self, DeploymentControllerType};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, time::Duration};

/// How long a revision that was just registered may be unknown to UpdateService.
const FOR_REVISIONS: Duration = Duration::from_secs(120);

#[derive(Debug, Clone)]
pub struct AdoptedService {
    pub stack: String,
    pub cluster: String,
    pub name: String,
    pub task_definition: Id,
    /// What the router writes to, which is there before it runs.
    pub destinations: Vec<Id>,
    /// The router's, whose end is shown when a deployment fails.
    pub log_group: String,
    /// What the router is recognized by.
    pub signs: Signs,
    /// The task's size, as far as the stack sets it.
    pub size: Map<String, Value>,
    /// Those of our revisions.
    pub tags: BTreeMap<String, String>,
    /// It may run the router of another stack, whose place ours takes.
    pub replace_router: bool,
}

/// The attribute that says whose router runs.
const ROUTER: &str = "log_router";

#[async_trait]
impl Resource for AdoptedService {
    fn id(&self) -> Id {
        Id::service(&self.cluster, &self.name)
    }

    fn depends_on(&self) -> Vec<Id> {
        [self.task_definition.clone()].into_iter().chain(self.destinations.iter().cloned()).collect()
    }

    fn wanted(&self, known: &Known) -> Value {
        let revision = known.get(&self.task_definition).unwrap_or_else(|| LATER.to_string());
        json!({ "task_definition": revision, ROUTER: self.stack, "rollout_state": State::Completed.name() })
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let service = describe(aws, &self.cluster, &self.name).await?.filter(is_active);
        let Some(service) = service else { return Ok(None) };
        let runs = match service.task_definition() {
            Some(arn) => Revision::read(aws, arn).await?,
            None => None,
        };
        let router = runs.as_ref().and_then(|runs| self.signs.router(&runs.definition, &runs.tags));
        let whose = router.as_ref().map(|router| match &router.owner {
            Owner::Ours => self.stack.clone(),
            Owner::Stack(other) => other.clone(),
            Owner::Nobody | Owner::Region(_) => "another one".to_string(),
        });
        let attributes = json!({
            "task_definition": service.task_definition(),
            ROUTER: whose,
            "rollout_state": State::of(&service).name(),
        });
        let owner = router.map_or(Owner::Nobody, |router| router.owner);
        Ok(Some(Found { owner, attributes, physical: None }))
    }

    async fn create(&self, _: &Aws, _: &Known, _: Progress<'_>) -> Result<()> {
        Err(missing(&self.cluster, &self.name))
    }

    async fn update(&self, aws: &Aws, known: &Known, changes: &mut Changes<'_>, progress: Progress<'_>) -> Result<()> {
        let Some(revision) = known.get(&self.task_definition) else {
            return Err(Error::new(format!("the {} is not there", self.task_definition)));
        };
        let before = self.check_controller(aws).await?;
        // The router and the rollout are the revision's.
        let settles = changes.take_any(&[ROUTER, "rollout_state"]);
        if !changes.take("task_definition") {
            return match settles {
                true => self.settle(aws, None, progress).await,
                false => Ok(()),
            };
        }
        let begun = self.put(aws, &revision).await?;
        match (self.settle(aws, begun, progress).await, before) {
            (Err(error), Some(before)) if !rollout::has_breaker(&before) => self.go_back(aws, &before, error).await,
            (settled, _) => settled,
        }
    }

    /// To what it runs now, without the router.
    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<()> {
        let Some(back) = self.back(aws).await? else { return Ok(()) };
        let revision = match back.to {
            To::There(arn) => arn,
            To::New => aws.register_task_definition(&back.definition).await?,
        };
        match self.put(aws, &revision).await {
            Ok(begun) => self.settle(aws, begun, progress).await,
            // It went meanwhile.
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn adopted(&self) -> bool {
        true
    }

    fn hidden(&self, field: &str) -> bool {
        hidden::may_be_secret(field)
    }

    fn conflict(&self, found: &Found) -> Option<(String, String)> {
        let Owner::Stack(other) = &found.owner else { return None };
        let message = format!("runs {}, which has the log router of the stack `{other}`", runs(found));
        let help = format!(
            "destroy the stack `{other}` first, which gives the service back; or set `replace_router = true` in [stack.existing] to \
             put this stack's router into its place"
        );
        (!self.replace_router).then_some((message, help))
    }

    fn remark(&self, found: &Found) -> Option<String> {
        found.attributes[ROUTER].is_null().then(|| format!("{} has no log router", runs(found)))
    }

    async fn removal(&self, aws: &Aws) -> Result<Removal> {
        let back = match self.back(aws).await {
            Ok(Some(back)) => back,
            Ok(None) => return Ok(Removal::default()),
            Err(error) if error.call.is_empty() => {
                let help = error.help.as_deref().unwrap_or_default().to_string();
                return Ok(Removal { problem: Some((error.message.to_string(), help)), ..Removal::default() });
            }
            Err(error) => return Err(error),
        };
        let (from, family) = (short(&back.from.arn), back.definition["family"].as_str().unwrap_or_default());
        let (to, arn) = match &back.to {
            To::There(arn) => (short(arn).to_string(), arn.clone()),
            To::New => ("a new revision".to_string(), format!("(a new revision of {family})")),
        };
        let moved = FieldChange { field: "task_definition".into(), before: json!(back.from.arn), after: json!(arn) };
        let differs = diff::diff(&normal(&back.from.definition), &normal(&back.definition));
        Ok(Removal {
            changes: [moved].into_iter().chain(differs).collect(),
            note: Some(format!("given back: from {from} to {to}, without the log router")),
            problem: None,
        })
    }
}

/// The revision that was found, as `family:revision`.
fn runs(found: &Found) -> &str {
    short(found.attributes["task_definition"].as_str().unwrap_or("no task definition"))
}

fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// How a service is given back.
struct Back {
    from: Revision,
    to: To,
    /// Without the router, with its tags: as RegisterTaskDefinition takes it.
    definition: Value,
}

/// The revision that it gets.
enum To {
    /// One that is there already, by its ARN.
    There(String),
    New,
}

impl AdoptedService {
    /// What it runs now, and the same without the router. `None`: there is no such service, or it runs no router of ours.
    async fn back(&self, aws: &Aws) -> Result<Option<Back>> {
        let Some(service) = describe(aws, &self.cluster, &self.name).await?.filter(is_active) else { return Ok(None) };
        let Some(arn) = service.task_definition() else { return Ok(None) };
        let Some(from) = Revision::read(aws, arn).await? else { return Ok(None) };
        let Some(router) = self.signs.router(&from.definition, &from.tags) else { return Ok(None) };
        if router.owner != Owner::Ours {
            return Ok(None);
        }
        let before = before(aws, &self.signs, &from).await?;
        let today = input(from.definition.clone());
        let then = before.as_ref().map(|before| input(before.definition.clone()));
        let without = without_router(&today, router.container, then.as_ref(), &self.size);
        let mut definition = without.map_err(|unknown| self.unknown(&from, &unknown.containers))?;
        let latest = match definition["family"].as_str() {
            Some(family) => Revision::read(aws, family).await?,
            None => None,
        };
        let same = |there: &&Revision| there.is_active() && normal(&there.definition) == normal(&definition);
        // The one from before where nothing else has changed, or what an earlier run that was cut off has registered.
        let to = before.iter().chain(&latest).find(same).map_or(To::New, |there| To::There(there.arn.clone()));
        let tags = self.their_tags(&from, before.as_ref());
        if !tags.is_empty() {
            definition["tags"] =
                tags.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect::<Vec<_>>().into();
        }
        Ok(Some(Back { from, to, definition }))
    }

    /// Those of the running revision that the stack has not set.
    fn their_tags(&self, from: &Revision, before: Option<&Revision>) -> BTreeMap<String, String> {
        let mut tags = from.own_tags();
        if tags.remove(STACK_TAG).is_none() {
            return tags;
        }
        tags.remove(BEFORE_TAG);
        let then = before.map(Revision::own_tags).unwrap_or_default();
        for (key, value) in self.tags.iter().filter(|(key, _)| *key != STACK_TAG) {
            if tags.get(key) == Some(value) {
                match then.get(key) {
                    Some(then) => _ = tags.insert(key.clone(), then.clone()),
                    None => _ = tags.remove(key),
                }
            }
        }
        tags
    }

    fn unknown(&self, from: &Revision, containers: &[String]) -> Error {
        let (from, family) = (short(&from.arn), from.definition["family"].as_str().unwrap_or_default());
        let names = containers.join("`, `");
        Error::new(format!(
            "{from} cannot be given back: the log driver that `{names}` had before is not known, since no revision of {family} without \
             the log router is left"
        ))
        .help(format!(
            "register a revision of {family} without the log router, let the service run it (aws ecs update-service --cluster {} \
             --service {} --task-definition {family}), and destroy again",
            self.cluster, self.name
        ))
    }

    /// UpdateService takes a task definition only where ECS rolls out by itself.
    async fn check_controller(&self, aws: &Aws) -> Result<Option<types::Service>> {
        let service = describe(aws, &self.cluster, &self.name).await?;
        let controller = service.as_ref().and_then(|service| service.deployment_controller());
        match controller.map(|controller| controller.r#type()) {
            None | Some(DeploymentControllerType::Ecs) => Ok(service),
            Some(other) => {
                let text = format!("the service {} is deployed by {}", self.name, other.as_str());
                Err(Error::new(text).help("only services with the deployment controller ECS can be changed from here"))
            }
        }
    }

    async fn put(&self, aws: &Aws, revision: &str) -> Result<Option<Begun>> {
        let young = |error: &Error| is_young(error) && !is_gone(error);
        let update = || async {
            let update =
                aws.ecs().update_service().cluster(&self.cluster).service(&self.name).task_definition(revision);
            update.send().await.call("ecs:UpdateService", &self.name)
        };
        let begun = wait::unless(aws, FOR_REVISIONS, young, update).await?;
        Ok(Begun::of(begun.service()))
    }

    async fn settle(&self, aws: &Aws, begun: Option<Begun>, progress: Progress<'_>) -> Result<()> {
        rollout::settle(aws, &self.cluster, &self.name, begun.as_ref(), &self.log_group, progress).await
    }

    /// What a circuit breaker would have done: without one, ECS starts the tasks of a revision that fails again and again.
    async fn go_back(&self, aws: &Aws, before: &types::Service, error: Error) -> Result<()> {
        let Some(revision) = before.task_definition() else { return Err(error) };
        let name = revision.rsplit('/').next().unwrap_or(revision);
        let help = match self.put(aws, revision).await {
            Ok(_) => format!("the service runs {name} again; with a deployment circuit breaker ECS would see to that"),
            Err(back) => format!("going back to {name} failed, too: {back}"),
        };
        Err(error.help(help))
    }
}
