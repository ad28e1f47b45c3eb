//! Service, tasks, the last records, and errors.
use crate::desk::now;
use crate::stage::{REGION, aws, containers, ecs, kinesis, logs, stack};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use e2e::fault_proxy::FaultProxy;
use e2e::moto::{ACCOUNT, Moto};
use firelens_infra::{
    Stack,
    observe::status::{self, Last, Status},
    stack::Run,
};
use serde_json::json;

async fn read(moto: &Moto, stack: &Stack) -> Status {
    status::read(stack, &aws(&moto.url(), ACCOUNT).await).await.expect("a status")
}

fn last<'a>(status: &'a Status, destination: &str) -> &'a Last {
    &status.destinations.iter().find(|arrival| arrival.destination == destination).expect("a destination").last
}

fn place<'a>(status: &'a Status, destination: &str) -> &'a str {
    match last(status, destination) {
        Last::Arrived { place, .. } => place,
        other => panic!("{destination}: {other:?}"),
    }
}

#[tokio::test]
async fn of_a_stack_that_is_not_there_it_is_said() {
    let moto = Moto::start();
    let status = read(&moto, &stack("nowhere")).await;
    assert!(!status.healthy);
    assert_eq!(status.problems[0], "the service nowhere is missing");
    assert_eq!(status.problems[1], "the log group /ecs/nowhere of cloudwatch is not there");
    assert_eq!(status.problems.len(), 5, "{:?}", status.problems);
    for destination in ["cloudwatch", "archive", "events", "objects"] {
        assert_eq!(*last(&status, destination), Last::Missing, "{destination}");
    }
    assert!(matches!(last(&status, "search"), Last::Unknown { .. }));
}

fn service(moto: &Moto, desired: u32) {
    ecs(moto, "CreateCluster", &json!({ "clusterName": "shop" }));
    let definition = json!({ "family": "shop", "containerDefinitions": containers() });
    ecs(moto, "RegisterTaskDefinition", &definition);
    let service = json!({
        "cluster": "shop", "serviceName": "shop", "taskDefinition": "shop", "desiredCount": desired, "launchType": "FARGATE",
    });
    ecs(moto, "CreateService", &service);
}

#[tokio::test]
async fn a_running_service_is_healthy() {
    let moto = Moto::start();
    // moto runs one task, whatever is desired.
    service(&moto, 1);
    let status = read(&moto, &Stack { destinations: Vec::new(), ..stack("shop") }).await;
    let service = status.service.as_ref().expect("a service");
    assert_eq!((service.desired, service.running, service.pending), (1, 1, 0));
    assert_eq!(service.deployments[0].status, "PRIMARY");
    assert!(status.healthy, "{:?}", status.problems);
}

#[tokio::test]
async fn the_last_record_of_each_destination_is_found() {
    let moto = Moto::start();
    let group = "/ecs/shop";
    logs(&moto, "CreateLogGroup", &json!({ "logGroupName": group }));
    for (stream, time) in [("ecs/old", now() - 60_000), ("ecs/new", now() - 1_000)] {
        logs(&moto, "CreateLogStream", &json!({ "logGroupName": group, "logStreamName": stream }));
        let events = json!([{ "timestamp": time, "message": "{}" }]);
        logs(&moto, "PutLogEvents", &json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events }));
    }
    for bucket in ["shop-archive-123456789012-eu-west-1", "shop-objects-123456789012-eu-west-1"] {
        let place = format!("<LocationConstraint>{REGION}</LocationConstraint>");
        let body = format!("<CreateBucketConfiguration>{place}</CreateBucketConfiguration>");
        moto.http(REGION, "s3", "PUT", &format!("/{bucket}"), "", body.as_bytes());
    }
    for key in [
        "logs/failures/2025/12/31/a.gz",
        "logs/rest/2026/10/09/b.gz",
        "logs/rest/2026/10/30/c.gz",
        "errors/processing-failed/d",
    ] {
        moto.http(REGION, "s3", "PUT", &format!("/shop-archive-123456789012-eu-west-1/{key}"), "", b"x");
        // S3's times are of seconds.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }
    kinesis(&moto, "CreateStream", &json!({ "StreamName": "shop-events", "ShardCount": 2 }));
    let record = json!({ "StreamName": "shop-events", "Data": STANDARD.encode("{}"), "PartitionKey": "x" });
    let put = kinesis(&moto, "PutRecord", &record);

    let status = read(&moto, &stack("shop")).await;
    assert_eq!(place(&status, "cloudwatch"), "ecs/new");
    assert_eq!(place(&status, "archive"), "logs/rest/2026/10/30/c.gz");
    assert_eq!(place(&status, "events"), put["ShardId"].as_str().unwrap());
    assert!(matches!(last(&status, "objects"), Last::Nothing { .. }));
}

