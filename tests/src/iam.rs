//! Requests to AWS as IAM sees them: which action on which resource, under which conditions.
//!
//! Sources: Service Authorization Reference; for calls that need more than one right, the API references ("Required
//! permissions") of the services.
use crate::fault_proxy::Request;
use base64::{Engine as _, prelude::BASE64_STANDARD as STANDARD};
use serde_json::Value;
use std::collections::BTreeMap;

/// What IAM decides on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    pub action: String,
    pub resource: String,
    pub context: Vec<(String, String)>,
}

impl Act {
    /// Without conditions.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Act {
        Act { action: action.into(), resource: resource.into(), context: Vec::new() }
    }

    /// That gives these tags. The stack's own is what a policy looks at.
    fn tagging(self, tags: &BTreeMap<String, String>) -> Act {
        match tags.get(TAG) {
            Some(stack) => self.with(&format!("aws:RequestTag/{TAG}"), stack),
            None => self,
        }
    }

    fn with(mut self, key: &str, value: impl Into<String>) -> Act {
        self.context.push((key.to_string(), value.into()));
        self
    }
}

/// Where requests go.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    pub number: &'a str,
    pub region: &'a str,
    /// The stack's name: roles are named without their path, and the tag's value is not in each request.
    pub stack: &'a str,
}

const TAG: &str = "firelens-kit:stack";

/// All that a request needs. Empty: nothing needs to be allowed (`sts:GetCallerIdentity`).
pub fn acts(request: &Request, account: Account) -> Vec<Act> {
    let (service, operation) = request.call.split_once(':').expect("a call has a service");
    match service {
        "sts" => Vec::new(),
        "s3" => s3(operation, &tags_of_xml(&request.text())),
        "iam" | "ec2" => query(&request.call, &form(&request.text()), account),
        _ => json(&request.call, &request.json(), account),
    }
}

impl Account<'_> {
    fn arn(self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.number)
    }

    fn role(self, name: &str) -> String {
        let path = match name {
            _ if name.starts_with("AWSServiceRole") => "aws-service-role/ecs.amazonaws.com/".to_string(),
            _ if name.starts_with(self.stack) => format!("firelens-kit/{}/", self.stack),
            // The user's.
            _ => String::new(),
        };
        format!("arn:aws:iam::{}:role/{path}{name}", self.number)
    }
}

/// What a request to the registry behind ECR's name needs (Amazon ECR user guide, "IAM permissions for pushing an image").
pub fn registry_act(request: &Request, account: Account) -> Act {
    let line = request.head.lines.first().map_or("", String::as_str);
    let (method, path) = line.split_once(' ').expect("a method and a path");
    let path = path.split([' ', '?']).next().unwrap_or_default();
    let Some((repository, rest)) = path.strip_prefix("/v2/").and_then(|path| {
        ["/manifests/", "/blobs/"].iter().find_map(|part| path.find(part).map(|at| path.split_at(at)))
    }) else {
        return Act::new("ecr:GetAuthorizationToken", "*");
    };
    let action = match (method, rest.starts_with("/manifests/"), rest.starts_with("/blobs/uploads")) {
        ("PUT", true, _) => "ecr:PutImage",
        (_, true, _) => "ecr:BatchGetImage",
        ("POST", _, true) => "ecr:InitiateLayerUpload",
        ("PUT", _, true) => "ecr:CompleteLayerUpload",
        (_, _, true) => "ecr:UploadLayerPart",
        ("HEAD", ..) => "ecr:BatchCheckLayerAvailability",
        _ => "ecr:GetDownloadUrlForLayer",
    };
    Act::new(action, account.arn("ecr", &format!("repository/{repository}")))
}

