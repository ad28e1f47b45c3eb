//! moto made to behave like AWS, where it is kinder than AWS.
use crate::fault_proxy::{self, Request};
use crate::http;
use crate::iam::Act;
use std::io;
use std::net::SocketAddr;
use std::sync::{Condvar, Mutex, MutexGuard};

mod bucket_policy;
mod deleting;
mod deployments;
mod eventual;
mod model;
mod rights;
mod roles;
mod shards;
mod tags;
mod things;
mod throttle;

use deleting::Deleting;
use deployments::Deployments;
use eventual::Eventual;
use rights::Rights;
use roles::Roles;
use throttle::Throttle;

/// moto, in AWS's place.
pub(crate) struct Cloud {
    pub moto: SocketAddr,
    /// What AWS would not have read of the requests.
    rejected: Mutex<Vec<String>>,
    /// Parts of faults that are none: what AWS knows and the models do not yet.
    newer: Mutex<Vec<String>>,
    rights: Rights,
    manners: Mutex<Manners>,
    /// Of two who make the same thing in the same moment, AWS tells one that it is there. moto looks first and makes it then.
    making: Mutex<()>,
    /// Requests that are being answered.
    at_work: Mutex<usize>,
    /// One of them was answered.
    answered: Condvar,
}

/// A request that is being answered.
pub(crate) struct AtWork<'a>(&'a Cloud);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        *self.0.at_work.lock().expect("no panic holds it") -= 1;
        self.0.answered.notify_all();
    }
}

/// What AWS does in its own time.
#[derive(Debug, Default)]
struct Manners {
    eventual: Eventual,
    deleting: Deleting,
    deployments: Deployments,
    roles: Roles,
    throttle: Throttle,
}

impl Cloud {
    pub fn new(moto: SocketAddr) -> Cloud {
        Cloud {
            moto,
            rejected: Mutex::default(),
            newer: Mutex::default(),
            rights: Rights::default(),
            manners: Mutex::default(),
            making: Mutex::default(),
            at_work: Mutex::default(),
            answered: Condvar::new(),
        }
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

    /// Whether AWS has too many requests like this one.
    pub fn throttles(&self, request: &Request) -> bool {
        self.manners().throttle.refuses(request)
    }

    /// The answer to a request that its caller may not make.
    pub fn deny(&self, request: &Request) -> Option<Vec<u8>> {
        self.rights.deny(self.moto, request)
    }

    /// From now on, the caller with this access key may do what the policy says, for a stack of this name.
    pub fn restrict(&self, access_key: &str, policy: serde_json::Value, stack: &str) {
        self.rights.set(access_key, policy, stack);
    }

    /// The router of the next revision that is registered does this. From now on, what runs has to have its rights.
    pub fn next_revision_does(&self, acts: Vec<Act>) {
        self.manners().roles.next_revision_does(acts);
    }

    /// The rights that something that runs has not had since the last time.
    pub fn lost_rights(&self) -> Vec<String> {
        self.manners().roles.lost()
    }

    /// How often something that runs was asked for a right.
    pub fn rights_asked_for(&self) -> usize {
        self.manners().roles.asked()
    }

    /// What was denied since the last time.
    pub fn denied(&self) -> Vec<String> {
        self.rights.denied()
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

    /// Time passes: what was made is known everywhere, what was deleted is gone, what was rolled out runs. What is on its way
    /// gets there first: that of a process that was killed, say.
    pub fn settle(&self) {
        let at_work = self.at_work.lock().expect("no panic holds it");
        drop(self.answered.wait_while(at_work, |at_work| *at_work > 0).expect("no panic holds it"));
        let mut manners = self.manners();
        manners.eventual.settle();
        manners.deleting.settle();
        manners.deployments.settle();
        manners.roles.settle();
    }

    /// A request has come. Time does not pass until what this returns is dropped.
    pub fn begin(&self) -> AtWork<'_> {
        *self.at_work.lock().expect("no panic holds it") += 1;
        AtWork(self)
    }

    /// AWS's answer to a request.
    pub fn ask(&self, request: &Request) -> io::Result<Vec<u8>> {
        if let Some(answer) = self.manners().deleting.answer(request) {
            return Ok(answer);
        }
        let unknown = self.manners().eventual.unknown(request);
        if let Some(answer) = unknown.as_ref().and_then(|thing| eventual::not_found(thing, request)) {
            return Ok(answer);
        }
        let goes = Deleting::look(self.moto, request)?;
        let changes = Deployments::look(self.moto, request)?;
        let creates = request.call.contains(":Create");
        let making = creates.then(|| self.making.lock().expect("no panic holds it"));
        let mut answer = match shards::of_all(request) {
            Some((head, body)) => http::ask(self.moto, &head, &body)?,
            None => http::ask(self.moto, &request.head, &request.body)?,
        };
        drop(making);
        if !answer.is_success() {
            return Ok(answer.bytes());
        }
        if let Some((head, body)) = tags::request(request) {
            http::ask(self.moto, &head, body.as_bytes())?;
        }
        if let Some(change) = &changes {
            Deployments::go_back(self.moto, request, change)?;
        }
        let mut manners = self.manners();
        manners.eventual.note(request, &answer);
        if let Some((thing, description, tags)) = goes {
            manners.deleting.note(thing, description, tags);
        }
        if let Some(change) = changes {
            answer = manners.deployments.begin(change, answer);
        }
        if request.call == "ecs:DescribeServices" {
            answer = manners.deployments.describe(answer);
        }
        if request.call == "kinesis:ListShards" {
            answer = shards::filtered(request, answer);
        }
        if bucket_policy::is_asked_for(request) {
            answer = bucket_policy::canonical(answer);
        }
        let region = request.head.header("authorization").and_then(|text| text.split('/').nth(2)).unwrap_or_default();
        manners.roles.note(&self.rights, self.moto, region, request, &answer);
        let answer = match unknown {
            Some(thing) => eventual::without(&thing, answer),
            None => answer,
        };
        Ok(answer.bytes())
    }

    fn manners(&self) -> MutexGuard<'_, Manners> {
        self.manners.lock().expect("no panic holds it")
    }
}
