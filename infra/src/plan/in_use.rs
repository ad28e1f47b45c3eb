//! What a plan deletes and services of the account still use, whose ever they are: the router's image, roles and policies, log groups,
//! and what the router writes to. A service whose image has gone starts no task any more.
use super::{Plan, Problem, Verb};
use crate::{
    Aws, Id, Kind, Place, Result, Stack,
    aws::error::Call as _,
    names::LOG_GROUP_ROOT,
    policy::deployer::{self, Rights},
    resource::{
        Owner,
        kind::Use,
        task_definition::{
            revision::Revision,
            router::{self, Signs},
        },
    },
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is asked for at a time: below the rates at which ECS throttles describing calls.
const READERS: usize = 8;

/// The most that ListServices tells in an answer.
const LISTED_AT_ONCE: i32 = 100;

/// What DescribeServices takes.
const DESCRIBED_AT_ONCE: usize = 10;

/// A service that uses some of what a plan deletes.
#[derive(Debug)]
struct User {
    /// `main/web`
    service: String,
    /// `web:7`
    revision: String,
    uses: Vec<Id>,
}

impl Plan {
    /// What a service uses stays where it is, and says why; so do the rights of before, and what a delivery stream that stays needs
    /// itself. `current` is the image that this plan brings: a router with it writes to nothing that goes.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    pub(super) async fn keep_what_is_in_use(&mut self, aws: &Aws, signs: &Signs, current: Option<&str>) -> Result<()> {
        let stack = Stack::named(&signs.stack);
        let of_streams =
            [Id::new(Kind::Role, stack.firehose_role()), Id::new(Kind::LogGroup, stack.firehose_log_group())];
        for User { service, revision, uses } in users(aws, self, signs, current).await? {
            let delivers = uses.iter().any(|id| id.kind == Kind::DeliveryStream);
            for action in &mut self.actions {
                let is_used = uses.contains(&action.id) || delivers && of_streams.contains(&action.id);
                if action.action == Verb::Narrow || action.action == Verb::Delete && is_used {
                    action.action = Verb::Keep;
                    action.changes.clear();
                    action.note = Some(format!("kept: service {service} runs {revision}, which uses it"));
                }
            }
        }
        Ok(())
    }

    /// Nothing goes as long as a service uses some of it.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    pub(super) async fn refuse_what_is_in_use(&mut self, aws: &Aws, signs: &Signs) -> Result<()> {
        for User { service, revision, uses } in users(aws, self, signs, None).await? {
            let what: Vec<String> = uses.iter().map(Id::to_string).collect();
            self.problems.push(Problem {
                id: Id::new(Kind::Service, service),
                message: format!("runs {revision}, which uses {}", what.join(", ")),
                help: "let the service run a revision without them, or delete it; then destroy again. If the stack adopted it, destroy \
                       with its firelens.toml gives it back"
                    .to_string(),
            });
        }
        Ok(())
    }
}

async fn users(aws: &Aws, plan: &Plan, signs: &Signs, current: Option<&str>) -> Result<Vec<User>> {
    let deleted: Vec<&Id> = plan
        .actions
        .iter()
        .filter(|one| one.action == Verb::Delete && one.id.kind.row().used != Use::Never)
        .map(|one| &one.id)
        .collect();
    if deleted.is_empty() {
        return Ok(Vec::new());
    }
    let services: Vec<_> = services(aws).await?.into_iter().filter(|one| !is_changed(plan, one)).collect();
    let arns: BTreeSet<String> = services.iter().map(|service| service.revision.clone()).collect();
    let read = |arn: String| async move { Revision::read(aws, &arn).await.map(|revision| (arn, revision)) };
    let revisions: BTreeMap<String, Option<Revision>> =
        stream::iter(arns.into_iter().map(read)).buffered(READERS).try_collect().await?;
    let users = services.into_iter().filter_map(|service| {
        let revision = revisions.get(&service.revision)?.as_ref()?;
        let uses: Vec<Id> = used(signs, revision, &deleted, current);
        let revision = service.revision.rsplit('/').next().unwrap_or_default().to_string();
        let service = format!("{}/{}", service.cluster, service.name);
        (!uses.is_empty()).then_some(User { service, revision, uses })
    });
    Ok(users.collect())
}

struct Running {
    cluster: String,
    name: String,
    /// An ARN.
    revision: String,
}

