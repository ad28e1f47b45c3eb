//! A proxy in front of moto that behaves like AWS where moto is kinder, writes down every request, and lets some of them
//! fail as a real cloud does. In front of a registry it does no more than the latter.
use crate::aws::{AtWork, Cloud};
use crate::http::{self, Head};
use crate::iam::Act;
use serde_json::Value;
use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

mod serve;
pub(crate) mod words;

pub(crate) use words::error;
use words::{denied, throttled};

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// There are too many: in the service's own words.
    Throttle,
    /// The caller may not do that: in the service's own words.
    Denied,
    /// Another error: its status, code, and message.
    Error(u16, &'static str, &'static str),
    /// HTTP 200 with this XML, for what the cloud of the tests does not know.
    Answer(&'static str),
    /// HTTP 500.
    Internal,
    /// The connection breaks. It did not get to the cloud.
    Reset,
    /// No answer ever comes. It did not get to the cloud.
    Hang,
    /// It got to the cloud, and no answer ever comes.
    Lost,
    /// It waits until [`FaultProxy::heal`], and then gets to the cloud.
    Hold,
    /// Of a batch for Firehose or Kinesis, every so-manieth record is not taken, and the answer says so.
    Partial(usize),
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// As in IAM, `logs:CreateLogGroup`; of S3, `s3:PUT /bucket/key?lifecycle`.
    pub call: String,
    pub head: Head,
    pub body: Vec<u8>,
    /// What it met with, if anything.
    pub fault: Option<Fault>,
}

impl Request {
    /// Whether it would change something.
    pub fn mutates(&self) -> bool {
        let operation = self.call.split_once(':').map_or("", |(_, operation)| operation);
        let reads = [
            "Describe",
            "List",
            "Get",
            "BatchGet",
            "BatchCheck",
            "Head",
            "HEAD ",
            "GET ",
            "Assume",
            "Filter",
            "Simulate",
        ];
        !reads.iter().any(|read| operation.starts_with(read))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.call, self.text()))
    }

    pub(crate) fn service(&self) -> &str {
        self.call.split(':').next().unwrap_or_default()
    }
}

/// The proxy, on a port of its own.
pub struct FaultProxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: Upstream,
    state: Mutex<State>,
    /// Something happened.
    changed: Condvar,
    closed: AtomicBool,
}

enum Upstream {
    /// moto, which passes for AWS.
    Aws(Box<Cloud>),
    /// Any other server.
    Plain(SocketAddr),
}

#[derive(Default)]
struct State {
    rules: VecDeque<Rule>,
    requests: Vec<Request>,
    /// How often all was well again.
    healed: usize,
}

struct Rule {
    when: When,
    fault: Fault,
    left: usize,
}

enum When {
    Call(String),
    /// So many changes are let through first.
    Mutation(usize),
}

impl FaultProxy {
    /// In front of moto.
    pub fn start(moto: SocketAddr) -> io::Result<FaultProxy> {
        FaultProxy::before(Upstream::Aws(Box::new(Cloud::new(moto))))
    }

    /// In front of a server that is not AWS: an image registry.
    pub fn plain(server: SocketAddr) -> io::Result<FaultProxy> {
        FaultProxy::before(Upstream::Plain(server))
    }

