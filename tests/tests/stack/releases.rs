//! An adopted service whose own pipeline goes on releasing between all steps of the stack's life: it registers revisions made from
//! the one that runs or from a file of its own, with the tags or without, rolls back, and scales.
use super::adopted::{DESTROY, ecs, policies, runs};
use super::stage::{REGION, Stage};
use e2e::moto::ACCOUNT;
use firelens_stack::task_definition::READ_ONLY;
use serde_json::{Value, json};

pub const ADOPTING: &str = r#"
name = "NAME"

[[container]]
name = "httpd"
stdout = ["combined"]

[[container]]
name = "worker"
stdout = ["rails"]

[[route]]
name = "rest"
to = ["archive"]

[destination.archive]
type = "firehose"

[stack]
tags = { team = "logs" }

[stack.existing]
cluster = "main"
service = "web"
replace_log_driver = true
"#;

/// Another configuration, and so another image.
fn with_a_route() -> String {
    let route = "[[route]]\nname = \"health\"\nmatch = { user_agent = { prefix = \"ELB\" } }\ndrop = true\n\n[[route]]";
    ADOPTING.replacen("[[route]]", route, 1)
}

/// The task definition in the pipeline's repository.
fn file() -> Value {
    let logs = json!({ "awslogs-group": "/ecs/web", "awslogs-region": REGION, "awslogs-stream-prefix": "web" });
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    json!({
        "family": "web", "networkMode": "awsvpc", "cpu": "1024", "memory": "2048", "requiresCompatibilities": ["FARGATE"],
        "executionRoleArn": role("web-execution"),
        "volumes": [{ "name": "htdocs" }],
        "containerDefinitions": [
            {
                "name": "httpd", "image": "httpd:2.4.65", "memory": 256,
                "logConfiguration": { "logDriver": "awslogs", "options": logs },
                "environment": [{ "name": "MODE", "value": "live" }],
                "dependsOn": [{ "containerName": "worker", "condition": "START" }],
                "mountPoints": [{ "sourceVolume": "htdocs", "containerPath": "/htdocs" }],
            },
            { "name": "worker", "image": "worker:1", "memory": 128 },
            {
                "name": "xray", "image": "xray:3", "memory": 64, "essential": false,
                "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "/ecs/xray", "awslogs-region": REGION } },
            },
        ],
    })
}

/// A cluster and a service in it, all of it the user's.
pub fn theirs(stage: &Stage) {
    for role in ["web-task", "web-execution"] {
        let form = format!("Action=CreateRole&Version=2010-05-08&RoleName={role}&AssumeRolePolicyDocument=%7B%7D");
        stage.query("iam", &form);
    }
    let mut definition = file();
    definition["tags"] = json!([{ "key": "owner", "value": "web" }]);
    ecs(stage, "RegisterTaskDefinition", definition);
    ecs(stage, "CreateCluster", json!({ "clusterName": "main" }));
    let service = json!({
        "cluster": "main", "serviceName": "web", "desiredCount": 1, "taskDefinition": "web:1", "launchType": "FARGATE",
        "tags": [{ "key": "owner", "value": "web" }],
    });
    ecs(stage, "CreateService", service);
}

/// A revision as it can be registered, with its tags.
pub fn revision(stage: &Stage, name: &str) -> Value {
    let mut answer = ecs(stage, "DescribeTaskDefinition", json!({ "taskDefinition": name, "include": ["TAGS"] }));
    let mut definition = answer["taskDefinition"].take();
    let fields = definition.as_object_mut().unwrap();
    fields.retain(|key, _| !READ_ONLY.contains(&key.as_str()));
    let mut tags = answer["tags"].as_array().cloned().unwrap_or_default();
    tags.sort_by_key(|tag| tag["key"].to_string());
    definition["tags"] = tags.into();
    definition
}

pub fn update(stage: &Stage, service: &str, change: Value) {
    let mut body = json!({ "cluster": "main", "service": service });
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    if let Some(name) = body["taskDefinition"].as_str() {
        // ECS tells of a revision by its ARN, however it was named; moto tells the name that it was given.
        body["taskDefinition"] = format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{name}").into();
    }
    ecs(stage, "UpdateService", body);
    stage.proxy.settle();
}

/// Puts another image of the app and another variable into a task definition.
fn set(definition: &mut Value, version: &str) {
    let app = &mut definition["containerDefinitions"][0];
    app["image"] = format!("httpd:{version}").into();
    let variables = app["environment"].as_array_mut().unwrap();
    variables.retain(|variable| variable["name"] != "RELEASE");
    variables.push(json!({ "name": "RELEASE", "value": version }));
}

/// How the pipeline registers revisions.
#[derive(Debug, Clone, Copy)]
pub struct Pipeline {
    pub keeps_tags: bool,
    pub keeps_router: bool,
}

