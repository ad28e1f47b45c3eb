//! What each journey begins with: a cloud, a registry, a base image, and the command line.
use super::base;
use aws_credential_types::Credentials;
use e2e::fault_proxy::FaultProxy;
use e2e::kit;
use e2e::moto::{ACCOUNT, Moto};
use e2e::registry::Registry;
use firelens_infra::aws::Options;
use firelens_infra::policy::deployer::{self, Verb};
use firelens_infra::{Aws, Place, Stack};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub const REGION: &str = "eu-central-1";

/// The stack of most tests: every kind of resource that a stack can have.
pub const SHOP: &str = r#"
name = "NAME"

[[container]]
name = "httpd"
stdout = ["combined"]

[[route]]
name = "failures"
match = { status = "5xx" }
to = ["live", "archive"]

[[route]]
name = "rest"
to = ["archive", "clicks"]

[destination.live]
type = "cloudwatch_logs"
retention_days = 14

[destination.archive]
type = "firehose"

[destination.clicks]
type = "kinesis_streams"

[stack]
tags = { team = "web" }

[stack.app]
image = "public.ecr.aws/docker/library/httpd:2.4"
port = 80
ingress = ["10.0.0.0/8"]
"#;

/// moto with a proxy before it, a registry, and a folder.
pub struct Stage {
    pub moto: Moto,
    pub proxy: FaultProxy,
    pub registry: Registry,
    folder: TempDir,
    /// What each verb may do, by the stack's name: as printed for the last configuration that could be.
    policies: Mutex<HashMap<(String, Verb), Value>>,
    /// Callers keep what the policies of earlier configurations allowed.
    pub keeps_rights: AtomicBool,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Stage {
    pub fn set() -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let moto = Moto::start();
        let registry = Registry::start(folder.path());
        let proxy = FaultProxy::start(moto.address).unwrap();
        base::write(&folder.path().join("base"));
        Stage { moto, proxy, registry, folder, policies: Mutex::default(), keeps_rights: AtomicBool::new(false) }
    }

