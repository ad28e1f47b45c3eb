//! What requests are about.
use crate::fault_proxy::Request;
use crate::http::Answer;
use serde_json::Value;

/// Something in the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Thing {
    pub kind: &'static str,
    pub name: String,
}

impl Thing {
    fn new(kind: &'static str, name: impl Into<String>) -> Thing {
        Thing { kind, name: name.into() }
    }
}

/// What a call has made: a security group is known by its id, and looked for by its name.
pub(super) fn made(request: &Request, answer: &Answer) -> Vec<Thing> {
    let name = (request.call == "ec2:CreateSecurityGroup").then(|| parameter(request, "GroupName")).flatten();
    let name = name.map(|name| Thing::new("security-group-name", name));
    made_one(request, answer).into_iter().chain(name).collect()
}

fn made_one(request: &Request, answer: &Answer) -> Option<Thing> {
    match request.call.as_str() {
        "ecs:RegisterTaskDefinition" => {
            let answer: Value = serde_json::from_slice(&answer.body).ok()?;
            Some(Thing::new("revision", answer["taskDefinition"]["taskDefinitionArn"].as_str()?))
        }
        "ec2:CreateSecurityGroup" => {
            Some(Thing::new("security-group", answer.text().split_once("<groupId>")?.1.split('<').next()?))
        }
        _ => to_make(request),
    }
}

/// What a call is to make, where its name is in the request.
pub(super) fn to_make(request: &Request) -> Option<Thing> {
    let body = body(request);
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let (kind, name) = match request.call.as_str() {
        "logs:CreateLogGroup" => ("group", text("logGroupName")?),
        "logs:CreateLogStream" => ("log-stream", format!("{}:{}", text("logGroupName")?, text("logStreamName")?)),
        "kinesis:CreateStream" => ("data-stream", text("StreamName")?),
        "firehose:CreateDeliveryStream" => ("delivery-stream", text("DeliveryStreamName")?),
        "ecr:CreateRepository" => ("repository", text("repositoryName")?),
        "ecs:CreateCluster" => ("cluster", text("clusterName")?),
        "ecs:CreateService" => ("service", text("serviceName")?),
        "iam:CreateRole" => ("role", parameter(request, "RoleName")?),
        call => ("bucket", bucket(call.strip_prefix("s3:PUT ")?, true)?),
    };
    Some(Thing::new(kind, name))
}

/// What a call is to take away.
pub(super) fn removed(request: &Request) -> Option<Thing> {
    let body = body(request);
    let text = |name: &str| body[name].as_str().map(|text| tail(text).to_owned());
    let (kind, name) = match request.call.as_str() {
        "logs:DeleteLogGroup" => ("group", body["logGroupName"].as_str()?.to_owned()),
        "logs:DeleteLogStream" => {
            let name = |name: &str| body[name].as_str();
            ("log-stream", format!("{}:{}", name("logGroupName")?, name("logStreamName")?))
        }
        "kinesis:DeleteStream" => ("data-stream", text("StreamName")?),
        "firehose:DeleteDeliveryStream" => ("delivery-stream", text("DeliveryStreamName")?),
        "ecr:DeleteRepository" => ("repository", text("repositoryName")?),
        "ecs:DeleteCluster" => ("cluster", text("cluster")?),
        "ecs:DeleteService" => ("service", text("service")?),
        "iam:DeleteRole" => ("role", parameter(request, "RoleName")?),
        "ec2:DeleteSecurityGroup" => ("security-group", parameter(request, "GroupId")?),
        call => ("bucket", bucket(call.strip_prefix("s3:DELETE ")?, true)?),
    };
    Some(Thing::new(kind, name))
}

/// All that a request names.
pub(super) fn named(request: &Request) -> Vec<Thing> {
    let body = body(request);
    let mut things = Vec::new();
    let mut add = |kind, name: Option<&str>| things.extend(name.map(|name| Thing::new(kind, name)));
    let text = |name: &str| body[name].as_str();
    let each = |name: &str| body[name].as_array().into_iter().flatten().filter_map(Value::as_str);
    match request.service() {
        "s3" => {
            let path = request.call.split(' ').nth(1).unwrap_or_default();
            add("bucket", bucket(path, false).as_deref());
        }
        "iam" => add("role", parameter(request, "RoleName").as_deref()),
        "ec2" => {
            add("security-group", parameter(request, "GroupId").as_deref());
            add("security-group", parameter(request, "ResourceId.1").as_deref());
            if request.call == "ec2:DescribeSecurityGroups" {
                add("security-group-name", parameter(request, "Filter.1.Value.1").as_deref());
            }
        }
        "logs" => {
            let group = text("logGroupName").or(text("logGroupNamePrefix"));
            let of_arn = text("resourceArn").and_then(|arn| arn.split_once(":log-group:")).map(|(_, name)| name);
            add("group", group.or(of_arn));
            if let (Some(group), Some(stream)) = (group, text("logStreamName")) {
                add("log-stream", Some(&format!("{group}:{stream}")));
            }
        }
        "kinesis" => add("data-stream", text("StreamName").or(text("StreamARN")).map(tail)),
        "firehose" => {
            add("delivery-stream", text("DeliveryStreamName"));
            let to = &body["ExtendedS3DestinationConfiguration"]["RoleARN"];
            add("role", to.as_str().map(tail));
        }
        "ecr" => {
            add("repository", text("repositoryName"));
            each("repositoryNames").for_each(|name| add("repository", Some(name)));
        }
        "ecs" => {
            add("cluster", text("cluster").map(tail));
            each("clusters").for_each(|name| add("cluster", Some(tail(name))));
            add("service", text("service").or(text("serviceName")).map(tail));
            each("services").for_each(|name| add("service", Some(tail(name))));
            add("role", text("taskRoleArn").map(tail));
            add("role", text("executionRoleArn").map(tail));
            add("revision", text("taskDefinition"));
            let arn = text("resourceArn").unwrap_or_default();
            let kind = if arn.contains(":cluster/") { "cluster" } else { "service" };
            add(kind, Some(tail(arn)));
            let groups = &body["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"];
            groups.as_array().into_iter().flatten().for_each(|group| add("security-group", group.as_str()));
        }
        _ => {}
    }
    things
}

/// What a request says in JSON; nothing when it is a form.
pub(super) fn body(request: &Request) -> Value {
    match request.head.header("x-amz-target") {
        Some(_) => serde_json::from_slice(&request.body).unwrap_or_default(),
        None => Value::Null,
    }
}

pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    let mut form = form_urlencoded::parse(&request.body);
    form.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The bucket of `/bucket/key?query`; `only`: when there is neither key nor query.
fn bucket(path: &str, only: bool) -> Option<String> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (name, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    let whole = key.is_empty() && query.split('&').all(|pair| pair.is_empty() || pair.starts_with("x-id="));
    (!name.is_empty() && (whole || !only)).then(|| name.to_owned())
}

/// The name at an ARN's end.
fn tail(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
