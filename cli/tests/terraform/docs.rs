//! What the pages on Terraform show as the module (`hcl`) is in the module that their `firelens.toml` gives; what they show as
//! somebody's own (`tf`) is HCL.
use super::{
    export, files,
    module::{context, evaluate},
    support::{Folder, Run},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

const PAGES: [&str; 2] = ["export-terraform.md", "migrate-terraform.md"];

fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("\n```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_string() + "\n").collect()
}

fn read(page: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page)).unwrap()
}

#[test]
fn the_pages_show_what_is_written() {
    for page in PAGES {
        let text = read(page);
        let folder = Folder::new().with("firelens.toml", &blocks(&text, "toml")[0]);
        let run = export(&folder, &["--import"]);
        assert_eq!(run.code, 0, "{page}: {}", run.stderr);
        let module = files(&folder);
        let shown = blocks(&text, "hcl");
        assert!(shown.len() >= 2, "{page}");
        for block in shown {
            assert!(module.iter().any(|(_, text)| text.contains(&block)), "{page}: not in the module:\n{block}");
        }
        for block in blocks(&text, "tf") {
            hcl::parse(&block).unwrap_or_else(|error| panic!("{page}: {error}\n{block}"));
        }
    }
}

/// The set-up that the page begins with, as `aws ecs describe-task-definition` prints its task definition.
fn before(text: &str) -> Value {
    let body = hcl::parse(&blocks(text, "tf")[0]).unwrap();
    let task =
        body.blocks().find(|block| block.labels().iter().any(|label| label.as_str() == "aws_ecs_task_definition"));
    let repository = json!({ "router": { "repository_url": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/router" } });
    let role = json!({ "shop": { "arn": "arn:aws:iam::123456789012:role/shop" } });
    let known = context([("aws_ecr_repository", &repository), ("aws_iam_role", &role)]);
    let task = evaluate(task.unwrap().body(), &known).unwrap();
    json!({
        "family": task.get("family"),
        "requiresCompatibilities": task.get("requires_compatibilities"),
        "networkMode": task.get("network_mode"),
        "cpu": task.get("cpu").to_string(),
        "memory": task.get("memory").to_string(),
        "taskRoleArn": task.get("task_role_arn"),
        "executionRoleArn": task.get("execution_role_arn"),
        "containerDefinitions": serde_json::from_str::<Value>(task.get("container_definitions").as_str().unwrap()).unwrap(),
    })
}

#[test]
fn the_steps_of_the_migration_do_what_they_say() {
    let text = read("migrate-terraform.md");
    let folder = Folder::new()
        .with("firelens.toml", &blocks(&text, "toml")[0])
        .with("taskdef.json", before(&text).to_string())
        .with("extra.conf", blocks(&text, "text")[0].as_bytes());
    let kit = |line: &str| {
        let digest = "router@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let line = line.replace("\"$image\"", digest);
        Run::new(folder.command().args(line.split_whitespace().skip(1)).output().unwrap())
    };
    let found = kit("firelens-kit lint taskdef.json extra.conf");
    for rule in ["FLK017", "FLK047", "FLK028", "FLK082"] {
        assert!(found.stdout.contains(rule), "{rule}: {}", found.stdout);
    }
    assert!(text.contains("`firelens-kit lint taskdef.json extra.conf`"));
    let steps = blocks(&text, "sh").concat();
    let steps: Vec<&str> = steps.lines().filter(|line| line.contains(" taskdef.json ")).collect();
    assert_eq!(steps.len(), 2, "{steps:?}");
    for step in steps {
        let run = kit(step);
        assert_eq!(run.code, 0, "{step}: {}{}", run.stdout, run.stderr);
    }
    let after: Value = serde_json::from_str(&folder.read("taskdef.json")).unwrap();
    // All that is new beside the containers is what the page's resource takes over.
    assert_eq!(after["volumes"], json!([{ "name": "firelens-kit-buffer" }]));
    assert_eq!(after.as_object().unwrap().len(), before(&text).as_object().unwrap().len() + 1);
    let group = &after["containerDefinitions"][1]["logConfiguration"]["options"]["awslogs-group"];
    assert_eq!(export(&folder, &[]).code, 0);
    assert!(folder.read("module/logs.tf").contains(&format!("name              = {group}")), "{group}");
}
