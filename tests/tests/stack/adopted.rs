//! A service of the user's: it gets the router, and is given back as it was.
use super::stage::{REGION, Stage};
use e2e::fault_proxy::Fault;
use e2e::moto::ACCOUNT;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

const ADOPTING: &str = r#"
name = "NAME"

[[container]]
name = "httpd"
stdout = ["combined"]

[[route]]
name = "rest"
to = ["archive"]

[destination.archive]
type = "firehose"

[stack.existing]
cluster = "main"
service = "web"
replace_log_driver = true
"#;

pub const DESTROY: [&str; 3] = ["destroy", "--yes", "--delete-data"];

pub fn ecs(stage: &Stage, operation: &str, body: Value) -> Value {
    stage.call("ecs", &format!("AmazonEC2ContainerServiceV20141113.{operation}"), body)
}

/// A cluster, and a service in it with two roles: all of it the user's.
fn theirs(stage: &Stage) {
    for role in ["web-task", "web-execution"] {
        let form = format!("Action=CreateRole&Version=2010-05-08&RoleName={role}&AssumeRolePolicyDocument=%7B%7D");
        stage.query("iam", &form);
    }
    let logs = json!({ "awslogs-group": "/ecs/web", "awslogs-region": REGION, "awslogs-stream-prefix": "web" });
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let definition = json!({
        "family": "web", "networkMode": "awsvpc", "cpu": "512", "memory": "1024", "requiresCompatibilities": ["FARGATE"],
        "taskRoleArn": role("web-task"), "executionRoleArn": role("web-execution"),
        "containerDefinitions": [{
            "name": "httpd", "image": "httpd:2.4", "memory": 256,
            "logConfiguration": { "logDriver": "awslogs", "options": logs },
        }],
    });
    ecs(stage, "RegisterTaskDefinition", definition);
    ecs(stage, "CreateCluster", json!({ "clusterName": "main" }));
    let service = json!({
        "cluster": "main", "serviceName": "web", "desiredCount": 1, "taskDefinition": "web:1", "launchType": "FARGATE",
    });
    ecs(stage, "CreateService", service);
}

pub fn runs(stage: &Stage) -> String {
    let services = ecs(stage, "DescribeServices", json!({ "cluster": "main", "services": ["web"] }));
    let arn = services["services"][0]["taskDefinition"].as_str().unwrap().to_owned();
    arn.rsplit('/').next().unwrap().to_owned()
}

/// The names of the inline policies in the user's roles.
pub fn policies(stage: &Stage) -> Vec<String> {
    let of = |role| stage.query("iam", &format!("Action=ListRolePolicies&Version=2010-05-08&RoleName={role}"));
    let texts = ["web-task", "web-execution"].map(of);
    let names = texts.iter().flat_map(|text| text.split("<member>").skip(1));
    names.map(|name| name.split('<').next().unwrap().to_owned()).collect()
}

/// What AWS's tagging API says of task definitions, which moto's does not.
const TAGGED: &str = r#"{"PaginationToken": "", "ResourceTagMappingList": [
    {"ResourceARN": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1"},
    {"ResourceARN": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:2"}
]}"#;

#[test]
fn a_service_gets_the_router_and_is_given_back() {
    let stage = Stage::set();
    stage.write("shop", ADOPTING);
    theirs(&stage);
    let before = stage.everything();
    stage
        .kit("shop", &["plan", "--detailed-exitcode"])
        .code(1)
        .says("~ service main/web")
        .says("~ task definition web")
        .says("    -         \"logDriver\": \"awslogs\",")
        .says("    +         \"logDriver\": \"awsfirelens\",")
        .says("    +       \"name\": \"log_router\",")
        .says("log_router       (none) -> shop");

    stage.deploy("shop").says("changed service main/web");
    assert_eq!(runs(&stage), "web:2");
    assert_eq!(policies(&stage), ["firelens-kit-shop", "firelens-kit-shop"]);
    stage.proxy.forget();
    stage.kit("shop", &["plan", "--detailed-exitcode"]).ok().says("no changes");
    stage.deploy("shop").says("no changes");
    assert_eq!(stage.proxy.mutations(), Vec::<String>::new());

    let given_back = "~ service main/web (given back: from web:2 to web:1, without the log router)";
    let plan = stage.kit("shop", &["plan", "--destroy"]).ok().says(given_back).says("1 to give back");
    assert!(!plan.stdout.contains("- service"), "{plan:?}");
    let ended = stage.kit("shop", &DESTROY).ok().says(given_back);
    let ended = ended.says("giving back service main/web").says("gave back service main/web");
    assert!(!ended.stderr.contains("deleting service"), "{ended:?}");
    assert_eq!(runs(&stage), "web:1");
    assert_eq!(stage.everything(), before);
    assert_eq!(policies(&stage), Vec::<String>::new());
    stage.kit("shop", &DESTROY).ok().says("no changes");
}