impl Pipeline {
    /// As `aws ecs describe-task-definition`, `jq`, `aws ecs register-task-definition` and `aws ecs update-service` do.
    pub fn releases(self, stage: &Stage, version: &str) -> String {
        let mut definition = revision(stage, &runs(stage));
        if !self.keeps_router {
            let tags = definition["tags"].take();
            definition = file();
            definition["tags"] = tags;
        }
        if !self.keeps_tags {
            definition.as_object_mut().unwrap().remove("tags");
        }
        set(&mut definition, version);
        let answer = ecs(stage, "RegisterTaskDefinition", definition);
        let arn = answer["taskDefinition"]["taskDefinitionArn"].as_str().unwrap();
        let name = arn.rsplit('/').next().unwrap().to_owned();
        update(stage, "web", json!({ "taskDefinition": name }));
        name
    }
}

/// Everything about the user's service but which revision it runs and how far that is.
fn service(stage: &Stage) -> Value {
    let mut answer =
        ecs(stage, "DescribeServices", json!({ "cluster": "main", "services": ["web"], "include": ["TAGS"] }));
    let mut service = answer["services"][0].take();
    let fields = service.as_object_mut().unwrap();
    fields.retain(|key, _| {
        !["taskDefinition", "deployments", "events", "createdAt", "runningCount", "pendingCount", "taskSets"]
            .contains(&key.as_str())
    });
    service
}

fn httpd(stage: &Stage) -> String {
    let definition = revision(stage, &runs(stage));
    definition["containerDefinitions"][0]["image"].as_str().unwrap().to_owned()
}

fn has_router(stage: &Stage) -> bool {
    let definition = revision(stage, &runs(stage));
    let mut containers = definition["containerDefinitions"].as_array().unwrap().iter();
    containers.any(|container| !container["firelensConfiguration"].is_null())
}

/// The whole life of a stack, with a release between all steps.
fn life_with(pipeline: Pipeline) {
    let stage = Stage::set();
    stage.keeps_rights.store(true, std::sync::atomic::Ordering::Relaxed);
    stage.write("shop", ADOPTING);
    theirs(&stage);
    let (before, service_before, names) = (revision(&stage, "web:1"), service(&stage), stage.everything());

    pipeline.releases(&stage, "2.4.66");
    stage.deploy("shop");
    assert!(has_router(&stage));
    assert_eq!(httpd(&stage), "httpd:2.4.66");

    let released = pipeline.releases(&stage, "2.4.67");
    if pipeline.keeps_router {
        // What the pipeline has changed runs already, and its lost tags are no reason to roll out anything.
        assert_eq!(stage.changes("shop"), Vec::<String>::new(), "{:#}", stage.plan("shop")["actions"]);
        stage.proxy.forget();
        stage.deploy("shop").says("no changes");
        assert_eq!(stage.proxy.mutations(), Vec::<String>::new());
        assert_eq!(runs(&stage), released);
        stage.kit("shop", &["status"]).ok();
    } else {
        stage.kit("shop", &["status"]).code(1).says(&format!("{released}, which has no log router"));
        let plan = stage.kit("shop", &["plan", "--detailed-exitcode"]).code(1);
        let plan = plan.says(&format!("{released} has no log router"));
        assert!(!plan.stdout.contains("2.4.6"), "the app's image is no change: {plan:?}");
        stage.deploy("shop");
        assert!(has_router(&stage));
        assert_eq!(httpd(&stage), "httpd:2.4.67");
    }

    stage.write("shop", &with_a_route());
    let plan = stage.plan("shop");
    let changes = plan["actions"].as_array().unwrap().iter().find(|action| action["kind"] == "task_definition");
    let fields: Vec<&str> =
        changes.unwrap()["changes"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["containerDefinitions[log_router].image"]);
    stage.deploy("shop");
    assert_eq!(httpd(&stage), "httpd:2.4.67");
    let with_route = runs(&stage);
    stage.kit("shop", &["status"]).ok();

    pipeline.releases(&stage, "2.4.68");
    if pipeline.keeps_router {
        // Back to before the last deploy: an older router, which says so.
        update(&stage, "web", json!({ "taskDefinition": released }));
        let status = stage.kit("shop", &["status"]).code(1).says(&released).says("has an older configuration than");
        let older = format!("has an older configuration than {with_route} of the last deploy");
        assert!(pipeline.keeps_tags || status.stdout.contains(&older), "{}", status.stdout);
    }
    update(&stage, "web", json!({ "taskDefinition": with_route }));
    update(&stage, "web", json!({ "desiredCount": 2 }));
    assert_eq!(stage.changes("shop"), Vec::<String>::new());
    pipeline.releases(&stage, "2.4.69");
    update(&stage, "web", json!({ "desiredCount": 1 }));

    let running = runs(&stage);
    let plan = stage.kit("shop", &["plan", "--destroy"]).ok();
    if pipeline.keeps_router {
        plan.says(&running).says("containerDefinitions[httpd].logConfiguration.logDriver");
    } else {
        plan.says(&format!("{running} has no log router"));
    }
    stage.kit("shop", &DESTROY).ok();
    // Today's release as it would be without the stack.
    let mut expected = before;
    set(&mut expected, "2.4.69");
    if !pipeline.keeps_tags {
        expected["tags"] = json!([]);
    }
    let mut left = revision(&stage, &runs(&stage));
    if !pipeline.keeps_router {
        // Nothing was given back, and the tags of a release of theirs are theirs.
        left["tags"] = expected["tags"].clone();
    }
    assert_eq!(left, expected);
    assert_eq!(service(&stage), service_before);
    assert_eq!(policies(&stage), Vec::<String>::new());
    let left = stage.everything();
    let left: Vec<_> = left.into_iter().filter(|name| !name.contains(":task-definition/web:")).collect();
    let names: Vec<_> = names.into_iter().filter(|name| !name.contains(":task-definition/web:")).collect();
    assert_eq!(left, names);
    stage.kit("shop", &DESTROY).ok().says("no changes");
}

