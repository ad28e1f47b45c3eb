//! `firelens-kit render`: each `render/*.toml` gives the configuration beside it (`*.conf`), which Fluent Bit's own table of
//! plugins accepts; what is wrong or doubtful with the files in `render/bad` and `render/warning` is said as the texts
//! beside them have it (`*.stderr`). `UPDATE_EXPECTED=1` writes them all.
mod support;

use firelens_kit::{
    check,
    config::{Config, parse, problem},
    pipeline,
};
use firelens_pipeline::{
    Version,
    conf::{self, Section, SectionKind, Syntax},
    firelens::Firelens,
    plugin::{self, Kind},
    render, task_definition,
};
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};
use support::{CONFIG, Folder, Run};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/render")
}

fn files(of: &str) -> Vec<PathBuf> {
    let entries = folder().join(of).read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

fn read(path: &Path) -> Config {
    let source = fs::read_to_string(path).unwrap();
    let (config, problems) = parse(path, &source);
    let rendered = problem::render(&path.display().to_string(), &source, &problems, false);
    config.unwrap_or_else(|| panic!("{rendered}"))
}

fn rendered(path: &Path) -> String {
    render::render(&pipeline::pipeline(&read(path)))
}

fn expect(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path, text).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(text == expected, "{} is not what is expected; UPDATE_EXPECTED=1 accepts it:\n{text}", path.display());
}

/// What `check` says, and whether there is an error in it.
fn problems(path: &Path) -> (bool, String) {
    let config = read(path);
    let problems = check::check(&config);
    let name = path.file_name().unwrap().to_str().unwrap();
    (problems.iter().any(|problem| problem.is_error), problem::render(name, &config.source, &problems, false))
}

#[test]
fn configurations_are_rendered() {
    let files = files("");
    assert!(files.len() >= 10);
    for path in files {
        expect(&path.with_extension("conf"), &rendered(&path));
        if let Some(parsers) = render::parsers(&pipeline::pipeline(&read(&path))) {
            expect(&path.with_extension("parsers"), &parsers);
        }
        let (errors, text) = problems(&path);
        assert!(!errors, "{text}");
    }
}

#[test]
fn what_is_wrong_with_the_whole_is_explained() {
    assert!(files("bad").len() >= 10);
    for path in files("bad") {
        let (errors, text) = problems(&path);
        assert!(errors, "{}:\n{text}", path.display());
        expect(&path.with_extension("stderr"), &text);
    }
}

#[test]
fn what_is_doubtful_is_a_warning() {
    for path in files("warning") {
        let (errors, text) = problems(&path);
        assert!(!errors && !text.is_empty(), "{}:\n{text}", path.display());
        expect(&path.with_extension("stderr"), &text);
    }
}

/// Every plugin and property of a section is in the table, and its value fits.
fn check_section(section: &Section, version: Version, place: &str) {
    let kind = match section.kind {
        SectionKind::Service => Kind::Service,
        SectionKind::Filter => Kind::Filter,
        SectionKind::Output => Kind::Output,
        SectionKind::Input => Kind::Input,
        other => panic!("{place}: {other:?}"),
    };
    let name = if kind == Kind::Service { "service" } else { section.plugin().unwrap().text.as_str() };
    let plugin = plugin::find(kind, name, version).unwrap_or_else(|| panic!("{place}: {name}"));
    let mut seen = HashSet::new();
    for entry in section.entries.iter().filter(|entry| entry.name != "name") {
        let value = &entry.text().unwrap().text;
        let property = plugin.property(&entry.name, version);
        let property = property.unwrap_or_else(|| panic!("{place}: {name} has no {}", entry.name));
        assert!(property.kind.accepts(value), "{place}: {name}.{} = {value}", entry.name);
        assert!(seen.insert(&entry.name) || property.multiple, "{place}: {name}.{} twice", entry.name);
    }
}

#[test]
fn fluent_bit_has_every_plugin_and_property() {
    for path in files("") {
        let version = read(&path).router.version;
        let document = conf::read(&rendered(&path), Syntax::Classic, 0);
        assert!(document.faults.is_empty(), "{}: {:?}", path.display(), document.faults);
        assert!(document.sections().count() >= 4);
        for section in document.sections() {
            check_section(section, version, &path.display().to_string());
        }
    }
}

