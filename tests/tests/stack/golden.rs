//! After a deploy the plan is empty: for the example, and for each stack whose templates are recorded.
use super::stage::Stage;
use std::fs;
use std::path::Path;

const REGION: &str = "eu-west-1";

/// What the recorded stacks name and moto does not have: networks, a prefix list, other registries, more than one task.
fn here(config: &str) -> String {
    let elsewhere = ["vpc = ", "subnets = ", "security_groups = ", "repository = ", "desired_count = "];
    let lines = config.lines().filter(|line| !elsewhere.iter().any(|key| line.starts_with(key)));
    let config: String = lines.map(|line| format!("{line}\n")).collect();
    let config = config.replace("sg-0123456789abcdef1", "10.1.0.0/16").replace("pl-0123456789abcdef0", "10.2.0.0/16");
    match config.contains("\nregion = ") {
        true => config,
        false => config.replacen("[stack]\n", &format!("[stack]\nregion = \"{REGION}\"\n"), 1),
    }
}

fn stays(path: &str) {
    let stage = Stage::set();
    let config = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let name = config.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).unwrap().to_owned();
    stage.write(&name, &here(&config));
    // What is there already.
    for region in [REGION, super::stage::REGION] {
        let group = serde_json::json!({ "logGroupName": "/ecs/all" });
        stage.moto.call(region, "logs", "Logs_20140328.CreateLogGroup", &group);
    }
    let place = format!(
        "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    );
    stage.moto.http(REGION, "s3", "PUT", "/shop-named", "", place.as_bytes());
    stage.deploy(&name);
    stage.proxy.forget();
    stage.kit(&name, &["plan", "--detailed-exitcode"]).ok().says("no changes");
    stage.deploy(&name).says("no changes");
    assert_eq!(stage.proxy.mutations(), Vec::<String>::new());
    stage.kit(&name, &["destroy", "--yes", "--delete-data"]).ok();
    stage.kit(&name, &["destroy", "--yes", "--delete-data"]).ok().says("no changes");
}

#[test]
fn the_example_stays_as_it_is() {
    stays("../examples/firelens.toml");
}

#[test]
fn an_archive_with_partitions_stays_as_it_is() {
    stays("tests/cloudformation/stacks/archive.toml");
}

#[test]
fn a_stack_of_everything_stays_as_it_is() {
    stays("tests/cloudformation/stacks/everything.toml");
}

#[test]
fn a_stack_of_logs_stays_as_it_is() {
    stays("tests/cloudformation/stacks/logs.toml");
}

#[test]
fn a_stack_with_secrets_stays_as_it_is() {
    stays("tests/cloudformation/stacks/secrets.toml");
}

#[test]
fn a_stack_without_a_service_stays_as_it_is() {
    stays("tests/cloudformation/stacks/streams.toml");
}
