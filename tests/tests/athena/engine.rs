//! What each test begins with: a folder with a configuration and its export.
use e2e::{athena, kit};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

pub struct Engine {
    python: PathBuf,
    folder: TempDir,
    objects: BTreeMap<String, PathBuf>,
}

impl Engine {
    pub fn start(config: &str) -> Engine {
        let python = athena::python();
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("firelens.toml"), config).expect("a file");
        let engine = Engine { python, folder, objects: BTreeMap::new() };
        let place = ["--account", "123456789012", "--region", "eu-central-1"];
        engine.kit(&[&["export", "athena", "-o", "export"], &place[..]].concat());
        engine
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self) -> Command {
        let mut command = kit::command();
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs the command line; what it printed.
    pub fn kit(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output().expect("it runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What becomes of the records of a file, in their order.
    pub fn filtered(&self, records: &[Value]) -> Vec<Value> {
        let text: String = records.iter().map(|record| format!("{record}\n")).collect();
        fs::write(self.path("records.ndjson"), text).expect("a file");
        let printed = self.kit(&["test", "records.ndjson", "--input", "records", "--format", "ndjson", "--quiet"]);
        printed.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    pub fn put(&mut self, url: &str, bytes: &[u8]) {
        let path = self.path(&format!("object-{}", self.objects.len()));
        fs::write(&path, bytes).expect("a file");
        self.objects.insert(url.to_string(), path);
    }

    /// What the queries of a destination find in all objects of so many hours. Every object has to be in one folder,
    /// and every member of its records in a column that holds it.
    #[track_caller]
    pub fn ask(&self, destination: &str, hours: u32) -> Value {
        let export: PathBuf = Path::new("export").join(destination);
        let found = athena::query(&self.python, &self.folder.path().join(export), &self.objects, hours);
        for nothing in ["unseen", "twice", "undeclared", "misfits"] {
            assert_eq!(found[nothing], Value::Array(Vec::new()), "{nothing}");
        }
        found
    }
}
