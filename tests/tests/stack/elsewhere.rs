//! A stack that is not there, or in another region: roles are the same for all regions, and stay.
use super::stage::{Ended, REGION, SHOP, Stage};
use serde_json::Value;

const OTHER: &str = "eu-west-1";

/// Without a bucket: moto's tagging API tells of those of all regions, and AWS's only of its own.
fn shop() -> String {
    SHOP.replace("type = \"firehose\"", "type = \"kinesis_streams\"")
}

/// Somebody who may do all, in another region.
fn in_other_region(stage: &Stage, arguments: &[&str]) -> Ended {
    let mut command = stage.command("shop", arguments);
    command.env("AWS_REGION", OTHER).env("AWS_ACCESS_KEY_ID", "test");
    Ended::of(command.output().unwrap())
}

#[test]
fn a_destroy_in_another_region_leaves_the_stack_alone_and_says_where_it_is() {
    let stage = Stage::set();
    stage.write("shop", &shop());
    stage.deploy("shop");
    let there = stage.everything();
    stage.proxy.forget();
    let tag = format!("nothing in {OTHER} of account 123456789012 has the tag firelens-kit:stack = shop");
    let where_it_is = format!("help: the stack `shop` has roles of {REGION}: --region {REGION}");
    for arguments in [
        &["destroy", "--yes", "--delete-data"][..],
        &["destroy", "--yes", "--delete-data", "--stack", "shop"],
        &["plan", "--destroy"],
    ] {
        in_other_region(&stage, arguments).ok().says(&tag).says(&where_it_is);
    }
    assert!(stage.proxy.mutations().is_empty(), "{:?}", stage.proxy.mutations());
    assert_eq!(stage.everything(), there);
    assert!(stage.changes("shop").is_empty());
}

/// Its roles would be taken from the first one.
#[test]
fn a_second_stack_of_one_name_in_another_region_is_a_conflict() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    stage.proxy.forget();
    let refused = in_other_region(&stage, &["deploy", "--yes"]).code(2);
    let refused = refused.says(&format!("! role shop-task belongs to the stack of this name in {REGION}"));
    refused.says("give it another `name`");
    assert!(stage.proxy.mutations().is_empty(), "{:?}", stage.proxy.mutations());
}

#[test]
fn what_was_never_deployed_is_not_up_to_date() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let ended = stage.kit("shop", &["destroy", "--yes"]).ok();
    let ended =
        ended.says(&format!("nothing in {REGION} of account 123456789012 has the tag firelens-kit:stack = shop"));
    let ended = ended.says("help: for another region use --region, for another account --profile");
    assert!(!ended.stdout.contains("up to date"), "{ended:?}");
}

/// The number before a word.
fn count(text: &str, word: &str) -> usize {
    let before = text.split(&format!(" {word}")).next().unwrap_or_default();
    before.rsplit([' ', '\n']).next().unwrap_or_default().parse().unwrap_or_else(|_| panic!("{word}: {text}"))
}

#[test]
fn what_was_done_is_counted_as_it_was_planned() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let deployed = stage.deploy("shop");
    assert_eq!(count(&deployed.stdout, "to create"), count(&deployed.stderr, "created in"), "{deployed:?}");
    let destroyed = stage.kit("shop", &["destroy", "--yes"]).ok();
    let (planned, done) = (&destroyed.stdout, destroyed.stderr.lines().last().unwrap());
    assert_eq!(count(planned, "to delete"), count(done, "deleted"), "{destroyed:?}");
    assert_eq!(count(planned, "stay as they are"), count(done, "kept"), "{destroyed:?}");
    stage.kit("shop", &["destroy", "--yes"]).ok().says("no changes: 3 resources are kept");
}

/// The events as JSON have as many that are done.
#[test]
fn the_summary_counts_what_the_plan_counts() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let deployed = stage.kit("shop", &["deploy", "--yes", "--format", "json"]).ok();
    let lines: Vec<Value> = deployed.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let planned = lines[0]["plan"]["actions"].as_array().unwrap().len();
    let done = lines.last().unwrap()["done"].as_array().unwrap().len();
    assert_eq!(planned, done, "{deployed:?}");
}

/// The router would lose what it sends there.
#[test]
fn a_log_group_that_should_exist_and_does_not_is_a_conflict() {
    let stage = Stage::set();
    stage.write("shop", &SHOP.replace("retention_days = 14", "log_group = \"/ecs/old\"\nexisting = true"));
    let refused = stage.kit("shop", &["deploy", "--yes"]).code(2);
    let told = format!("! log group /ecs/old does not exist in {REGION}, and `live` has `existing = true`");
    refused.says(&told).says("create it first, or remove `existing = true`");
    assert!(stage.proxy.mutations().is_empty(), "{:?}", stage.proxy.mutations());
    stage.call("logs", "Logs_20140328.CreateLogGroup", serde_json::json!({ "logGroupName": "/ecs/old" }));
    stage.deploy("shop");
}

#[test]
fn a_deploy_ends_with_the_address_and_the_next_commands() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let ended = stage.deploy("shop").says("address: port 80 of each task");
    let ended = ended.says("firelens-kit status").says("firelens-kit verify").says("firelens-kit logs --follow");
    assert!(ended.stdout.lines().all(|line| !line.contains("next:")), "{ended:?}");
    let deploys = stage.kit("shop", &["logs", "--deploys"]).ok();
    let lines: Vec<&str> = deploys.stdout.lines().collect();
    assert!(lines.len() == 1 && lines[0].contains("Z  deploy   "), "{deploys:?}");
    assert!(lines[0].contains("firelens-kit 0.1.0") && lines[0].contains("create service shop/shop"), "{deploys:?}");
}
