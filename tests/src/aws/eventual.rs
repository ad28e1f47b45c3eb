//! What was just made is not known everywhere yet: each operation that is asked of it finds nothing the first time.
//!
//! Terraform's AWS provider waits for S3 (NoSuchBucket), EC2 (InvalidGroup.NotFound), IAM (NoSuchEntity) and Firehose in this
//! way; the API references of ECS and Kinesis say that their models are eventually consistent.
use super::things::{self, Thing};
use crate::fault_proxy::{self, Request};
use crate::http::{self, Answer};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// New things, and the operations that have been asked of each.
#[derive(Debug, Default)]
pub(super) struct Eventual(HashMap<Thing, HashSet<String>>);

impl Eventual {
    /// Looks at a call that was made.
    pub fn note(&mut self, request: &Request, answer: &Answer) {
        self.0.extend(things::made(request, answer).into_iter().map(|thing| (thing, HashSet::new())));
        if let Some(gone) = things::removed(request) {
            self.0.remove(&gone);
        }
    }

    /// All is known everywhere.
    pub fn settle(&mut self) {
        self.0.clear();
    }

    /// The new thing that this request is the first of its kind to ask for.
    pub fn unknown(&mut self, request: &Request) -> Option<Thing> {
        if self.0.is_empty() || things::removed(request).is_some() {
            return None;
        }
        // What is made again is found out by AWS, whatever it tells of it elsewhere.
        let again = things::to_make(request);
        let mut asked = things::named(request).into_iter().filter(|thing| again.as_ref() != Some(thing));
        let operation = operation(request);
        asked.find(|thing| self.0.get_mut(thing).is_some_and(|seen| seen.insert(operation.clone())))
    }
}

/// S3's by their method and first parameter.
fn operation(request: &Request) -> String {
    let Some(path) = request.call.strip_prefix("s3:") else { return request.call.clone() };
    let (method, path) = path.split_once(' ').unwrap_or((path, ""));
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let first = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).find(|name| *name != "x-id");
    format!("{method} {}", first.unwrap_or_default())
}

/// What the service says of a thing that it does not know. `None`: it leaves it out of its answer.
pub(super) fn not_found(thing: &Thing, request: &Request) -> Option<Vec<u8>> {
    let (kind, name) = (thing.kind, thing.name.as_str());
    let operation = request.call.split(':').nth(1).unwrap_or_default();
    let says = |status, code: &str, text: String| Some(fault_proxy::error(request.service(), status, code, &text));
    match (kind, operation) {
        ("bucket", _) => says(404, "NoSuchBucket", "The specified bucket does not exist".into()),
        ("group", "DescribeLogGroups") | ("security-group-name", _) => None,
        ("group", _) => says(400, "ResourceNotFoundException", "The specified log group does not exist.".into()),
        ("log-stream", _) => says(400, "ResourceNotFoundException", "The specified log stream does not exist.".into()),
        ("role", "RegisterTaskDefinition") => says(400, "ClientException", "Role is not valid".into()),
        ("role", "CreateDeliveryStream") => {
            let text = format!("Firehose is unable to assume role {name}. Please check the role provided.");
            says(400, "InvalidArgumentException", text)
        }
        ("role", _) => says(404, "NoSuchEntity", format!("The role with name {name} cannot be found.")),
        ("data-stream", _) => {
            says(400, "ResourceNotFoundException", format!("Stream {name} under account 123456789012 not found."))
        }
        ("delivery-stream", _) => {
            let text = format!("Firehose {name} under account 123456789012 not found.");
            says(400, "ResourceNotFoundException", text)
        }
        ("repository", _) => {
            let text =
                format!("The repository with name '{name}' does not exist in the registry with id '123456789012'");
            says(400, "RepositoryNotFoundException", text)
        }
        ("cluster", "DescribeClusters") => Some(missing("clusters", name)),
        ("cluster", _) => says(400, "ClusterNotFoundException", "Cluster not found.".into()),
        ("service", "DescribeServices") => Some(missing("services", name)),
        ("service", _) => says(400, "ServiceNotFoundException", "Service not found.".into()),
        ("revision", "DescribeTaskDefinition") => {
            says(400, "ClientException", "Unable to describe task definition.".into())
        }
        ("revision", _) => says(400, "ClientException", "TaskDefinition not found.".into()),
        ("security-group", "CreateService" | "UpdateService") => {
            let text = format!(
                "Error retrieving security group information for [{name}]: The security group '{name}' does not exist \
                 (ErrorCode: InvalidGroup.NotFound)"
            );
            says(400, "InvalidParameterException", text)
        }
        ("security-group", _) => {
            says(400, "InvalidGroup.NotFound", format!("The security group '{name}' does not exist"))
        }
        _ => unreachable!("{thing:?}"),
    }
}

fn missing(list: &str, name: &str) -> Vec<u8> {
    let failure = json!({ "arn": format!("arn:aws:ecs:::{name}"), "reason": "MISSING" });
    let answer = json!({ list: [], "failures": [failure] });
    http::answer("200 OK", &["Content-Type: application/x-amz-json-1.1"], &answer.to_string())
}

/// A list without what is not known yet.
pub(super) fn without(thing: &Thing, mut answer: Answer) -> Answer {
    if thing.kind == "group" {
        let mut list: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if let Some(groups) = list["logGroups"].as_array_mut() {
            groups.retain(|group| group["logGroupName"] != thing.name.as_str());
        }
        answer.body = list.to_string().into_bytes();
        return answer;
    }
    let text = answer.text();
    let (head, rest) = text.split_once("<securityGroupInfo>").unwrap_or((&text, ""));
    let (_, tail) = rest.split_once("</securityGroupInfo>").unwrap_or(("", ""));
    answer.body = format!("{head}<securityGroupInfo></securityGroupInfo>{tail}").into_bytes();
    answer
}
