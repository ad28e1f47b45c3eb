//! A service of the user's: it gets a revision with the router, and its own back in the end.
use crate::stage::{self, Stage};
use e2e::fault_proxy::Fault;
use firelens_infra::resource::service::task_definition_of;
use firelens_infra::resource::{self, Owner};
use firelens_infra::{Kind, Stack};
use serde_json::{Value, json};

/// The user's cluster and service, running `web:1`.
pub fn theirs(stage: &Stage) {
    let container = json!({ "name": "httpd", "image": "httpd:2.4.65", "memory": 128 });
    let definition = json!({
        "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [container],
        "taskRoleArn": "arn:aws:iam::123456789012:role/app/web-task",
        "executionRoleArn": "arn:aws:iam::123456789012:role/web-execution",
        // Of a stack of CloudFormation's, which AWS tags itself.
        "tags": [{ "key": "owner", "value": "web" }, { "key": "aws:cloudformation:stack-name", "value": "web" }],
    });
    stage.ecs("RegisterTaskDefinition", &definition);
    stage.ecs("CreateCluster", &json!({ "clusterName": "main", "tags": [{ "key": "owner", "value": "web" }] }));
    let service = json!({
        "cluster": "main", "serviceName": "web", "desiredCount": 1, "taskDefinition": "web:1", "launchType": "FARGATE",
        "tags": [{ "key": "owner", "value": "web" }],
    });
    stage.ecs("CreateService", &service);
}

/// The stack that puts this router beside what the service runs.
pub async fn with_router(stage: &Stage, image: &str) -> Stack {
    let definition = task_definition_of(&stage.aws, "main", "web").await.expect("ECS answers");
    let from = definition.expect("it runs one");
    assert_eq!(from.get("revision"), None);
    let mut definition = from.clone();
    let containers = definition["containerDefinitions"].as_array_mut().expect("containers");
    containers.retain(|container| container["name"] != "log_router");
    containers.push(json!({ "name": "log_router", "image": image, "firelensConfiguration": { "type": "fluentbit" } }));
    stage::existing("shop", &from, definition)
}

async fn deploy(stage: &Stage, stack: &Stack) {
    let (definition, service) = (stage.resource(stack, Kind::TaskDefinition), stage.resource(stack, Kind::Service));
    stage.mend(&*definition).await;
    assert!(stage.mend(&*service).await.contains(&"task_definition".to_string()));
    stage.is_as_wanted(&*definition).await;
    stage.is_as_wanted(&*service).await;
}

pub fn runs(stage: &Stage) -> Value {
    let services = stage.ecs("DescribeServices", &json!({ "cluster": "main", "services": ["web"] }));
    let arn = services["services"][0]["taskDefinition"].as_str().expect("an ARN").to_string();
    arn.rsplit('/').next().expect("a revision").into()
}

pub const ROUTER: &str = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop-log-router@sha256:";

#[tokio::test]
async fn it_runs_ours_and_its_own_again() {
    let stage = Stage::set().await;
    theirs(&stage);
    let stack = with_router(&stage, &format!("{ROUTER}01")).await;
    deploy(&stage, &stack).await;
    assert_eq!(runs(&stage), "web:2");
    let sent = stage.proxy.requests_of("ecs:RegisterTaskDefinition")[0].json();
    let tag = |key: &str| {
        let tags = sent["tags"].as_array().expect("tags").iter();
        tags.filter(|tag| tag["key"] == key).map(|tag| tag["value"].as_str().expect("text").to_string()).next()
    };
    assert_eq!(tag("owner").as_deref(), Some("web"));
    assert_eq!(tag("firelens-kit:stack").as_deref(), Some("shop"));
    let before = "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1";
    assert_eq!(tag("firelens-kit:before").as_deref(), Some(before));
    assert_eq!(sent["taskRoleArn"], "arn:aws:iam::123456789012:role/app/web-task");

    let stack = with_router(&stage, &format!("{ROUTER}02")).await;
    deploy(&stage, &stack).await;
    assert_eq!(runs(&stage), "web:3");

    let (definition, service) = (stage.resource(&stack, Kind::TaskDefinition), stage.resource(&stack, Kind::Service));
    stage.proxy.forget();
    stage.delete(&*service).await;
    stage.delete(&*definition).await;
    assert_eq!(runs(&stage), "web:1");
    let update = stage.proxy.requests_of("ecs:UpdateService")[0].json();
    assert_eq!(update, json!({ "cluster": "main", "service": "web", "taskDefinition": before }));
    let left = stage.ecs("ListTaskDefinitions", &json!({ "familyPrefix": "web" }));
    assert_eq!(left["taskDefinitionArns"], json!([before]));
    let found = stage.read(&*definition).await.expect("the service runs one");
    assert_eq!((found.owner, found.physical.as_deref()), (Owner::Nobody, Some(before)));

    stage.proxy.forget();
    stage.delete(&*service).await;
    stage.delete(&*definition).await;
    assert_eq!(stage.proxy.mutations(), Vec::<String>::new());
}

