//! `firelens-kit init`: what is written works at once.
#[path = "init/log_formats.rs"]
mod log_formats;
#[path = "init/samples.rs"]
mod samples;
mod support;

use std::process::Stdio;
use support::{ERROR, FAILED, Folder, GOOD, HEALTH, Run};

fn init(folder: &Folder, args: &[&str]) -> Run {
    Run::new(folder.command().arg("init").args(args).stdin(Stdio::null()).output().unwrap())
}

/// The configuration has no warnings, and its expectations hold.
#[track_caller]
fn assert_works(folder: &Folder) {
    let run = folder.test([""; 0]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    let compiled = folder.command().args(["compile", "-c", "firelens.toml"]).output().unwrap();
    assert!(compiled.status.success());
}

#[test]
fn without_a_sample() {
    let folder = Folder::new();
    let run = init(&folder, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert_works(&folder);
    let tests = folder.read("httpd.test.toml");
    for part in ["health-checks", "dropped = true", "code = \"AH", "to = [\"cloudwatch\", \"archive\"]", "status = 200"]
    {
        assert!(tests.contains(part), "no {part} in {tests}");
    }
}

#[test]
fn from_logs_of_httpd() {
    let access = [GOOD, HEALTH, FAILED, GOOD].join("\n");
    let folder =
        Folder::new().with("logs/access.log", access).with("logs/error.log", format!("{ERROR}\nwhat is this?\n"));
    let run = init(&folder, &["shop", "--from", "logs/access.log", "logs/error.log"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in ["6 lines, 83.3 % of them parsed", "4  httpd stdout: \"combined\"", "1  httpd stderr: \"httpd_error\""]
    {
        assert!(run.stderr.contains(part), "no {part} in {}", run.stderr);
    }
    assert!(run.stderr.contains("logs/error.log:2:\n          what is this?"), "{}", run.stderr);
    let run = Run::new(folder.command().current_dir(folder.path("shop")).arg("test").output().unwrap());
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(folder.read("shop/firelens.toml").starts_with("name = \"shop\"\n"));
    assert!(folder.read("shop/httpd.test.toml").matches("[[test]]").count() == 4);
}

#[test]
fn from_records_of_fluent_bit() {
    let record = |container: &str, source: &str, log: &str| {
        serde_json::json!({ "container_name": container, "source": source, "log": log, "ecs_cluster": "c" }).to_string()
    };
    let started = r#"Started GET "/cart" for 203.0.113.7 at 2026-11-22 07:38:32 +0000"#;
    let records = [
        record("web", "stdout", GOOD),
        record("web", "stderr", ERROR),
        record("/ecs-shop-3-app-a0b1c2", "stdout", started),
        record("worker", "stdout", r#"{"level":"info","message":"a"}"#),
    ];
    let folder = Folder::new().with("records.ndjson", records.join("\n"));
    let run = init(&folder, &["--from", "records.ndjson"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_works(&folder);
    let toml = folder.read("firelens.toml");
    for part in [
        "name = \"web\"",
        "name = \"app\"",
        "name = \"worker\"",
        "\"rails\"",
        "\"json\"",
        "stderr = [\n  \"httpd_error\"",
    ] {
        assert!(toml.contains(part), "no {part} in {toml}");
    }
}

#[test]
fn from_a_log_format_of_ones_own() {
    let line = |n: u32| {
        format!(r#"shop.example.com|203.0.113.{n}|[22/Nov/2026:07:38:32 +0000]|"GET /{n} HTTP/1.1"|20{n}|5{n}|it's"#)
    };
    let folder = Folder::new().with("own.log", (0..5).map(|n| line(n) + "\n").collect::<String>());
    let run = init(&folder, &["--from", "own.log"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains(r#"%v|%h|%t|"%r"|%>s|%b|"#) && run.stderr.contains("guessed"), "{}", run.stderr);
    assert_works(&folder);
}

#[test]
fn nothing_is_overwritten_unless_it_is_said() {
    let folder = Folder::new().with("firelens.toml", "mine");
    init(&folder, &[]).fails_with(2, &["firelens.toml is there already", "--force"]);
    assert_eq!(folder.read("firelens.toml"), "mine");
    assert_eq!(init(&folder, &["--force"]).code, 0);
    assert_works(&folder);
    std::fs::remove_file(folder.path("firelens.toml")).unwrap();
    init(&folder, &[]).fails_with(2, &["httpd.test.toml is there already"]);
    assert!(!folder.path("firelens.toml").exists());
}

#[test]
fn samples_that_cannot_be_used() {
    let folder = Folder::new().with("empty.log", "\n\n").with("prose.txt", "Hello\nworld, this is no log\n");
    init(&folder, &["--from", "empty.log"]).fails_with(2, &["no lines in the sample"]);
    init(&folder, &["--from", "prose.txt"]).fails_with(2, &["prose.txt:1", "no format was found"]);
    init(&folder, &["--from", "nowhere.log"]).fails_with(2, &["cannot read nowhere.log"]);
    assert!(!folder.path("firelens.toml").exists());
}
