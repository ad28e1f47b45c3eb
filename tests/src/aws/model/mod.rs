//! botocore's models of AWS's services, and requests held against them: names, required members, types, lengths, ranges,
//! patterns, enums. moto takes what AWS rejects.
//!
//! A request that cannot be read by its service's model is a fault as well, so that none goes unchecked.
use crate::fault_proxy::Request;
use crate::moto;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};

mod query;
mod rest;
mod shape;

/// A service's model, as far as requests need it.
#[derive(Debug, Deserialize)]
struct Service {
    metadata: Metadata,
    operations: BTreeMap<String, Operation>,
    shapes: HashMap<String, shape::Shape>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    api_version: String,
    protocols: Vec<String>,
    target_prefix: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Operation {
    http: Http,
    input: Option<Input>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    request_uri: String,
}

#[derive(Debug, Deserialize)]
struct Input {
    shape: String,
}

/// What is wrong with a request: the call, the place in it, and why. Empty when AWS would read it.
pub fn check(request: &Request) -> Vec<String> {
    let name = request.call.split(':').next().unwrap_or_default();
    let faults = match service(name) {
        Ok(service) => service.check(request),
        Err(error) => vec![error],
    };
    faults.into_iter().map(|fault| format!("{}: {fault}", request.call)).collect()
}

impl Service {
    fn check(&self, request: &Request) -> Vec<String> {
        let speaks = |protocol: &str| self.metadata.protocols.iter().any(|one| one == protocol);
        let read = match request.head.header("x-amz-target") {
            Some(target) if speaks("json") => self.read_json(target, request),
            Some(target) => Err(format!("no operation of this service is called by a target: {target}")),
            None if speaks("rest-xml") => rest::read(self, request),
            None if speaks("ec2") || speaks("query") => query::read(self, request, speaks("ec2")),
            None => Err("this protocol is not checked".to_owned()),
        };
        match read {
            Err(fault) => vec![fault],
            Ok((input, value, mut faults)) => {
                reserved("", &value, &mut faults);
                if let Some(input) = input {
                    self.check_shape(input, &value, "", &mut faults);
                }
                faults
            }
        }
    }

    fn read_json(&self, target: &str, request: &Request) -> Read<'_> {
        let (prefix, operation) = target.rsplit_once('.').unwrap_or(("", target));
        if self.metadata.target_prefix.as_deref() != Some(prefix) {
            return Err(format!("the target's prefix is not {:?}", self.metadata.target_prefix));
        }
        let operation = self.operation(operation)?;
        let body = if request.body.is_empty() { b"{}" } else { request.body.as_slice() };
        let value = serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
        Ok((input(operation), value, Vec::new()))
    }

    fn operation(&self, name: &str) -> Result<&Operation, String> {
        self.operations.get(name).ok_or_else(|| format!("there is no operation {name}"))
    }
}

/// No model says that tags whose keys begin with `aws:` are AWS's own, and every service rejects them.
fn reserved(path: &str, value: &Value, faults: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let key = members.get("key").or(members.get("Key")).and_then(Value::as_str);
            if members.len() == 2 && key.is_some_and(|key| key.starts_with("aws:")) {
                faults.push(format!("{path}: tag keys that begin with aws: are reserved"));
            }
            members.iter().for_each(|(name, value)| reserved(&format!("{path}.{name}"), value, faults));
        }
        Value::Array(items) => items.iter().for_each(|item| reserved(path, item, faults)),
        _ => {}
    }
}

/// The input's shape, its value, and what was found out of place while it was read.
type Read<'a> = Result<(Option<&'a str>, Value, Vec<String>), String>;

fn input(operation: &Operation) -> Option<&str> {
    operation.input.as_ref().map(|input| input.shape.as_str())
}

/// The folder of a service's models, by its name in signatures, where these differ.
const FOLDERS: [(&str, &str); 3] =
    [("tagging", "resourcegroupstaggingapi"), ("servicequotas", "service-quotas"), ("monitoring", "cloudwatch")];

/// Each is read once a process, when it is first called.
fn service(name: &str) -> Result<Arc<Service>, String> {
    static SERVICES: LazyLock<Mutex<HashMap<String, Arc<Service>>>> = LazyLock::new(Mutex::default);
    let mut services = SERVICES.lock().expect("no panic holds it");
    if let Some(service) = services.get(name) {
        return Ok(Arc::clone(service));
    }
    let service = Arc::new(load(name).map_err(|error| format!("there is no model of the service {name:?}: {error}"))?);
    services.insert(name.to_owned(), Arc::clone(&service));
    Ok(service)
}

fn load(name: &str) -> Result<Service, String> {
    static DATA: LazyLock<Result<PathBuf, String>> = LazyLock::new(data);
    let folder = FOLDERS.iter().find(|(service, _)| *service == name).map_or(name, |(_, folder)| folder);
    let folder = DATA.clone()?.join(folder);
    let versions = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let newest = versions.filter_map(|version| Some(version.ok()?.path())).filter(|path| path.is_dir()).max();
    let newest = newest.ok_or_else(|| format!("{} is empty", folder.display()))?;
    let text = |error: &dyn std::fmt::Display| format!("{}: {error}", newest.display());
    let plain = newest.join("service-2.json");
    if plain.exists() {
        let file = File::open(plain).map_err(|error| text(&error))?;
        return serde_json::from_reader(BufReader::new(file)).map_err(|error| text(&error));
    }
    let file = File::open(newest.join("service-2.json.gz")).map_err(|error| text(&error))?;
    serde_json::from_reader(BufReader::new(GzDecoder::new(BufReader::new(file)))).map_err(|error| text(&error))
}

/// botocore's models, which are installed with moto: in its virtual environment, or where its interpreter says.
fn data() -> Result<PathBuf, String> {
    let server = moto::program().ok_or("there is no moto")?;
    let inside = |site: &Path| site.join("site-packages/botocore/data");
    let library = server.parent().and_then(Path::parent).map(|environment| environment.join("lib"));
    let sites = library.and_then(|library| fs::read_dir(library).ok()).into_iter().flatten();
    if let Some(data) = sites.filter_map(|site| Some(inside(&site.ok()?.path()))).find(|data| data.is_dir()) {
        return Ok(data);
    }
    let script = fs::read_to_string(&server).map_err(|error| format!("{}: {error}", server.display()))?;
    let interpreter =
        script.lines().next().and_then(|line| line.strip_prefix("#!")).ok_or("moto has no interpreter")?;
    let mut words = interpreter.split_whitespace();
    let mut python = Command::new(words.next().ok_or("moto has no interpreter")?);
    let asked = python.args(words).args(["-c", "import botocore; print(botocore.__path__[0])"]).output();
    let asked = asked.map_err(|error| format!("{interpreter}: {error}"))?;
    let folder = Path::new(String::from_utf8_lossy(&asked.stdout).trim()).join("data");
    if folder.is_dir() { Ok(folder) } else { Err(format!("{interpreter} has no botocore")) }
}
