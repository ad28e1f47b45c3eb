//! What `firelens-kit deploy` left behind: the image that the task definition names is pulled and unpacked, its
//! configuration is started, and a line that the log driver sends arrives in CloudWatch Logs and S3.
use crate::cloud::{BUCKET, Cloud};
use crate::lines;
use crate::router::{Router, folder, until};
use crate::stage::{FULL, each};
use e2e::kit;
use e2e::registry::Registry;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[path = "../image/base.rs"]
#[allow(dead_code)]
mod base;

/// The stack beside the destinations of [`lines::FIRELENS_TOML`]. What gets there is read as it is.
const STACK: &str = r#"
[stack]
region = "eu-central-1"
[stack.app]
image = "public.ecr.aws/docker/library/httpd:2.4"
port = 80
"#;

const LINES: usize = 200;

#[test]
fn deployed() {
    each("deployed", FULL, |stage| {
        let here = folder(&format!("deployed-{}-image", stage.router.release.version));
        let registry = Registry::start(&here);
        stage.cloud.clear();
        deploy(&stage.cloud, &registry, &stage.router, &here);
        let task = task_definition(&stage.cloud);
        assert_eq!(task["taskRoleArn"], "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-task");
        let containers = task["containerDefinitions"].as_array().expect("containers");
        let router = containers.iter().find(|container| container["name"] == "log_router").expect("a router");
        let image = router["image"].as_str().expect("an image");
        let files = unpack(&registry, image, &here);
        let file = |name: &str| fs::read(files.join("firelens-kit").join(name)).expect("a file of the image");
        stage.router.take(&String::from_utf8(file("pipeline.conf")).expect("text"), &file("filter.wasm"));

        let process = stage.router.start();
        let mut driver = stage.driver();
        lines::send(&mut driver, 0..LINES, None).expect("the socket");
        drop(driver);
        let arrived = || {
            let numbers = |texts: Vec<String>| texts.iter().filter_map(|text| lines::number(text.as_bytes())).count();
            [numbers(stage.cloud.log_events()), numbers(stage.cloud.archived_lines())]
        };
        // Of twenty lines two are failures, and all but a health check and an attack go to the archive.
        let due = [LINES / 10, LINES * 9 / 10];
        until(Duration::from_secs(60), || arrived() == due);
        assert_eq!(arrived(), due, "{}", process.log());
        stage.report("deployed", &format!("{image}: {} events, {} lines in S3", due[0], due[1]));
    });
}

/// Runs `firelens-kit deploy` with the router's own firelens.toml, and a base that has the release's label.
fn deploy(cloud: &Cloud, registry: &Registry, router: &Router, folder: &Path) {
    let version: &'static str = router.release.version.to_string().leak();
    base::Base { release: Some(version), ..base::Base::default() }.write(&folder.join("base"));
    let archive = "[destination.archive]\ntype = \"firehose\"\n";
    let bucket = format!("{archive}bucket = \"{}\"\ncompression_format = \"none\"\n", BUCKET);
    let toml = router.config.source.replace(archive, &bucket) + STACK;
    fs::write(folder.join("firelens.toml"), toml).expect("a file");
    let mut command = kit::command();
    command
        .current_dir(folder)
        .args(["deploy", "--yes", "--base"])
        .arg(format!("oci:{}", folder.join("base").display()));
    command.envs(cloud.environment()).env("FIRELENS_KIT_REGISTRY_ENDPOINT", registry.url());
    let output = command.output().expect("firelens-kit runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn task_definition(cloud: &Cloud) -> Value {
    let target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
    cloud.call("ecs", target, &json!({"taskDefinition": "shop"}))["taskDefinition"].take()
}

/// Pulls the image by its digest, as ECS does, and unpacks it.
fn unpack(registry: &Registry, image: &str, folder: &Path) -> std::path::PathBuf {
    let (_, name) = image.split_once('/').expect("a registry's host");
    let source = format!("docker://{}/{name}", registry.url().trim_start_matches("http://"));
    let layout = folder.join("pulled");
    let copy = ["--insecure-policy", "--override-arch", "amd64", "copy", "--quiet", "--src-tls-verify=false"];
    let target = format!("oci:{}:router", layout.display());
    run("skopeo", copy.iter().map(OsStr::new).chain([OsStr::new(&source), OsStr::new(&target)]));
    let bundle = folder.join("bundle");
    let image = format!("{}:router", layout.display());
    run("umoci", ["unpack", "--rootless", "--image", &image].map(OsStr::new).into_iter().chain([bundle.as_os_str()]));
    bundle.join("rootfs")
}

fn run<'a>(tool: &str, arguments: impl Iterator<Item = &'a OsStr>) {
    let output = Command::new(tool).args(arguments).output().expect("the tool runs");
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
}
