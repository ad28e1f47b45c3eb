//! `firelens-kit inject` over task definitions as people have them. Each `inject/good/NAME.json` has what becomes of it
//! beside it (`NAME.new`), and what is said (`NAME.stderr`); each `inject/bad/NAME.json` what is wrong with it. `NAME.args`
//! holds arguments. `UPDATE_EXPECTED=1` writes the expected files.
mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};
use support::{Folder, Run};

const CONFIG: &str = r#"
name = "shop"

[[container]]
name = "httpd"
stdout = ["combined"]
stderr = ["httpd_error"]

[[route]]
name = "rest"
to = ["archive"]

[destination.archive]
type = "firehose"
"#;

const IMAGE: [&str; 2] = ["--image", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-router:1.4.0"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inject")
}

fn cases(folder: &str) -> Vec<PathBuf> {
    let entries = root().join(folder).read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|ext| ext == "json")).collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn arguments(case: &Path) -> Vec<String> {
    let text = fs::read_to_string(case.with_extension("args")).unwrap_or_default();
    text.split_whitespace().map(str::to_string).collect()
}

fn folder(task: &str) -> Folder {
    Folder::new().with("firelens.toml", CONFIG).with("taskdef.json", task)
}

fn inject<A: AsRef<std::ffi::OsStr>>(folder: &Folder, args: impl IntoIterator<Item = A>) -> Run {
    let mut command = folder.command();
    command.env_remove("AWS_REGION").env_remove("AWS_DEFAULT_REGION").arg("inject").arg("taskdef.json").args(args);
    Run::new(command.output().unwrap())
}

fn plain() -> String {
    fs::read_to_string(root().join("good/fargate.json")).unwrap()
}

/// Whether the file holds this text; with `UPDATE_EXPECTED` it does then.
fn expected(path: &Path, text: &str) -> bool {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path, text).unwrap();
    }
    fs::read_to_string(path).unwrap_or_default() == text
}

#[test]
fn task_definitions_get_the_router_and_a_second_time_changes_nothing() {
    let mut wrong = Vec::new();
    for case in cases("good") {
        let folder = folder(&fs::read_to_string(&case).unwrap());
        let args = arguments(&case);
        let all = args.iter().map(String::as_str);
        let run = inject(&folder, all.clone().chain(IMAGE).chain(["--format", "json"]));
        let same =
            expected(&case.with_extension("new"), &run.stdout) & expected(&case.with_extension("stderr"), &run.stderr);
        if run.code != 0 || !same {
            wrong.push(format!("{}: {}\n{}{}", case.display(), run.code, run.stdout, run.stderr));
        }
        let again = folder.with("taskdef.json", &run.stdout);
        let again = inject(&again, all.filter(|arg| *arg != "--register").chain(["--check"]));
        assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{}:\n{}", case.display(), again.stderr);
    }
    assert!(wrong.is_empty(), "not what was expected; UPDATE_EXPECTED=1 accepts it:\n{}", wrong.join("\n"));
}

#[test]
fn contradictions_are_explained_with_their_place() {
    let mut wrong = Vec::new();
    for case in cases("bad") {
        let task = fs::read_to_string(&case).unwrap();
        let folder = folder(&task);
        let args = arguments(&case);
        let image = if args.is_empty() { &IMAGE[..] } else { &[] };
        let run = inject(&folder, args.iter().map(String::as_str).chain(image.iter().copied()).chain(["--write"]));
        let same = expected(&case.with_extension("stderr"), &run.stderr);
        if run.code != 2 || !same || !run.stdout.is_empty() || folder.read("taskdef.json") != task {
            wrong.push(format!("{}: {}\n{}{}", case.display(), run.code, run.stdout, run.stderr));
        }
    }
    assert!(wrong.is_empty(), "not what was expected; UPDATE_EXPECTED=1 accepts it:\n{}", wrong.join("\n"));
}

#[test]
fn the_changes_are_shown_and_nothing_is_written_unasked() {
    let folder = folder(&plain());
    let run = inject(&folder, IMAGE);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("--- taskdef.json\n+++ taskdef.json with the router\n@@ "), "{}", run.stdout);
    assert!(run.stdout.contains("\n+      \"name\": \"log_router\",\n") && !run.stdout.contains('\u{1b}'));
    assert_eq!(folder.read("taskdef.json"), plain());
}

