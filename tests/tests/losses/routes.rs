//! Routes of an input in YAML that share an output (FLK071).
use super::{LIMIT, count, folder, version};
use e2e::fluent_bit::{self, process::Process};
use firelens_pipeline::lint::{self, Context};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Two of these are failures.
const RECORDS: &str = "{\"route\":\"rest\"}\n{\"route\":\"failures\"}\n{\"route\":\"rest\"}\n{\"route\":\"failures\"}\n{\"route\":\"rest\"}\n";

/// What is written to `archive`, which takes the rest, and to the outputs of failures beside it.
const CONFIGURATION: &str = "
service:
  flush: 0.2
  grace: 10
  log_level: warn
  parsers_file: DIR/parsers.conf
pipeline:
  inputs:
    - name: tail
      path: DIR/in.log
      tag: web
      read_from_head: true
      parser: json
      routes:
        logs:
          - name: failures
            condition:
              rules:
                - field: $route
                  op: eq
                  value: failures
            to:
              outputs: [live, SECOND]
          - name: rest
            condition:
              default: true
            to:
              outputs:
                - archive
    - name: dummy
      tag: sentinel
      samples: 1
      interval_sec: 2
  outputs:
    - name: file
      alias: live
      path: DIR
      file: live
      format: plain
    - name: file
      alias: archive
      path: DIR
      file: archive
      format: plain
    - name: file
      match: sentinel
      path: DIR
      file: sentinel
      format: plain
";

const THIRD: &str = "    - name: file
      alias: failures
      path: DIR
      file: failures
      format: plain
";

/// The records in `live`, `archive` and `failures`.
fn run(program: &Path, name: &str, second: &str) -> (PathBuf, [usize; 3]) {
    let dir = folder(name);
    fs::write(dir.join("in.log"), RECORDS).expect("records");
    fs::write(dir.join("parsers.conf"), "[PARSER]\n    Name json\n    Format json\n").expect("parsers");
    let third = if second == "failures" { THIRD } else { "" };
    let text = [CONFIGURATION, third].concat();
    let text = text.replace("DIR", &dir.display().to_string()).replace("SECOND", second);
    let config = dir.join("fluent-bit.yaml");
    fs::write(&config, text).expect("a configuration");
    let mut command = Command::new(program);
    command.arg("-c").arg(&config);
    let mut process = Process::spawn(command, &dir.join("log")).expect("Fluent Bit starts");
    let start = Instant::now();
    while !dir.join("sentinel").exists() {
        assert!(process.runs(), "{name}: Fluent Bit ended: {}", process.log());
        assert!(start.elapsed() < LIMIT, "{name}: the last record did not come: {}", process.log());
        thread::sleep(Duration::from_millis(50));
    }
    process.terminate(LIMIT).expect("a signal").expect("it ends");
    (config, ["live", "archive", "failures"].map(|name| count(&dir.join(name))))
}

#[test]
fn an_output_of_two_routes_loses_the_default_route() {
    for program in fluent_bit::needed() {
        let version = version(&program);
        for (name, second, wanted) in [("FLK071-bad", "archive", [2, 2, 0]), ("FLK071-good", "failures", [2, 3, 2])] {
            let (config, got) = run(&program, name, second);
            println!("{version} {name}: 5 records sent, {got:?} arrived in live, archive, failures");
            assert_eq!(got, wanted, "{name}, {version}");
            let context = Context::read(&[config], Some(version), version).expect("a configuration");
            let found = lint::lint(&context).into_iter().any(|finding| finding.rule.code == "FLK071");
            assert_eq!(found, name == "FLK071-bad", "{name}");
        }
    }
}
