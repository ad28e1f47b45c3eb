//! IAM's rules on this machine: npm's `@cloud-copilot/iam-simulate` decides whether a policy allows a request.
use crate::counterpart;
use crate::iam::Act;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    env,
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
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

impl Request {
    /// A call of a principal of the account with this policy.
    pub fn of(account: &str, policy: &Value, act: &Act) -> Request {
        Request {
            principal: format!("arn:aws:sts::{account}:assumed-role/role/session"),
            action: act.action.clone(),
            resource: act.resource.clone(),
            account: account.into(),
            context: act.context.clone(),
            identity: policy.clone(),
            resource_policy: if act.action.starts_with("kms:") { key_policy(account) } else { Value::Null },
        }
    }
}

/// A key's policy, as KMS makes it: the account's IAM decides.
fn key_policy(account: &str) -> Value {
    let root = format!("arn:aws:iam::{account}:root");
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": root }, "Action": "kms:*", "Resource": "*" },
    ] })
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
    if !folder.join("node_modules/@cloud-copilot/iam-simulate").is_dir() {
        counterpart::missing(counterpart::SIMULATOR);
    }
    folder
}

/// The socket of a simulator that serves all tests of a run, which `scripts/test` starts: it takes node a second to read the
/// rules, and tests run in processes of their own.
const SOCKET: &str = "IAM_SIMULATOR_SOCKET";

/// The simulator, which answers one line for each.
struct Simulator {
    /// One of our own.
    child: Option<Child>,
    input: Box<dyn Write + Send>,
    output: Box<dyn BufRead + Send>,
}

impl Simulator {
    fn start() -> Simulator {
        if let Some(socket) = env::var_os(SOCKET) {
            let input = UnixStream::connect(&socket).unwrap_or_else(|error| panic!("${SOCKET}: {error}"));
            let output = BufReader::new(input.try_clone().expect("a socket"));
            return Simulator { child: None, input: Box::new(input), output: Box::new(output) };
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("simulate/simulate.mjs");
        let mut node = Command::new("node");
        node.arg(script).arg(folder()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().unwrap_or_else(|_| counterpart::missing(counterpart::SIMULATOR));
        let input = child.stdin.take().expect("it is a pipe");
        let output = BufReader::new(child.stdout.take().expect("it is a pipe"));
        Simulator { child: Some(child), input: Box::new(input), output: Box::new(output) }
    }

    fn read(output: &mut dyn BufRead) -> Value {
        let mut line = String::new();
        output.read_line(&mut line).expect("the simulator answers");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("the simulator failed: {error}: {line:?}"))
    }

    fn ask(&mut self, request: &Request) -> Verdict {
        writeln!(self.input, "{}", json(request)).expect("the simulator reads");
        verdict(&Simulator::read(&mut self.output))
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The verdict on each request.
pub fn decide(requests: &[Request]) -> Vec<Verdict> {
    let mut simulator = Simulator::start();
    let Simulator { input, output, .. } = &mut simulator;
    thread::scope(|scope| {
        scope.spawn(|| {
            for request in requests {
                writeln!(input, "{}", json(request)).expect("the simulator reads");
            }
        });
        requests.iter().map(|_| verdict(&Simulator::read(output))).collect()
    })
}

/// Decisions that are remembered, in memory and in `target/iam-decisions`: tests run in processes of their own, and ask the same
/// again and again. A decision follows from what is asked alone, so that one is never out of date. The simulator is started for
/// the first question that nobody has asked before.
#[derive(Default)]
pub struct Decisions(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    simulator: Option<Simulator>,
    policies: HashMap<String, Policy>,
}

/// What was decided about a policy: a line `RESULT\tACTION RESOURCE CONTEXT` each.
struct Policy {
    decided: HashMap<String, Verdict>,
    file: File,
}

impl Decisions {
    /// Starts the simulator where nothing is known of a policy, so that no call has to wait for it.
    ///
    /// # Panics
    /// Without the simulator.
    pub fn prepare(&self, policy: &Value) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Remembered { simulator, policies } = &mut *remembered;
        let known = policies.entry(policy.to_string()).or_insert_with_key(|text| Policy::load(text));
        if known.decided.is_empty() {
            let act = Act::new("sts:GetCallerIdentity", "*");
            simulator.get_or_insert_with(Simulator::start).ask(&Request::of("123456789012", policy, &act));
        }
    }

    /// The verdict on a call of a principal of the account.
    ///
    /// # Panics
    /// Without the simulator.
    pub fn decide(&self, account: &str, policy: &Value, act: &Act) -> Verdict {
        let question = json!([account, act.action, act.resource, act.context]).to_string();
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Remembered { simulator, policies } = &mut *remembered;
        let policy_text = policy.to_string();
        let known = policies.entry(policy_text).or_insert_with_key(|text| Policy::load(text));
        if let Some(verdict) = known.decided.get(&question) {
            return verdict.clone();
        }
        let simulator = simulator.get_or_insert_with(Simulator::start);
        let verdict = simulator.ask(&Request::of(account, policy, act));
        known.remember(question, &verdict);
        verdict
    }
}

impl Policy {
    fn load(policy: &str) -> Policy {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut hash = Sha256::new();
        for part in [include_str!("../simulate/simulate.mjs"), include_str!("../simulate/package-lock.json"), policy] {
            hash.update(part);
        }
        let name: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let folder = manifest.join("../target/iam-decisions");
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(name);
        // The last line may be on its way from another process.
        let text = fs::read_to_string(&path).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let decided = whole.lines().filter_map(|line| {
            let (result, question) = line.split_once('\t')?;
            let (allowed, wrong) = result.split_once(' ')?;
            let wrong = Some(wrong.to_owned()).filter(|wrong| !wrong.is_empty());
            Some((question.to_owned(), Verdict { allowed: allowed == "true", wrong, anywhere: false }))
        });
        let decided = decided.collect();
        let file = OpenOptions::new().create(true).append(true).open(&path).expect("a file");
        Policy { decided, file }
    }

    fn remember(&mut self, question: String, verdict: &Verdict) {
        let wrong = verdict.wrong.as_deref().unwrap_or_default().replace(['\n', '\t'], " ");
        let line = format!("{} {wrong}\t{question}\n", verdict.allowed);
        self.file.write_all(line.as_bytes()).expect("it is written");
        self.decided.insert(question, verdict.clone());
    }
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
