//! The cluster, and a service of ours in it.
use crate::stage::{self, Stage};
use e2e::fault_proxy::Fault;
use firelens_infra::resource::{LATER, Owner, service::OwnService};
use firelens_infra::stack::{Run, Service};
use firelens_infra::{Kind, Stack};
use serde_json::json;

/// What a service needs, made.
pub async fn ground(stage: &Stage, stack: &Stack) {
    for kind in [Kind::SecurityGroup, Kind::Cluster, Kind::TaskDefinition] {
        stage.create(&*stage.resource(stack, kind)).await;
    }
}

fn with(service: Service) -> Stack {
    Stack { run: Run::Own(service), ..stage::own("shop") }
}

#[tokio::test]
async fn a_cluster_is_made_mended_and_taken_away() {
    let stage = Stage::set().await;
    let cluster = &*stage.resource(&stage::own("shop"), Kind::Cluster);
    assert_eq!(stage.read(cluster).await, None);
    let young = "Unable to assume the service linked role. Please verify that the ECS service linked role exists.";
    stage.proxy.fail("ecs:CreateCluster", Fault::Error(400, "InvalidParameterException", young), 1);
    stage.create(cluster).await;
    assert!(stage.waited_for("service-linked role"));
    stage.is_as_wanted(cluster).await;
    let arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/shop";
    stage.ecs("TagResource", &json!({ "resourceArn": arn, "tags": [{ "key": "team", "value": "other" }] }));
    assert_eq!(stage.mend(cluster).await, ["tags"]);
    stage.is_as_wanted(cluster).await;
    stage.proxy.fail("ecs:DeleteCluster", Fault::Error(400, "ClusterContainsTasksException", "tasks"), 1);
    stage.delete(cluster).await;
    assert!(stage.waited_for("last tasks"));
    assert_eq!(stage.read(cluster).await, None);
    stage.delete(cluster).await;

    stage.ecs("CreateCluster", &json!({ "clusterName": "other" }));
    let other = &*stage.resource(&stage::own("other"), Kind::Cluster);
    assert_eq!(stage.read(other).await.expect("it is there").owner, Owner::Nobody);
    let full = Fault::Error(400, "ClusterContainsServicesException", "services");
    stage.proxy.fail("ecs:DeleteCluster", full, 1);
    let error = other.delete(&stage.aws, &|_| {}).await.expect_err("it is in use").to_string();
    assert!(error.contains("services that are not the stack's"), "{error}");
}

#[tokio::test]
async fn a_service_is_made_changed_and_taken_away() {
    let stage = Stage::set().await;
    let stack = stage::own("shop");
    let service = &*stage.resource(&stack, Kind::Service);
    assert_eq!(stage.read(service).await, None);
    assert_eq!(service.wanted(&stage.known)["task_definition"], LATER);
    ground(&stage, &stack).await;
    let draining = "Unable to Start a service that is still Draining.";
    stage.proxy.fail("ecs:CreateService", Fault::Error(400, "InvalidParameterException", draining), 1);
    stage.create(service).await;
    assert!(stage.waited_for("the service of before"));
    stage.is_as_wanted(service).await;

    let sent = stage.proxy.requests_of("ecs:CreateService")[1].json();
    for (pointer, value) in [
        ("/launchType", json!("FARGATE")),
        ("/desiredCount", json!(1)),
        ("/deploymentController/type", json!("ECS")),
        ("/deploymentConfiguration/deploymentCircuitBreaker", json!({ "enable": true, "rollback": true })),
        ("/deploymentConfiguration/minimumHealthyPercent", json!(100)),
        ("/deploymentConfiguration/maximumPercent", json!(200)),
        ("/networkConfiguration/awsvpcConfiguration/assignPublicIp", json!("ENABLED")),
        ("/propagateTags", json!("SERVICE")),
        ("/enableECSManagedTags", json!(true)),
        ("/tags/0", json!({ "key": "firelens-kit:stack", "value": "shop" })),
    ] {
        assert_eq!(sent.pointer(pointer), Some(&value), "{pointer}: {sent}");
    }
    assert!(sent["clientToken"].as_str().is_some_and(|token| token.len() <= 36), "{sent}");

    let mut wanted = stage::service();
    wanted.task_definition["containerDefinitions"][0]["image"] = "httpd:2.4.66".into();
    let changed = with(wanted);
    assert_eq!(stage.mend(&*stage.resource(&changed, Kind::TaskDefinition)).await, ["containerDefinitions"]);
    let service = &*stage.resource(&changed, Kind::Service);
    assert_eq!(stage.mend(service).await, ["task_definition"]);
    stage.is_as_wanted(service).await;

    stage.proxy.forget();
    stage.delete(service).await;
    assert_eq!(stage.proxy.mutations(), ["ecs:DeleteService"]);
    assert_eq!(stage.proxy.requests_of("ecs:DeleteService")[0].json()["force"], true);
    assert_eq!(stage.read(service).await, None);
    stage.delete(service).await;
}

