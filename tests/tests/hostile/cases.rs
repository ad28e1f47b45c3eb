//! The verbs, each with text that steers terminals wherever it reads what others wrote.
use crate::{
    aws::{Mode, serve},
    base,
    terminal::{Run, steers},
};
use std::{ffi::OsString, fs, path::Path, sync::LazyLock};
use tempfile::TempDir;

/// A window title, a cleared screen, colours by a C1 character, text from right to left, a line separator, and steps back.
const HOSTILE: &str = "\u{1b}]0;PWN\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{2028}\u{8}\rHOSTILE\u{7f}";

static REFUSES: LazyLock<String> = LazyLock::new(|| serve(Mode::Refuses, HOSTILE));
static ANSWERS: LazyLock<String> = LazyLock::new(|| serve(Mode::Answers, HOSTILE));

const CONFIG: &str = r#"
name = "shop"
[[container]]
name = "httpd"
stdout = ["combined"]
stderr = ["httpd_error"]
[[route]]
name = "failures"
match = [{ kind = "error", level = ">=warn" }, { status = "5xx" }]
to = ["cloudwatch", "archive"]
[[route]]
name = "rest"
to = ["archive", "files"]
[destination.cloudwatch]
type = "cloudwatch_logs"
log_group = "/ecs/shop/httpd"
[destination.archive]
type = "firehose"
[destination.files]
type = "s3"
[stack]
secrets = {}
"#;

/// A folder with a sound configuration, and hostile files beside it.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("firelens.toml", CONFIG.trim_end_matches("[stack]\nsecrets = {}\n"));
    let escaped = toml_text(HOSTILE);
    write("wrong.toml", &CONFIG.replace("stdout = [\"combined\"]", &format!("stdout = [\"%h {escaped} %Y\"]")));
    write(
        "unknown.toml",
        &CONFIG.replace("[destination.files]", &format!("[destination.\"{escaped}\"]\nx = \"{escaped}\"")),
    );
    write("raw.toml", &format!("name = \"{HOSTILE}\"\n"));
    write(
        &log_name(),
        &format!(
            "{HOSTILE}\n203.0.113.7 - {HOSTILE} [22/Nov/2026:07:38:31 +0000] \"GET /{HOSTILE} HTTP/1.1\" 500 8 \"-\" \"{HOSTILE}\"\n\
         [Sun Nov 22 07:38:35.302776 2026] [core:error] [pid 7:tid 9] AH00124: {HOSTILE}\n"
        ),
    );
    write(
        &format!("{HOSTILE}.test.toml"),
        &format!(
            "[[test]]\nname = \"{escaped}\"\nline = \"{escaped}\"\nexpect = {{ kind = \"{escaped}\", \"{escaped}\" = 1 }}\n"
        ),
    );
    write(
        &format!("{HOSTILE}.conf"),
        &format!(
            "[SERVICE]\n    Parsers_File {HOSTILE}\n@INCLUDE {HOSTILE}x\n[OUTPUT]\n    Name {HOSTILE}\n    {HOSTILE} x\n    Match *\n"
        ),
    );
    write(
        &format!("{HOSTILE}.yaml"),
        &format!("pipeline:\n  outputs:\n    - name: \"{escaped}\"\n      \"{escaped}\": 1\n"),
    );
    let json = serde_json::json!({
        "family": HOSTILE,
        "containerDefinitions": [{ "name": HOSTILE, "image": HOSTILE, "logConfiguration": { "logDriver": HOSTILE } }],
    });
    write("task.json", &json.to_string());
    write(&format!("{HOSTILE}.json"), &format!("{{\"{HOSTILE}\": "));
    base::write(&folder.path().join("base"));
    folder
}

/// A basic string of TOML or YAML.
fn toml_text(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\u{:04x}", c as u32) })
        .collect()
}

fn log_name() -> String {
    format!("{HOSTILE}.log")
}

/// Runs the command on pipes, with and without colours, and on a terminal. `shows`: some of the text must be seen, made
/// harmless.
#[track_caller]
fn holds(endpoint: &str, args: &[&str], shows: bool) {
    let args: Vec<OsString> = args.iter().map(|arg| arg.replace("HOSTILE", HOSTILE).into()).collect();
    let run = |what: &str, printed: &dyn Fn(&Run) -> String| {
        let folder = folder();
        let output = printed(&Run { folder: folder.path(), args: &args, endpoint });
        assert_eq!(steers(&output, what == "a terminal"), None, "{args:?} on {what}");
        assert!(!shows || output.contains("HOSTILE"), "{args:?} on {what} shows nothing:\n{output}");
        assert!(!output.contains("panicked"), "{args:?}: {output}");
    };
    run("pipes", &|run| run.on_pipes(false));
    run("pipes with colours", &|run| run.on_pipes(true));
    run("a terminal", &|run| run.on_a_terminal());
}

#[test]
fn log_lines_and_the_names_of_their_files() {
    for args in [
        &["test", "HOSTILE.log"][..],
        &["test", "--explain", "HOSTILE.log"],
        &["test", "-f", "json", "HOSTILE.log"],
        &["test", "-f", "ndjson", "--explain", "HOSTILE.log"],
        &["test", "HOSTILE.gz", "HOSTILE.log"],
        &["init", "--from", "HOSTILE.log", "--force"],
        &["init", "HOSTILE", "--from", "HOSTILE.log"],
        &["replay", "--to", "archive", "--dry-run", "HOSTILE.gz"],
        &["replay", "--to", "HOSTILE", "--dry-run", "HOSTILE.log"],
    ] {
        holds("http://127.0.0.1:1", args, true);
    }
}

