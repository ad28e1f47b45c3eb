//! The same through the command line, for stacks with keys, with a service of the user's, and with logs that are replayed: what
//! each verb is seen to call is allowed by what `firelens-kit policy deployer --verb …` prints, and nothing of it on what is a
//! neighbour's.
use crate::deployer::questions;
use crate::roles::check;
use e2e::fault_proxy::FaultProxy;
use e2e::iam::{self, Account, Act};
use e2e::kit;
use e2e::moto::{ACCOUNT, Moto};
use e2e::registry::Registry;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};
use tempfile::TempDir;

#[path = "../stack/base.rs"]
mod base;

const REGION: &str = "eu-west-1";

/// Every kind of destination, each encrypted with a key of its own or the stack's.
const KEYS: &str = r#"
name = "shop"

[[container]]
name = "httpd"
stdout = ["combined"]

[[route]]
name = "rest"
to = ["live", "archive", "events", "files"]

[destination.live]
type = "cloudwatch_logs"
kms_key = "arn:aws:kms:eu-west-1:123456789012:key/logs"

[destination.archive]
type = "firehose"

[destination.events]
type = "kinesis_streams"
kms_key = "arn:aws:kms:eu-west-1:123456789012:key/events"

[destination.files]
type = "s3"
kms_key = "arn:aws:kms:eu-west-1:123456789012:key/files"

[stack]
kms_key = "arn:aws:kms:eu-west-1:123456789012:key/stack"

[stack.app]
image = "public.ecr.aws/docker/library/httpd:2.4"
"#;

/// The user's cluster and service, roles and log group.
const ADOPTING: &str = r#"
name = "shop"

[[container]]
name = "httpd"
stdout = ["combined"]

[[route]]
name = "rest"
to = ["live", "archive"]

[destination.live]
type = "cloudwatch_logs"
log_group = "/ecs/web"
existing = true

[destination.archive]
type = "firehose"

[stack.existing]
cluster = "main"
service = "web"
"#;

