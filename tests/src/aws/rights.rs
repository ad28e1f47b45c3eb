//! IAM, which moto leaves out: each request of a caller whose policy is known is decided on, by what it says of the request's
//! actions and resources and of the tags that these have in the cloud.
use super::things::parameter;
use crate::fault_proxy::{Request, words};
use crate::http::{self, Head};
use crate::iam::{self, Account, Act};
use crate::moto;
use crate::simulate::Decisions;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

/// Callers by their access keys. Others may do everything.
#[derive(Default)]
pub(super) struct Rights {
    callers: Mutex<HashMap<String, Arc<Caller>>>,
    decisions: Decisions,
    denied: Mutex<Vec<String>>,
    /// The tags of revisions: one that is deleted is there for a while, DELETE_IN_PROGRESS, which moto's is not (Amazon ECS developer
    /// guide, "Amazon ECS task definition states").
    revisions: Mutex<HashMap<String, Vec<(String, String)>>>,
}

struct Caller {
    policy: Value,
    stack: String,
}

/// The prefix of the condition keys about a resource's tags.
const TAG_KEY: &str = "aws:ResourceTag/";

/// The condition key of what changes a role: the boundary that it has.
const BOUNDARY_KEY: &str = "iam:PermissionsBoundary";

/// Calls that have this key, and do not bring its value themselves (Service Authorization Reference, IAM).
const BOUNDED: [&str; 5] = [
    "iam:PutRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:AttachRolePolicy",
    "iam:DetachRolePolicy",
    "iam:DeleteRolePermissionsBoundary",
];

impl Rights {
    /// From now on, this caller may do what the policy says; `stack` is the stack's name.
    pub fn set(&self, access_key: &str, policy: Value, stack: &str) {
        let caller = Arc::new(Caller { policy, stack: stack.to_owned() });
        self.decisions.prepare(&caller.policy);
        self.callers.lock().unwrap_or_else(PoisonError::into_inner).insert(access_key.to_owned(), caller);
    }

