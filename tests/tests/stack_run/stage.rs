//! What each test begins with, and the steps that they have in common.
use aws_credential_types::Credentials;
use e2e::fault_proxy::FaultProxy;
use e2e::moto::Moto;
use firelens_infra::aws::Options;
use firelens_infra::resource::{self, Found, Known, Owner};
use firelens_infra::stack::{Existing, LogGroup, Run, Service, Target};
use firelens_infra::{Aws, Error, Kind, Resource, Stack, model, stack};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub const REGION: &str = "eu-central-1";

/// moto, the proxy before it, and the clients that go through the proxy.
pub struct Stage {
    pub aws: Aws,
    pub proxy: FaultProxy,
    pub moto: Moto,
    pub known: Known,
    /// What was waited for.
    pub progress: Mutex<Vec<String>>,
}

impl Stage {
    pub async fn set() -> Stage {
        let moto = Moto::start();
        let proxy = FaultProxy::start(moto.address).expect("a proxy");
        let options = Options {
            region: Some(REGION.into()),
            endpoint_url: Some(proxy.url()),
            credentials: Some(Credentials::new("test", "geheim", None, None, "test")),
            answer_timeout: Some(Duration::from_secs(10)),
            second: Some(Duration::from_millis(5)),
            ..Options::default()
        };
        let aws = Aws::load(&options).await.expect("moto knows everybody");
        proxy.forget();
        Stage { aws, proxy, moto, known: Known::default(), progress: Mutex::default() }
    }

    /// The stack's resources but for its log groups and its image, in order.
    pub fn resources(&self, stack: &Stack) -> Vec<Arc<dyn Resource>> {
        let mut all = model::resources(stack, self.aws.place());
        all.retain(|one| !matches!(one.id().kind, Kind::LogGroup | Kind::Image | Kind::Repository));
        all
    }

    pub fn resource(&self, stack: &Stack, kind: Kind) -> Arc<dyn Resource> {
        let mut all = self.resources(stack).into_iter();
        all.find(|one| one.id().kind == kind).unwrap_or_else(|| panic!("the stack has no {kind}"))
    }

    /// What is there; its id is known from then on.
    pub async fn read(&self, resource: &dyn Resource) -> Option<Found> {
        let found = resource.read(&self.aws).await.unwrap_or_else(|error| panic!("{}: {error}", resource.id()));
        if let Some(physical) = found.as_ref().and_then(|found| found.physical.clone()) {
            self.known.set(resource.id(), physical);
        }
        found
    }

    pub async fn create(&self, resource: &dyn Resource) {
        self.try_create(resource).await.unwrap_or_else(|error| panic!("{}: {error}", resource.id()));
    }

    pub async fn try_create(&self, resource: &dyn Resource) -> Result<(), Error> {
        let made = resource.create(&self.aws, &self.known, &|text| self.note(text)).await;
        self.proxy.settle();
        made
    }

    /// Changes what differs: the top-level names.
    pub async fn mend(&self, resource: &dyn Resource) -> Vec<String> {
        let changed = self.differences(resource).await;
        let names: Vec<&str> = changed.iter().map(String::as_str).collect();
        let update = resource::update(resource, &self.aws, &self.known, &names, &|text| self.note(text)).await;
        update.unwrap_or_else(|error| panic!("{}: {error}", resource.id()));
        resource.narrow(&self.aws).await.unwrap_or_else(|error| panic!("{}: {error}", resource.id()));
        self.proxy.settle();
        changed
    }

    pub async fn delete(&self, resource: &dyn Resource) {
        let gone = resource.delete(&self.aws, &|text| self.note(text)).await;
        gone.unwrap_or_else(|error| panic!("{}: {error}", resource.id()));
    }

    /// The top-level names of what is not as it shall be. It has to be there, and ours unless it is the user's.
    pub async fn differences(&self, resource: &dyn Resource) -> Vec<String> {
        let found = self.read(resource).await.unwrap_or_else(|| panic!("{} is there", resource.id()));
        assert!(found.owner == Owner::Ours || resource.changes_theirs(), "{}: {:?}", resource.id(), found.owner);
        let wanted = resource.wanted(&self.known);
        let names =
            wanted.as_object().expect("an object").keys().chain(found.attributes.as_object().expect("one").keys());
        let mut differ: Vec<String> =
            names.filter(|name| nothing(&wanted[*name]) != nothing(&found.attributes[*name])).cloned().collect();
        differ.sort();
        differ.dedup();
        differ
    }

