//! The service, its deployments and its tasks.
use super::router::{self, Router};
use crate::{Aws, Result, Stack, aws::error::Call as _, stack::Run};
use aws_sdk_ecs::types;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Service {
    pub cluster: String,
    pub name: String,
    /// ECS's word: `ACTIVE`, `DRAINING`, `INACTIVE`; `MISSING` when it is not there.
    pub status: String,
    pub desired: i32,
    pub running: i32,
    pub pending: i32,
    pub deployments: Vec<Deployment>,
    /// The log router in the revision that it runs.
    pub router: Option<Router>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deployment {
    /// `PRIMARY` is the newest, `ACTIVE` one whose tasks still run.
    pub status: String,
    /// `COMPLETED`, `IN_PROGRESS`, `FAILED`
    pub rollout_state: Option<String>,
    pub rollout_reason: Option<String>,
    pub task_definition: String,
    pub desired: i32,
    pub running: i32,
    pub failed_tasks: i32,
    #[serde(serialize_with = "crate::observe::times::sortable_or_none")]
    pub since: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Task {
    pub id: String,
    /// `RUNNING`, `PENDING`, `STOPPED` …
    pub status: String,
    /// `HEALTHY`, `UNHEALTHY`, `UNKNOWN`
    pub health: String,
    pub task_definition: String,
    #[serde(serialize_with = "crate::observe::times::sortable_or_none")]
    pub started: Option<Timestamp>,
    /// The router first.
    pub containers: Vec<Container>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Container {
    pub name: String,
    pub router: bool,
    pub status: String,
    pub health: String,
    pub exit_code: Option<i32>,
    pub reason: Option<String>,
}

impl Service {
    /// What is wrong with it.
    pub fn problems(&self) -> Vec<String> {
        let name = &self.name;
        if self.status != "ACTIVE" {
            return vec![format!("the service {name} is {}", self.status.to_lowercase())];
        }
        let mut problems = Vec::new();
        if self.running < self.desired {
            problems.push(format!("{} of {} tasks of the service {name} run", self.running, self.desired));
        }
        problems.extend(self.router.as_ref().and_then(|router| router.problem(name)));
        for deployment in &self.deployments {
            if deployment.rollout_state.as_deref() == Some("FAILED") {
                let reason = deployment.rollout_reason.as_deref().unwrap_or("ECS gives no reason");
                problems.push(format!("the deployment of {} failed: {reason}", deployment.task_definition));
            }
        }
        problems
    }
}

impl Task {
    /// What is wrong with it.
    pub fn problems(&self) -> Vec<String> {
        let unhealthy = self.containers.iter().filter(|container| container.health == "UNHEALTHY");
        unhealthy
            .map(|container| format!("the container {} of task {} is unhealthy", container.name, self.id))
            .collect()
    }
}

/// Nothing when the stack runs no service.
pub(super) async fn read(stack: &Stack, aws: &Aws) -> Result<Option<(Service, Vec<Task>)>> {
    let (cluster, name, definition) = match &stack.run {
        Run::Own(service) => (stack.cluster(), stack.service(), &service.task_definition),
        Run::Existing(existing) => (existing.cluster.clone(), existing.service.clone(), &existing.task_definition),
        Run::None => return Ok(None),
    };
    let routers: Vec<&str> = definition["containerDefinitions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|container| !container["firelensConfiguration"].is_null())
        .filter_map(|container| container["name"].as_str())
        .collect();
    let found = aws.ecs().describe_services().cluster(&cluster).services(&name).send().await;
    let found = match found.call("ecs:DescribeServices", &name) {
        Err(error) if error.is("ClusterNotFoundException") => None,
        found => found?.services.unwrap_or_default().into_iter().next(),
    };
    let Some(found) = found else { return Ok(Some((missing(cluster, name), Vec::new()))) };
    let tasks = tasks(&cluster, &name, &routers, aws).await?;
    let router = match found.task_definition() {
        Some(runs) => router::read(stack, aws, runs).await?,
        None => None,
    };
    Ok(Some((Service { router, ..service(cluster, name, &found) }, tasks)))
}

fn missing(cluster: String, name: String) -> Service {
    let deployments = Vec::new();
    let status = "MISSING".to_string();
    Service { cluster, name, status, desired: 0, running: 0, pending: 0, deployments, router: None }
}

fn service(cluster: String, name: String, found: &types::Service) -> Service {
    Service {
        cluster,
        name,
        status: found.status().unwrap_or("UNKNOWN").to_string(),
        desired: found.desired_count(),
        running: found.running_count(),
        pending: found.pending_count(),
        deployments: found.deployments().iter().map(deployment).collect(),
        router: None,
    }
}

fn deployment(found: &types::Deployment) -> Deployment {
    Deployment {
        status: found.status().unwrap_or_default().to_string(),
        rollout_state: found.rollout_state().map(|state| state.as_str().to_string()),
        rollout_reason: found.rollout_state_reason().map(str::to_string),
        task_definition: short(found.task_definition()),
        desired: found.desired_count(),
        running: found.running_count(),
        failed_tasks: found.failed_tasks(),
        since: found.created_at().and_then(timestamp),
    }
}

/// ECS describes so many in a call.
const AT_ONCE: usize = 100;

async fn tasks(cluster: &str, service: &str, routers: &[&str], aws: &Aws) -> Result<Vec<Task>> {
    let mut arns = Vec::new();
    let mut pages = aws.ecs().list_tasks().cluster(cluster).service_name(service).into_paginator().send();
    while let Some(page) = pages.next().await {
        arns.extend(page.call("ecs:ListTasks", service)?.task_arns.unwrap_or_default());
    }
    let mut tasks = Vec::new();
    for arns in arns.chunks(AT_ONCE) {
        let found = aws.ecs().describe_tasks().cluster(cluster).set_tasks(Some(arns.to_vec())).send().await;
        tasks.extend(found.call("ecs:DescribeTasks", service)?.tasks().iter().map(|found| task(found, routers)));
    }
    tasks.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(tasks)
}

fn task(found: &types::Task, routers: &[&str]) -> Task {
    let mut containers: Vec<Container> = found.containers().iter().map(|found| container(found, routers)).collect();
    containers.sort_by_key(|container| (!container.router, container.name.clone()));
    Task {
        id: short(found.task_arn()),
        status: found.last_status().unwrap_or("UNKNOWN").to_string(),
        health: health(found.health_status()),
        task_definition: short(found.task_definition_arn()),
        started: found.started_at().and_then(timestamp),
        containers,
    }
}

fn container(found: &types::Container, routers: &[&str]) -> Container {
    let name = found.name().unwrap_or_default().to_string();
    Container {
        router: routers.contains(&name.as_str()),
        name,
        status: found.last_status().unwrap_or("UNKNOWN").to_string(),
        health: health(found.health_status()),
        exit_code: found.exit_code(),
        reason: found.reason().map(str::to_string),
    }
}

fn health(status: Option<&types::HealthStatus>) -> String {
    status.map_or("UNKNOWN", types::HealthStatus::as_str).to_string()
}

/// What stands behind the last `/` of an ARN.
fn short(arn: Option<&str>) -> String {
    arn.unwrap_or_default().rsplit('/').next().unwrap_or_default().to_string()
}

fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::from_millisecond(time.to_millis().ok()?).ok()
}