    fn before(upstream: Upstream) -> io::Result<FaultProxy> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstream,
            state: Mutex::default(),
            changed: Condvar::new(),
            closed: AtomicBool::new(false),
        });
        let listening = Arc::clone(&shared);
        thread::spawn(move || serve::listen(&listener, &listening));
        Ok(FaultProxy { address, shared })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next so many requests whose call contains this text (all of them when it is empty) fail so.
    pub fn fail(&self, call: &str, fault: Fault, times: usize) {
        self.shared.state().rules.push_back(Rule { when: When::Call(call.to_owned()), fault, left: times });
    }

    /// So many requests that change something get through from now on; the next one fails so, and all behind it.
    pub fn fail_after(&self, mutations: usize, fault: Fault) {
        let rule = Rule { when: When::Mutation(mutations), fault, left: usize::MAX };
        self.shared.state().rules.push_back(rule);
    }

    /// So many requests that change something get through from now on; the next one fails so, once.
    pub fn fail_once_after(&self, mutations: usize, fault: Fault) {
        self.shared.state().rules.push_back(Rule { when: When::Mutation(mutations), fault, left: 1 });
    }

    /// Time passes: what was made is known everywhere, what was deleted is gone, what was rolled out runs.
    pub fn settle(&self) {
        if let Upstream::Aws(cloud) = &self.shared.upstream {
            cloud.settle();
        }
    }

    /// AWS knows this member, though the models of its services that moto comes with do not yet.
    pub fn knows(&self, member: &str) {
        self.cloud().knows(member);
    }

    /// From now on, the caller with this access key may do what this policy allows, for a stack of this name; its requests are
    /// decided on by IAM's rules. A denial that no test asks for fails it.
    pub fn restrict(&self, access_key: &str, policy: Value, stack: &str) {
        self.cloud().restrict(access_key, policy, stack);
    }

    /// The router of the next revision that is registered does this. From now on, after each change, the roles of all that runs
    /// have to allow what it does, and what it writes to has to be there: what is missing fails the test.
    pub fn next_revision_does(&self, acts: Vec<Act>) {
        self.cloud().next_revision_does(acts);
    }

    /// How often a running revision or a delivery stream was asked for a right.
    pub fn rights_asked_for(&self) -> usize {
        self.cloud().rights_asked_for()
    }

    /// What IAM denied since the last time, each once.
    pub fn denied(&self) -> Vec<String> {
        let mut all = self.cloud().denied();
        all.sort();
        all.dedup();
        all
    }

    fn cloud(&self) -> &Cloud {
        match &self.shared.upstream {
            Upstream::Aws(cloud) => cloud,
            Upstream::Plain(_) => panic!("it is not in front of moto"),
        }
    }

    /// No more faults.
    pub fn heal(&self) {
        let mut state = self.shared.state();
        state.rules.clear();
        state.healed += 1;
        self.shared.changed.notify_all();
    }

    /// Waits until some request has met with a fault. `false` when none has in this time.
    pub fn wait_for_fault(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        let mut state = self.shared.state();
        loop {
            if state.requests.iter().any(|request| request.fault.is_some()) {
                return true;
            }
            let Some(left) = end.checked_duration_since(Instant::now()) else { return false };
            state = self.shared.changed.wait_timeout(state, left).expect("no panic holds it").0;
        }
    }

    /// All requests since the last [`FaultProxy::forget`], in their order.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// The requests whose call contains this text.
    pub fn requests_of(&self, call: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.call.contains(call)).collect()
    }

    /// The calls that would change something.
    pub fn mutations(&self) -> Vec<String> {
        self.requests().into_iter().filter(Request::mutates).map(|request| request.call).collect()
    }

    pub fn forget(&self) {
        self.shared.state().requests.clear();
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        self.shared.changed.notify_all();
        // The listener waits in `accept`.
        let _ = TcpStream::connect(self.address);
        let Upstream::Aws(cloud) = &self.shared.upstream else { return };
        let rejected = cloud.rejected();
        if !rejected.is_empty() && !thread::panicking() {
            panic!("AWS would reject these requests:\n{}", rejected.join("\n"));
        }
        let lost = cloud.lost_rights();
        if !lost.is_empty() && !thread::panicking() {
            panic!("What runs lacks something:\n{}", lost.join("\n"));
        }
        let denied = self.denied();
        if !denied.is_empty() {
            let text = format!("IAM denies these requests:\n{}", denied.join("\n"));
            // Of a test that fails already, it may be why.
            if thread::panicking() { eprintln!("{text}") } else { panic!("{text}") }
        }
    }
}

impl Upstream {
    fn address(&self) -> SocketAddr {
        match self {
            Upstream::Aws(cloud) => cloud.moto,
            Upstream::Plain(server) => *server,
        }
    }

    /// A request has come.
    fn begin(&self) -> Option<AtWork<'_>> {
        match self {
            Upstream::Aws(cloud) => Some(cloud.begin()),
            Upstream::Plain(_) => None,
        }
    }

    fn ask(&self, request: &Request) -> io::Result<Vec<u8>> {
        match self {
            Upstream::Aws(cloud) => cloud.ask(request),
            Upstream::Plain(server) => http::hand_on(*server, &request.head, &request.body),
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic holds it")
    }

    /// What a request meets with.
    fn meet(&self, request: &Request) -> Option<Fault> {
        let mut state = self.state();
        let fault = state.rules.iter_mut().find_map(|rule| rule.apply(request));
        state.rules.retain(|rule| rule.left > 0);
        fault
    }

    /// Writes a request down, with what it met with.
    fn note(&self, request: &Request, fault: Option<Fault>) {
        self.state().requests.push(Request { fault, ..request.clone() });
        self.changed.notify_all();
    }

    /// Until all is well again: more often than before.
    fn hold(&self, before: usize) {
        let mut state = self.state();
        while state.healed == before && !self.closed.load(Ordering::Relaxed) {
            state = self.changed.wait(state).expect("no panic holds it");
        }
    }

    /// Until the proxy goes away.
    fn hang(&self) -> io::Result<()> {
        let mut state = self.state();
        while !self.closed.load(Ordering::Relaxed) {
            state = self.changed.wait(state).expect("no panic holds it");
        }
        Ok(())
    }
}

impl Rule {
    fn apply(&mut self, request: &Request) -> Option<Fault> {
        match &mut self.when {
            When::Call(text) if !request.call.contains(text.as_str()) => return None,
            When::Mutation(_) if !request.mutates() => return None,
            When::Mutation(through) if *through > 0 => {
                *through -= 1;
                return None;
            }
            _ => {}
        }
        self.left -= 1;
        Some(self.fault)
    }
}