fn json(call: &str, body: &Value, account: Account) -> Vec<Act> {
    let text = |field: &str| body[field].as_str().unwrap_or_default();
    let pass = |role: &str, service: &str| Act::new("iam:PassRole", role).with("iam:PassedToService", service);
    match call.split_once(':').expect("a call") {
        ("tagging", operation) => vec![Act::new(format!("tag:{operation}"), "*")],
        ("logs", operation) => {
            let group = account.arn("logs", &format!("log-group:{}", text("logGroupName")));
            let resource = match (text("logStreamName"), text("resourceArn")) {
                _ if operation == "DescribeLogGroups" => "*".to_string(),
                ("", "") => group,
                ("", arn) => arn.to_string(),
                (stream, _) => format!("{group}:log-stream:{stream}"),
            };
            let tags = tags_of(&body["tags"]);
            if operation == "TagResource" {
                return vec![Act::new(call, resource).tagging(&tags)];
            }
            let tag = (operation == "CreateLogGroup" && !tags.is_empty())
                .then(|| Act::new("logs:TagResource", resource.clone()).tagging(&tags));
            [Act::new(call, resource)].into_iter().chain(tag).collect()
        }
        ("firehose", operation) => {
            let stream = account.arn("firehose", &format!("deliverystream/{}", text("DeliveryStreamName")));
            let tags = tags_of(&body["Tags"]);
            if operation == "TagDeliveryStream" {
                return vec![Act::new(call, stream).tagging(&tags)];
            }
            let mut acts = vec![Act::new(call, stream.clone())];
            if operation == "CreateDeliveryStream" && !tags.is_empty() {
                acts.push(Act::new("firehose:TagDeliveryStream", stream).tagging(&tags));
            }
            let destination = ["ExtendedS3DestinationConfiguration", "ExtendedS3DestinationUpdate"];
            let roles = destination.iter().filter_map(|field| body[field]["RoleARN"].as_str());
            acts.extend(roles.map(|role| pass(role, "firehose.amazonaws.com")));
            let key = &body["DeliveryStreamEncryptionConfigurationInput"]["KeyARN"];
            acts.extend(key.as_str().map(|key| grant(key, "firehose", account)));
            acts
        }
        ("kinesis", operation) => kinesis(operation, body, account),
        ("ecr", "GetAuthorizationToken") => vec![Act::new(call, "*")],
        ("ecr", operation) => {
            let name = body["repositoryNames"][0].as_str().unwrap_or(text("repositoryName"));
            let arn = match text("resourceArn") {
                "" => account.arn("ecr", &format!("repository/{name}")),
                arn => arn.to_string(),
            };
            let tags = tags_of(&body["tags"]);
            if operation == "TagResource" {
                return vec![Act::new(call, arn).tagging(&tags)];
            }
            let mut acts = vec![Act::new(call, arn.clone())];
            if operation == "CreateRepository" {
                acts.push(Act::new("ecr:TagResource", arn).tagging(&tags));
                let key = body["encryptionConfiguration"]["kmsKey"].as_str();
                acts.extend(key.map(|key| grant(key, "ecr", account)));
            }
            acts
        }
        ("ecs", operation) => ecs(operation, body, account),
        _ => panic!("no such service: {call}"),
    }
}

/// A grant on a key, made through the service that will use it.
fn grant(key: &str, service: &str, account: Account) -> Act {
    let via = format!("{service}.{}.amazonaws.com", account.region);
    Act::new("kms:CreateGrant", key).with("kms:ViaService", via).with("kms:GrantIsForAWSResource", "true")
}