/// The service of theirs goes on to this revision.
fn goes_on_to(stage: &Stage, revision: &str) {
    // ECS tells of it by its ARN, however it was named; moto tells what it was given.
    let arn = format!("arn:aws:ecs:eu-central-1:123456789012:task-definition/{revision}");
    stage.ecs("UpdateService", &json!({ "cluster": "main", "service": "web", "taskDefinition": arn }));
}

/// A service whose new tasks do not start, as ECS tells of it.
const FAILS_WITHOUT_BREAKER: Fault = Fault::Answer(
    r#"{"services": [{
        "serviceName": "web", "status": "ACTIVE", "desiredCount": 1, "runningCount": 1, "pendingCount": 0,
        "taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:2",
        "deployments": [{
            "id": "ecs-svc/0000000000000000001", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "desiredCount": 1,
            "failedTasks": 3, "taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:2"
        }]
    }]}"#,
);

#[tokio::test]
async fn without_a_circuit_breaker_a_revision_that_fails_is_taken_back() {
    let stage = Stage::set().await;
    theirs(&stage);
    let stack = with_router(&stage, &format!("{ROUTER}01")).await;
    let (definition, service) = (stage.resource(&stack, Kind::TaskDefinition), stage.resource(&stack, Kind::Service));
    stage.create(&*definition).await;
    let failing = async {
        while stage.proxy.requests_of("ecs:UpdateService").is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        stage.proxy.fail("ecs:DescribeServices", FAILS_WITHOUT_BREAKER, 4);
    };
    let update = resource::update(&*service, &stage.aws, &stage.known, &["task_definition"], &|_| {});
    let (updated, ()) = tokio::join!(update, failing);
    let error = updated.expect_err("its tasks do not start").to_string();
    assert!(error.contains("3 tasks failed to start, and the service has no circuit breaker"), "{error}");
    assert!(error.contains("the service runs web:1 again"), "{error}");
    assert_eq!(runs(&stage), "web:1");
}

