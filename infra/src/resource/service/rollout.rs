//! A deployment of a service: how far it is, and whether it failed.
use super::{describe, failure, missing};
use crate::{Aws, Error, Result, aws::wait, resource::Progress};
use aws_sdk_ecs::{
    primitives::DateTime,
    types::{self, DeploymentRolloutState},
};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Longer than the circuit breaker takes to see that tasks do not start.
const PATIENCE: Duration = Duration::from_secs(1800);

/// Tasks that fail to start before a deployment is given up which has no circuit breaker: as many as the breaker lets fail
/// (developer guide, "How the Amazon ECS deployment circuit breaker detects failures": half of the desired ones, 3 at least).
const FAILED_TASKS: i32 = 3;

/// A deployment that CreateService or UpdateService began.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Begun {
    /// `ecs-svc/…`. A service tells of others beside it, which failed with the same revision, until they have drained.
    id: String,
    revision: String,
    at: Option<DateTime>,
}

impl Begun {
    /// By the answer of the call: its newest deployment. `None` where ECS does not deploy by itself.
    pub(super) fn of(service: Option<&types::Service>) -> Option<Begun> {
        let primary = primary(service?)?;
        Some(Begun {
            id: primary.id()?.to_string(),
            revision: primary.task_definition().or(service?.task_definition())?.to_string(),
            at: primary.created_at().copied(),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Completed,
    /// How far it is.
    InProgress(String),
    /// Why.
    Failed(String),
    /// The service does not tell of it: not yet, or not any more.
    Unknown(String),
}

impl State {
    /// How the service's newest deployment is.
    pub(super) fn of(service: &types::Service) -> State {
        match primary(service) {
            Some(deployment) => State::of_primary(service, deployment),
            // Of another deployment controller: by its tasks.
            None if service.running_count() == service.desired_count() => State::Completed,
            None => State::InProgress(in_words(service)),
        }
    }

    /// How a deployment is, by its id.
    fn of_begun(service: &types::Service, begun: &Begun) -> State {
        let now = service.task_definition().unwrap_or("no revision");
        let Some(deployment) = service.deployments().iter().find(|one| one.id() == Some(&begun.id)) else {
            let later = primary(service).and_then(types::Deployment::created_at).zip(begun.at.as_ref());
            return match later.is_some_and(|(later, begun)| later > begun) {
                true => State::Failed(format!("the service went on to {now}")),
                false => State::Unknown(format!("the service went back to {now}")),
            };
        };
        match deployment.status() {
            Some("PRIMARY") => State::of_primary(service, deployment),
            _ if deployment.rollout_state() == Some(&DeploymentRolloutState::Failed) => {
                State::Failed(reason(deployment))
            }
            _ => State::Failed(format!("the service went on to {now}")),
        }
    }

    fn of_primary(service: &types::Service, deployment: &types::Deployment) -> State {
        match deployment.rollout_state() {
            Some(DeploymentRolloutState::Failed) => return State::Failed(reason(deployment)),
            Some(state) if *state != DeploymentRolloutState::Completed => {}
            // Those before it are told of until they have drained.
            _ if service.running_count() == service.desired_count() && before(service) == 0 => return State::Completed,
            _ => {}
        }
        let failed = deployment.failed_tasks();
        if !has_breaker(service) && failed >= FAILED_TASKS.max(deployment.desired_count() / 2) {
            return State::Failed(format!("{failed} tasks failed to start, and the service has no circuit breaker"));
        }
        State::InProgress(in_words(service))
    }

    /// As ECS says it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            State::Completed => "COMPLETED",
            State::InProgress(_) | State::Unknown(_) => "IN_PROGRESS",
            State::Failed(_) => "FAILED",
        }
    }
}

fn primary(service: &types::Service) -> Option<&types::Deployment> {
    service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"))
}

fn reason(deployment: &types::Deployment) -> String {
    deployment.rollout_state_reason().unwrap_or("ECS gives no reason").to_string()
}

/// Tasks of the deployments before the newest.
fn before(service: &types::Service) -> i32 {
    let old = service.deployments().iter().filter(|deployment| deployment.status() != Some("PRIMARY"));
    old.map(types::Deployment::running_count).sum()
}

/// ECS gives up a deployment whose tasks do not start.
pub(super) fn has_breaker(service: &types::Service) -> bool {
    let breaker =
        service.deployment_configuration().and_then(|configuration| configuration.deployment_circuit_breaker());
    breaker.is_some_and(types::DeploymentCircuitBreaker::enable)
}

/// How long a deployment may take: longer where the service's strategy lets old and new tasks run side by side for a time
/// (`BLUE_GREEN`, `LINEAR`, `CANARY`; Amazon ECS API reference, DeploymentConfiguration).
pub(super) fn patience(service: &types::Service) -> Duration {
    let Some(configuration) = service.deployment_configuration() else { return PATIENCE };
    let minutes = |minutes: Option<i32>| u64::from(minutes.unwrap_or(0).unsigned_abs());
    let linear = configuration.linear_configuration().map_or(0, |linear| {
        let steps = (100.0 / linear.step_percent().unwrap_or(10.0).max(1.0)).ceil() as u64;
        steps * minutes(linear.step_bake_time_in_minutes())
    });
    let canary = configuration.canary_configuration().map_or(0, |canary| minutes(canary.canary_bake_time_in_minutes()));
    PATIENCE + Duration::from_secs(60 * (minutes(configuration.bake_time_in_minutes()) + linear + canary))
}

fn in_words(service: &types::Service) -> String {
    let mut words = format!("{} of {} tasks run", service.running_count(), service.desired_count());
    if service.pending_count() > 0 {
        words.push_str(&format!(", {} start", service.pending_count()));
    }
    let old = before(service);
    if old > 0 {
        words.push_str(&format!(", {old} of before"));
    }
    let trouble = service.events().first().and_then(|event| event.message());
    if let Some(trouble) = trouble.filter(|message| message.contains("unable to")) {
        words.push_str(&format!("; {trouble}"));
    }
    words
}

/// Waits until all tasks of the service are of the deployment; without one, of the service's newest.
///
/// # Errors
/// When ECS gives up: with the reasons of the tasks that stopped, and the end of the router's log.
pub(super) async fn settle(
    aws: &Aws,
    cluster: &str,
    name: &str,
    begun: Option<&Begun>,
    log_group: &str,
    progress: Progress<'_>,
) -> Result<()> {
    // What was just made is unknown at first, and of what was just begun ECS tells later.
    let first = wait::found(aws, &format!("service {name}"), || describe(aws, cluster, name)).await?;
    let (again, seen) = (Mutex::new(Some(first.clone())), AtomicBool::new(false));
    let until = wait::at_most(patience(&first));
    let ask = || async {
        let told = again.lock().expect("no holder of this lock panics").take();
        let told = if told.is_some() { told } else { describe(aws, cluster, name).await? };
        let Some(service) = told else {
            return if seen.load(Ordering::Relaxed) { Err(missing(cluster, name)) } else { Ok(None) };
        };
        let state = begun.map_or_else(|| State::of(&service), |begun| State::of_begun(&service, begun));
        match state {
            State::Unknown(reason) if seen.load(Ordering::Relaxed) => return Ok(Some(Err(reason))),
            State::Unknown(_) => return Ok(None),
            _ => seen.store(true, Ordering::Relaxed),
        }
        match state {
            State::Completed => Ok(Some(Ok(()))),
            State::Failed(reason) => Ok(Some(Err(reason))),
            State::InProgress(words) | State::Unknown(words) => {
                progress(&format!("waiting until all tasks run, {until}: {words}"));
                Ok(None)
            }
        }
    };
    let outcome = wait::until(aws, &format!("all tasks of the service {name} run"), patience(&first), ask).await?;
    match outcome {
        Ok(()) => Ok(()),
        Err(reason) => {
            let revision = begun.map(|begun| begun.revision.as_str()).or(first.task_definition()).unwrap_or_default();
            Err(failed(aws, cluster, name, revision, log_group, &reason).await)
        }
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
mod tests;
