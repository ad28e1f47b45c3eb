//! moto made to behave like AWS, where it is kinder than AWS.
use crate::fault_proxy::{self, Request};
use crate::http;
use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;

mod model;
mod tags;

/// moto, in AWS's place.
pub(crate) struct Cloud {
    pub moto: SocketAddr,
    /// What AWS would not have read of the requests.
    rejected: Mutex<Vec<String>>,
    /// Parts of faults that are none: what AWS knows and the models do not yet.
    newer: Mutex<Vec<String>>,
}

impl Cloud {
    pub fn new(moto: SocketAddr) -> Cloud {
        Cloud { moto, rejected: Mutex::default(), newer: Mutex::default() }
    }

    /// The answer to a request that its service's model does not allow.
    pub fn reject(&self, request: &Request) -> Option<Vec<u8>> {
        let mut faults = model::check(request);
        let newer = self.newer.lock().expect("no panic holds it");
        faults.retain(|fault| !newer.iter().any(|part| fault.contains(part)));
        let text = faults.join("; ").replace(['"', '<', '>', '&', '\\'], " ");
        let answer =
            (!faults.is_empty()).then(|| fault_proxy::error(request.service(), 400, "ValidationException", &text));
        self.rejected.lock().expect("no panic holds it").extend(faults);
        answer
    }

    /// From now on a fault that contains this is none.
    pub fn knows(&self, part: &str) {
        self.newer.lock().expect("no panic holds it").push(part.to_owned());
    }

    /// All that was rejected, each once.
    pub fn rejected(&self) -> Vec<String> {
        let mut all = self.rejected.lock().expect("no panic holds it").clone();
        all.sort();
        all.dedup();
        all
    }

    /// AWS's answer to a request.
    pub fn ask(&self, request: &Request) -> io::Result<Vec<u8>> {
        let answer = http::ask(self.moto, &request.head, &request.body)?;
        if answer.is_success()
            && let Some((head, body)) = tags::request(request)
        {
            http::ask(self.moto, &head, body.as_bytes())?;
        }
        Ok(answer.bytes())
    }
}
