//! What a rule of `lint` says about records that are lost, or come twice, is what the real Fluent Bit does: with the
//! configuration that the rule finds, and with the one that it lets pass.
//!
//! Needs: fluent_bit.
mod outage;
mod routes;
mod scenarios;

use e2e::fluent_bit::{self, process::Process, section};
use firelens_pipeline::Version;
use firelens_pipeline::lint::{self, Context};
use scenarios::{SCENARIOS, Scenario};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How long a scenario may take before it counts as failed. None is decided by it.
const LIMIT: Duration = Duration::from_secs(60);

/// The last record of all, behind which nothing else is on its way.
const SENTINEL: &str = "sentinel";

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("losses").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    dir
}

/// The whole configuration: the records come from a file under a tag of FireLens, and `@file NAME MATCH` is an output to a
/// file.
fn configuration(dir: &Path, rest: &str) -> String {
    included(dir, rest, inputs(dir)) + &file(dir, SENTINEL, SENTINEL)
}

/// The inputs, and the parsers that the filters know.
fn inputs(dir: &Path) -> String {
    let path = |name: &str| dir.join(name).display().to_string();
    fs::write(
        dir.join("parsers.conf"),
        "[PARSER]\n    Name json\n    Format json\n\n[PARSER]\n    Name pair\n    Format regex\n    Regex ^(?<word>\\w+) (?<number>\\d+)$\n",
    )
    .expect("parsers");
    let mut text = section(
        "SERVICE",
        &[("Flush", "0.2"), ("Grace", "10"), ("Log_Level", "warn"), ("Parsers_File", &path("parsers.conf"))],
    );
    let tail = [
        ("Name", "tail"),
        ("Path", &*path("in.log")),
        ("Tag", "web-firelens-0123"),
        ("Read_From_Head", "on"),
        ("Parser", "json"),
    ];
    text += &section("INPUT", &tail);
    text += &section("INPUT", &[("Name", "dummy"), ("Tag", "firelens-healthcheck"), ("Samples", "1")]);
    let last = [("Name", "dummy"), ("Tag", SENTINEL), ("Samples", "1"), ("Interval_Sec", "2")];
    text += &section("INPUT", &last);
    text
}

/// The configuration as FireLens includes it, behind `text`.
fn included(dir: &Path, rest: &str, mut text: String) -> String {
    for line in rest.lines() {
        match line.trim().strip_prefix("@file ").and_then(|output| output.split_once(' ')) {
            Some((name, tag)) => text += &file(dir, name, tag),
            None => text += &format!("{line}\n"),
        }
    }
    text
}

fn file(dir: &Path, name: &str, tag: &str) -> String {
    let folder = dir.display().to_string();
    let entries =
        [("Name", "file"), ("Alias", name), ("Match", tag), ("Path", &folder), ("File", name), ("Format", "plain")];
    section("OUTPUT", &entries)
}

/// How many records each output got.
fn run(program: &Path, name: &str, records: &[&str], rest: &str) -> BTreeMap<String, usize> {
    let dir = folder(name);
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    fs::write(dir.join("in.log"), lines).expect("records");
    let config = dir.join("fluent-bit.conf");
    fs::write(&config, configuration(&dir, rest)).expect("a configuration");
    let mut command = Command::new(program);
    command.arg("-c").arg(&config);
    let mut process = Process::spawn(command, &dir.join("log")).expect("Fluent Bit starts");
    let start = Instant::now();
    while !dir.join(SENTINEL).exists() {
        assert!(process.runs(), "{name}: Fluent Bit ended: {}", process.log());
        assert!(start.elapsed() < LIMIT, "{name}: the last record did not come: {}", process.log());
        thread::sleep(Duration::from_millis(50));
    }
    let status = process.terminate(LIMIT).expect("a signal");
    // 5.0.9 crashes at its end when records go round for ever.
    assert!(status.is_some_and(|status| status.success() || name == "FLK020-bad"), "{name}: {status:?}");
    let counts = fs::read_dir(&dir).expect("the folder").map(|entry| entry.expect("an entry").path());
    let counts = counts
        .filter(|path| !["in.log", "log", "fluent-bit.conf", "parsers.conf", SENTINEL].contains(&file_name(path)));
    counts.map(|path| (file_name(&path).to_string(), count(&path))).collect()
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn count(path: &Path) -> usize {
    fs::read(path).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count()
}

/// The codes of what the linter finds.
fn found(name: &str, rest: &str, version: Version) -> Vec<&'static str> {
    let config = folder(&format!("{name}-lint")).join("fluent-bit.conf");
    let text = included(config.parent().expect("a folder"), rest, String::new());
    fs::write(&config, text).expect("a configuration");
    let context = Context::read(&[config], Some(version), version).expect("a configuration");
    lint::lint(&context).into_iter().map(|finding| finding.rule.code).collect()
}

fn version(program: &Path) -> Version {
    let said = Command::new(program).arg("--version").output().expect("a version").stdout;
    let said = String::from_utf8(said).expect("text");
    said.split_whitespace().find_map(|word| word.strip_prefix('v')?.parse().ok()).expect("a version")
}

#[test]
fn what_rules_say_is_lost_is_lost() {
    for program in fluent_bit::needed() {
        let version = version(&program);
        for Scenario { rule, sent, bad, bad_counts, better, good, good_counts } in SCENARIOS {
            let better = better.filter(|(since, _)| version >= *since);
            let bad_counts = better.map_or(*bad_counts, |(_, counts)| counts);
            assert!(found(rule, bad, version).contains(rule), "{rule} is not found in\n{bad}");
            assert!(!found(rule, good, version).contains(rule), "{rule} is found in\n{good}");
            for (which, text, wanted) in [("bad", bad, bad_counts), ("good", good, *good_counts)] {
                let got = run(&program, &format!("{rule}-{which}"), sent, text);
                let wanted: BTreeMap<String, usize> =
                    wanted.iter().map(|(name, count)| (name.to_string(), *count)).collect();
                println!("{version} {rule} {which}: {} records sent, {got:?} arrived", sent.len());
                assert_eq!(got, wanted, "{rule}, the {which} configuration, {version}");
            }
        }
    }
}