    /// What was denied since the last time, and what could not be decided.
    pub fn denied(&self) -> Vec<String> {
        std::mem::take(&mut *self.denied.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The answer to a request that its caller may not make.
    pub fn deny(&self, moto: SocketAddr, request: &Request) -> Option<Vec<u8>> {
        let scope = request.head.header("authorization")?.split_once("Credential=")?.1;
        let mut scope = scope.split(['/', ',']);
        let (access_key, region) = (scope.next()?, scope.nth(1)?);
        let caller = Arc::clone(self.callers.lock().unwrap_or_else(PoisonError::into_inner).get(access_key)?);
        let account = Account { number: moto::ACCOUNT, region, stack: &caller.stack };
        let decided = panic::catch_unwind(AssertUnwindSafe(|| {
            let mut acts = iam::acts(request, account).into_iter();
            acts.find_map(|act| self.decide(moto, request, &caller, act).err())
        }));
        let (action, text) = match decided {
            Ok(denied) => denied?,
            Err(_) => (request.call.clone(), format!("{access_key}: {}: it could not be decided", request.call)),
        };
        self.denied.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{access_key}: {text}"));
        Some(words::denied(request.service(), &action))
    }

    /// Whether a policy allows an act: of a role, say.
    pub fn allows(&self, policy: &Value, act: &Act) -> Result<(), String> {
        let verdict = self.decisions.decide(moto::ACCOUNT, policy, act);
        match verdict {
            verdict if verdict.allowed && verdict.wrong.is_none() => Ok(()),
            verdict => Err(format!(
                "{} on {} {:?}{}",
                act.action,
                act.resource,
                act.context,
                verdict.wrong.map_or(String::new(), |wrong| format!(": {wrong}"))
            )),
        }
    }

    /// The denied action, and all about it.
    fn decide(
        &self,
        moto: SocketAddr,
        request: &Request,
        caller: &Caller,
        mut act: Act,
    ) -> Result<(), (String, String)> {
        act.context.retain(|(key, _)| !key.starts_with(TAG_KEY));
        if BOUNDED.contains(&act.action.as_str()) && caller.policy.to_string().contains(BOUNDARY_KEY) {
            act.context.extend(boundary(moto, request).map(|arn| (BOUNDARY_KEY.to_owned(), arn)));
        }
        let (by_tag, unless_there) = asks_for_tags(&caller.policy, &act.action);
        let mut decided = Err(String::new());
        if !unless_there {
            decided = self.allows(&caller.policy, &act);
        }
        if by_tag && decided.is_err() {
            let tags = self.tags(moto, request, &act.resource);
            act.context.extend(tags.into_iter().map(|(key, value)| (format!("{TAG_KEY}{key}"), value)));
            decided = self.allows(&caller.policy, &act);
        }
        decided.map_err(|text| (act.action, text))
    }
}

impl Rights {
    /// The tags of a resource, or of a revision that was there.
    fn tags(&self, moto: SocketAddr, request: &Request, arn: &str) -> Vec<(String, String)> {
        let found = tags(moto, request, arn);
        if !arn.contains(":task-definition/") {
            return found;
        }
        let mut revisions = self.revisions.lock().unwrap_or_else(PoisonError::into_inner);
        match found.is_empty() {
            true => revisions.get(arn).cloned().unwrap_or_default(),
            false => {
                revisions.insert(arn.to_owned(), found.clone());
                found
            }
        }
    }
}

/// Whether a statement about the action looks at a resource's tags, and whether one does that only where there are some.
fn asks_for_tags(policy: &Value, action: &str) -> (bool, bool) {
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let about =
        statements.filter(|statement| statement["Action"].as_array().is_some_and(|all| all.contains(&json!(action))));
    let operators = about.filter_map(|statement| statement["Condition"].as_object()).flatten();
    let with_tags = operators
        .filter(|(_, keys)| keys.as_object().is_some_and(|keys| keys.keys().any(|key| key.starts_with(TAG_KEY))));
    let operators: Vec<&str> = with_tags.map(|(operator, _)| operator.as_str()).collect();
    (!operators.is_empty(), operators.iter().any(|operator| operator.ends_with("IfExists") || *operator == "Null"))
}

/// The tags of a resource as it is; none when it is not there.
fn tags(moto: SocketAddr, request: &Request, arn: &str) -> Vec<(String, String)> {
    let name = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let after_slash = name.rsplit('/').next().unwrap_or_default();
    let json_call = |target: &str, body: Value| {
        super::deleting::ask(moto, request, target, &body).ok().flatten().unwrap_or_default()
    };
    let list = |tags: &Value, key: &str, value: &str| {
        let pair = |tag: &Value| Some((tag[key].as_str()?.to_owned(), tag[value].as_str()?.to_owned()));
        tags.as_array().into_iter().flatten().filter_map(pair).collect()
    };
    match arn.split(':').nth(2) {
        Some("logs") => {
            let group = name.trim_start_matches("log-group:").split(':').next().unwrap_or_default();
            // moto keeps the tags of a group that was deleted.
            let there = json_call("Logs_20140328.DescribeLogGroups", json!({ "logGroupNamePrefix": group }));
            if !there["logGroups"].as_array().into_iter().flatten().any(|one| one["logGroupName"] == group) {
                return Vec::new();
            }
            let arn = format!("{}log-group:{group}", arn.split("log-group:").next().unwrap_or_default());
            let answer = json_call("Logs_20140328.ListTagsForResource", json!({ "resourceArn": arn }));
            let tags = answer["tags"].as_object().cloned().unwrap_or_default();
            tags.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect()
        }
        Some("firehose") => {
            let body = json!({ "DeliveryStreamName": after_slash });
            list(&json_call("Firehose_20150804.ListTagsForDeliveryStream", body)["Tags"], "Key", "Value")
        }
        Some("kinesis") => list(
            &json_call("Kinesis_20131202.ListTagsForStream", json!({ "StreamName": after_slash }))["Tags"],
            "Key",
            "Value",
        ),
        Some("ecr") => {
            let target = "AmazonEC2ContainerRegistry_V20150921.ListTagsForResource";
            list(&json_call(target, json!({ "resourceArn": arn }))["tags"], "Key", "Value")
        }
        Some("ecs") => {
            let target = "AmazonEC2ContainerServiceV20141113.ListTagsForResource";
            list(&json_call(target, json!({ "resourceArn": arn }))["tags"], "key", "value")
        }
        Some("ec2") => {
            let id = parameter(request, "GroupId").or_else(|| parameter(request, "ResourceId.1")).unwrap_or_default();
            let form =
                format!("Action=DescribeTags&Version=2016-11-15&Filter.1.Name=resource-id&Filter.1.Value.1={id}");
            pairs(&ask(moto, request, "POST / HTTP/1.1", &form), "key", "value")
        }
        Some("iam") => {
            let form = format!("Action=ListRoleTags&Version=2010-05-08&RoleName={after_slash}");
            pairs(&ask(moto, request, "POST / HTTP/1.1", &form), "Key", "Value")
        }
        Some("s3") => {
            let bucket = name.split('/').next().unwrap_or_default();
            pairs(&ask(moto, request, &format!("GET /{bucket}?tagging HTTP/1.1"), ""), "Key", "Value")
        }
        _ => Vec::new(),
    }
}

/// The boundary of the role that a request is about.
fn boundary(moto: SocketAddr, request: &Request) -> Option<String> {
    let form = format!("Action=GetRole&Version=2010-05-08&RoleName={}", parameter(request, "RoleName")?);
    let text = ask(moto, request, "POST / HTTP/1.1", &form);
    Some(text.split_once("<PermissionsBoundaryArn>")?.1.split('<').next()?.to_owned())
}

/// A request in XML's protocols behind another one's back: its answer.
fn ask(moto: SocketAddr, request: &Request, line: &str, form: &str) -> String {
    let kept = ["host", "authorization", "content-type"];
    let kept = kept.iter().filter_map(|name| Some(format!("{name}: {}", request.head.header(name)?)));
    let lines = [line.to_owned(), format!("content-length: {}", form.len())].into_iter().chain(kept).collect();
    let head = Head { lines, length: form.len() };
    http::ask(moto, &head, form.as_bytes()).map(|answer| answer.text()).unwrap_or_default()
}

/// The tags in an answer in XML.
fn pairs(text: &str, key: &str, value: &str) -> Vec<(String, String)> {
    let within = |text: &str, name: &str| {
        let inner = text.split_once(&format!("<{name}>"))?.1.split_once(&format!("</{name}>"))?.0;
        Some(inner.to_owned())
    };
    let start = format!("<{key}>");
    text.split(&start)
        .skip(1)
        .filter_map(|part| Some((part.split('<').next()?.to_owned(), within(part, value)?)))
        .collect()
}
