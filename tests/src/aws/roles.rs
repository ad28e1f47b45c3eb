//! What runs and what it may do: after each change, the roles of all running revisions and of all delivery streams have to allow
//! what these do, as IAM decides on each call by the policy of that moment. What a running router writes to has to be there.
use super::rights::Rights;
use crate::fault_proxy::Request;
use crate::http::{self, Answer, Head};
use crate::iam::Act;
use crate::moto::ACCOUNT;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;

/// Services and revisions of a stack.
#[derive(Debug, Default)]
pub(super) struct Roles {
    /// What the router of the next revision does; nothing is looked at before this is said.
    router: Option<Vec<Act>>,
    /// Revisions, and what the router in them does.
    revisions: HashMap<String, Vec<Act>>,
    /// Revisions that have tasks, by their services, the newest last.
    running: BTreeMap<String, Vec<String>>,
    /// What was not allowed, and after which call.
    lost: Vec<String>,
    /// How often a role was asked.
    asked: usize,
    memory: Memory,
}

impl Roles {
    pub fn next_revision_does(&mut self, acts: Vec<Act>) {
        self.router = Some(acts);
    }

    pub fn lost(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lost)
    }

    pub fn asked(&self) -> usize {
        self.asked
    }

    /// Only the newest revisions run.
    pub fn settle(&mut self) {
        self.running.values_mut().for_each(|revisions| *revisions = revisions.split_off(revisions.len() - 1));
    }

    /// Looks at a call that was made, and at its answer.
    pub fn note(&mut self, rights: &Rights, moto: SocketAddr, region: &str, request: &Request, answer: &Answer) {
        let Some(router) = &self.router else { return };
        let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match request.call.as_str() {
            "ecs:RegisterTaskDefinition" => {
                let arn = text(&answer["taskDefinition"]["taskDefinitionArn"]);
                self.revisions.insert(arn, router.clone());
            }
            "ecs:CreateService" | "ecs:UpdateService" => {
                let revisions = self.running.entry(text(&answer["service"]["serviceName"])).or_default();
                let newest = text(&answer["service"]["taskDefinition"]);
                revisions.retain(|revision| *revision != newest);
                revisions.push(newest);
            }
            "ecs:DescribeServices" => {
                for service in answer["services"].as_array().into_iter().flatten() {
                    let Some(revisions) = self.running.get_mut(&text(&service["serviceName"])) else { continue };
                    let deployments = service["deployments"].as_array().map_or(0, Vec::len);
                    let newest = text(&service["taskDefinition"]);
                    if deployments == 1 && revisions.last() == Some(&newest) {
                        *revisions = vec![newest];
                    }
                }
            }
            "ecs:DeleteService" => _ = self.running.remove(&text(&answer["service"]["serviceName"])),
            _ => {}
        }
        if request.mutates() {
            self.memory.forget(&request.call);
            let cloud = Side { moto, region, memory: &self.memory };
            let acts = self.running.values().flatten().flat_map(|revision| self.acts(&cloud, revision));
            let acts: Vec<(String, Vec<Act>)> = acts.collect();
            let there = cloud.destinations();
            let written = acts.iter().flat_map(|(_, acts)| acts).filter_map(|act| destination(&act.resource));
            let missing: BTreeSet<String> = written.filter(|name| !there.contains(name)).collect();
            self.lost.extend(missing.into_iter().map(|name| format!("after {}: there is no {name}", request.call)));
            let acts: Vec<(String, Vec<Act>)> = acts.into_iter().chain(deliveries(&cloud)).collect();
            for (role, acts) in acts {
                let policy = cloud.policy(&role);
                self.asked += acts.len();
                let denied = acts.iter().filter_map(|act| rights.allows(&policy, act).err());
                self.lost.extend(denied.map(|denied| format!("after {}: {role} may not {denied}", request.call)));
            }
        }
    }

    /// The roles of a revision, and what they do.
    fn acts(&self, cloud: &Side, revision: &str) -> Vec<(String, Vec<Act>)> {
        let Some(router) = self.revisions.get(revision) else { return Vec::new() };
        let target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
        let definition = cloud.json("ecs", target, &json!({ "taskDefinition": revision }));
        let definition = &definition["taskDefinition"];
        let role = |name: &str| text(&definition[name]).rsplit('/').next().unwrap_or_default().to_owned();
        vec![(role("taskRoleArn"), router.clone()), (role("executionRoleArn"), agent(cloud, definition))]
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The destination that a resource is, or is a part of.
fn destination(arn: &str) -> Option<String> {
    let resource = arn.splitn(6, ':').nth(5)?;
    match resource.strip_prefix("log-group:") {
        Some(group) => Some(format!("log-group:{}", group.split(':').next()?)),
        None => {
            (resource.starts_with("deliverystream/") || resource.starts_with("stream/")).then(|| resource.to_owned())
        }
    }
}

/// What the ECS agent does for a task: images of ECR, logs, secrets.
fn agent(cloud: &Side, definition: &Value) -> Vec<Act> {
    let mut acts = Vec::new();
    for container in definition["containerDefinitions"].as_array().into_iter().flatten() {
        let image = text(&container["image"]);
        if let Some((host, name)) = image.split_once(".amazonaws.com/").filter(|(host, _)| host.contains(".dkr.ecr.")) {
            let (account, region) = host.split_once(".dkr.ecr.").expect("it has one");
            let name = name.split(['@', ':']).next().unwrap_or_default();
            let repository = format!("arn:aws:ecr:{region}:{account}:repository/{name}");
            acts.push(Act::new("ecr:BatchGetImage", repository));
        }
        let log = &container["logConfiguration"];
        if log["logDriver"] == "awslogs" {
            let group = text(&log["options"]["awslogs-group"]);
            acts.push(Act::new("logs:PutLogEvents", cloud.arn("logs", &format!("log-group:{group}:log-stream:x"))));
        }
        for secret in container["secrets"].as_array().into_iter().flatten() {
            let from = text(&secret["valueFrom"]);
            let arn = from.split(':').take(7).collect::<Vec<_>>().join(":");
            if from.starts_with("arn:aws:secretsmanager:") {
                acts.push(Act::new("secretsmanager:GetSecretValue", arn));
            }
        }
    }
    acts
}

/// The roles of delivery streams, and what they do.
fn deliveries(cloud: &Side) -> Vec<(String, Vec<Act>)> {
    let names = cloud.json("firehose", "Firehose_20150804.ListDeliveryStreams", &json!({}));
    let names = names["DeliveryStreamNames"].as_array().cloned().unwrap_or_default();
    let acts = names.iter().map(|name| {
        let stream =
            cloud.json("firehose", "Firehose_20150804.DescribeDeliveryStream", &json!({ "DeliveryStreamName": name }));
        let to = &stream["DeliveryStreamDescription"]["Destinations"][0]["ExtendedS3DestinationDescription"];
        let (bucket, log) = (text(&to["BucketARN"]), &to["CloudWatchLoggingOptions"]);
        let key = |prefix: &Value| format!("{bucket}/{}x", text(prefix).split("!{").next().unwrap_or_default());
        let group = format!("log-group:{}:log-stream:{}", text(&log["LogGroupName"]), text(&log["LogStreamName"]));
        let acts = vec![
            Act::new("s3:GetBucketLocation", bucket.clone()),
            Act::new("s3:PutObject", key(&to["Prefix"])),
            Act::new("s3:PutObject", key(&to["ErrorOutputPrefix"])),
            Act::new("logs:PutLogEvents", cloud.arn("logs", &group)),
        ];
        (text(&to["RoleARN"]).rsplit('/').next().unwrap_or_default().to_owned(), acts)
    });
    acts.filter(|(role, _)| !role.is_empty()).collect()
}

/// Answers of moto, by service and question: they hold until something of the service changes.
#[derive(Debug, Default)]
struct Memory(RefCell<HashMap<(String, String), String>>);

impl Memory {
    /// A change was made. Of log groups, only that they come and go is looked at, and their events come often.
    fn forget(&self, call: &str) {
        let (service, operation) = call.split_once(':').unwrap_or_default();
        if service != "logs" || operation.ends_with("LogGroup") {
            self.0.borrow_mut().retain(|(of, _), _| of != service);
        }
    }
}

/// moto behind the back of whoever is tested.
struct Side<'a> {
    moto: SocketAddr,
    region: &'a str,
    memory: &'a Memory,
}

