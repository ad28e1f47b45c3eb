//! What ECS tells of a service after UpdateService: at first what was before; then the new deployment beside those before it,
//! one of which failed with the very task definition that is rolled out now; then the new one alone. moto has one
//! deployment a service, and keeps its id. A deployment whose tasks cannot start, since an image of theirs does not exist, is
//! given up by the circuit breaker, and the service runs what it ran before.
use super::deleting;
use super::things;
use crate::fault_proxy::Request;
use crate::http::Answer;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;

/// Services by their names.
#[derive(Debug, Default)]
pub(super) struct Deployments {
    services: HashMap<String, Service>,
    begun: u64,
}

#[derive(Debug)]
struct Service {
    /// The newest deployment's.
    id: String,
    /// As it was before the update.
    before: Option<Value>,
    /// Those before the newest one.
    earlier: Vec<Value>,
    /// One that was given up after it, as ECS tells of it for a while.
    given_up: Option<Value>,
}

/// What a call is about to change.
#[derive(Debug)]
pub(super) struct Change {
    /// What ECS tells of the service.
    before: Value,
    /// The images of the new revision exist.
    starts: bool,
}

/// In the tag of an image that nobody has.
const NO_IMAGE: &str = ":no-such-tag";

/// What begins a deployment (Amazon ECS API reference, UpdateService).
const TRIGGERS: [&str; 4] = ["taskDefinition", "forceNewDeployment", "networkConfiguration", "platformVersion"];

impl Deployments {
    /// Before a service is changed.
    pub fn look(moto: SocketAddr, request: &Request) -> io::Result<Option<Change>> {
        let body = things::body(request);
        if request.call != "ecs:UpdateService" || TRIGGERS.iter().all(|trigger| body[trigger].is_null()) {
            return Ok(None);
        }
        let ask = json!({ "cluster": body["cluster"], "services": [body["service"]], "include": ["TAGS"] });
        let answer = deleting::ask(moto, request, &target("DescribeServices"), &ask)?;
        let Some(before) = answer.map(|mut answer| answer["services"][0].take()).filter(Value::is_object) else {
            return Ok(None);
        };
        let revision =
            if body["taskDefinition"].is_null() { &before["taskDefinition"] } else { &body["taskDefinition"] };
        let ask = json!({ "taskDefinition": revision });
        let revision = deleting::ask(moto, request, &target("DescribeTaskDefinition"), &ask)?.unwrap_or_default();
        let containers = revision["taskDefinition"]["containerDefinitions"].as_array().into_iter().flatten();
        let starts = !containers.filter_map(|one| one["image"].as_str()).any(|image| image.contains(NO_IMAGE));
        Ok(Some(Change { before, starts }))
    }

    /// A deployment was begun, which may be given up: the service then has its revision from before.
    pub fn go_back(moto: SocketAddr, request: &Request, change: &Change) -> io::Result<()> {
        if !change.starts {
            let body = things::body(request);
            let revision = &change.before["taskDefinition"];
            let back = json!({ "cluster": body["cluster"], "service": body["service"], "taskDefinition": revision });
            deleting::ask(moto, request, &target("UpdateService"), &back)?;
        }
        Ok(())
    }

    /// A deployment was begun: its answer.
    pub fn begin(&mut self, change: Change, mut answer: Answer) -> Answer {
        let Change { mut before, starts } = change;
        let Ok(mut told) = serde_json::from_slice::<Value>(&answer.body) else { return answer };
        self.begun += 1;
        let id = format!("ecs-svc/{:019}", self.begun);
        let name = told["service"]["serviceName"].as_str().unwrap_or_default().to_owned();
        if let Some(known) = self.services.get(&name) {
            before["deployments"][0]["id"] = known.id.as_str().into();
            before["deployments"][0]["taskDefinition"] = before["taskDefinition"].clone();
        }
        let mut old = before["deployments"][0].clone();
        old["status"] = "ACTIVE".into();
        let mut failed = old.clone();
        failed["id"] = format!("ecs-svc/9{:018}", self.begun).into();
        failed["taskDefinition"] = told["service"]["taskDefinition"].clone();
        failed["rolloutState"] = "FAILED".into();
        failed["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start.".into();
        failed["runningCount"] = 0.into();
        let mut service = Service { id, before: Some(before), earlier: vec![old, failed], given_up: None };
        service.tell(&mut told["service"]);
        if !starts {
            service.give_up(&told["service"]["deployments"][0], self.begun);
        }
        answer.body = told.to_string().into_bytes();
        self.services.insert(name, service);
        answer
    }

    /// What ECS tells of services.
    pub fn describe(&mut self, mut answer: Answer) -> Answer {
        let Ok(mut told) = serde_json::from_slice::<Value>(&answer.body) else { return answer };
        for told in told["services"].as_array_mut().into_iter().flatten() {
            let name = told["serviceName"].as_str().unwrap_or_default().to_owned();
            if told["status"] != "ACTIVE" {
                self.services.remove(&name);
                continue;
            }
            let Some(service) = self.services.get_mut(&name) else { continue };
            match service.before.take() {
                Some(before) => *told = before,
                None => {
                    service.tell(told);
                    service.earlier.clear();
                    service.given_up = None;
                }
            }
        }
        answer.body = told.to_string().into_bytes();
        answer
    }

    /// All deployments have come to their end.
    pub fn settle(&mut self) {
        for service in self.services.values_mut() {
            service.before = None;
            service.earlier.clear();
            service.given_up = None;
        }
    }
}

fn target(operation: &str) -> String {
    format!("AmazonEC2ContainerServiceV20141113.{operation}")
}

impl Service {
    /// Puts the deployments into what is told of the service.
    fn tell(&self, told: &mut Value) {
        let mut newest = told["deployments"][0].clone();
        newest["id"] = self.id.as_str().into();
        newest["taskDefinition"] = told["taskDefinition"].clone();
        if !self.earlier.is_empty() {
            newest["rolloutState"] = "IN_PROGRESS".into();
        }
        let all = [newest].into_iter().chain(self.given_up.clone()).chain(self.earlier.iter().cloned());
        told["deployments"] = all.collect();
    }

    /// The circuit breaker begins a deployment of the revision from before.
    fn give_up(&mut self, begun: &Value, number: u64) {
        let mut failed = begun.clone();
        failed["status"] = "ACTIVE".into();
        failed["rolloutState"] = "FAILED".into();
        failed["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start.".into();
        failed["runningCount"] = 0.into();
        self.id = format!("ecs-svc/8{number:018}");
        self.earlier.clear();
        self.given_up = Some(failed);
    }
}
