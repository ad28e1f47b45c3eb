//! A service of ours on Fargate.
//!
//! Source: Amazon ECS API reference, CreateService, UpdateService, DeleteService.
use super::{
    cloudformation, describe, is_active, is_gone, is_young,
    network::{Attached, Network},
    rollout::{self, Begun, State},
    terraform,
};
use crate::{
    Aws, Error, Result,
    aws::{error::Call as _, wait},
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module},
    },
    resource::{Changes, Found, Id, Kind, Known, LATER, Owner, Progress, Resource, cluster, wanted_tags},
};
use async_trait::async_trait;
use aws_sdk_ecs::types::{
    self, DeploymentCircuitBreaker, DeploymentConfiguration, DeploymentController, DeploymentControllerType,
    LaunchType, PropagateTags,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

#[derive(Debug, Clone)]
pub struct OwnService {
    pub stack: String,
    pub cluster: String,
    pub name: String,
    pub network: Network,
    /// `None`: one at first, and then what it is.
    pub desired_count: Option<u32>,
    pub tags: BTreeMap<String, String>,
    pub task_definition: Id,
    pub security_group: Id,
    /// What the router writes to, which is there before it runs.
    pub destinations: Vec<Id>,
    /// The router's, whose end is shown when a deployment fails.
    pub log_group: String,
}

/// A task stops within its stop timeout, two minutes at most on Fargate; a load balancer lets it go five minutes later.
const FOR_TASKS: Duration = Duration::from_secs(900);

/// What one UpdateService sets.
const PUT: [&str; 8] = [
    "task_definition",
    "desired_count",
    "subnets",
    "security_groups",
    "assign_public_ip",
    "platform_version",
    "deployment_configuration",
    "propagate_tags",
];

const PLATFORM: &str = "LATEST";

/// In percent of the desired count: new tasks run before old ones stop.
const HEALTHY: (i32, i32) = (100, 200);

#[async_trait]
impl Resource for OwnService {
    fn id(&self) -> Id {
        Id::service(&self.cluster, &self.name)
    }

    fn depends_on(&self) -> Vec<Id> {
        let cluster = Id::new(Kind::Cluster, &self.cluster);
        let own = [cluster, self.security_group.clone(), self.task_definition.clone()];
        own.into_iter().chain(self.destinations.iter().cloned()).collect()
    }

    fn wanted(&self, known: &Known) -> Value {
        let known = |id| known.get(id).unwrap_or_else(|| LATER.to_string());
        json!({
            "task_definition": known(&self.task_definition),
            "desired_count": self.desired_count,
            "subnets": self.network.named_subnets(),
            "security_groups": self.network.all_security_groups(&known(&self.security_group)),
            "assign_public_ip": self.network.public_ip,
            "platform_version": PLATFORM,
            "deployment_configuration": shown(&deployment_configuration()),
            "propagate_tags": PropagateTags::Service.as_str(),
            "rollout_state": State::Completed.name(),
            "tags": self.tags,
        })
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let service = describe(aws, &self.cluster, &self.name).await?;
        let Some(service) = service.filter(is_active) else { return Ok(None) };
        let tags = cluster::tags_of(service.tags());
        let attached = Attached::of(&service);
        let deployment = service.deployment_configuration().map_or_else(|| shown(&deployment_configuration()), shown);
        let attributes = json!({
            "task_definition": service.task_definition(),
            "desired_count": self.desired_count.map(|_| service.desired_count()),
            "subnets": self.network.subnets_of(aws, &attached).await?,
            "security_groups": attached.security_groups,
            "assign_public_ip": attached.public_ip,
            "platform_version": service.platform_version(),
            "deployment_configuration": deployment,
            "propagate_tags": service.propagate_tags().unwrap_or(&PropagateTags::Service).as_str(),
            "rollout_state": State::of(&service).name(),
            "tags": wanted_tags(&tags, &self.tags),
        });
        Ok(Some(Found { owner: Owner::of(&self.stack, &tags), attributes, physical: None }))
    }

    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        let revision = self.known(known, &self.task_definition)?;
        let network = self.network.configuration(aws, &self.known(known, &self.security_group)?).await?;
        let rolling = DeploymentController::builder().r#type(DeploymentControllerType::Ecs).build();
        let create = aws
            .ecs()
            .create_service()
            .cluster(&self.cluster)
            .service_name(&self.name)
            .client_token(token())
            .task_definition(&revision)
            .desired_count(self.desired_count.map_or(1, |count| count as i32))
            .launch_type(LaunchType::Fargate)
            .platform_version(PLATFORM)
            .network_configuration(network)
            .deployment_configuration(deployment_configuration())
            .deployment_controller(rolling.map_err(|error| Error::new(error.to_string()))?)
            .propagate_tags(PropagateTags::Service)
            .enable_ecs_managed_tags(true)
            .set_tags(Some(cluster::tags(&self.tags)));
        // Cluster, security group and revision may be a moment old.
        let passes = |error: &Error| {
            cluster::waits_for_role(error, progress) || still_draining(error, progress) || is_young(error)
        };
        let create = || async { create.clone().send().await.call("ecs:CreateService", &self.name) };
        let made = wait::unless(aws, FOR_TASKS, passes, create).await?;
        self.settle(aws, Begun::of(made.service()), progress).await
    }

    async fn update(&self, aws: &Aws, known: &Known, changes: &mut Changes<'_>, progress: Progress<'_>) -> Result<()> {
        if changes.take("tags") {
            let arn = Kind::Service.arn(aws.place(), &self.id().name);
            let tag = aws.ecs().tag_resource().resource_arn(arn).set_tags(Some(cluster::tags(&self.tags))).send().await;
            tag.call("ecs:TagResource", &self.name)?;
        }
        let revision = self.known(known, &self.task_definition)?;
        match (changes.take_any(&PUT), changes.take("rollout_state")) {
            (true, _) => self.settle(aws, self.put(aws, known, &revision).await?, progress).await,
            (false, true) => self.settle(aws, self.try_again(aws).await?, progress).await,
            (false, false) => Ok(()),
        }
    }

    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<()> {
        let ours = |service: &types::Service| Owner::of(&self.stack, &cluster::tags_of(service.tags())) == Owner::Ours;
        let Some(service) = describe(aws, &self.cluster, &self.name).await?.filter(ours) else { return Ok(()) };
        if is_active(&service) {
            let gone = aws.ecs().delete_service().cluster(&self.cluster).service(&self.name).force(true).send().await;
            match gone.call("ecs:DeleteService", &self.name) {
                Err(error) if !is_gone(&error) => return Err(error),
                _ => {}
            }
        }
        let end = wait::at_most(FOR_TASKS);
        let ask = || async {
            let Some(service) = describe(aws, &self.cluster, &self.name).await? else { return Ok(Some(())) };
            let count = service.running_count();
            progress(&format!("waiting until all tasks have stopped, {end}: {count} still run"));
            Ok(None)
        };
        wait::until(aws, &format!("the service {} is gone", self.name), FOR_TASKS, ask).await
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        blocks.network.extend(terraform::subnets(&self.network));
        blocks.ecs.push(terraform::block(module, self));
        Ok(())
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        cloudformation::declarations(self, draft)
    }
}

