//! The ECS service that runs the router.
use crate::{Aws, Error, Result, aws::error::Call as _};
use serde_json::Value;

/// What DescribeTaskDefinition adds to what RegisterTaskDefinition takes (Amazon ECS API reference, TaskDefinition).
const ONLY_IN_ANSWERS: [&str; 8] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "deregisteredAt",
    "registeredBy",
];

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
    let revision = revision_of(aws, cluster, service).await?;
    let answer = aws.describe_task_definition(&revision).await?;
    let Some(mut definition) = answer.map(|mut answer| answer["taskDefinition"].take()) else {
        return Err(Error::new(format!("the service {service} runs {revision}, which is not there any more")));
    };
    if let Some(fields) = definition.as_object_mut() {
        fields.retain(|name, _| !ONLY_IN_ANSWERS.contains(&name.as_str()));
    }
    let role = |name: &str| definition[name].as_str().and_then(|arn| arn.rsplit('/').next()).map(str::to_string);
    let (task, execution) = (role("taskRoleArn"), role("executionRoleArn"));
    Ok((definition, task, execution))
}

/// The ARN of the revision that a service runs.
async fn revision_of(aws: &Aws, cluster: &str, service: &str) -> Result<String> {
    const CALL: &str = "ecs:DescribeServices";
    let answer = aws.ecs().describe_services().cluster(cluster).services(service).send().await.call(CALL, service)?;
    let active = answer.services().iter().find(|found| found.status() != Some("INACTIVE"));
    let revision = active.and_then(|found| found.task_definition()).map(str::to_string);
    revision.ok_or_else(|| Error::new(format!("the cluster {cluster} has no service {service}")).of(CALL, service))
}