fn kinesis(operation: &str, body: &Value, account: Account) -> Vec<Act> {
    let stream = match (body["StreamARN"].as_str(), body["StreamName"].as_str()) {
        (Some(arn), _) => arn.to_string(),
        (None, Some(name)) => account.arn("kinesis", &format!("stream/{name}")),
        (None, None) => {
            let stream = body["ShardIterator"].as_str().and_then(of_iterator).unwrap_or_default();
            account.arn("kinesis", &format!("stream/{stream}"))
        }
    };
    let call = format!("kinesis:{operation}");
    match operation {
        "ListStreams" | "DescribeLimits" | "UpdateShardCount" | "UpdateStreamMode" => vec![Act::new(call, "*")],
        "AddTagsToStream" => vec![Act::new(call, stream).tagging(&tags_of(&body["Tags"]))],
        "CreateStream" => {
            let tag = Act::new("kinesis:AddTagsToStream", stream.clone()).tagging(&tags_of(&body["Tags"]));
            vec![Act::new(call, stream), tag]
        }
        "StartStreamEncryption" | "StopStreamEncryption" => {
            // What an alias leads to, only AWS knows.
            let key = match body["KeyId"].as_str().expect("a key") {
                alias if alias.starts_with("alias/") => account.arn("kms", "key/behind-the-alias"),
                key => key.to_string(),
            };
            vec![Act::new(call.clone(), stream), Act::new(call, key)]
        }
        _ => vec![Act::new(call, stream)],
    }
}

/// The stream that an iterator of moto's is of: `STREAM:SHARD:NUMBER`, in base 64 with line breaks.
fn of_iterator(iterator: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(iterator.split_whitespace().collect::<String>()).ok()?).ok()?;
    Some(text.split(':').next()?.to_owned())
}

fn ecs(operation: &str, body: &Value, account: Account) -> Vec<Act> {
    let short = |value: &Value| value.as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_string();
    let cluster = short(&body["cluster"]);
    let call = format!("ecs:{operation}");
    let cluster_arn = |name: &str| account.arn("ecs", &format!("cluster/{name}"));
    let service_arn = |name: &str| account.arn("ecs", &format!("service/{cluster}/{name}"));
    let tags = tags_of(&body["tags"]);
    let tagged = |arn: String| {
        let tag = || Act::new("ecs:TagResource", arn.clone()).tagging(&tags).with("ecs:CreateAction", operation);
        let tag = (!tags.is_empty()).then(tag);
        [Act::new(call.clone(), arn.clone())].into_iter().chain(tag).collect::<Vec<_>>()
    };
    match operation {
        "DescribeTaskDefinition"
        | "ListTaskDefinitions"
        | "DeregisterTaskDefinition"
        | "ListClusters"
        | "ListServices" => vec![Act::new(call, "*")],
        "ListTasks" => {
            let resource = account.arn("ecs", &format!("container-instance/{cluster}/0"));
            vec![Act::new(call, resource).with("ecs:cluster", cluster_arn(&cluster))]
        }
        "CreateCluster" => tagged(cluster_arn(&short(&body["clusterName"]))),
        "DeleteCluster" => vec![Act::new(call, cluster_arn(&cluster))],
        "DescribeClusters" => vec![Act::new(call, cluster_arn(&short(&body["clusters"][0])))],
        "CreateService" => tagged(service_arn(&short(&body["serviceName"]))),
        "UpdateService" | "DeleteService" => vec![Act::new(call, service_arn(&short(&body["service"])))],
        "DescribeServices" => {
            let services = body["services"].as_array().into_iter().flatten();
            services.map(|service| Act::new(call.clone(), service_arn(&short(service)))).collect()
        }
        "DescribeTasks" | "StopTask" => {
            vec![Act::new(call, account.arn("ecs", &format!("task/{cluster}/0123456789abcdef")))]
        }
        "DeleteTaskDefinitions" => {
            let arns = body["taskDefinitions"].as_array().into_iter().flatten().filter_map(Value::as_str);
            arns.map(|arn| Act::new(call.clone(), arn).with(&format!("aws:ResourceTag/{TAG}"), account.stack)).collect()
        }
        "TagResource" => {
            let act = Act::new(call, body["resourceArn"].as_str().unwrap_or_default()).tagging(&tags);
            vec![act.with(&format!("aws:ResourceTag/{TAG}"), account.stack)]
        }
        "RegisterTaskDefinition" => {
            let family = body["family"].as_str().unwrap_or_default();
            let mut acts = tagged(account.arn("ecs", &format!("task-definition/{family}:1")));
            let roles = ["taskRoleArn", "executionRoleArn"].iter().filter_map(|role| body[role].as_str());
            acts.extend(
                roles.map(|role| Act::new("iam:PassRole", role).with("iam:PassedToService", "ecs-tasks.amazonaws.com")),
            );
            acts
        }
        "UntagResource" | "ListTagsForResource" => {
            vec![Act::new(call, body["resourceArn"].as_str().unwrap_or_default())]
        }
        _ => panic!("no such call: {call}"),
    }
}