#[test]
fn expectations() {
    holds("http://127.0.0.1:1", &["test"], true);
    holds("http://127.0.0.1:1", &["test", "-f", "json"], true);
    holds("http://127.0.0.1:1", &["test", "--update"], true);
    holds("http://127.0.0.1:1", &["test", "--junit", "HOSTILE/x.xml"], true);
}

#[test]
fn configurations() {
    for verb in [
        &["compile"][..],
        &["render"],
        &["build", "-o", "i", "--base", "oci:base"],
        &["policy", "task"],
        &["export", "terraform", "-o", "t"],
        &["plan", "--base", "oci:base"],
    ] {
        for config in ["wrong.toml", "unknown.toml", "raw.toml", "HOSTILE.toml"] {
            holds("http://127.0.0.1:1", &[verb, &["-c", config]].concat(), true);
        }
    }
}

#[test]
fn files_that_are_written() {
    for args in [
        &["compile", "-c", "firelens.toml", "-o", "HOSTILE.wasm"][..],
        &["compile", "-c", "firelens.toml", "-o", "HOSTILE/x.wasm"],
        &["render", "-o", "HOSTILE"],
        &["build", "-o", "HOSTILE", "--base", "oci:HOSTILE"],
        &["build", "-o", "HOSTILE", "--base", "docker-archive:HOSTILE"],
        &["build", "-o", "x", "--base", "127.0.0.1:1/HOSTILE"],
        &["push", "127.0.0.1:1/HOSTILE", "--base", "oci:x"],
        &["export", "cloudformation", "-o", "HOSTILE.yaml"],
        &["export", "athena", "-o", "HOSTILE", "--account", "111122223333", "--region", "eu-west-1"],
        &["export", "terraform", "-o", "HOSTILE"],
    ] {
        holds(&ANSWERS, args, true);
    }
}

#[test]
fn fluent_bits_configurations_and_task_definitions() {
    for format in ["text", "json", "sarif", "github"] {
        for file in ["HOSTILE.conf", "HOSTILE.yaml", "HOSTILE.json", "task.json", "wrong.toml", "unknown.toml"] {
            holds(
                "http://127.0.0.1:1",
                &["lint", "--format", format, file],
                !["task.json", "wrong.toml"].contains(&file) || (file == "wrong.toml" && format == "text"),
            );
        }
    }
    holds("http://127.0.0.1:1", &["lint", "--fix", "HOSTILE.conf"], true);
    holds("http://127.0.0.1:1", &["lint", "--explain", "HOSTILE"], true);
    holds("http://127.0.0.1:1", &["inject", "HOSTILE.json", "--image", "a/b:1"], true);
    for args in [&["--format", "diff"][..], &["--format", "json"], &["-o", "HOSTILE-2.json"], &["--check"]] {
        holds("http://127.0.0.1:1", &[&["inject", "task.json", "--image", "a/b:1", "--all"], args].concat(), false);
    }
}

#[test]
fn arguments() {
    for args in [
        &["HOSTILE"][..],
        &["test", "--HOSTILE"],
        &["test", "--input", "HOSTILE", "x"],
        &["completions", "HOSTILE"],
        &["logs", "--where", "HOSTILE"],
        &["policy", "HOSTILE"],
    ] {
        holds("http://127.0.0.1:1", args, true);
    }
}

/// What asks AWS, which answers so.
fn asks(endpoint: &str, shows: bool) {
    for args in [
        &["doctor", "--base", "oci:HOSTILE"][..],
        &["plan", "--base", "oci:base"],
        &["plan", "--base", "oci:base", "--format", "json"],
        &["deploy", "--yes", "--base", "oci:base"],
        &["deploy", "--yes", "--base", "oci:base", "--format", "json"],
        &["destroy", "--yes"],
        &["status"],
        &["status", "--format", "json"],
        &["logs"],
        &["logs", "--format", "json"],
        &["logs", "--firehose"],
        &["logs", "--deploys"],
        &["verify", "--mark", "0123456789", "--timeout", "1s"],
        &["replay", "--to", "archive", "--checkpoint", "c.json", "HOSTILE.log"],
        &["push", "127.0.0.1:1/x", "--base", "oci:HOSTILE"],
        &["policy", "deployer"],
        &["export", "terraform", "-o", "t"],
    ] {
        let offline = matches!(args[0], "policy" | "export") || args.contains(&"verify");
        holds(endpoint, args, shows && !offline);
    }
}

#[test]
fn errors_of_aws() {
    asks(&REFUSES, true);
}

#[test]
fn names_states_and_records_from_aws() {
    asks(&ANSWERS, false);
    for args in [&["status"][..], &["logs"], &["deploy", "--yes", "--base", "oci:base"]] {
        holds(&ANSWERS, args, true);
    }
}

#[test]
fn the_check_itself_finds_what_steers() {
    for text in ["a\u{1b}]0;x", "\u{9b}31m", "x\u{202e}", "\u{2028}", "\u{8}", "\r", "\u{1b}[8m", "\u{1b}[2J", "\u{7f}"]
    {
        assert!(steers(text, false).is_some(), "{text:?}");
    }
    assert!(steers("\u{1b}[1m\u{1b}[31merror\u{1b}[0m: é\t日\n", false).is_none());
    assert!(Path::new("/dev/ptmx").exists());
}
