//! A stack, made by hand.
use aws_credential_types::Credentials;
use e2e::moto::Moto;
use firelens_infra::{
    Aws, Stack,
    aws::Options,
    stack::{Bucket, Compression, DataStream, DeliveryStream, Destination, Lifecycle, LogGroup, Run, Service, Target},
};
use serde_json::{Value, json};

pub const REGION: &str = "eu-west-1";

/// In an account of its own, so that tests do not see each other.
pub async fn aws(url: &str, account: &str) -> Aws {
    let options = Options {
        region: Some(REGION.into()),
        endpoint_url: Some(url.into()),
        credentials: Some(Credentials::new("test", "test", None, None, "test")),
        ..Options::default()
    };
    let aws = Aws::load(&options).await.expect("moto knows us");
    if account == e2e::moto::ACCOUNT {
        return aws;
    }
    let role = format!("arn:aws:iam::{account}:role/test");
    Aws::load(&Options { assume_role: Some(role), ..options }).await.expect("moto lets everybody be anybody")
}

pub fn stack(name: &str) -> Stack {
    let destination = |name: &str, target| Destination { name: name.into(), target, existing: false };
    let bucket = Bucket { name: None, kms_key: None, lifecycle: Lifecycle::default() };
    Stack {
        log_retention_days: 14,
        destinations: vec![
            destination(
                "cloudwatch",
                Target::LogGroup(LogGroup { name: format!("/ecs/{name}"), retention_days: Some(14), kms_key: None }),
            ),
            destination(
                "archive",
                Target::DeliveryStream(DeliveryStream {
                    name: format!("{name}-archive"),
                    bucket: bucket.clone(),
                    existing_bucket: false,
                    prefix: "logs/!{partitionKeyFromQuery:route}/!{timestamp:yyyy/MM/dd}/".into(),
                    error_prefix: "errors/".into(),
                    compression: Compression::Gzip,
                    buffer_mib: 64,
                    buffer_seconds: 60,
                    partition_by_route: true,
                    kms_key: None,
                }),
            ),
            destination(
                "events",
                Target::DataStream(DataStream {
                    name: format!("{name}-events"),
                    shards: Some(2),
                    retention_hours: 24,
                    kms_key: None,
                }),
            ),
            destination("objects", Target::Bucket(bucket)),
            destination("search", Target::Other),
        ],
        run: Run::Own(Service {
            vpc: None,
            subnets: Vec::new(),
            public_ip: true,
            security_groups: Vec::new(),
            desired_count: Some(2),
            port: Some(80),
            ingress: Vec::new(),
            task_definition: json!({ "containerDefinitions": containers() }),
        }),
        ..Stack::named(name)
    }
}

pub fn containers() -> Value {
    json!([
        { "name": "httpd", "image": "httpd:2.4", "memory": 128 },
        {
            "name": "log_router",
            "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-log-router@sha256:01",
            "memory": 128,
            "firelensConfiguration": { "type": "fluentbit" },
        },
    ])
}

/// A call to ECS.
pub fn ecs(moto: &Moto, call: &str, body: &Value) -> Value {
    moto.call(REGION, "ecs", &format!("AmazonEC2ContainerServiceV20141113.{call}"), body)
}

/// A call to CloudWatch Logs.
pub fn logs(moto: &Moto, call: &str, body: &Value) -> Value {
    moto.call(REGION, "logs", &format!("Logs_20140328.{call}"), body)
}

/// A call to Kinesis.
pub fn kinesis(moto: &Moto, call: &str, body: &Value) -> Value {
    moto.call(REGION, "kinesis", &format!("Kinesis_20131202.{call}"), body)
}
