//! A stand-in for Athena: `tests/athena/athena.py`, with sqlglot and DuckDB.
use crate::counterpart;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

/// The Python that has sqlglot and DuckDB: `$SQL_PYTHON`, or the one that `scripts/counterparts sql` installs.
pub fn python() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/sql/bin/python");
    let python = env::var_os("SQL_PYTHON").map_or(installed, PathBuf::from);
    if !python.is_file() {
        counterpart::missing(counterpart::SQL);
    }
    python
}

/// What `athena.py` found in the folder of an archive's export, and in these objects, by their URLs, of the last hours.
pub fn query(python: &Path, export: &Path, objects: &BTreeMap<String, PathBuf>, hours: u32) -> Value {
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut queries = BTreeMap::new();
    for entry in export.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if !["table", "view"].contains(&name.as_str()) {
            queries.insert(name, read(&path));
        }
    }
    let job = json!({
        "table": read(&export.join("table.sql")),
        "view": read(&export.join("view.sql")),
        "queries": queries,
        "objects": objects,
        "hours": hours,
    });
    run(python, &job)
}

fn run(python: &Path, job: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("athena/athena.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    let text = job.to_string();
    let writer = thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("Python ends");
    let _ = writer.join().expect("the writer ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}
