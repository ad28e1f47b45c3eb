//! What ECS tells of a service after UpdateService: at first what was before; then the new deployment beside those before it,
//! one of which failed with the very task definition that is rolled out now; then the new one alone. moto has one
//! deployment a service, and keeps its id.
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
}

/// What begins a deployment (Amazon ECS API reference, UpdateService).
const TRIGGERS: [&str; 4] = ["taskDefinition", "forceNewDeployment", "networkConfiguration", "platformVersion"];

impl Deployments {
    /// Before a service is changed: what ECS tells of it.
    pub fn look(moto: SocketAddr, request: &Request) -> io::Result<Option<Value>> {
        let body = things::body(request);
        if request.call != "ecs:UpdateService" || TRIGGERS.iter().all(|trigger| body[trigger].is_null()) {
            return Ok(None);
        }
        let ask = json!({ "cluster": body["cluster"], "services": [body["service"]], "include": ["TAGS"] });
        let target = "AmazonEC2ContainerServiceV20141113.DescribeServices";
        let answer = deleting::ask(moto, request, target, &ask)?;
        Ok(answer.map(|mut answer| answer["services"][0].take()).filter(Value::is_object))
    }

    /// A deployment was begun: its answer.
    pub fn begin(&mut self, mut before: Value, mut answer: Answer) -> Answer {
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
        let service = Service { id, before: Some(before), earlier: vec![old, failed] };
        service.tell(&mut told["service"]);
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
        }
    }
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
        let all = [newest].into_iter().chain(self.earlier.iter().cloned());
        told["deployments"] = all.collect();
    }
}
