//! A deployment of a service: how far it is, and whether it failed.
use super::{describe, failure, missing};
use crate::{Aws, Error, Result, aws::wait, resource::Progress};
use aws_sdk_ecs::types::{self, DeploymentRolloutState};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Longer than the circuit breaker takes to see that tasks do not start.
const PATIENCE: Duration = Duration::from_secs(1800);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Completed,
    /// How far it is.
    InProgress(String),
    /// Why.
    Failed(String),
}

impl State {
    /// How a deployment of the revision is; without one, how that of the service's own is.
    pub fn of(service: &types::Service, revision: Option<&str>) -> State {
        let current = service.task_definition();
        let revision = revision.or(current);
        let all = service.deployments();
        let of_it = |deployment: &&types::Deployment| deployment.task_definition() == revision;
        let failed =
            |deployment: &&types::Deployment| deployment.rollout_state() == Some(&DeploymentRolloutState::Failed);
        let reason = |deployment: &types::Deployment| {
            deployment.rollout_state_reason().unwrap_or("ECS gives no reason").to_string()
        };
        if let Some(deployment) = all.iter().filter(of_it).find(failed) {
            return State::Failed(reason(deployment));
        }
        if current != revision {
            return State::Failed(format!("the service went back to {}", current.unwrap_or("no revision")));
        }
        let primary = all.iter().find(|deployment| deployment.status() == Some("PRIMARY"));
        let completed = primary
            .and_then(types::Deployment::rollout_state)
            .is_none_or(|state| *state == DeploymentRolloutState::Completed);
        let (running, desired) = (service.running_count(), service.desired_count());
        if completed && all.len() <= 1 && running == desired {
            return State::Completed;
        }
        State::InProgress(in_words(service, running, desired))
    }

    /// As ECS says it.
    pub fn name(&self) -> &'static str {
        match self {
            State::Completed => "COMPLETED",
            State::InProgress(_) => "IN_PROGRESS",
            State::Failed(_) => "FAILED",
        }
    }
}

fn in_words(service: &types::Service, running: i32, desired: i32) -> String {
    let mut words = format!("{running} of {desired} tasks run");
    if service.pending_count() > 0 {
        words.push_str(&format!(", {} start", service.pending_count()));
    }
    let old = service.deployments().iter().filter(|deployment| deployment.status() == Some("ACTIVE"));
    let old: i32 = old.map(types::Deployment::running_count).sum();
    if old > 0 {
        words.push_str(&format!(", {old} of before"));
    }
    let trouble = service.events().first().and_then(|event| event.message());
    if let Some(trouble) = trouble.filter(|message| message.contains("unable to")) {
        words.push_str(&format!("; {trouble}"));
    }
    words
}

/// Waits until all tasks of the service are of the revision.
///
/// # Errors
/// When ECS gives up: with the reasons of the tasks that stopped, and the end of the router's log.
pub async fn settle(
    aws: &Aws,
    cluster: &str,
    name: &str,
    revision: &str,
    log_group: &str,
    progress: Progress<'_>,
) -> Result<()> {
    // Until ECS has told that it knows of the change, it tells what was before.
    let seen = AtomicBool::new(false);
    let ask = || async {
        let Some(service) = describe(aws, cluster, name).await? else { return Err(missing(cluster, name)) };
        seen.fetch_or(service.task_definition() == Some(revision), Ordering::Relaxed);
        match State::of(&service, Some(revision)) {
            State::Completed => Ok(Some(Ok(()))),
            State::Failed(reason) if seen.load(Ordering::Relaxed) => Ok(Some(Err(reason))),
            State::Failed(_) => Ok(None),
            State::InProgress(words) => {
                progress(&words);
                Ok(None)
            }
        }
    };
    let outcome = wait::until(&format!("all tasks of the service {name} run"), PATIENCE, ask).await?;
    match outcome {
        Ok(()) => Ok(()),
        Err(reason) => Err(failed(aws, cluster, name, revision, log_group, &reason).await),
    }
}

async fn failed(aws: &Aws, cluster: &str, name: &str, revision: &str, log_group: &str, reason: &str) -> Error {
    let short = revision.rsplit('/').next().unwrap_or(revision);
    let mut text = format!("the deployment of {short} to the service {name} failed: {reason}");
    for line in failure::details(aws, cluster, name, revision, log_group).await {
        text.push_str("\n  ");
        text.push_str(&line);
    }
    Error::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::types::{Deployment, Service, ServiceEvent};

    fn deployment(status: &str, revision: &str, state: DeploymentRolloutState, running: i32) -> Deployment {
        Deployment::builder()
            .status(status)
            .task_definition(revision)
            .rollout_state(state)
            .rollout_state_reason("ECS says so")
            .running_count(running)
            .build()
    }

    fn service(revision: &str, running: i32, deployments: Vec<Deployment>) -> Service {
        let service = Service::builder().task_definition(revision).running_count(running).desired_count(2);
        service.set_deployments(Some(deployments)).build()
    }

    #[test]
    fn a_deployment_is_over_when_only_its_tasks_run() {
        let new = |state, running| deployment("PRIMARY", "shop:2", state, running);
        let old = deployment("ACTIVE", "shop:1", DeploymentRolloutState::Completed, 1);
        let state = |running, deployments| State::of(&service("shop:2", running, deployments), Some("shop:2"));
        let words = |text: &str| State::InProgress(text.to_string());
        let going = new(DeploymentRolloutState::InProgress, 2);
        assert_eq!(state(3, vec![going.clone(), old]), words("3 of 2 tasks run, 1 of before"));
        assert_eq!(state(2, vec![going]), words("2 of 2 tasks run"));
        let done = new(DeploymentRolloutState::Completed, 2);
        assert_eq!(state(1, vec![done.clone()]), words("1 of 2 tasks run"));
        assert_eq!(state(2, vec![done]), State::Completed);
    }

    #[test]
    fn a_deployment_that_ecs_gave_up_failed() {
        let failed = deployment("ACTIVE", "shop:2", DeploymentRolloutState::Failed, 0);
        let back = deployment("PRIMARY", "shop:1", DeploymentRolloutState::InProgress, 2);
        let rolling_back = service("shop:1", 2, vec![back.clone(), failed]);
        assert_eq!(State::of(&rolling_back, Some("shop:2")), State::Failed("ECS says so".into()));
        let rolled_back = service("shop:1", 2, vec![back]);
        let reason = "the service went back to shop:1".to_string();
        assert_eq!(State::of(&rolled_back, Some("shop:2")), State::Failed(reason));
        assert_eq!(State::of(&rolled_back, None), State::InProgress("2 of 2 tasks run".into()));
    }

    #[test]
    fn what_ecs_cannot_do_is_said_while_it_waits() {
        let event = ServiceEvent::builder().message("(service shop) was unable to place a task: no capacity").build();
        let going = deployment("PRIMARY", "shop:2", DeploymentRolloutState::InProgress, 0);
        let mut service = service("shop:2", 0, vec![going]);
        service.events = Some(vec![event]);
        let words = "0 of 2 tasks run; (service shop) was unable to place a task: no capacity".to_string();
        assert_eq!(State::of(&service, Some("shop:2")), State::InProgress(words));
    }
}