#[tokio::test]
async fn what_is_changed_by_hand_shows_and_is_mended() {
    let stage = Stage::set().await;
    let stack = stage::own("shop");
    ground(&stage, &stack).await;
    let service = &*stage.resource(&stack, Kind::Service);
    stage.create(service).await;
    let foreign = json!({ "family": "theirs", "containerDefinitions": [{ "name": "x", "image": "x", "memory": 64 }] });
    stage.ecs("RegisterTaskDefinition", &foreign);
    let by_hand = json!({
        "cluster": "shop", "service": "shop", "desiredCount": 3, "taskDefinition": "theirs:1", "propagateTags": "NONE",
    });
    stage.ecs("UpdateService", &by_hand);
    let arn = "arn:aws:ecs:eu-central-1:123456789012:service/shop/shop";
    stage.ecs("TagResource", &json!({ "resourceArn": arn, "tags": [{ "key": "team", "value": "other" }] }));
    assert_eq!(stage.mend(service).await, ["desired_count", "propagate_tags", "tags", "task_definition"]);
    stage.is_as_wanted(service).await;

    let scaled = with(Service { desired_count: None, ..stage::service() });
    stage.ecs("UpdateService", &json!({ "cluster": "shop", "service": "shop", "desiredCount": 5 }));
    stage.is_as_wanted(&*stage.resource(&scaled, Kind::Service)).await;
}

#[tokio::test]
async fn the_network_is_compared_and_sent() {
    let stage = Stage::set().await;
    let stack = stage::own("shop");
    ground(&stage, &stack).await;
    stage.create(&*stage.resource(&stack, Kind::Service)).await;
    let vpc = stage.aws.default_vpc().await.expect("one");
    let subnet = stage.aws.subnets(&vpc, true).await.expect("subnets")[0].id.clone();
    let wanted = Service { subnets: vec![subnet.clone()], public_ip: false, ..stage::service() };
    let service = &*stage.resource(&with(wanted), Kind::Service);
    assert_eq!(stage.differences(service).await, ["assign_public_ip", "subnets"]);
    stage.mend(service).await;
    let sent = stage.proxy.requests_of("ecs:UpdateService")[0].json();
    let network = &sent["networkConfiguration"]["awsvpcConfiguration"];
    assert_eq!(network["subnets"], json!([subnet]));
    assert_eq!(network["assignPublicIp"], "DISABLED");
    assert!(network["securityGroups"][0].as_str().is_some_and(|group| group.starts_with("sg-")), "{sent}");
}

#[tokio::test]
async fn a_service_of_the_name_that_is_not_ours_stays() {
    let stage = Stage::set().await;
    let stack = stage::own("shop");
    ground(&stage, &stack).await;
    let theirs = json!({
        "cluster": "shop", "serviceName": "shop", "desiredCount": 1, "taskDefinition": "shop:1", "launchType": "FARGATE",
    });
    stage.ecs("CreateService", &theirs);
    let service = &*stage.resource(&stack, Kind::Service);
    assert_eq!(stage.read(service).await.expect("it is there").owner, Owner::Nobody);
    stage.delete(service).await;
    assert!(stage.read(service).await.is_some());
    let left = OwnService::left_over("shop", "shop/shop");
    stage.delete(&left).await;
    assert!(stage.read(&left).await.is_some());
}

#[tokio::test]
async fn a_service_whose_making_was_cut_off_is_found() {
    let stage = Stage::set().await;
    let stack = stage::own("shop");
    ground(&stage, &stack).await;
    let service = &*stage.resource(&stack, Kind::Service);
    stage.proxy.fail("ecs:DescribeServices", Fault::Denied, 1);
    let error = stage.try_create(service).await.expect_err("it is cut off");
    assert_eq!(error.permission(), Some("ecs:DescribeServices"));
    stage.is_as_wanted(service).await;
}