#[test]
fn it_is_written_where_it_is_wanted() {
    let folder = folder(&plain());
    let run = inject(&folder, IMAGE.into_iter().chain(["-o", "new.json"]));
    assert!(run.code == 0 && run.stderr.ends_with("wrote new.json\n"), "{}", run.stderr);
    assert_eq!(folder.read("taskdef.json"), plain());
    inject(&folder, IMAGE.into_iter().chain(["--write"]));
    assert_eq!(folder.read("taskdef.json"), folder.read("new.json"));
    let again = inject(&folder, ["--write"]);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""));
    assert!(again.stderr.starts_with("taskdef.json is up to date\n") && !again.stderr.contains("wrote"));
}

#[test]
fn check_tells_whether_it_is_up_to_date() {
    let folder = folder(&plain());
    let run = inject(&folder, IMAGE.into_iter().chain(["--check"]));
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("+      \"name\": \"log_router\""));
    inject(&folder, IMAGE.into_iter().chain(["--write"]));
    assert_eq!(inject(&folder, ["--check"]).code, 0);
    let newer = inject(&folder, ["--check", "--image", "example.com/router:2.0.0"]);
    assert_eq!(newer.code, 1);
    assert!(newer.stdout.contains("+      \"image\": \"example.com/router:2.0.0\","), "{}", newer.stdout);
}

#[test]
fn standard_input_is_read() {
    let folder = folder(&plain());
    let mut command = folder.command();
    command
        .args(["inject", "-", "--format", "json"])
        .args(IMAGE)
        .stdin(fs::File::open(folder.path("taskdef.json")).unwrap());
    let run = Run::new(command.output().unwrap());
    let new = fs::read_to_string(root().join("good/fargate.new")).unwrap();
    assert_eq!((run.code, run.stdout.as_str()), (0, new.as_str()), "{}", run.stderr);
    let mut command = folder.command();
    Run::new(command.args(["inject", "-", "--write"]).output().unwrap()).fails_with(2, &["name a file with -o"]);
}

#[test]
fn images_that_move_or_hold_no_pipeline_are_refused() {
    let folder = folder(&plain());
    let with = |image| inject(&folder, ["--image", image]);
    with("example.com/router:latest").fails_with(2, &["can be another one tomorrow", "a digest"]);
    with("example.com/router").fails_with(2, &["can be another one tomorrow"]);
    with("public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.15").fails_with(2, &["has no pipeline inside"]);
    with("not an image").fails_with(2, &["`not an image` is no reference to an image"]);
    let digest = format!("example.com/router@sha256:{}", "0a".repeat(32));
    assert_eq!(with(&digest).code, 0);
    assert_eq!(with("example.com/router:2026-11-25-4f2c9e1").code, 0);
}

const RAISED: &str = r#"
[[container]]
name = "httpd"
stdout = ["combined"]

[[route]]
name = "rest"
to = ["splunk"]

[router]
memory_mib = 1024
grace = "60s"
records_per_second = 2000

[destination.splunk]
type = "custom"
name = "splunk"
host = "splunk.example.com"
tls = true
secrets = { splunk_token = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:splunk-AbCdEf" }
"#;

#[test]
fn the_router_follows_firelens_toml() {
    let folder = folder(&plain());
    inject(&folder, IMAGE.into_iter().chain(["--write"]));
    let run = inject(&folder.with("firelens.toml", RAISED), ["--write"]);
    let changes: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with(['+', '-'])).skip(2).collect();
    let changes = changes.join("\n") + "\n";
    assert!(expected(&root().join("raised.diff"), &changes), "{changes}{}", run.stderr);
}

