//! A service of the user's: it runs a revision of its own family with the router in it, and goes back to the one before when
//! the stack goes. Nothing else of it is ours.
use super::{
    describe, is_active, is_gone, is_young, missing,
    rollout::{self, Begun, State},
};
use crate::{
    Aws, Error, Result,
    aws::{error::Call as _, wait},
    names::BEFORE_TAG,
    resource::{
        Found, Id, Kind, Known, LATER, Owner, Progress, Resource,
        task_definition::{input, revision::Revision},
    },
};
use async_trait::async_trait;
use aws_sdk_ecs::types::{self, DeploymentControllerType};
use serde_json::{Value, json};
use std::time::Duration;

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
    /// The repository of the router's image: the revision before must not need it.
    pub repository: String,
}

#[async_trait]
impl Resource for AdoptedService {
    fn id(&self) -> Id {
        Id::new(Kind::Service, format!("{}/{}", self.cluster, self.name))
    }

    fn depends_on(&self) -> Vec<Id> {
        [self.task_definition.clone()].into_iter().chain(self.destinations.iter().cloned()).collect()
    }

    fn wanted(&self, known: &Known) -> Value {
        let revision = known.get(&self.task_definition).unwrap_or_else(|| LATER.to_string());
        json!({ "task_definition": revision, "rollout_state": State::Completed.name() })
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let service = describe(aws, &self.cluster, &self.name).await?.filter(is_active);
        let Some(service) = service else { return Ok(None) };
        let owner = match service.task_definition() {
            Some(arn) => Revision::read(aws, arn).await?.map(|revision| revision.owner(&self.stack)),
            None => None,
        };
        let attributes = json!({
            "task_definition": service.task_definition(),
            "rollout_state": State::of(&service).name(),
        });
        Ok(Some(Found { owner: owner.unwrap_or(Owner::Nobody), attributes, physical: None }))
    }

    async fn create(&self, _: &Aws, _: &Known, _: Progress<'_>) -> Result<()> {
        Err(missing(&self.cluster, &self.name))
    }

    async fn update(&self, aws: &Aws, known: &Known, changed: &[&str], progress: Progress<'_>) -> Result<()> {
        let Some(revision) = known.get(&self.task_definition) else {
            return Err(Error::new(format!("the {} is not there", self.task_definition)));
        };
        let before = self.check_controller(aws).await?;
        if !changed.contains(&"task_definition") {
            return self.settle(aws, None, progress).await;
        }
        let begun = self.put(aws, &revision).await?;
        match (self.settle(aws, begun, progress).await, before) {
            (Err(error), Some(before)) if !rollout::has_breaker(&before) => self.go_back(aws, &before, error).await,
            (settled, _) => settled,
        }
    }

    /// Back to the revision before ours.
    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<()> {
        let Some(service) = describe(aws, &self.cluster, &self.name).await?.filter(is_active) else { return Ok(()) };
        let Some(runs) = service.task_definition() else { return Ok(()) };
        let Some(runs) = Revision::read(aws, runs).await? else { return Ok(()) };
        if runs.owner(&self.stack) != Owner::Ours {
            return Ok(());
        }
        let before = self.before(aws, &runs).await?;
        match self.put(aws, &before).await {
            Ok(begun) => self.settle(aws, begun, progress).await,
            // It went meanwhile.
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn adopted(&self) -> bool {
        true
    }
}

impl AdoptedService {
    /// The ARN of the revision before, which is registered again if it is not active any more.
    async fn before(&self, aws: &Aws, ours: &Revision) -> Result<String> {
        let help = "give the service a task definition without the router, and run it again";
        let lost =
            || Error::new(format!("the revision that {} ran before is not there any more", self.name)).help(help);
        let Some(arn) = ours.tags.get(BEFORE_TAG) else { return Err(lost()) };
        let Some(before) = Revision::read(aws, arn).await? else { return Err(lost()) };
        if self.has_router(&before) {
            let text = format!("the revision that {} ran before, {arn}, has the stack's router in it, too", self.name);
            return Err(Error::new(text).help(help));
        }
        match before.is_active() {
            true => Ok(arn.clone()),
            false => aws.register_task_definition(&again(before)).await,
        }
    }

    fn has_router(&self, revision: &Revision) -> bool {
        let containers = revision.definition["containerDefinitions"].as_array().into_iter().flatten();
        let images = containers.filter_map(|container| container["image"].as_str());
        let name = |image: &str| image.split(['@', ':']).next().unwrap_or_default().to_string();
        images.map(name).any(|name| name.ends_with(&format!("/{}", self.repository)))
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

/// What registers a revision anew, with its tags.
fn again(revision: Revision) -> Value {
    let tags: Vec<Value> =
        revision.own_tags().iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    let mut again = input(revision.definition);
    if !tags.is_empty() {
        again["tags"] = tags.into();
    }
    again
}