/// Tags in JSON: an object, or a list of keys and values.
fn tags_of(tags: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let listed = tags.as_array().into_iter().flatten().map(|tag| match tag["key"].is_string() {
        true => (text(&tag["key"]), text(&tag["value"])),
        false => (text(&tag["Key"]), text(&tag["Value"])),
    });
    let named = tags.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), text(value)));
    named.chain(listed).collect()
}

/// Tags in a form: `Tags.member.1.Key`, `TagSpecification.1.Tag.1.Key`, `Tag.1.Key`.
fn tags_of_form(form: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let keys = form.iter().filter(|(name, _)| name.contains("Tag") && name.ends_with(".Key"));
    let value = |name: &str| form.get(&format!("{}Value", name.trim_end_matches("Key"))).cloned().unwrap_or_default();
    keys.map(|(name, key)| (key.clone(), value(name))).collect()
}

/// Tags in S3's XML.
fn tags_of_xml(text: &str) -> BTreeMap<String, String> {
    let within = |text: &str, name: &str| {
        let inner = text.split_once(&format!("<{name}>"))?.1.split_once(&format!("</{name}>"))?.0;
        Some(inner.to_owned())
    };
    let tags = text.split("<Tag>").skip(1);
    tags.filter_map(|tag| Some((within(tag, "Key")?, within(tag, "Value").unwrap_or_default()))).collect()
}