#[tokio::test]
async fn a_revision_before_that_was_deregistered_is_registered_again() {
    let stage = Stage::set().await;
    theirs(&stage);
    let stack = with_router(&stage, &format!("{ROUTER}01")).await;
    deploy(&stage, &stack).await;
    stage.ecs("DeregisterTaskDefinition", &json!({ "taskDefinition": "web:1" }));
    stage.proxy.forget();
    stage.delete(&*stage.resource(&stack, Kind::Service)).await;
    assert_eq!(runs(&stage), "web:3");
    let sent = stage.proxy.requests_of("ecs:RegisterTaskDefinition")[0].json();
    assert_eq!(sent["tags"], json!([{ "key": "owner", "value": "web" }]));
    assert_eq!(sent["containerDefinitions"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_pipelines_copy_is_given_back_as_it_is_but_for_the_router() {
    let stage = Stage::set().await;
    theirs(&stage);
    let stack = with_router(&stage, &format!("{ROUTER}01")).await;
    deploy(&stage, &stack).await;
    // A pipeline of theirs takes what runs, and registers it anew, without the tags.
    let copy = task_definition_of(&stage.aws, "main", "web").await.expect("ECS answers");
    let mut copy = copy.expect("it runs one");
    copy["containerDefinitions"][0]["image"] = "httpd:2.4.66".into();
    stage.ecs("RegisterTaskDefinition", &copy);
    goes_on_to(&stage, "web:3");
    let stack = with_router(&stage, &format!("{ROUTER}02")).await;
    deploy(&stage, &stack).await;
    assert_eq!(runs(&stage), "web:4");
    let before = "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1";
    let sent = stage.proxy.requests_of("ecs:RegisterTaskDefinition").pop().expect("one").json();
    let tags = sent["tags"].as_array().expect("tags");
    assert!(tags.contains(&json!({ "key": "firelens-kit:before", "value": before })), "{tags:?}");
    stage.delete(&*stage.resource(&stack, Kind::Service)).await;
    assert_eq!(runs(&stage), "web:5");
    stage.proxy.settle();
    let without = task_definition_of(&stage.aws, "main", "web").await.expect("ECS answers").expect("it runs one");
    copy["containerDefinitions"].as_array_mut().expect("containers").truncate(1);
    assert_eq!(without["containerDefinitions"], copy["containerDefinitions"]);
}

/// The tags of all revisions are lost, and the one from before is deleted.
#[tokio::test]
async fn what_nothing_tells_of_is_an_error_with_a_way_on() {
    let stage = Stage::set().await;
    theirs(&stage);
    let stack = with_router(&stage, &format!("{ROUTER}01")).await;
    let mut copy = match &stack.run {
        firelens_infra::stack::Run::Existing(existing) => existing.task_definition.clone(),
        other => panic!("{other:?}"),
    };
    copy["family"] = "moved".into();
    copy["containerDefinitions"][0]["logConfiguration"] = json!({ "logDriver": "awsfirelens" });
    stage.ecs("RegisterTaskDefinition", &copy);
    goes_on_to(&stage, "moved:1");
    let service = stage.resource(&stack, Kind::Service);
    let error = service.delete(&stage.aws, &|_| {}).await.expect_err("it cannot").to_string();
    assert!(error.contains("moved:1 cannot be given back") && error.contains("`httpd`"), "{error}");
    assert!(error.contains("aws ecs update-service --cluster main --service web"), "{error}");
    let (_, help) = service.removal(&stage.aws).await.expect("ECS answers").problem.expect("a problem");
    assert!(help.contains("destroy again"), "{help}");
    assert_eq!(runs(&stage), "moved:1");
}

/// A pipeline releases between the plan and the deploy's own revision.
#[tokio::test]
async fn a_release_while_a_deploy_is_at_work_is_not_undone() {
    let stage = Stage::set().await;
    theirs(&stage);
    let stack = with_router(&stage, &format!("{ROUTER}01")).await;
    let mut release = task_definition_of(&stage.aws, "main", "web").await.expect("ECS answers").expect("it runs one");
    release["containerDefinitions"][0]["image"] = "httpd:2.4.66".into();
    stage.ecs("RegisterTaskDefinition", &release);
    goes_on_to(&stage, "web:2");
    let error = stage.try_create(&*stage.resource(&stack, Kind::TaskDefinition)).await.expect_err("it went on");
    assert!(error.to_string().contains("runs web:2 now, which is not what the plan was made from"), "{error}");
    assert_eq!(runs(&stage), "web:2");
}

#[tokio::test]
async fn a_service_that_is_not_there_has_no_task_definition() {
    let stage = Stage::set().await;
    assert_eq!(task_definition_of(&stage.aws, "main", "web").await.expect("ECS answers"), None);
}

#[tokio::test]
async fn one_that_goes_while_it_is_given_back_is_given_back() {
    let stage = Stage::set().await;
    theirs(&stage);
    let stack = with_router(&stage, &format!("{ROUTER}01")).await;
    deploy(&stage, &stack).await;
    for code in ["ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException"] {
        stage.proxy.fail("ecs:UpdateService", Fault::Error(400, code, "it is gone"), 1);
        stage.delete(&*stage.resource(&stack, Kind::Service)).await;
    }
}