#[test]
fn a_router_that_is_not_root_writes_to_its_volume_only() {
    let strict = format!("{CONFIG}\n[router]\nuser = \"1000:1000\"\nreadonly_root_filesystem = true\n");
    let folder = folder(&plain()).with("firelens.toml", strict);
    inject(&folder, IMAGE.into_iter().chain(["--write"]));
    let task: serde_json::Value = serde_json::from_str(&folder.read("taskdef.json")).unwrap();
    let router = &task["containerDefinitions"].as_array().unwrap().last().unwrap();
    assert_eq!((&router["user"], &router["readonlyRootFilesystem"]), (&"1000:1000".into(), &true.into()), "{task:#}");
    assert_eq!(router["mountPoints"][0]["containerPath"], "/var/lib/firelens-kit");
    assert_eq!(inject(&folder, ["--check"]).code, 0);
    // Without the keys it is root's again; what the task definition says about its file system is somebody's choice.
    let folder = folder.with("firelens.toml", CONFIG);
    let run = inject(&folder, ["--write"]);
    let changes: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with(['+', '-'])).skip(2).collect();
    assert_eq!(changes, ["-      \"user\": \"1000:1000\",", "+      \"user\": \"0\","], "{}", run.stdout);
}

#[test]
fn a_secret_goes_with_its_destination() {
    let folder = folder(&plain()).with("firelens.toml", RAISED);
    inject(&folder, IMAGE.into_iter().chain(["--write"]));
    assert!(folder.read("taskdef.json").contains("\"name\": \"FIRELENS_KIT_SPLUNK_SPLUNK_TOKEN\""));
    let folder = folder.with("firelens.toml", CONFIG);
    assert_eq!(inject(&folder, ["--write"]).code, 0);
    let task = folder.read("taskdef.json");
    assert!(task.contains("\"secrets\": []") && !task.contains("FIRELENS_KIT_"), "{task}");
}

#[test]
fn a_bucket_whose_name_follows_from_the_account_has_to_be_told_to_the_router() {
    let folder = folder(&plain()).with("firelens.toml", "name = \"shop\"\n[destination.files]\ntype = \"s3\"\n");
    inject(&folder, IMAGE).fails_with(2, &["the router's variable FIRELENS_KIT_FILES_BUCKET", "name the bucket"]);
    let folder = folder.with("firelens.toml", "[destination.files]\ntype = \"s3\"\nbucket = \"shop-files\"\n");
    inject(&folder, IMAGE.into_iter().chain(["--write"]));
    let variable = "\"environment\": [{ \"name\": \"FIRELENS_KIT_FILES_BUCKET\", \"value\": \"shop-files\" }],";
    let task = folder.read("taskdef.json").replace("\"stopTimeout\": 45,", &format!("\"stopTimeout\": 45, {variable}"));
    let folder = folder
        .with("taskdef.json", task)
        .with("firelens.toml", "name = \"shop\"\n[destination.files]\ntype = \"s3\"\n");
    let run = inject(&folder, ["--check"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn the_tasks_disk_holds_the_buffers() {
    let raised = RAISED.replace("memory_mib = 1024", "memory_mib = 1024\ndisk_mib = 100000\noutage = \"4h\"");
    let folder = folder(&plain()).with("firelens.toml", raised);
    let run = inject(&folder, IMAGE);
    run.fails_with(2, &["the task has 20 GiB of disk, and the router's buffers can take ", "taskdef.json:6:31"]);
    let larger = plain().replacen('{', "{\n  \"ephemeralStorage\": { \"sizeInGiB\": 100 },", 1);
    let run = inject(&folder.with("taskdef.json", larger), IMAGE);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_wrong_pipeline_is_told_before() {
    let wrong = RAISED.replace("memory_mib = 1024", "memory_mib = 64");
    let folder = folder(&plain()).with("firelens.toml", wrong);
    inject(&folder, IMAGE).fails_with(2, &["error[memory]: the router needs ", "--> firelens.toml:"]);
}

#[test]
fn files_that_are_not_there_are_named() {
    let folder = Folder::new().with("firelens.toml", CONFIG);
    inject(&folder, IMAGE).fails_with(2, &["cannot read taskdef.json: "]);
    let folder = Folder::new().with("taskdef.json", plain());
    inject(&folder, IMAGE).fails_with(2, &["cannot read firelens.toml: "]);
}

#[test]
fn any_piece_of_a_task_definition_ends_well() {
    let text = plain();
    let folder = folder("");
    for end in (0..text.len()).step_by(97) {
        fs::write(folder.path("taskdef.json"), &text[..end]).unwrap();
        let run = inject(&folder, IMAGE);
        assert!(run.code == 2 && run.stderr.starts_with("error[task-definition]: "), "{end}: {}", run.stderr);
    }
}