impl OwnService {
    /// As far as taking it away needs it; `name` is `CLUSTER/SERVICE`.
    pub fn left_over(stack: &str, name: &str) -> OwnService {
        let (cluster, name) = name.split_once('/').unwrap_or((name, name));
        OwnService {
            stack: stack.to_string(),
            cluster: cluster.to_string(),
            name: name.to_string(),
            network: Network { vpc: None, subnets: Vec::new(), public_ip: false, security_groups: Vec::new() },
            desired_count: None,
            tags: BTreeMap::new(),
            task_definition: Id::new(Kind::TaskDefinition, name),
            security_group: Id::new(Kind::SecurityGroup, name),
            destinations: Vec::new(),
            log_group: String::new(),
        }
    }

    async fn settle(&self, aws: &Aws, begun: Option<Begun>, progress: Progress<'_>) -> Result<()> {
        rollout::settle(aws, &self.cluster, &self.name, begun.as_ref(), &self.log_group, progress).await
    }

    async fn put(&self, aws: &Aws, known: &Known, revision: &str) -> Result<Option<Begun>> {
        let network = self.network.configuration(aws, &self.known(known, &self.security_group)?).await?;
        let update = aws
            .ecs()
            .update_service()
            .cluster(&self.cluster)
            .service(&self.name)
            .task_definition(revision)
            .set_desired_count(self.desired_count.map(|count| count as i32))
            .platform_version(PLATFORM)
            .network_configuration(network)
            .deployment_configuration(deployment_configuration())
            .propagate_tags(PropagateTags::Service)
            .enable_ecs_managed_tags(true);
        let update = || async { update.clone().send().await.call("ecs:UpdateService", &self.name) };
        let begun = wait::unless(aws, FOR_TASKS, is_young, update).await?;
        Ok(Begun::of(begun.service()))
    }

    /// A deployment that failed and had nothing to go back to is begun again; one that is on its way goes on.
    async fn try_again(&self, aws: &Aws) -> Result<Option<Begun>> {
        let service = describe(aws, &self.cluster, &self.name).await?;
        if !service.as_ref().is_some_and(|service| matches!(State::of(service), State::Failed(_))) {
            return Ok(None);
        }
        let update = aws.ecs().update_service().cluster(&self.cluster).service(&self.name);
        let begun = update.force_new_deployment(true).send().await.call("ecs:UpdateService", &self.name)?;
        Ok(Begun::of(begun.service()))
    }

    fn known(&self, known: &Known, id: &Id) -> Result<String> {
        known.get(id).ok_or_else(|| Error::new(format!("the service {} needs the {id}, which is not there", self.name)))
    }
}

fn deployment_configuration() -> DeploymentConfiguration {
    DeploymentConfiguration::builder()
        .deployment_circuit_breaker(DeploymentCircuitBreaker::builder().enable(true).rollback(true).build())
        .minimum_healthy_percent(HEALTHY.0)
        .maximum_percent(HEALTHY.1)
        .build()
}

fn shown(deployment: &DeploymentConfiguration) -> Value {
    let breaker = deployment.deployment_circuit_breaker();
    json!({
        "circuit_breaker": breaker.is_some_and(DeploymentCircuitBreaker::enable),
        "rollback": breaker.is_some_and(DeploymentCircuitBreaker::rollback),
        "minimum_healthy_percent": deployment.minimum_healthy_percent(),
        "maximum_percent": deployment.maximum_percent(),
    })
}

/// The service that had the name is not gone yet.
fn still_draining(error: &Error, progress: Progress<'_>) -> bool {
    let waits = error.is("InvalidParameterException") && error.message.contains("still Draining");
    if waits {
        progress("waiting until the service of before is gone");
    }
    waits
}

/// Names this creation: when its answer is lost, the next try is not a second one.
fn token() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("firelens-kit-{}", now.as_nanos())
}
