//! The ECS service that runs the router: one of ours, or one of the user's.
use super::{
    Id, cluster,
    kind::{CloudFormation, Row, Terraform, Use},
    task_definition::{
        input,
        revision::{self, Revision},
        router::Signs,
    },
};
use crate::{Aws, Error, Result, Stack, aws::error::Call as _, export::terraform::names, others};
use aws_sdk_ecs::types::{self, ServiceField};
use serde_json::Value;
use std::sync::Arc;

mod adopted;
pub(super) mod before;
mod cloudformation;
mod failure;
mod network;
mod own;
pub(crate) mod rights;
mod rollout;
mod terraform;
mod without_router;

pub use adopted::AdoptedService;
pub use network::Network;
pub use own::OwnService;

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "service",
    rank: 4,
    single: true,
    terraform: Some(Terraform {
        kind: "aws_ecs_service",
        local: names::APP,
        outputs: &[("service_name", "The service.", "name")],
    }),
    cloudformation: Some(CloudFormation {
        kind: "AWS::ECS::Service",
        outputs: &[("Name", "The service's name.", Some("Name")), ("Arn", "The service's ARN.", None)],
    }),
    arn: Some(("ecs", "service/")),
    by_tag: false,
    named: |stack| vec![Id::service(&stack.cluster(), &stack.service()).name],
    left_over: Some(|stack, name| Arc::new(OwnService::left_over(stack, name))),
    rooms: &[("resource/service", rights::rights)],
    uses_rights: true,
    used: Use::Never,
    taken: |_, _| cluster::service_taken(),
};

/// The task definition that a service runs, as RegisterTaskDefinition takes it. `None` when there is no such service, or no such
/// cluster.
///
/// # Errors
/// When ECS refuses.
pub async fn task_definition_of(aws: &Aws, cluster: &str, service: &str) -> Result<Option<Value>> {
    let Some(arn) = revision_of(aws, cluster, service).await? else { return Ok(None) };
    match Revision::read(aws, &arn).await? {
        Some(revision) => Ok(Some(input(revision.definition))),
        None => Err(Error::new(format!("the service {service} runs {arn}, which is not there any more"))),
    }
}

/// The newest task definition that carries the stack's tag, in the same form: what is left of the stack in the family of a
/// service of the user's that is gone.
///
/// # Errors
/// When AWS cannot be asked.
pub async fn task_definition_left(aws: &Aws, stack: &str) -> Result<Option<Value>> {
    let mut arns = others::task_definitions(aws, stack).await?;
    arns.sort_by_key(|arn| std::cmp::Reverse(revision::number(arn)));
    for arn in arns {
        let revision = Revision::read(aws, &arn).await?.filter(|revision| revision.is_made_by(&Signs::named(stack)));
        if let Some(revision) = revision {
            return Ok(Some(input(revision.definition)));
        }
    }
    Ok(None)
}

/// An active task definition with the stack's tag and its router in a family that is not the stack's, as `family:revision`: a
/// service of the user's may run it.
///
/// # Errors
/// When AWS cannot be asked.
pub async fn revision_among_theirs(aws: &Aws, stack: &Stack) -> Result<Option<String>> {
    for arn in others::task_definitions(aws, &stack.name).await? {
        let name = arn.rsplit('/').next().unwrap_or_default();
        if name.rsplit_once(':').is_some_and(|(family, _)| family == stack.family()) {
            continue;
        }
        let ours = |revision: &Revision| revision.is_active() && revision.is_made_by(&Signs::of(stack));
        if Revision::read(aws, &arn).await?.as_ref().is_some_and(ours) {
            return Ok(Some(name.to_string()));
        }
    }
    Ok(None)
}

/// The ARN of the revision that a service runs.
pub(super) async fn revision_of(aws: &Aws, cluster: &str, service: &str) -> Result<Option<String>> {
    let service = describe(aws, cluster, service).await?.filter(is_active);
    Ok(service.and_then(|service| service.task_definition))
}

/// `None` when there has never been one of this name, or it is forgotten, and when it is `INACTIVE`, which is to say deleted.
async fn describe(aws: &Aws, cluster: &str, service: &str) -> Result<Option<types::Service>> {
    let call = aws.ecs().describe_services().cluster(cluster).services(service).include(ServiceField::Tags);
    match call.send().await.call("ecs:DescribeServices", service) {
        Err(error) if error.is("ClusterNotFoundException") => Ok(None),
        answer => {
            let services = answer?.services.unwrap_or_default();
            Ok(services.into_iter().find(|service| service.status() != Some("INACTIVE")))
        }
    }
}

/// It is not about to go.
fn is_active(service: &types::Service) -> bool {
    service.status() == Some("ACTIVE")
}

/// There is no such service.
fn missing(cluster: &str, service: &str) -> Error {
    Error::new(format!("the cluster {cluster} has no service {service}")).of("ecs:DescribeServices", service)
}

/// Why there is no such service: without its cluster, there is none.
pub async fn why_missing(aws: &Aws, cluster: &str, service: &str) -> Error {
    let region = &aws.place().region;
    let call = aws.ecs().describe_services().cluster(cluster).services(service).send().await;
    match call.call("ecs:DescribeServices", service) {
        Err(error) if error.is("ClusterNotFoundException") => Error::new(format!("no cluster `{cluster}` in {region}"))
            .help("check `cluster` in [stack.existing], and the region"),
        Err(error) if !error.is_missing() => error,
        _ => Error::new(format!("no service `{service}` in the cluster `{cluster}` in {region}"))
            .help("check `service` in [stack.existing], and the region"),
    }
}

/// What ECS answers when there is no such service any more, or its cluster has gone.
const GONE: [&str; 3] = ["ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException"];

fn is_gone(error: &Error) -> bool {
    GONE.iter().any(|code| error.is(code))
}

/// What the call names was made a moment ago, and ECS does not know it yet.
fn is_young(error: &Error) -> bool {
    error.is_missing() || (error.is("ClientException") && error.message.contains("TaskDefinition not found"))
}

/// It is on its way out: its tasks stop.
pub(super) async fn is_draining(aws: &Aws, cluster: &str, service: &str) -> Result<bool> {
    Ok(describe(aws, cluster, service).await?.is_some_and(|service| service.status() == Some("DRAINING")))
}
