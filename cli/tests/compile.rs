//! `firelens-kit compile`: what users do, and what can go wrong.
mod support;

use std::{fs, process::Stdio};
use support::{CONFIG, ERROR, FAILED, Folder, GOOD, HEALTH, Run};

fn kit(folder: &Folder, args: &[&str]) -> Run {
    Run::new(folder.command().args(args).stdin(Stdio::null()).output().unwrap())
}

/// What the module in a file makes of lines, as `firelens-kit test` would with its configuration.
fn module(folder: &Folder, name: &str) -> firelens_kit::offline::host::Instance {
    let wasm = fs::read(folder.path(name)).unwrap();
    use firelens_kit::offline::host::CanStart as _;
    firelens_kit::offline::host::Host::new(&wasm).unwrap().instantiate().unwrap()
}

fn filtered(module: &mut firelens_kit::offline::host::Instance, line: &str, source: &str) -> String {
    use firelens_kit::offline::host::{CanCall as _, Returned};
    let record = serde_json::json!({ "container_name": "httpd", "source": source, "log": line }).to_string();
    match module.call(b"httpd-firelens-x", record.as_bytes()) {
        Returned::Record { place, .. } => String::from_utf8(module.text(place).to_vec()).unwrap(),
        Returned::Dropped => "dropped".to_string(),
        Returned::Lost(loss) => loss.to_string(),
    }
}

#[test]
fn the_module_does_what_the_configuration_says() {
    let folder = Folder::new().with("firelens.toml", CONFIG);
    let run = kit(&folder, &["compile", "-c", "firelens.toml", "-o", "out.wasm"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.starts_with("out.wasm: ") && run.stderr.contains("routes      health-checks, failures, rest"));
    let mut module = module(&folder, "out.wasm");
    assert_eq!(filtered(&mut module, HEALTH, "stdout"), "dropped");
    assert!(filtered(&mut module, GOOD, "stdout").contains(r#""route":"rest""#));
    assert!(filtered(&mut module, FAILED, "stdout").contains(r#""route":"failures""#));
    assert!(filtered(&mut module, ERROR, "stderr").contains(r#""code":"AH00124""#));
    assert!(filtered(&mut module, ERROR, "stdout").contains(r#""kind":"unparsed""#));
}

#[test]
fn the_plain_module_knows_httpd() {
    let folder = Folder::new();
    let run = kit(&folder, &["compile"]);
    assert_eq!((run.code, run.stderr.contains("warning")), (0, false), "{}", run.stderr);
    let mut module = module(&folder, "filter.wasm");
    assert!(filtered(&mut module, GOOD, "stdout").contains(r#""status":200"#));
    assert!(filtered(&mut module, ERROR, "stdout").contains(r#""kind":"error""#));
}

#[test]
fn a_configuration_that_was_not_named_is_not_forgotten_silently() {
    let folder = Folder::new().with("firelens.toml", CONFIG);
    let run = kit(&folder, &["compile"]);
    assert!(run.code == 0 && run.stderr.contains("warning: firelens.toml is not in the module"), "{}", run.stderr);
}

#[test]
fn the_same_configuration_gives_the_same_bytes() {
    let folder = Folder::new().with("firelens.toml", CONFIG);
    for name in ["a.wasm", "b.wasm"] {
        assert_eq!(kit(&folder, &["compile", "-c", "firelens.toml", "-o", name]).code, 0);
    }
    assert!(fs::read(folder.path("a.wasm")).unwrap() == fs::read(folder.path("b.wasm")).unwrap());
    let output = folder.command().args(["compile", "-c", "firelens.toml", "-o", "-"]).output().unwrap();
    assert!(output.stdout == fs::read(folder.path("a.wasm")).unwrap());
}

#[test]
fn the_summary_for_programs() {
    let folder = Folder::new().with("firelens.toml", CONFIG);
    let run = kit(&folder, &["compile", "-c", "firelens.toml", "-o", "out.wasm", "--format", "json"]);
    let summary: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(summary["bytes"], fs::metadata(folder.path("out.wasm")).unwrap().len());
    assert_eq!(summary["routes"], serde_json::json!(["health-checks", "failures", "rest"]));
    assert_eq!(run.stderr, "");
}

#[test]
fn nothing_is_written_when_the_configuration_is_wrong() {
    let folder = Folder::new().with("firelens.toml", CONFIG.replace("combined", "combind"));
    let run = kit(&folder, &["compile", "-c", "firelens.toml", "-o", "out.wasm"]);
    run.fails_with(2, &["error[format]", "firelens.toml:4:11", "did you mean `combined`?"]);
    assert!(!folder.path("out.wasm").exists());
    kit(&folder, &["compile", "-c", "nowhere.toml"]).fails_with(2, &["cannot read nowhere.toml: "]);
    kit(&folder, &["compile", "-o", "no/where.wasm"]).fails_with(2, &["cannot write no/where.wasm: "]);
}

#[test]
fn usage() {
    let folder = Folder::new();
    kit(&folder, &["compile", "--confg", "a"]).fails_with(2, &["--confg", "--config"]);
    kit(&folder, &[]).fails_with(2, &["Usage: firelens-kit", "Exit codes:"]);
    let version = kit(&folder, &["--version"]);
    assert!(version.stdout.contains(concat!("filter module ", env!("CARGO_PKG_VERSION"))), "{}", version.stdout);
    for verb in ["test", "compile", "init", "completions"] {
        let help = kit(&folder, &[verb, "--help"]);
        assert!(help.stdout.contains("Examples:") && help.stdout.contains("firelens-kit "), "{verb}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(kit(&folder, &["completions", shell]).stdout.contains("log-format"), "{shell}");
    }
}