/// Shards that were split take no records any more. (moto gives records to them all the same, so what arrives is not the
/// question here, but which shards are looked into.)
#[tokio::test]
async fn only_open_shards_are_looked_into() {
    let moto = Moto::start();
    kinesis(&moto, "CreateStream", &json!({ "StreamName": "shop-events", "ShardCount": 12 }));
    let double = json!({ "StreamName": "shop-events", "TargetShardCount": 16, "ScalingType": "UNIFORM_SCALING" });
    kinesis(&moto, "UpdateShardCount", &double);
    let shards = kinesis(&moto, "ListShards", &json!({ "StreamName": "shop-events" }))["Shards"].take();
    let open = |shard: &&serde_json::Value| shard["SequenceNumberRange"]["EndingSequenceNumber"].is_null();
    let id = |shard: &serde_json::Value| shard["ShardId"].as_str().unwrap().to_owned();
    let shards = shards.as_array().unwrap();
    let mut open: Vec<String> = shards.iter().filter(open).map(id).collect();
    open.sort();
    assert!(open.len() == 16 && shards.len() > 16, "{} of {} are open", open.len(), shards.len());

    let proxy = FaultProxy::start(moto.address).unwrap();
    let status = status::read(&stack("shop"), &aws(&proxy.url(), ACCOUNT).await).await.expect("a status");
    assert!(matches!(last(&status, "events"), Last::Nothing { .. }), "{:?}", status.destinations);
    let asked = proxy.requests_of("kinesis:GetShardIterator");
    let mut asked: Vec<String> = asked.iter().map(|request| id(&request.json())).collect();
    asked.sort();
    assert_eq!(asked, open);
}

#[tokio::test]
async fn what_firehose_could_not_deliver_makes_it_unhealthy_and_what_the_router_retries_does_not() {
    let moto = Moto::start();
    let put = |group: &str, message: &str| {
        logs(&moto, "CreateLogGroup", &json!({ "logGroupName": group }));
        logs(&moto, "CreateLogStream", &json!({ "logGroupName": group, "logStreamName": "x" }));
        let events = json!([
            { "timestamp": now() - 7_200_000, "message": message.replace("new", "old") },
            { "timestamp": now() - 2_000, "message": "[2026/11/25 06:00:00] [ info] all is well" },
            { "timestamp": now() - 1_000, "message": message },
        ]);
        logs(&moto, "PutLogEvents", &json!({ "logGroupName": group, "logStreamName": "x", "logEvents": events }));
    };
    put("/firelens-kit/shop/router", "[2026/11/25 06:00:00] [error] [output:s3:s3.0] new");
    let stack = Stack { run: Run::None, destinations: Vec::new(), ..stack("shop") };
    let status = read(&moto, &stack).await;
    let messages: Vec<&str> = status.router_errors.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(messages, ["[2026/11/25 06:00:00] [error] [output:s3:s3.0] new"]);
    assert!(status.healthy && status.service.is_none(), "{:?}", status.problems);

    put("/firelens-kit/shop/firehose", r#"{"errorCode":"S3.AccessDenied","errorMessage":"new"}"#);
    let status = read(&moto, &stack).await;
    assert!(status.delivery_errors.last().unwrap().message.contains("AccessDenied"));
    assert!(!status.healthy && status.problems[0].starts_with("Firehose could not deliver"), "{:?}", status.problems);
}

/// A service is healthy with the router of the last deploy only.
#[tokio::test]
async fn a_service_without_its_router_is_not_healthy() {
    let moto = Moto::start();
    service(&moto, 1);
    let stack = Stack { destinations: Vec::new(), ..stack("shop") };
    let runs = |containers: serde_json::Value, tags: serde_json::Value| {
        let definition = json!({ "family": "shop", "containerDefinitions": containers, "tags": tags });
        ecs(&moto, "RegisterTaskDefinition", &definition);
        let service = json!({ "cluster": "shop", "service": "shop", "taskDefinition": "shop" });
        ecs(&moto, "UpdateService", &service);
    };
    let problem = async || {
        let status = read(&moto, &stack).await;
        assert_eq!(status.healthy, status.problems.is_empty());
        status.problems.join("; ")
    };
    let app = &containers()[0];
    runs(json!([app]), json!([]));
    let text = problem().await;
    assert_eq!(text, "the service shop runs shop:2, which has no log router; `firelens-kit deploy` puts it back");

    let mut router = containers()[1].clone();
    router["image"] = "fluent/fluent-bit:5.0".into();
    runs(json!([app, router]), json!([]));
    assert!(problem().await.contains("runs shop:3, whose log router is not the stack's"));

    router["logConfiguration"] =
        json!({ "logDriver": "awslogs", "options": { "awslogs-group": "/firelens-kit/blog/router" } });
    runs(json!([app, router]), json!([]));
    assert!(problem().await.contains("runs shop:4, which has the log router of the stack `blog`"));

    let ours = |digest: &str| {
        let mut router = containers()[1].clone();
        router["image"] =
            format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-log-router@sha256:{digest}").into();
        router
    };
    let tags = json!([{ "key": "firelens-kit:stack", "value": "shop" }]);
    runs(json!([app, ours("02")]), tags);
    assert_eq!(problem().await, "");
    // A pipeline's copy of an earlier revision.
    runs(json!([app, ours("01")]), json!([]));
    let text = problem().await;
    let older = "runs shop:6, whose log router (sha256:01) has an older configuration than shop:5 of the last deploy (sha256:02)";
    assert!(text.contains(older), "{text}");
}