/// Nothing is left for the task to write to on AWS: our policy in the user's role goes, and the other stays.
#[test]
fn rights_of_an_adopted_service_go_with_its_last_destination() {
    let stage = Stage::set();
    stage.write("shop", ADOPTING);
    theirs(&stage);
    stage.deploy("shop");
    assert_eq!(policies(&stage), ["firelens-kit-shop", "firelens-kit-shop"]);
    stage.write("shop", &ADOPTING.replace("[destination.archive]\ntype = \"firehose\"", STDOUT));
    stage.keeps_rights.store(true, Ordering::Relaxed);
    stage.deploy("shop").says("deleted role policy web-task/firelens-kit-shop");
    assert_eq!(policies(&stage), ["firelens-kit-shop"]);
    let calls = stage.proxy.mutations();
    let at = |call: &str| calls.iter().rposition(|one| one == call);
    assert!(at("ecs:UpdateService") < at("iam:DeleteRolePolicy"), "{calls:?}");
    assert_eq!(stage.changes("shop"), Vec::<String>::new());
    stage.kit("shop", &DESTROY).ok();
    assert_eq!(policies(&stage), Vec::<String>::new());
}

const STDOUT: &str = "[destination.archive]\ntype = \"custom\"\nname = \"stdout\"";

#[test]
fn a_name_alone_does_not_take_the_router_from_a_service() {
    let stage = Stage::set();
    stage.write("shop", ADOPTING);
    theirs(&stage);
    stage.deploy("shop");
    stage.proxy.fail("tagging:GetResources", Fault::Answer(TAGGED), usize::MAX);
    stage.proxy.forget();
    let ended = stage.kit("shop", &["destroy", "--stack", "shop", "--yes"]).code(2);
    ended.says("the stack shop has its router in web:2").says("[stack.existing]");
    assert_eq!(stage.proxy.mutations(), Vec::<String>::new());
    assert_eq!(runs(&stage), "web:2");
}

/// Destroys the stack, of which nothing is left then.
fn goes_wholly(stage: &Stage) {
    stage.proxy.fail("tagging:GetResources", Fault::Answer(TAGGED), usize::MAX);
    stage.kit("shop", &DESTROY).ok().says("- task definition web").says("- role policy web-task/firelens-kit-shop");
    assert_eq!(policies(stage), Vec::<String>::new());
    let left = stage.everything();
    assert!(!left.iter().any(|name| name.contains("shop") || name.ends_with("web:2")), "{left:?}");
    assert!(left.iter().any(|name| name.ends_with("web:1")), "{left:?}");
    stage.kit("shop", &DESTROY).ok().says("no changes");
}

#[test]
fn a_stack_goes_wholly_when_the_service_has_gone_before() {
    let stage = Stage::set();
    stage.write("shop", ADOPTING);
    theirs(&stage);
    stage.deploy("shop");
    ecs(&stage, "DeleteService", json!({ "cluster": "main", "service": "web", "force": true }));
    goes_wholly(&stage);
}

#[test]
fn a_stack_goes_wholly_when_the_cluster_has_gone_before() {
    let stage = Stage::set();
    stage.write("shop", ADOPTING);
    theirs(&stage);
    stage.deploy("shop");
    ecs(&stage, "DeleteService", json!({ "cluster": "main", "service": "web", "force": true }));
    ecs(&stage, "DeleteCluster", json!({ "cluster": "main" }));
    let gone = Fault::Error(400, "ClusterNotFoundException", "Cluster not found.");
    stage.proxy.fail("ecs:DescribeServices", gone, usize::MAX);
    goes_wholly(&stage);
    stage.kit("shop", &["deploy", "--yes"]).code(2).says("no cluster `main` in eu-central-1");
}

#[test]
fn a_stack_that_never_was_is_taken_away() {
    let stage = Stage::set();
    stage.write("shop", ADOPTING);
    ecs(&stage, "CreateCluster", json!({ "clusterName": "main" }));
    stage.kit("shop", &["destroy", "--yes"]).ok().says("no changes");
}

/// The service goes on to a revision that destroy registers, and ECS refuses that for a while: the next destroy takes the same one.
#[test]
fn giving_back_goes_on_after_an_error() {
    let stage = Stage::set();
    stage.write("shop", ADOPTING);
    theirs(&stage);
    stage.deploy("shop");
    let mut release =
        ecs(&stage, "DescribeTaskDefinition", json!({ "taskDefinition": "web:2" }))["taskDefinition"].take();
    release["containerDefinitions"][0]["image"] = "httpd:2.4.67".into();
    ecs(&stage, "RegisterTaskDefinition", release);
    let arn = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/web:3");
    ecs(&stage, "UpdateService", json!({ "cluster": "main", "service": "web", "taskDefinition": arn }));
    stage.proxy.fail("ecs:UpdateService", Fault::Error(400, "InvalidParameterException", "not now"), usize::MAX);
    stage.kit("shop", &DESTROY).code(1).says("not now");
    assert_eq!(runs(&stage), "web:3");
    stage.proxy.heal();
    stage.proxy.forget();
    stage.kit("shop", &DESTROY).ok().says("given back: from web:3 to web:4");
    assert!(!stage.proxy.mutations().contains(&"ecs:RegisterTaskDefinition".to_owned()));
    assert_eq!(runs(&stage), "web:4");
    let back = ecs(&stage, "DescribeTaskDefinition", json!({ "taskDefinition": "web:4" }));
    let containers = back["taskDefinition"]["containerDefinitions"].as_array().unwrap();
    assert_eq!((containers.len(), &containers[0]["image"]), (1, &json!("httpd:2.4.67")));
    assert_eq!(containers[0]["logConfiguration"]["logDriver"], "awslogs");
}
