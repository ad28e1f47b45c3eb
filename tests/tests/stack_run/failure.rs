//! A deployment that fails, and one that was left alone while it was on its way. moto's never fail: ECS's answers are in the
//! form of its API reference.
use crate::service::ground;
use crate::stage::{self, REGION, Stage};
use e2e::fault_proxy::Fault;
use firelens_infra::{Kind, resource};
use serde_json::{Value, json};

const FAILED: Fault = Fault::Answer(
    r#"{"services": [{
        "serviceName": "shop", "status": "ACTIVE", "desiredCount": 1, "runningCount": 0, "pendingCount": 0,
        "taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:1",
        "deployments": [{
            "id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "FAILED", "desiredCount": 1, "runningCount": 0, "failedTasks": 3,
            "taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:1",
            "rolloutStateReason": "ECS deployment circuit breaker: tasks failed to start."
        }]
    }]}"#,
);

const ON_ITS_WAY: Fault = Fault::Answer(
    r#"{"services": [{
        "serviceName": "shop", "status": "ACTIVE", "desiredCount": 1, "runningCount": 0, "pendingCount": 1,
        "taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:1",
        "deployments": [{
            "id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "desiredCount": 1, "runningCount": 0,
            "taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:1"
        }]
    }]}"#,
);

const CREATED: Fault = Fault::Answer(
    r#"{"service": {
        "serviceName": "shop", "status": "ACTIVE", "desiredCount": 1, "runningCount": 0, "pendingCount": 0,
        "taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:1",
        "deployments": [{
            "id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "desiredCount": 1,
            "taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:1"
        }]
    }}"#,
);

const TASKS: Fault =
    Fault::Answer(r#"{"taskArns": ["arn:aws:ecs:eu-central-1:123456789012:task/shop/0123456789abcdef"]}"#);

const STOPPED: Fault = Fault::Answer(
    r#"{"tasks": [{
        "taskArn": "arn:aws:ecs:eu-central-1:123456789012:task/shop/0123456789abcdef", "lastStatus": "STOPPED",
        "taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:1",
        "stoppedReason": "Essential container in task exited", "stoppedAt": 1764050000.5,
        "containers": [
            {"name": "httpd", "lastStatus": "STOPPED"},
            {"name": "log_router", "lastStatus": "STOPPED", "exitCode": 1, "reason": "it is no configuration"}
        ]
    }]}"#,
);

/// Thirty lines of the router's log.
fn router_says(stage: &Stage, group: &str) {
    let logs = |call: &str, body: &Value| stage.moto.call(REGION, "logs", &format!("Logs_20140328.{call}"), body);
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis() as u64;
    let lines: Vec<Value> = (1..=30).map(|n| json!({ "timestamp": now + n, "message": format!("line {n}") })).collect();
    logs("CreateLogGroup", &json!({ "logGroupName": group }));
    for stream in ["log_router/log_router/0123456789abcdef", "log_router/log_router/other"] {
        logs("CreateLogStream", &json!({ "logGroupName": group, "logStreamName": stream }));
    }
    let stream = "log_router/log_router/0123456789abcdef";
    logs("PutLogEvents", &json!({ "logGroupName": group, "logStreamName": stream, "logEvents": lines }));
}

#[tokio::test]
async fn it_says_why_tasks_stopped_and_what_the_router_said_last() {
    let stage = Stage::set().await;
    let stack = stage::own("shop");
    ground(&stage, &stack).await;
    router_says(&stage, &stack.router_log_group());
    for (call, answer) in [
        ("ecs:CreateService", CREATED),
        ("ecs:DescribeServices", ON_ITS_WAY),
        ("ecs:DescribeServices", FAILED),
        ("ecs:ListTasks", TASKS),
        ("ecs:DescribeTasks", STOPPED),
    ] {
        stage.proxy.fail(call, answer, 1);
    }
    let error = stage.try_create(&*stage.resource(&stack, Kind::Service)).await.expect_err("it fails").to_string();
    assert!(stage.waited_for("0 of 1 tasks run, 1 start"));
    let expected = "the deployment of shop:1 to the service shop failed: ECS deployment circuit breaker: tasks failed to \
                    start.\n  task 0123456789abcdef stopped: Essential container in task exited\n    container \
                    log_router: exit code 1, it is no configuration\n  the last lines in /firelens-kit/shop/router:\n    \
                    line 11\n    line 12\n";
    assert!(error.starts_with(expected) && error.ends_with("line 30"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_said_too() {
    let stage = Stage::set().await;
    let stack = stage::own("shop");
    ground(&stage, &stack).await;
    stage.proxy.fail("ecs:CreateService", CREATED, 1);
    stage.proxy.fail("ecs:DescribeServices", FAILED, 1);
    stage.proxy.fail("ecs:ListTasks", Fault::Denied, 1);
    let error = stage.try_create(&*stage.resource(&stack, Kind::Service)).await.expect_err("it fails").to_string();
    assert!(error.contains("circuit breaker") && error.contains("`ecs:ListTasks` is missing"), "{error}");
}

#[tokio::test]
async fn a_rollout_that_was_left_alone_is_waited_for_or_begun_again() {
    let stage = Stage::set().await;
    let stack = stage::own("shop");
    ground(&stage, &stack).await;
    let service = &*stage.resource(&stack, Kind::Service);
    stage.create(service).await;
    let update = || async { resource::update(service, &stage.aws, &stage.known, &["rollout_state"], &|_| {}).await };
    stage.proxy.forget();
    stage.proxy.fail("ecs:DescribeServices", ON_ITS_WAY, 2);
    update().await.expect("it comes to its end");
    assert_eq!(stage.proxy.mutations(), Vec::<String>::new());

    stage.proxy.fail("ecs:DescribeServices", FAILED, 1);
    update().await.expect("it comes to its end");
    let again = stage.proxy.requests_of("ecs:UpdateService")[0].json();
    assert_eq!(again, json!({ "cluster": "shop", "service": "shop", "forceNewDeployment": true }));
}