/// The parameters of a query, decoded.
fn form(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn query(call: &str, form: &BTreeMap<String, String>, account: Account) -> Vec<Act> {
    let of = |key: &str| form.get(key).map_or("", String::as_str);
    let group = account.arn("ec2", "security-group/sg-0123456789abcdef0");
    let tags = tags_of_form(form);
    let of_stack = |act: Act| act.with(&format!("aws:ResourceTag/{TAG}"), account.stack);
    match call {
        "iam:ListRoles" | "iam:GetAccountSummary" => vec![Act::new(call, "*")],
        // moto's callers are users of STS, where there are none.
        "iam:SimulatePrincipalPolicy" => vec![Act::new(call, of("PolicySourceArn").replace(":sts:", ":iam:"))],
        "iam:CreateServiceLinkedRole" => {
            let role = account.role("AWSServiceRoleForECS");
            vec![Act::new(call, role).with("iam:AWSServiceName", of("AWSServiceName"))]
        }
        "iam:CreateRole" => vec![
            bounded(Act::new(call, account.role(of("RoleName"))), of("PermissionsBoundary")),
            Act::new("iam:TagRole", account.role(of("RoleName"))).tagging(&tags),
        ],
        "iam:TagRole" => vec![Act::new(call, account.role(of("RoleName"))).tagging(&tags)],
        "iam:PutRolePermissionsBoundary" => {
            vec![bounded(Act::new(call, account.role(of("RoleName"))), of("PermissionsBoundary"))]
        }
        _ if call.starts_with("iam:") => vec![Act::new(call, account.role(of("RoleName")))],
        "ec2:CreateSecurityGroup" => vec![
            Act::new(call, account.arn("ec2", &format!("vpc/{}", of("VpcId")))),
            Act::new(call, group.clone()).tagging(&tags),
            Act::new("ec2:CreateTags", group).tagging(&tags).with("ec2:CreateAction", "CreateSecurityGroup"),
        ],
        "ec2:AuthorizeSecurityGroupIngress" | "ec2:RevokeSecurityGroupIngress" | "ec2:DeleteSecurityGroup" => {
            vec![of_stack(Act::new(call, group))]
        }
        "ec2:CreateTags" => vec![of_stack(Act::new(call, group).tagging(&tags))],
        _ if call.starts_with("ec2:Describe") => vec![Act::new(call, "*")],
        _ => panic!("no such call: {call}"),
    }
}

fn bounded(act: Act, boundary: &str) -> Act {
    if boundary.is_empty() { act } else { act.with("iam:PermissionsBoundary", boundary) }
}

/// `PUT /bucket/key?lifecycle`, and the right that it needs (Amazon S3 user guide, "Required permissions for Amazon S3 API
/// operations").
fn s3(operation: &str, tags: &BTreeMap<String, String>) -> Vec<Act> {
    let (method, target) = operation.split_once(' ').expect("a method and a target");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    let parameters = query.split('&').map(|parameter| parameter.split('=').next().unwrap_or_default());
    let sub = parameters.clone().find(|name| {
        !name.is_empty()
            && !["x-id", "prefix", "delimiter", "max-keys", "list-type", "continuation-token"].contains(name)
    });
    let action = match (method, key.is_empty(), sub) {
        ("HEAD", true, _) | ("GET", true, None) => "s3:ListBucket",
        ("PUT", true, None) => "s3:CreateBucket",
        ("DELETE", true, None) => "s3:DeleteBucket",
        ("GET", true, Some("tagging")) => "s3:GetBucketTagging",
        ("PUT", true, Some("tagging")) => "s3:PutBucketTagging",
        ("GET", true, Some("encryption")) => "s3:GetEncryptionConfiguration",
        ("PUT", true, Some("encryption")) => "s3:PutEncryptionConfiguration",
        ("GET", true, Some("lifecycle")) => "s3:GetLifecycleConfiguration",
        ("PUT" | "DELETE", true, Some("lifecycle")) => "s3:PutLifecycleConfiguration",
        ("GET", true, Some("publicAccessBlock")) => "s3:GetBucketPublicAccessBlock",
        ("PUT", true, Some("publicAccessBlock")) => "s3:PutBucketPublicAccessBlock",
        ("GET", true, Some("ownershipControls")) => "s3:GetBucketOwnershipControls",
        ("PUT", true, Some("ownershipControls")) => "s3:PutBucketOwnershipControls",
        ("GET", true, Some("policy")) => "s3:GetBucketPolicy",
        ("PUT", true, Some("policy")) => "s3:PutBucketPolicy",
        ("DELETE", true, Some("policy")) => "s3:DeleteBucketPolicy",
        ("GET", true, Some("location")) => "s3:GetBucketLocation",
        ("GET", true, Some("versions" | "key-marker")) => "s3:ListBucketVersions",
        ("GET", true, Some("uploads")) => "s3:ListBucketMultipartUploads",
        ("POST", true, Some("delete")) => {
            let objects = format!("arn:aws:s3:::{bucket}/some/key");
            return ["s3:DeleteObject", "s3:DeleteObjectVersion"].map(|act| Act::new(act, objects.clone())).into();
        }
        ("GET", false, _) => "s3:GetObject",
        ("PUT", false, _) => "s3:PutObject",
        ("DELETE", false, _) => "s3:DeleteObject",
        _ => panic!("no such call: s3:{operation}"),
    };
    let mut resource = format!("arn:aws:s3:::{bucket}");
    if !key.is_empty() {
        resource.push('/');
        resource.push_str(key);
    }
    let more = (action == "s3:CreateBucket" && !tags.is_empty())
        .then(|| Act::new("s3:TagResource", resource.clone()).tagging(tags));
    let act = Act::new(action, resource);
    let act = if action == "s3:PutBucketTagging" { act.tagging(tags) } else { act };
    [act].into_iter().chain(more).collect()
}
