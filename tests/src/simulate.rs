//! IAM's rules on this machine: npm's `@cloud-copilot/iam-simulate` decides whether a policy allows a request.
use crate::counterpart;
use serde_json::{Value, json};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

/// A call of a principal.
#[derive(Debug, Clone)]
pub struct Request {
    /// An ARN, or the name of a service.
    pub principal: String,
    pub action: String,
    pub resource: String,
    /// Whose the resource is taken to be. In the principal's own account, its policy alone decides.
    pub account: String,
    /// Condition keys and their values.
    pub context: Vec<(String, String)>,
    /// The principal's policy.
    pub identity: Value,
    /// The resource's policy: a role's trust, a key's policy.
    pub resource_policy: Value,
}

#[derive(Debug, Clone)]
pub struct Verdict {
    pub allowed: bool,
    /// What was wrong with the question: no such action, no such resource of it, a condition key that it does not have.
    pub wrong: Option<String>,
    /// AWS knows no resource for the action.
    pub anywhere: bool,
}

/// Where the simulator is installed: `target/iam-simulate`, by `scripts/counterparts simulator`.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/iam-simulate");
    let node = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    if !node || !folder.join("node_modules/@cloud-copilot/iam-simulate").is_dir() {
        counterpart::missing(counterpart::SIMULATOR);
    }
    folder
}

/// The verdict on each request.
pub fn decide(requests: &[Request]) -> Vec<Verdict> {
    let folder = folder();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("simulate/simulate.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut node = node.spawn().expect("node starts");
    let mut input = node.stdin.take().expect("it is a pipe");
    let text = Value::Array(requests.iter().map(json).collect()).to_string();
    let writer = thread::spawn(move || input.write_all(text.as_bytes()));
    let output = node.wait_with_output().expect("node ends");
    writer.join().expect("the writer ends").expect("node reads all requests");
    assert!(output.status.success(), "the simulator failed");
    let verdicts: Vec<Value> = serde_json::from_slice(&output.stdout).expect("verdicts are JSON");
    assert_eq!(verdicts.len(), requests.len());
    verdicts.iter().map(verdict).collect()
}

fn json(request: &Request) -> Value {
    let context: serde_json::Map<String, Value> =
        request.context.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    json!({
        "principal": request.principal,
        "action": request.action,
        "resource": request.resource,
        "account": request.account,
        "context": context,
        "identity": request.identity,
        "resourcePolicy": request.resource_policy,
    })
}

fn verdict(verdict: &Value) -> Verdict {
    let wrong = verdict["wrong"].as_str().filter(|text| !text.is_empty());
    Verdict {
        allowed: verdict["allowed"] == true,
        wrong: wrong.map(str::to_string),
        anywhere: verdict["anywhere"] == true,
    }
}