    pub async fn is_as_wanted(&self, resource: &dyn Resource) {
        let found = self.read(resource).await;
        let differences = self.differences(resource).await;
        let (found, wanted) = (found.expect("it is there").attributes, resource.wanted(&self.known));
        assert!(differences.is_empty(), "{differences:?}\n{found}\n{wanted}");
    }

    fn note(&self, text: &str) {
        self.progress.lock().expect("no panic holds it").push(text.to_string());
    }

    pub fn waited_for(&self, text: &str) -> bool {
        self.progress.lock().expect("no panic holds it").iter().any(|line| line.contains(text))
    }

    /// A call to ECS behind the kit's back.
    pub fn ecs(&self, call: &str, body: &Value) -> Value {
        self.moto.call(REGION, "ecs", &format!("AmazonEC2ContainerServiceV20141113.{call}"), body)
    }

    /// A call of the Query protocol behind the kit's back: `Action=…&Version=…`. It has to succeed.
    pub fn query(&self, service: &str, form: &str) -> String {
        let scope = format!("Credential=test/20261122/{REGION}/{service}/aws4_request");
        let sent = ureq::post(format!("http://{}/", self.moto.address))
            .header("Authorization", format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .send(form);
        let mut answer = sent.unwrap_or_else(|error| panic!("{form}: {error}"));
        answer.body_mut().read_to_string().expect("text")
    }
}

/// Nothing in any form is the same, as in a plan.
fn nothing(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.is_empty() => Value::Null,
        Value::Object(members) if members.is_empty() => Value::Null,
        other => other.clone(),
    }
}

/// With one log group as its destination, and a service of its own.
pub fn own(name: &str) -> Stack {
    let group = LogGroup { name: format!("/ecs/{name}"), retention_days: Some(14), kms_key: None };
    Stack {
        tags: [("team".to_string(), "web".to_string())].into(),
        log_retention_days: 14,
        destinations: vec![stack::Destination {
            name: "cloudwatch".into(),
            target: Target::LogGroup(group),
            existing: false,
        }],
        run: Run::Own(service()),
        ..Stack::named(name)
    }
}

pub fn service() -> Service {
    Service {
        vpc: None,
        subnets: Vec::new(),
        public_ip: true,
        security_groups: Vec::new(),
        desired_count: Some(1),
        port: Some(8080),
        ingress: vec!["10.0.0.0/8".into(), "2001:db8::/32".into()],
        task_definition: definition(),
    }
}

pub fn definition() -> Value {
    json!({
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "volumes": [{ "name": "buffer" }],
        "containerDefinitions": [
            {
                "name": "httpd",
                "image": "httpd:2.4.65",
                "portMappings": [{ "containerPort": 8080 }],
                "environment": [{ "name": "MODE", "value": "live" }],
                "logConfiguration": { "logDriver": "awsfirelens" },
                "dependsOn": [{ "containerName": "log_router", "condition": "HEALTHY" }],
            },
            {
                "name": "log_router",
                "image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop-log-router@sha256:00",
                "essential": true,
                "firelensConfiguration": { "type": "fluentbit", "options": { "config-file-type": "file" } },
                "restartPolicy": { "enabled": true },
                "mountPoints": [{ "sourceVolume": "buffer", "containerPath": "/buffer" }],
            },
        ],
    })
}

/// With a service of the user's, which runs the task definition `from`.
pub fn existing(name: &str, from: &Value, task_definition: Value) -> Stack {
    let run = Run::Existing(Existing {
        cluster: "main".into(),
        service: "web".into(),
        task_definition,
        task_role: Some("web-task".into()),
        execution_role: Some("web-execution".into()),
        from: from.clone(),
        ..Existing::default()
    });
    Stack { run, ..own(name) }
}
