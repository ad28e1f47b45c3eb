//! A service of the user's: it runs a revision of its own family with the router in it, and goes back to the one before when
//! the stack goes. Nothing else of it is ours.
use super::{
    describe, is_active, is_gone, missing,
    rollout::{self, State},
};
use crate::{
    Aws, Error, Result,
    aws::error::Call as _,
    names::BEFORE_TAG,
    resource::{
        Found, Id, Kind, Known, LATER, Owner, Progress, Resource,
        task_definition::{input, revision::Revision},
    },
};
use async_trait::async_trait;
use aws_sdk_ecs::types::DeploymentControllerType;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct AdoptedService {
    pub stack: String,
    pub cluster: String,
    pub name: String,
    pub task_definition: Id,
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
        vec![self.task_definition.clone()]
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
            "rollout_state": State::of(&service, None).name(),
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
        if changed.contains(&"task_definition") {
            self.check_controller(aws).await?;
            self.put(aws, &revision).await?;
        }
        self.settle(aws, &revision, progress).await
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
            Ok(()) => self.settle(aws, &before, progress).await,
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
    async fn check_controller(&self, aws: &Aws) -> Result<()> {
        let service = describe(aws, &self.cluster, &self.name).await?;
        let controller = service.and_then(|service| service.deployment_controller);
        match controller.map(|controller| controller.r#type) {
            None | Some(DeploymentControllerType::Ecs) => Ok(()),
            Some(other) => {
                let text = format!("the service {} is deployed by {}", self.name, other.as_str());
                Err(Error::new(text).help("only services with the deployment controller ECS can be changed from here"))
            }
        }
    }

    async fn put(&self, aws: &Aws, revision: &str) -> Result<()> {
        let update = aws.ecs().update_service().cluster(&self.cluster).service(&self.name).task_definition(revision);
        update.send().await.call("ecs:UpdateService", &self.name).map(drop)
    }

    async fn settle(&self, aws: &Aws, revision: &str, progress: Progress<'_>) -> Result<()> {
        rollout::settle(aws, &self.cluster, &self.name, revision, &self.log_group, progress).await
    }
}

/// What registers a revision anew, with its tags.
fn again(revision: Revision) -> Value {
    let tags: Vec<Value> = revision.tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    let mut again = input(revision.definition);
    if !tags.is_empty() {
        again["tags"] = tags.into();
    }
    again
}