    /// Writes a configuration, whose stack has this name.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.config(name), text.replace("NAME", name)).unwrap();
    }

    /// The configuration of a stack, in a folder of its own.
    pub fn config(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        folder.join("firelens.toml")
    }

    /// The command line, in the stack's folder. Time has passed since the last one.
    pub fn command(&self, name: &str, arguments: &[&str]) -> Command {
        self.proxy.settle();
        self.command_at_once(name, arguments)
    }

    /// The same in the moment after the last one: what that made is not known everywhere yet.
    pub fn command_at_once(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = kit::command();
        command.current_dir(self.config(name).parent().unwrap()).args(arguments);
        if ["plan", "deploy"].contains(&arguments[0]) && !arguments.contains(&"--destroy") {
            command.arg("--base").arg(format!("oci:{}", self.folder.path().join("base").display()));
        }
        command.envs(self.moto.environment(REGION)).env("AWS_ENDPOINT_URL", self.proxy.url());
        if let Some(caller) = self.caller(name, arguments) {
            command.env("AWS_ACCESS_KEY_ID", caller);
        }
        command.env("FIRELENS_KIT_REGISTRY_ENDPOINT", self.registry.url());
        command.stdin(Stdio::null());
        command
    }

    /// An access key that may do what the stack's policy for the verb says and nothing else.
    fn caller(&self, name: &str, arguments: &[&str]) -> Option<String> {
        let delete = arguments.contains(&"--delete-data");
        let verbs: &[Verb] = match arguments[0] {
            "plan" => &[Verb::Plan],
            "deploy" if delete => &[Verb::Deploy, Verb::DeleteData],
            "deploy" => &[Verb::Deploy],
            "destroy" if delete => &[Verb::DeleteData],
            "destroy" => &[Verb::Destroy],
            "status" => &[Verb::Status],
            _ => return None,
        };
        let mut policies = self.policies.lock().unwrap();
        if let Some(stack) = self.stack(name) {
            for verb in Verb::ALL {
                let policy = deployer::document(&stack, &Place::of(ACCOUNT, REGION), &[verb]);
                let mut policy = serde_json::to_value(policy).unwrap();
                let known = (name.to_owned(), verb);
                if self.keeps_rights.load(Ordering::Relaxed)
                    && let Some(earlier) = policies.get(&known)
                {
                    policy = both(&policy, earlier);
                }
                policies.insert(known, policy);
            }
        }
        let mut allowed = policies.get(&(name.to_owned(), verbs[0]))?.clone();
        for more in &verbs[1..] {
            allowed = both(&allowed, &policies[&(name.to_owned(), *more)]);
        }
        let caller = format!("{name}-{}", arguments.join("-").replace(['/', '='], "-"));
        self.proxy.restrict(&caller, allowed, name);
        Some(caller)
    }

    /// The stack that a configuration describes. `None` when it is wrong, or when the service that it adopts is not there.
    fn stack(&self, name: &str) -> Option<Stack> {
        let path = self.config(name);
        let source = fs::read_to_string(&path).ok()?;
        let config = firelens_kit::config::parse(&path, &source).0?;
        let options = Options {
            region: Some(REGION.into()),
            endpoint_url: Some(self.moto.url()),
            credentials: Some(Credentials::new("test", "test", None, None, "test")),
            ..Options::default()
        };
        let look = async { firelens_kit::stack::at(&config, &Aws::load(&options).await?).await };
        Runtime::new().unwrap().block_on(look).ok()
    }

    /// Runs the command line to its end.
    pub fn kit(&self, name: &str, arguments: &[&str]) -> Ended {
        Ended::of(self.command(name, arguments).output().unwrap())
    }

    /// Starts the command line.
    pub fn start(&self, name: &str, arguments: &[&str]) -> Child {
        let mut command = self.command(name, arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn deploy(&self, name: &str) -> Ended {
        self.kit(name, &["deploy", "--yes"]).ok()
    }

    /// The plan as JSON.
    pub fn plan(&self, name: &str) -> Value {
        let ended = self.kit(name, &["plan", "--format", "json"]);
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
    }

    /// What a deploy would do but keep: `update log_group /shop/live`.
    pub fn changes(&self, name: &str) -> Vec<String> {
        let plan = self.plan(name);
        assert_eq!(plan["problems"], json!([]), "{plan:#}");
        let actions = plan["actions"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let line = |action: &Value| ["action", "kind", "name"].map(|field| text(&action[field])).join(" ");
        actions.filter(|action| action["action"] != "keep").map(line).collect()
    }

    /// A call to a service that speaks JSON, by somebody else.
    pub fn call(&self, service: &str, target: &str, body: Value) -> Value {
        self.moto.call(REGION, service, target, &body)
    }

    /// A call to a service that speaks the query protocol: its answer's text.
    pub fn query(&self, service: &str, body: &str) -> String {
        self.moto.http(REGION, service, "POST", "/", "", body.as_bytes())
    }

    /// Everything of the kit that is there, by its name, whatever stack it is of.
    pub fn everything(&self) -> Vec<String> {
        let names = |answer: Value, list: &str, field: &str| -> Vec<String> {
            let items = answer[list].as_array().cloned().unwrap_or_default();
            let name = |item: &Value| if field.is_empty() { item.clone() } else { item[field].clone() };
            items.iter().filter_map(|item| name(item).as_str().map(str::to_owned)).collect()
        };
        let call = |service: &str, target: &str, body: Value| self.call(service, target, body);
        let mut all = names(call("logs", "Logs_20140328.DescribeLogGroups", json!({})), "logGroups", "logGroupName");
        all.extend(names(call("kinesis", "Kinesis_20131202.ListStreams", json!({})), "StreamNames", ""));
        all.extend(names(
            call("firehose", "Firehose_20150804.ListDeliveryStreams", json!({})),
            "DeliveryStreamNames",
            "",
        ));
        let ecr = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
        all.extend(names(call("ecr", ecr, json!({})), "repositories", "repositoryName"));
        let ecs = |operation: &str| format!("AmazonEC2ContainerServiceV20141113.{operation}");
        let clusters = names(call("ecs", &ecs("ListClusters"), json!({})), "clusterArns", "");
        // One that is deleted is still told of for a while.
        let active = call("ecs", &ecs("DescribeClusters"), json!({ "clusters": clusters }))["clusters"].take();
        let active = active.as_array().into_iter().flatten().filter(|cluster| cluster["status"] == "ACTIVE");
        let clusters: Vec<String> =
            active.filter_map(|cluster| cluster["clusterArn"].as_str().map(str::to_owned)).collect();
        for cluster in &clusters {
            all.extend(names(call("ecs", &ecs("ListServices"), json!({ "cluster": cluster })), "serviceArns", ""));
        }
        all.extend(clusters);
        all.extend(names(call("ecs", &ecs("ListTaskDefinitions"), json!({})), "taskDefinitionArns", ""));
        let between = |text: String, tag: &str| -> Vec<String> {
            let parts = text.split(&format!("<{tag}>")).skip(1).map(str::to_owned).collect::<Vec<_>>();
            parts.iter().filter_map(|part| Some(part.split_once("</")?.0.to_owned())).collect()
        };
        let roles = self.query("iam", "Action=ListRoles&Version=2010-05-08&PathPrefix=/firelens-kit/");
        all.extend(between(roles, "RoleName"));
        let groups = self.query("ec2", "Action=DescribeSecurityGroups&Version=2016-11-15");
        all.extend(between(groups, "groupName").into_iter().filter(|name| name != "default"));
        all.extend(between(self.moto.http(REGION, "s3", "GET", "/", "", b""), "Name"));
        all.sort();
        all.dedup();
        all
    }
}

/// The statements of both policies, each once.
fn both(one: &Value, other: &Value) -> Value {
    let mut statements: Vec<Value> =
        [one, other].iter().flat_map(|policy| policy["Statement"].as_array().unwrap()).cloned().collect();
    statements.iter_mut().for_each(|statement| _ = statement.as_object_mut().unwrap().remove("Sid"));
    statements.sort_by_key(Value::to_string);
    statements.dedup();
    json!({ "Version": one["Version"], "Statement": statements })
}

impl Ended {
    pub fn of(output: Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// It ended well.
    #[track_caller]
    pub fn ok(self) -> Ended {
        self.code(0)
    }

    #[track_caller]
    pub fn code(self, code: i32) -> Ended {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard error says this.
    #[track_caller]
    pub fn says(self, text: &str) -> Ended {
        assert!(self.stderr.contains(text) || self.stdout.contains(text), "{text}\n{}\n{}", self.stdout, self.stderr);
        self
    }
}
