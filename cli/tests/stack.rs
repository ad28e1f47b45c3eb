//! From `firelens.toml` to the stack: each `stack/NAME.toml` gives the stack beside it (`NAME.stack`) and the task
//! definition (`NAME.json`), which the linter has nothing to say about; `stack/existing/NAME.task.json` is the task
//! definition of a service that is there. What contradicts itself is said as `*.stderr` has it. `UPDATE_EXPECTED=1` writes
//! them all.
mod support;

use firelens_infra::{Place, Stack, resource::LATER, stack::Run};
use firelens_kit::{
    Error,
    config::{Config, parse, problem},
    stack,
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use support::{Folder, Run as Ran};

const IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-log-router@sha256:\
                     0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn place() -> Place {
    Place { partition: "aws".into(), account: "123456789012".into(), region: "eu-west-1".into(), plain_http: false }
}

fn folder(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stack").join(of)
}

fn files(of: &str) -> Vec<PathBuf> {
    let entries = folder(of).read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn config(source: &str) -> Config {
    let (config, problems) = parse(Path::new("firelens.toml"), source);
    config.unwrap_or_else(|| panic!("{}", problem::render("firelens.toml", source, &problems, false)))
}

fn read(path: &Path) -> Config {
    config(&fs::read_to_string(path).unwrap())
}

/// The task definition of the service that is there, if the case has one.
fn there(path: &Path) -> Option<Value> {
    let text = fs::read_to_string(path.with_extension("task.json")).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

fn of(path: &Path, image: Option<&str>) -> Result<Stack, Error> {
    stack::of(&read(path), &place(), image, there(path).as_ref())
}

fn expect(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path, text).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(text == expected, "{} is not what is expected; UPDATE_EXPECTED=1 accepts it:\n{text}", path.display());
}

fn said(error: &Error) -> String {
    match error {
        Error::Rendered(text) => text.clone(),
        error @ Error::Failed { .. } => format!("error: {error}\n"),
        Error::BrokenPipe => String::new(),
    }
}

/// The stack without the task definition, and that.
fn taken_apart(mut stack: Stack) -> (Stack, Option<Value>) {
    let task = match &mut stack.run {
        Run::Own(service) => Some(service.task_definition.take()),
        Run::Existing(existing) => {
            existing.from = Value::Null;
            Some(existing.task_definition.take())
        }
        Run::None => None,
    };
    (stack, task)
}

fn kit(folder: &Folder, args: &[&str]) -> Ran {
    Ran::new(folder.command().args(args).output().unwrap())
}

#[test]
fn files_give_stacks_and_their_task_definitions() {
    for path in [files("."), files("existing")].concat() {
        let stack = of(&path, Some(IMAGE)).unwrap_or_else(|error| panic!("{}:\n{}", path.display(), said(&error)));
        let (stack, task) = taken_apart(stack);
        expect(&path.with_extension("stack"), &format!("{stack:#?}\n"));
        if let Some(task) = task {
            expect(&path.with_extension("json"), &format!("{task:#}\n"));
        }
    }
}

#[test]
fn the_linter_has_nothing_to_say_about_what_is_deployed() {
    for path in [files("."), files("existing")].concat() {
        let Some(mut task) = taken_apart(of(&path, Some(IMAGE)).unwrap()).1 else { continue };
        for (role, name) in [("taskRoleArn", "shop-task"), ("executionRoleArn", "shop-execution")] {
            if task[role].is_null() {
                task[role] = place().role_arn("/firelens-kit/shop/", name).into();
            }
        }
        let folder = Folder::new().with("firelens.toml", fs::read(&path).unwrap()).with("task.json", task.to_string());
        let rendered = kit(&folder, &["render"]);
        assert_eq!(rendered.code, 0, "{}", rendered.stderr);
        let run = kit(&folder, &["lint", "firelens.toml", "pipeline.conf", "task.json", "--deny", "warnings"]);
        assert_eq!(run.code, 0, "{}:\n{}{}", path.display(), run.stdout, run.stderr);
    }
}

#[test]
fn what_the_router_writes_to_is_what_is_made() {
    let path = folder("everything.toml");
    let folder = Folder::new().with("firelens.toml", fs::read(&path).unwrap());
    assert_eq!(kit(&folder, &["render"]).code, 0);
    let (stack, task) = taken_apart(of(&path, Some(IMAGE)).unwrap());
    let mut conf = folder.read("pipeline.conf");
    let task = task.unwrap();
    let containers = task["containerDefinitions"].as_array().unwrap();
    let router = containers.iter().find(|container| container["name"] == "log_router").unwrap();
    for variable in router["environment"].as_array().unwrap() {
        let name = format!("${{{}}}", variable["name"].as_str().unwrap());
        conf = conf.replace(&name, variable["value"].as_str().unwrap());
    }
    use firelens_infra::stack::Target;
    for destination in &stack.destinations {
        let (property, name) = match &destination.target {
            Target::LogGroup(group) => ("log_group_name", group.name.clone()),
            Target::DeliveryStream(stream) => ("delivery_stream", stream.name.clone()),
            Target::DataStream(stream) => ("stream", stream.name.clone()),
            Target::Bucket(bucket) => {
                let usual = || place().bucket(&stack.name, &destination.name);
                ("bucket", bucket.name.clone().unwrap_or_else(usual))
            }
            Target::Other => continue,
        };
        let written = conf.lines().any(|line| line.split_whitespace().eq([property, name.as_str()]));
        assert!(written, "no {property} {name} in:\n{conf}");
    }
}

#[test]
fn contradictions_are_explained() {
    for path in files("bad") {
        let error = of(&path, Some(IMAGE)).map(|stack| format!("{stack:#?}")).unwrap_err();
        expect(&path.with_extension("stderr"), &said(&error));
    }
}

#[test]
fn a_second_time_changes_nothing() {
    for path in files("existing") {
        let (stack, task) = taken_apart(of(&path, Some(IMAGE)).unwrap());
        let mut there = task.clone().unwrap();
        if there["taskRoleArn"].is_null() {
            there["taskRoleArn"] = place().role_arn("/firelens-kit/shop/", "shop-task").into();
        }
        let again = stack::of(&read(&path), &place(), Some(IMAGE), Some(&there)).unwrap();
        assert_eq!(taken_apart(again), (stack, task), "{}", path.display());
    }
}

#[test]
fn without_an_image_a_new_router_has_one_later_and_one_that_is_there_keeps_its_own() {
    let image = |task: &Value| {
        let containers = task["containerDefinitions"].as_array().unwrap();
        containers.iter().find(|container| container["name"] == "log_router").unwrap()["image"].clone()
    };
    let task = taken_apart(of(&folder("everything.toml"), None).unwrap()).1.unwrap();
    assert_eq!(image(&task), LATER);
    let path = folder("existing/plain.toml");
    let task = taken_apart(of(&path, Some(IMAGE)).unwrap()).1.unwrap();
    let again = stack::of(&read(&path), &place(), None, Some(&task)).unwrap();
    assert_eq!(image(&taken_apart(again).1.unwrap()), IMAGE);
}

#[test]
fn only_what_a_route_leads_to_is_in_the_stack() {
    let stack = stack::of(
        &config(
            "name = 'shop'\n[[route]]\nname = 'all'\nto = 'used'\n[destination.used]\ntype = 'firehose'\n\
             [destination.unused]\ntype = 'kinesis_streams'\n",
        ),
        &place(),
        None,
        None,
    );
    let names: Vec<String> = stack.unwrap().destinations.into_iter().map(|destination| destination.name).collect();
    assert_eq!(names, ["used"]);
}

#[test]
fn a_stack_needs_a_name() {
    let config = config("[destination.live]\ntype = 'cloudwatch_logs'\nlog_group = '/a'\n");
    let error = stack::of(&config, &place(), None, None).unwrap_err();
    assert!(said(&error).contains("firelens.toml has no `name`"), "{}", said(&error));
}