/// The plan itself brings the service to another revision, or takes it away.
fn is_changed(plan: &Plan, service: &Running) -> bool {
    let mut changed = plan.pending().filter(|action| action.id.kind == Kind::Service);
    changed.any(|action| {
        // Cluster and service can be given as ARNs.
        let parts: Vec<&str> = action.id.name.split('/').collect();
        parts.last() == Some(&service.name.as_str()) && parts.contains(&service.cluster.as_str())
    })
}

/// What of it a revision uses.
fn used(signs: &Signs, revision: &Revision, deleted: &[&Id], current: Option<&str>) -> Vec<Id> {
    let definition = &revision.definition;
    let containers = || definition["containerDefinitions"].as_array().into_iter().flatten();
    let roles = ["taskRoleArn", "executionRoleArn"].map(|role| definition[role].as_str().unwrap_or_default());
    let has_role = |name: &str| roles.iter().any(|arn| arn.rsplit('/').next() == Some(name));
    let router = signs.router(definition, &revision.tags).filter(|router| router.owner == Owner::Ours);
    let is_current = |container: &Value| {
        current.is_some_and(|digest| container["image"].as_str().is_some_and(|image| image.ends_with(digest)))
    };
    let writes = router.is_some() && !containers().any(is_current);
    let names = |name: &str| {
        let options = containers().filter_map(|one| one["logConfiguration"]["options"].as_object());
        options.flat_map(|options| options.values()).any(|value| value == name)
    };
    let is_used = |id: &&&Id| match id.kind.row().used {
        Use::Never => false,
        Use::Image => containers().any(|one| router::ecr_repository(one) == Some(&id.name)),
        Use::Role => has_role(&id.name),
        Use::RolePolicy => router.is_some() && id.name.split('/').next().is_some_and(has_role),
        Use::Destination => names(&id.name) || writes && !id.name.starts_with(LOG_GROUP_ROOT),
    };
    deleted.iter().filter(is_used).map(|id| (*id).clone()).collect()
}

/// The services of all clusters.
async fn services(aws: &Aws) -> Result<Vec<Running>> {
    let mut pages = aws.ecs().list_clusters().into_paginator().items().send();
    let mut clusters = Vec::new();
    while let Some(arn) = pages.next().await {
        clusters.push(arn.call("ecs:ListClusters", "the account")?);
    }
    let of = |cluster: String| async move { services_of(aws, &cluster).await };
    let all: Vec<Vec<Running>> = stream::iter(clusters.into_iter().map(of)).buffered(READERS).try_collect().await?;
    Ok(all.into_iter().flatten().collect())
}

async fn services_of(aws: &Aws, cluster: &str) -> Result<Vec<Running>> {
    let mut pages =
        aws.ecs().list_services().cluster(cluster).max_results(LISTED_AT_ONCE).into_paginator().items().send();
    let mut arns = Vec::new();
    while let Some(arn) = pages.next().await {
        match arn.call("ecs:ListServices", cluster) {
            // It went between two calls.
            Err(error) if error.is("ClusterNotFoundException") => return Ok(Vec::new()),
            arn => arns.push(arn?),
        }
    }
    let mut running = Vec::new();
    for arns in arns.chunks(DESCRIBED_AT_ONCE) {
        let some = aws.ecs().describe_services().cluster(cluster).set_services(Some(arns.to_vec())).send().await;
        let some = match some.call("ecs:DescribeServices", cluster) {
            Err(error) if error.is("ClusterNotFoundException") => return Ok(Vec::new()),
            some => some?.services.unwrap_or_default(),
        };
        let some = some.into_iter().filter(|service| service.status() == Some("ACTIVE"));
        running.extend(some.filter_map(|service| {
            let cluster = cluster.rsplit('/').next().unwrap_or_default().to_string();
            Some(Running { cluster, name: service.service_name?, revision: service.task_definition? })
        }));
    }
    Ok(running)
}

/// Any service of the account may use what goes.
pub(crate) fn rights(_: &Stack, place: &Place) -> Vec<Rights> {
    let services = vec![Kind::Service.arn(place, "*")];
    vec![
        Rights::anywhere().may(deployer::READ, &["ecs:ListClusters", "ecs:ListServices"]),
        Rights::on("AllServices", services).may(deployer::READ, &["ecs:DescribeServices"]),
    ]
}
