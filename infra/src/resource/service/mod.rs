//! The ECS service that runs the router: one of ours, or one of the user's.
use super::task_definition::{input, revision::Revision};
use crate::{Aws, Error, Result, aws::error::Call as _};
use aws_sdk_ecs::types::{self, ServiceField};
use serde_json::Value;

mod adopted;
mod failure;
mod network;
mod own;
mod rollout;

pub use adopted::AdoptedService;
pub use network::Network;
pub use own::OwnService;

/// The task definition that a service runs, as RegisterTaskDefinition takes it, and the names of its task role and of its
/// task execution role.
///
/// # Errors
/// When ECS refuses, and when there is no such service.
pub async fn task_definition_of(
    aws: &Aws,
    cluster: &str,
    service: &str,
) -> Result<(Value, Option<String>, Option<String>)> {
    let Some(arn) = revision_of(aws, cluster, service).await? else { return Err(missing(cluster, service)) };
    let Some(revision) = Revision::read(aws, &arn).await? else {
        return Err(Error::new(format!("the service {service} runs {arn}, which is not there any more")));
    };
    let definition = input(revision.definition);
    let role = |name: &str| definition[name].as_str().and_then(|arn| arn.rsplit('/').next()).map(str::to_string);
    let (task, execution) = (role("taskRoleArn"), role("executionRoleArn"));
    Ok((definition, task, execution))
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

fn missing(cluster: &str, service: &str) -> Error {
    Error::new(format!("the cluster {cluster} has no service {service}")).of("ecs:DescribeServices", service)
}