#[test]
fn the_effective_configuration_has_firelens_around_ours() {
    let path = folder().join("one.toml");
    let config = read(&path);
    let ours = rendered(&path);
    let source = fs::read_to_string(folder().join("task.json")).unwrap();
    let (task, problems) = task_definition::read(&source);
    assert!(problems.is_empty(), "{problems:?}");
    let text = Firelens::of(&task.unwrap()).unwrap().around("/firelens-kit/pipeline.conf", &ours);
    expect(&folder().join("effective-task.conf"), &text);
    let names = config.spec.containers.iter().map(|container| container.name.clone());
    let text = Firelens::new(names, config.router.settings.memory_mib).around("/firelens-kit/pipeline.conf", &ours);
    expect(&folder().join("effective.conf"), &text);
    assert!(conf::read(&text, Syntax::Classic, 0).faults.is_empty());
}

fn kit(folder: &Folder, arguments: &[&str]) -> Run {
    Run::new(folder.command().arg("render").args(arguments).output().unwrap())
}

/// The configuration of the other tests, with a name for what it leaves open.
fn named() -> Folder {
    Folder::new().with("firelens.toml", format!("name = \"shop\"\n{CONFIG}"))
}

#[test]
fn both_files_are_written() {
    let folder = named();
    let run = kit(&folder, &["-o", "router/files"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(run.stderr.contains("for Fluent Bit 5.0.9") && run.stderr.contains("filter.wasm"), "{}", run.stderr);
    assert!(folder.read("router/files/pipeline.conf").contains("[SERVICE]"));
    assert!(fs::read(folder.path("router/files/filter.wasm")).unwrap().starts_with(b"\0asm"));
    assert_eq!(folder.path("router/files").read_dir().unwrap().count(), 2);
}

#[test]
fn rules_for_lines_that_belong_together_are_a_file_of_their_own() {
    let folder = Folder::new().with("firelens.toml", fs::read(self::folder().join("multiline.toml")).unwrap());
    let run = kit(&folder, &["-o", "router", "--format", "json"]);
    let files = run.objects()[0]["files"].clone();
    assert_eq!(files, serde_json::json!(["router/pipeline.conf", "router/filter.wasm", "router/parsers.conf"]));
    assert!(folder.read("router/parsers.conf").contains("[MULTILINE_PARSER]"));
    let run = kit(&folder, &["-o", "router"]);
    assert!(run.stderr.contains("parsers.conf: lines are joined of app (stdout and stderr), "), "{}", run.stderr);
}

#[test]
fn nothing_is_written_when_something_is_wrong() {
    let folder = Folder::new().with("firelens.toml", CONFIG);
    kit(&folder, &["-o", "router"]).fails_with(2, &["`stream` is missing in [destination.archive]", "firelens.toml:"]);
    assert!(!folder.path("router").exists());
    let folder = named().with("router/filter.wasm/x", "a folder in the way");
    kit(&folder, &["-o", "router"]).fails_with(2, &["cannot write router/filter.wasm"]);
    assert!(!folder.path("router/pipeline.conf").exists());
    kit(&Folder::new(), &[]).fails_with(2, &["cannot read firelens.toml"]);
}

#[test]
fn the_summary_is_there_as_json() {
    let folder = named();
    let run = kit(&folder, &["--format", "json"]);
    let summary = &run.objects()[0];
    assert_eq!(summary["fluent_bit"], "5.0.9");
    assert_eq!(summary["shape"], "straight");
    assert_eq!(summary["moved_routes"], serde_json::json!(["failures"]));
    assert_eq!(summary["destinations"][1]["routes"], serde_json::json!(["failures", "rest"]));
    let effective = kit(&folder, &["--effective", "--format", "json"]);
    assert!(effective.objects()[0]["configuration"].as_str().unwrap().starts_with("[INPUT]"));
}

#[test]
fn the_effective_configuration_is_printed_and_nothing_written() {
    let folder = named().with("task.json", fs::read(task_file()).unwrap());
    let run = kit(&folder, &["--effective"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("Listen 127.0.0.1") && run.stdout.contains("delivery_stream             shop-archive"));
    let run = kit(&folder, &["--effective", "--task-definition", "task.json"]);
    assert!(run.stdout.contains("Mem_Buf_Limit 100MB") && run.stdout.contains("apikey ${apikey_1}"), "{}", run.stdout);
    assert!(!folder.path("pipeline.conf").exists());
    let folder = folder.with("none.json", r#"{ "containerDefinitions": [] }"#);
    kit(&folder, &["--effective", "--task-definition", "none.json"])
        .fails_with(2, &["no container with a firelensConf"]);
    kit(&folder, &["--task-definition", "task.json"]).fails_with(2, &["--effective"]);
}

fn task_file() -> PathBuf {
    folder().join("task.json")
}