struct Stage {
    moto: Moto,
    /// Before moto.
    proxy: FaultProxy,
    /// Before the registry.
    images: FaultProxy,
    _registry: Registry,
    folder: TempDir,
    /// Verbs, and what they were seen to do.
    seen: Vec<(&'static str, BTreeSet<Act>)>,
}

impl Stage {
    fn set(config: &str) -> Stage {
        let folder = TempDir::new().expect("a folder");
        let moto = Moto::start();
        let registry = Registry::start(folder.path());
        let (proxy, images) = (FaultProxy::start(moto.address).unwrap(), FaultProxy::plain(registry.address).unwrap());
        base::write(&folder.path().join("base"));
        fs::write(folder.path().join("firelens.toml"), config).unwrap();
        fs::write(folder.path().join("access.log"), lines()).unwrap();
        Stage { moto, proxy, images, _registry: registry, folder, seen: Vec::new() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = kit::command();
        command.current_dir(self.folder.path()).args(arguments).stdin(Stdio::null());
        command.envs(self.moto.environment(REGION)).env("AWS_ENDPOINT_URL", self.proxy.url());
        // moto answers a simulation with HTTP 500.
        command.env("FIRELENS_KIT_REGISTRY_ENDPOINT", self.images.url()).env("AWS_MAX_ATTEMPTS", "2");
        command
    }

    /// Runs it, and writes down what it did.
    fn verb(&mut self, verb: &'static str, arguments: &[&str]) {
        // The verbs come one after the other, as a user's do: what one made is known when the next begins.
        self.proxy.settle();
        self.proxy.forget();
        self.images.forget();
        let output = self.command(arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || verb == "doctor", "{arguments:?}: {stderr}");
        let account = Account { number: ACCOUNT, region: REGION, stack: "shop" };
        let mut acts: BTreeSet<Act> =
            self.proxy.requests().iter().flat_map(|request| iam::acts(request, account)).collect();
        acts.extend(self.images.requests().iter().map(|request| iam::registry_act(request, account)));
        assert!(!acts.is_empty(), "{verb}");
        self.seen.push((verb, acts));
    }

    /// A stack's life, all of its verbs in it.
    fn live(&mut self) {
        let base = ["--base", "oci:base"];
        let with_base = |arguments: &[&'static str]| [arguments, &base].concat();
        let repository = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop-log-router:again");
        self.verb("doctor", &["doctor"]);
        self.verb("plan", &with_base(&["plan"]));
        self.verb("deploy", &with_base(&["deploy", "--yes"]));
        self.verb("push", &[&["push", &repository], &base[..]].concat());
        self.verb("plan", &with_base(&["plan"]));
        self.verb("status", &["status"]);
        let destinations = ["live", "archive", "events", "files"];
        let config = fs::read_to_string(self.folder.path().join("firelens.toml")).unwrap();
        let there = destinations.into_iter().filter(|name| config.contains(&format!("[destination.{name}]")));
        self.verb("replay", &["replay", "access.log", "--to"].into_iter().chain(there).collect::<Vec<_>>());
        self.verb("destroy", &["destroy", "--yes"]);
        self.verb("deploy", &with_base(&["deploy", "--yes"]));
        self.verb("delete-data", &["destroy", "--yes", "--delete-data"]);
    }

    /// What the policy of a verb says.
    fn policy(&self, verb: &str) -> Value {
        let output = self.command(&["policy", "deployer", "--verb", verb]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn ecs(&self, operation: &str, body: Value) {
        self.moto.call(REGION, "ecs", &format!("AmazonEC2ContainerServiceV20141113.{operation}"), &body);
    }

    fn role(&self, name: &str) {
        let form = format!("Action=CreateRole&Version=2010-05-08&RoleName={name}&AssumeRolePolicyDocument=%7B%7D");
        self.moto.http(REGION, "iam", "POST", "/", "", form.as_bytes());
    }
}

/// Some lines of a minute ago.
fn lines() -> String {
    let time = (jiff::Timestamp::now() - jiff::SignedDuration::from_secs(60)).strftime("%d/%b/%Y:%H:%M:%S +0000");
    format!("192.0.2.7 - - [{time}] \"GET / HTTP/1.1\" 200 5 \"-\" \"curl/8.5\"\n").repeat(20)
}

/// Asks IAM's rules about all that was seen. The policies are printed while what they are about is there.
fn judge(policies: &[(&'static str, Value)], seen: &[(&'static str, BTreeSet<Act>)]) {
    let mut all = Vec::new();
    for (verb, acts) in seen {
        let (_, policy) = policies.iter().find(|(of, _)| of == verb).expect("a policy for each verb");
        all.extend(acts.iter().flat_map(|act| questions(&format!("deployer {verb}"), policy, act)));
    }
    check(all);
}

const VERBS: [&str; 8] = ["doctor", "plan", "push", "deploy", "status", "replay", "destroy", "delete-data"];

#[test]
fn a_stack_with_keys() {
    let mut stage = Stage::set(KEYS);
    stage.live();
    judge(&VERBS.map(|verb| (verb, stage.policy(verb))), &stage.seen);
}

#[test]
fn a_stack_with_a_service_that_was_there() {
    let mut stage = Stage::set(ADOPTING);
    ["web-task", "web-execution"].iter().for_each(|name| stage.role(name));
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let container = json!({ "name": "httpd", "image": "httpd:2.4", "memory": 256 });
    let definition = json!({
        "family": "web", "networkMode": "awsvpc", "cpu": "512", "memory": "1024", "requiresCompatibilities": ["FARGATE"],
        "taskRoleArn": role("web-task"), "executionRoleArn": role("web-execution"), "containerDefinitions": [container],
    });
    stage.ecs("RegisterTaskDefinition", definition);
    stage.ecs("CreateCluster", json!({ "clusterName": "main" }));
    let service = json!({
        "cluster": "main", "serviceName": "web", "desiredCount": 1, "taskDefinition": "web:1", "launchType": "FARGATE",
    });
    stage.ecs("CreateService", service);
    let group = json!({ "logGroupName": "/ecs/web" });
    stage.moto.call(REGION, "logs", "Logs_20140328.CreateLogGroup", &group);
    stage.live();
    judge(&VERBS.map(|verb| (verb, stage.policy(verb))), &stage.seen);
}
