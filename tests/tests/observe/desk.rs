//! A folder with a `firelens.toml`, and a cloud, as whoever runs the command line has them.
use crate::stage::{REGION, logs};
use e2e::{fault_proxy::FaultProxy, kit, moto::Moto};
use serde_json::{Value, json};
use std::{
    fs,
    process::{Command, Output},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

pub struct Desk {
    folder: TempDir,
    pub proxy: FaultProxy,
    pub moto: Arc<Moto>,
}

impl Desk {
    pub fn new(configuration: &str) -> Desk {
        let moto = Moto::start();
        let proxy = FaultProxy::start(moto.address).unwrap();
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("firelens.toml"), configuration).unwrap();
        Desk { folder, proxy, moto: Arc::new(moto) }
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = kit::command();
        command.args(args).current_dir(self.folder.path()).envs(self.moto.environment(REGION));
        command.env("AWS_ENDPOINT_URL", self.proxy.url());
        command
    }

    /// Exit code, standard output, standard error.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = self.command(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    pub fn make_group(&self, name: &str, tags: &Value) {
        logs(&self.moto, "CreateLogGroup", &json!({ "logGroupName": name, "tags": tags }));
    }

    /// Events with their times in milliseconds, in a stream of their own.
    pub fn put(&self, group: &str, stream: &str, events: &[(u64, &str)]) {
        put(&self.moto, group, stream, events);
    }
}

/// The same, into a group that is there.
pub fn put(moto: &Moto, group: &str, stream: &str, events: &[(u64, &str)]) {
    let place = json!({ "logGroupName": group, "logStreamName": stream }).to_string();
    // It can be there.
    moto.request(REGION, "logs", "POST", "/", "Logs_20140328.CreateLogStream", place.as_bytes());
    let events: Vec<Value> =
        events.iter().map(|(time, message)| json!({ "timestamp": time, "message": message })).collect();
    logs(moto, "PutLogEvents", &json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events }));
}

/// Milliseconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}
