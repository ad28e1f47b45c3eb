use super::*;
use aws_sdk_ecs::types::{
    Deployment, DeploymentCircuitBreaker, DeploymentConfiguration, LinearConfiguration, Service, ServiceEvent,
};

fn deployment(id: &str, status: &str, revision: &str, state: DeploymentRolloutState, running: i32) -> Deployment {
    Deployment::builder()
        .id(id)
        .status(status)
        .task_definition(revision)
        .rollout_state(state)
        .rollout_state_reason("ECS says so")
        .running_count(running)
        .build()
}

fn service(revision: &str, running: i32, deployments: Vec<Deployment>) -> Service {
    let breaker = DeploymentCircuitBreaker::builder().enable(true).rollback(true).build();
    let configuration = DeploymentConfiguration::builder().deployment_circuit_breaker(breaker).build();
    let service = Service::builder().task_definition(revision).running_count(running).desired_count(2);
    service.deployment_configuration(configuration).set_deployments(Some(deployments)).build()
}

fn begun() -> Begun {
    Begun { id: "new".into(), revision: "shop:2".into(), at: Some(DateTime::from_secs(100)) }
}

fn words(text: &str) -> State {
    State::InProgress(text.to_string())
}

#[test]
fn a_deployment_is_over_when_only_its_tasks_run() {
    let new = |state, running| deployment("new", "PRIMARY", "shop:2", state, running);
    let old = deployment("old", "ACTIVE", "shop:1", DeploymentRolloutState::Completed, 1);
    let state = |running, deployments| State::of_begun(&service("shop:2", running, deployments), &begun());
    let going = new(DeploymentRolloutState::InProgress, 2);
    assert_eq!(state(3, vec![going.clone(), old]), words("3 of 2 tasks run, 1 of before"));
    assert_eq!(state(2, vec![going]), words("2 of 2 tasks run"));
    let done = new(DeploymentRolloutState::Completed, 2);
    assert_eq!(state(1, vec![done.clone()]), words("1 of 2 tasks run"));
    assert_eq!(state(2, vec![done]), State::Completed);
}

#[test]
fn one_that_failed_before_with_the_same_revision_is_not_it() {
    let earlier = deployment("earlier", "ACTIVE", "shop:2", DeploymentRolloutState::Failed, 0);
    let going = deployment("new", "PRIMARY", "shop:2", DeploymentRolloutState::InProgress, 1);
    let both = service("shop:2", 1, vec![going, earlier.clone()]);
    assert_eq!(State::of_begun(&both, &begun()), words("1 of 2 tasks run"));
    assert_eq!(State::of(&both), words("1 of 2 tasks run"));
    let done = deployment("new", "PRIMARY", "shop:2", DeploymentRolloutState::Completed, 2);
    assert_eq!(State::of_begun(&service("shop:2", 2, vec![done, earlier]), &begun()), State::Completed);
}

#[test]
fn a_deployment_that_ecs_gave_up_failed() {
    let failed = deployment("new", "ACTIVE", "shop:2", DeploymentRolloutState::Failed, 0);
    let back = deployment("back", "PRIMARY", "shop:1", DeploymentRolloutState::InProgress, 2);
    let rolling_back = service("shop:1", 2, vec![back.clone(), failed]);
    assert_eq!(State::of_begun(&rolling_back, &begun()), State::Failed("ECS says so".into()));
    let rolled_back = service("shop:1", 2, vec![back.clone()]);
    assert_eq!(State::of_begun(&rolled_back, &begun()), State::Unknown("the service went back to shop:1".into()));
    assert_eq!(State::of(&rolled_back), words("2 of 2 tasks run"));
    let mut later = back;
    later.created_at = Some(DateTime::from_secs(200));
    let superseded = State::of_begun(&service("shop:1", 2, vec![later]), &begun());
    assert_eq!(superseded, State::Failed("the service went on to shop:1".into()));
}

#[test]
fn without_a_circuit_breaker_tasks_that_fail_are_counted() {
    let failing = |failed_tasks| {
        let going = Deployment::builder()
            .id("new")
            .status("PRIMARY")
            .task_definition("shop:2")
            .rollout_state(DeploymentRolloutState::InProgress)
            .failed_tasks(failed_tasks)
            .build();
        let mut service = service("shop:2", 2, vec![going]);
        service.deployment_configuration = None;
        State::of_begun(&service, &begun())
    };
    assert_eq!(failing(2), words("2 of 2 tasks run"));
    let reason = "3 tasks failed to start, and the service has no circuit breaker";
    assert_eq!(failing(3), State::Failed(reason.into()));
}

#[test]
fn a_strategy_with_time_to_bake_gets_that_time() {
    let mut slow = service("shop:2", 2, Vec::new());
    assert_eq!(patience(&slow), PATIENCE);
    let linear = LinearConfiguration::builder().step_percent(25.0).step_bake_time_in_minutes(10).build();
    let configuration = DeploymentConfiguration::builder().bake_time_in_minutes(5).linear_configuration(linear).build();
    slow.deployment_configuration = Some(configuration);
    assert_eq!(patience(&slow), PATIENCE + Duration::from_secs(45 * 60));
}

#[test]
fn what_ecs_cannot_do_is_said_while_it_waits() {
    let event = ServiceEvent::builder().message("(service shop) was unable to place a task: no capacity").build();
    let going = deployment("new", "PRIMARY", "shop:2", DeploymentRolloutState::InProgress, 0);
    let mut service = service("shop:2", 0, vec![going]);
    service.events = Some(vec![event]);
    let expected = words("0 of 2 tasks run; (service shop) was unable to place a task: no capacity");
    assert_eq!(State::of_begun(&service, &begun()), expected);
}