#[test]
fn releases_that_keep_router_and_tags_survive_the_stack() {
    life_with(Pipeline { keeps_tags: true, keeps_router: true });
}

#[test]
fn releases_that_keep_the_router_and_lose_the_tags_survive_the_stack() {
    life_with(Pipeline { keeps_tags: false, keeps_router: true });
}

#[test]
fn releases_that_lose_the_router_and_keep_the_tags_survive_the_stack() {
    life_with(Pipeline { keeps_tags: true, keeps_router: false });
}

#[test]
fn releases_that_lose_router_and_tags_survive_the_stack() {
    life_with(Pipeline { keeps_tags: false, keeps_router: false });
}

/// A rollback to a revision from before the stack: there is nothing to give back, and nothing else is lost.
#[test]
fn a_service_that_was_rolled_back_to_before_the_stack_stays_there() {
    let stage = Stage::set();
    stage.write("shop", ADOPTING);
    theirs(&stage);
    stage.deploy("shop");
    update(&stage, "web", json!({ "taskDefinition": "web:1" }));
    stage.kit("shop", &["plan", "--destroy"]).ok().says("web:1 has no log router");
    stage.kit("shop", &DESTROY).ok();
    assert_eq!(runs(&stage), "web:1");
}

/// Another service of the user's runs a copy of the revision with the router.
#[test]
fn what_another_service_uses_is_not_deleted() {
    let stage = Stage::set();
    stage.write("shop", ADOPTING);
    theirs(&stage);
    stage.deploy("shop");
    let mut copy = revision(&stage, "web:2");
    copy["family"] = "batch".into();
    copy.as_object_mut().unwrap().remove("tags");
    ecs(&stage, "RegisterTaskDefinition", copy);
    ecs(&stage, "CreateCluster", json!({ "clusterName": "other" }));
    let service = json!({
        "cluster": "other", "serviceName": "batch", "desiredCount": 1, "taskDefinition": "batch:1", "launchType": "FARGATE",
    });
    ecs(&stage, "CreateService", service);
    let before = stage.everything();
    stage.proxy.forget();
    let refused = stage.kit("shop", &DESTROY).code(2);
    let refused = refused.says("other/batch").says("batch:1").says("repository shop-log-router");
    refused.says("delivery stream shop-archive").says("destroy again");
    assert_eq!(stage.proxy.mutations(), Vec::<String>::new());
    assert_eq!((stage.everything(), runs(&stage)), (before, "web:2".to_owned()));
    let stop = json!({ "cluster": "other", "service": "batch", "force": true });
    ecs(&stage, "DeleteService", stop);
    stage.kit("shop", &DESTROY).ok();
    assert_eq!(runs(&stage), "web:1");
}

/// Two stacks cannot have one service.
#[test]
fn the_router_of_another_stack_is_not_replaced_unasked() {
    let stage = Stage::set();
    stage.write("blog", ADOPTING);
    stage.write("shop", ADOPTING);
    theirs(&stage);
    stage.deploy("blog");
    let refused = stage.kit("shop", &["deploy", "--yes"]).code(2);
    refused
        .says("service main/web runs web:2, which has the log router of the stack `blog`")
        .says("replace_router = true");
    assert_eq!(runs(&stage), "web:2");
    stage.write("shop", &ADOPTING.replace("replace_log_driver", "replace_router = true\nreplace_log_driver"));
    stage.deploy("shop");
    stage.kit("blog", &["status"]).code(1).says("web:3").says("the log router of the stack `shop`");
    stage.kit("blog", &["plan", "--destroy"]).code(2).says("log group /firelens-kit/blog/router");
    stage.kit("shop", &DESTROY).ok();
    assert!(!has_router(&stage));
    stage.kit("blog", &DESTROY).ok();
    assert_eq!(runs(&stage), "web:1");
}
