//! Stacks whose policies are written down and tried.
use firelens_infra::{
    Place, Stack,
    stack::{
        Bucket, Compression, DataStream, DeliveryStream, Destination, Existing, Lifecycle, LogGroup, Registry, Run,
        Service, Target,
    },
};
use serde_json::json;

pub struct Example {
    pub name: &'static str,
    pub stack: Stack,
    pub place: Place,
}

pub fn all() -> Vec<Example> {
    vec![shop(), keys(), china(), adopted(), elsewhere()]
}

fn place(partition: &str, region: &str) -> Place {
    Place { partition: partition.into(), account: "123456789012".into(), region: region.into(), plain_http: false }
}

/// CloudWatch Logs, and Firehose into a bucket; the app's image is in ECR, and has a secret.
pub fn shop() -> Example {
    let stack = Stack {
        destinations: vec![
            destination("cloudwatch", Target::LogGroup(log_group("/ecs/shop/httpd"))),
            destination("archive", Target::DeliveryStream(delivery_stream("shop-archive"))),
        ],
        run: Run::Own(Service {
            vpc: None,
            subnets: Vec::new(),
            public_ip: true,
            security_groups: Vec::new(),
            desired_count: Some(1),
            port: Some(80),
            ingress: vec!["0.0.0.0/0".into()],
            task_definition: json!({ "containerDefinitions": [
                {
                    "name": "httpd",
                    "memory": 128,
                    "image": "210987654321.dkr.ecr.us-east-1.amazonaws.com/team/httpd:2.4",
                    "secrets": [
                        {
                            "name": "TOKEN",
                            "valueFrom":
                                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/token-AbCdEf:key:AWSCURRENT:",
                        },
                        { "name": "MODE", "valueFrom": "/shop/mode" },
                    ],
                    "logConfiguration": { "logDriver": "awsfirelens" },
                },
                {
                    "name": "log_router",
                    "memory": 128,
                    "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-log-router@sha256:00",
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": { "awslogs-group": "/firelens-kit/shop/router" },
                    },
                },
            ] }),
        }),
        ..stack("shop")
    };
    Example { name: "shop", stack, place: place("aws", "eu-west-1") }
}

/// Every kind of destination, each encrypted, with keys of its own or the stack's.
pub fn keys() -> Example {
    let key = |id: &str| Some(format!("arn:aws:kms:eu-west-1:123456789012:key/{id}"));
    let archive = Bucket { kms_key: key("bucket"), ..bucket(None) };
    let stack = Stack {
        kms_key: key("stack"),
        secrets: vec![
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/token-AbCdEf".into(),
            "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/mode".into(),
        ],
        secret_keys: key("secrets").into_iter().collect(),
        grants: Vec::new(),
        destinations: vec![
            destination("cloudwatch", Target::LogGroup(LogGroup { kms_key: key("logs"), ..log_group("/keys/httpd") })),
            destination(
                "archive",
                Target::DeliveryStream(DeliveryStream {
                    bucket: archive,
                    kms_key: key("delivery"),
                    prefix: "logs/!{timestamp:yyyy}/".into(),
                    ..delivery_stream("keys-archive")
                }),
            ),
            destination("by-route", Target::DeliveryStream(delivery_stream("keys-by-route"))),
            destination(
                "events",
                Target::DataStream(DataStream {
                    name: "keys-events".into(),
                    shards: None,
                    retention_hours: 24,
                    kms_key: key("events"),
                }),
            ),
            destination("objects", Target::Bucket(bucket(Some("keys-objects")))),
        ],
        registry: Registry::Ecr { kms_key: key("images") },
        ..stack("keys")
    };
    Example { name: "keys", stack, place: place("aws", "eu-west-1") }
}

/// Another partition, with other names of services in KMS' conditions.
fn china() -> Example {
    let key = Some("arn:aws-cn:kms:cn-north-1:123456789012:key/stack".to_string());
    let destinations = vec![
        destination("archive", Target::DeliveryStream(delivery_stream("shop-archive"))),
        destination("objects", Target::Bucket(bucket(None))),
    ];
    let stack = Stack { kms_key: key, destinations, ..stack("shop") };
    Example { name: "china", stack, place: place("aws-cn", "cn-north-1") }
}

/// The service, its cluster and the destinations are there already.
pub fn adopted() -> Example {
    let existing = |name: &str, target| Destination { existing: true, ..destination(name, target) };
    let stack = Stack {
        kms_key: Some("arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/stack".into()),
        destinations: vec![
            existing("cloudwatch", Target::LogGroup(log_group("/ecs/legacy"))),
            existing("archive", Target::DeliveryStream(delivery_stream("legacy-archive"))),
            existing("objects", Target::Bucket(bucket(Some("legacy-objects")))),
        ],
        run: Run::Existing(Existing {
            cluster: "legacy".into(),
            service: "web".into(),
            task_definition: json!({ "containerDefinitions": [
                { "name": "web", "image": "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/web:1" },
            ] }),
            task_role: Some("web-task".into()),
            execution_role: Some("web-execution".into()),
            ..Existing::default()
        }),
        ..stack("legacy")
    };
    Example { name: "adopted", stack, place: place("aws-us-gov", "us-gov-west-1") }
}

/// Nothing of what it writes to is on AWS, and the image is not in ECR.
fn elsewhere() -> Example {
    let stack = Stack {
        destinations: vec![destination("search", Target::Other)],
        registry: Registry::Other("registry.example.com/log-router".into()),
        ..stack("elsewhere")
    };
    Example { name: "elsewhere", stack, place: place("aws", "us-east-1") }
}

fn stack(name: &str) -> Stack {
    Stack { tags: [("team".to_string(), "web".to_string())].into(), log_retention_days: 14, ..Stack::named(name) }
}

fn destination(name: &str, target: Target) -> Destination {
    Destination { name: name.into(), target, existing: false }
}

fn log_group(name: &str) -> LogGroup {
    LogGroup { name: name.into(), retention_days: Some(14), kms_key: None }
}

fn bucket(name: Option<&str>) -> Bucket {
    Bucket { name: name.map(str::to_string), kms_key: None, lifecycle: Lifecycle::default() }
}

fn delivery_stream(name: &str) -> DeliveryStream {
    DeliveryStream {
        name: name.into(),
        bucket: bucket(None),
        existing_bucket: false,
        prefix: "logs/!{partitionKeyFromQuery:route}/!{timestamp:yyyy/MM/dd}/".into(),
        error_prefix: "errors/!{firehose:error-output-type}/".into(),
        compression: Compression::Gzip,
        buffer_mib: 64,
        buffer_seconds: 60,
        partition_by_route: true,
        kms_key: None,
    }
}