impl Side<'_> {
    fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{ACCOUNT}:{resource}", self.region)
    }

    fn ask(&self, service: &str, content: &str, target: &str, body: &str) -> String {
        let question = (service.to_owned(), format!("{target} {body}"));
        if let Some(answer) = self.memory.0.borrow().get(&question) {
            return answer.clone();
        }
        let answer = self.ask_moto(service, content, target, body);
        self.memory.0.borrow_mut().insert(question, answer.clone());
        answer
    }

    fn ask_moto(&self, service: &str, content: &str, target: &str, body: &str) -> String {
        let scope = format!("Credential=test/20261122/{}/{service}/aws4_request", self.region);
        let mut lines = vec![
            "POST / HTTP/1.1".to_owned(),
            format!("host: {}", self.moto),
            format!("authorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
            format!("content-type: {content}"),
            format!("content-length: {}", body.len()),
        ];
        if !target.is_empty() {
            lines.push(format!("x-amz-target: {target}"));
        }
        let head = Head { lines, length: body.len() };
        http::ask(self.moto, &head, body.as_bytes()).map(|answer| answer.text()).unwrap_or_default()
    }

    fn json(&self, service: &str, target: &str, body: &Value) -> Value {
        let answer = self.ask(service, "application/x-amz-json-1.1", target, &body.to_string());
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// Log groups and streams that are there, and are not on their way out: `deliverystream/shop-archive`.
    fn destinations(&self) -> BTreeSet<String> {
        let lists = [
            ("logs", "Logs_20140328.DescribeLogGroups", "logGroups", "log-group:"),
            ("firehose", "Firehose_20150804.ListDeliveryStreams", "DeliveryStreamNames", "deliverystream/"),
            ("kinesis", "Kinesis_20131202.ListStreams", "StreamNames", "stream/"),
        ];
        let names = lists.into_iter().flat_map(|(service, target, list, prefix)| {
            let names = self.json(service, target, &json!({}))[list].as_array().cloned().unwrap_or_default();
            let name = |one: &Value| one.as_str().or(one["logGroupName"].as_str()).unwrap_or_default().to_owned();
            names.iter().map(|one| format!("{prefix}{}", name(one))).collect::<Vec<_>>()
        });
        names.collect()
    }

    /// All inline policies of a role as one.
    fn policy(&self, role: &str) -> Value {
        let iam = |form: String| {
            self.ask("iam", "application/x-www-form-urlencoded", "", &format!("{form}&Version=2010-05-08"))
        };
        let list = iam(format!("Action=ListRolePolicies&RoleName={role}"));
        let names: BTreeSet<&str> =
            list.split("<member>").skip(1).filter_map(|rest| rest.split("</member>").next()).collect();
        let mut statements = Vec::new();
        for name in names {
            let answer = iam(format!("Action=GetRolePolicy&RoleName={role}&PolicyName={name}"));
            let document =
                answer.split("<PolicyDocument>").nth(1).and_then(|rest| rest.split("</PolicyDocument>").next());
            let document = document.map(decoded).and_then(|text| serde_json::from_str::<Value>(&text).ok());
            statements
                .extend(document.and_then(|document| document["Statement"].as_array().cloned()).unwrap_or_default());
        }
        json!({ "Version": "2012-10-17", "Statement": statements })
    }
}

/// A document in IAM's answer: JSON in XML's escapes, or in those of a URL as well.
fn decoded(text: &str) -> String {
    let escapes = [("&#34;", "\""), ("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    let text = escapes.iter().fold(text.to_owned(), |text, (escape, char)| text.replace(escape, char));
    match text.starts_with('{') {
        true => text,
        false => percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned(),
    }
}
