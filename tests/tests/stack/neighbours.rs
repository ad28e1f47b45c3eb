//! What is not the stack's stays as it is.
use super::stage::{SHOP, Stage};
use serde_json::json;
use std::sync::atomic::Ordering;

#[test]
fn two_stacks_do_not_touch_each_other() {
    let stage = Stage::set();
    stage.write("blog", SHOP);
    stage.write("shop", SHOP);
    stage.deploy("blog");
    let blog = stage.everything();
    stage.deploy("shop");
    stage.kit("blog", &["plan", "--detailed-exitcode"]).ok().says("other stacks of the kit in this account: shop");
    stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
    assert_eq!(stage.everything(), blog);
    assert!(stage.changes("blog").is_empty());
    // A stack is known by its tag: its configuration is not needed.
    std::fs::remove_file(stage.config("blog")).unwrap();
    stage.kit("blog", &["destroy", "--yes"]).code(2).says("--stack NAME");
    stage.kit("blog", &["destroy", "--yes", "--delete-data", "--stack", "blog"]).ok();
    assert_eq!(stage.everything(), Vec::<String>::new());
}

#[test]
fn what_was_not_made_by_the_stack_is_in_the_way() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.call("logs", "Logs_20140328.CreateLogGroup", json!({ "logGroupName": "/shop/live" }));
    let tags = json!({ "firelens-kit:stack": "blog" });
    let other = json!({ "logGroupName": "/firelens-kit/shop/router", "tags": tags });
    stage.call("logs", "Logs_20140328.CreateLogGroup", other);
    let before = stage.everything();
    let refused = stage.kit("shop", &["deploy", "--yes"]).code(2);
    let refused = refused.says("log group /shop/live is there already, and was not made by this stack");
    let refused = refused.says("existing = true").says("belongs to the stack `blog`");
    assert!(refused.stdout.contains("2 in the way"), "{refused:?}");
    assert!(stage.proxy.mutations().is_empty());
    stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
    assert_eq!(stage.everything(), before);
    // Written to as it is.
    stage.call("logs", "Logs_20140328.DeleteLogGroup", json!({ "logGroupName": "/firelens-kit/shop/router" }));
    stage.write("shop", &SHOP.replace("retention_days = 14", "log_group_name = \"/shop/live\"\nexisting = true"));
    stage.deploy("shop");
    stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
    assert_eq!(stage.everything(), ["/shop/live"]);
}

#[test]
fn what_is_no_longer_wanted_goes_but_for_the_logs() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    let smaller = SHOP.replace("to = [\"live\", \"archive\"]", "to = [\"live\"]").replace("\"archive\", ", "");
    let smaller = smaller.replace("[destination.archive]\ntype = \"firehose\"\n", "");
    stage.write("shop", &smaller);
    // S3 does not tell IAM of a bucket's tags: the policy of the new configuration covers the old bucket no more, and the tagging
    // API tells of it all the same.
    let plan = stage.kit("shop", &["plan"]).ok().says("- delivery stream shop-archive");
    plan.says("left over, and left alone: it may not be read, the permission `s3:GetBucketTagging` is missing");
    assert!(stage.proxy.denied().iter().all(|denied| denied.contains("s3:GetBucketTagging")));
    // The rest is done by somebody whose rights are not taken away with the configuration.
    stage.write("shop", SHOP);
    stage.keeps_rights.store(true, Ordering::Relaxed);
    assert!(stage.changes("shop").is_empty());
    stage.write("shop", &smaller);
    let changes = stage.changes("shop");
    assert!(changes.contains(&"delete delivery_stream shop-archive".to_owned()), "{changes:?}");
    assert!(changes.contains(&"delete role shop-firehose".to_owned()), "{changes:?}");
    stage
        .kit("shop", &["plan"])
        .ok()
        .says("= bucket shop-archive-123456789012-eu-central-1 (no longer part of the stack");
    stage.proxy.forget();
    stage.deploy("shop").says("waiting 330 s until Firehose has delivered what it buffers to the bucket shop-archive-");
    let calls: Vec<String> = stage.proxy.mutations();
    let at = |call: &str| calls.iter().position(|one| one == call).unwrap_or_else(|| panic!("{call}: {calls:?}"));
    assert!(at("ecs:UpdateService") < at("firehose:DeleteDeliveryStream"), "who writes to it goes first");
    assert!(stage.changes("shop").is_empty());
    stage.keeps_rights.store(false, Ordering::Relaxed);
    let plan = stage.kit("shop", &["plan", "--detailed-exitcode"]).ok();
    plan.says("left over, and left alone: it may not be read, the permission `s3:GetBucketTagging` is missing");
    stage.deploy("shop").says("no changes");
    assert!(stage.proxy.denied().iter().all(|denied| denied.contains("s3:GetBucketTagging")));
    stage.write("shop", SHOP);
    stage.plan("shop");
    stage.keeps_rights.store(true, Ordering::Relaxed);
    stage.write("shop", &smaller);
    stage.kit("shop", &["deploy", "--yes", "--delete-data"]).ok();
    assert!(!stage.everything().iter().any(|name| name.starts_with("shop-archive")));
}

#[test]
fn a_name_that_is_taken_says_by_what_and_how_to_go_on() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let definition =
        json!({ "family": "shop", "containerDefinitions": [{ "name": "web", "image": "nginx:1", "memory": 64 }] });
    stage.call("ecs", "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition", definition);
    let repository = json!({ "repositoryName": "shop-log-router" });
    stage.call("ecr", "AmazonEC2ContainerRegistry_V20150921.CreateRepository", repository);
    stage.query("iam", "Action=CreateRole&Version=2010-05-08&RoleName=shop-task&AssumeRolePolicyDocument=%7B%7D");
    let refused = stage.kit("shop", &["deploy", "--yes"]).code(2);
    let refused = refused
        .says("task definition shop is there already, and was not made by this stack: its latest revision, shop:1");
    let refused = refused.says("has `web` (nginx:1)").says("deregister-task-definition --task-definition shop:1");
    let refused = refused.says("name that service in [stack.existing]");
    let refused = refused.says("repository shop-log-router is there already").says("`repository` in [stack]");
    refused.says("role shop-task is there already, and was not made by this stack: its path is /");
    assert!(stage.proxy.mutations().is_empty());
}

/// The stack has no service of its own: its image runs in one of the user's.
#[test]
fn a_deploy_keeps_what_a_service_still_uses() {
    let stage = Stage::set();
    stage.keeps_rights.store(true, Ordering::Relaxed);
    let shop = SHOP.split("[stack.app]").next().unwrap();
    stage.write("shop", shop);
    stage.deploy("shop");
    let ecs =
        |operation: &str, body| stage.call("ecs", &format!("AmazonEC2ContainerServiceV20141113.{operation}"), body);
    let image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop-log-router@sha256:00";
    let router =
        json!({ "name": "logs", "image": image, "memory": 64, "firelensConfiguration": { "type": "fluentbit" } });
    ecs("RegisterTaskDefinition", json!({ "family": "batch", "containerDefinitions": [router] }));
    ecs("CreateCluster", json!({ "clusterName": "other" }));
    let service = json!({ "cluster": "other", "serviceName": "batch", "desiredCount": 1, "taskDefinition": "batch" });
    ecs("CreateService", service);
    let smaller = shop.replace("to = [\"live\", \"archive\"]", "to = [\"live\"]").replace("\"archive\", ", "");
    stage.write("shop", &smaller.replace("[destination.archive]\ntype = \"firehose\"\n", ""));
    let plan = stage.kit("shop", &["plan"]).ok();
    for kept in [
        "delivery stream shop-archive",
        "role shop-firehose",
        "log group /firelens-kit/shop/firehose",
        "role shop-task",
    ] {
        let line = format!("= {kept} (kept: service other/batch runs batch:1, which uses it)");
        assert!(plan.stdout.contains(&line), "{line}\n{}", plan.stdout);
    }
    stage.deploy("shop");
    assert!(stage.everything().contains(&"shop-archive".to_owned()));
    ecs("DeleteService", json!({ "cluster": "other", "service": "batch", "force": true }));
    stage.deploy("shop").says("deleted delivery stream shop-archive");
    assert!(stage.changes("shop").is_empty());
}

#[test]
fn a_plan_can_leave_out_what_stays() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    stage.write("shop", &SHOP.replace("retention_days = 14", "retention_days = 30"));
    let (all, changes) = (stage.kit("shop", &["plan"]).ok(), stage.kit("shop", &["plan", "--changes-only"]).ok());
    let signed = |text: &str, sign: &str| text.lines().filter(|line| line.starts_with(sign)).count();
    assert_eq!((signed(&all.stdout, "~ "), signed(&changes.stdout, "~ ")), (1, 1), "{}", changes.stdout);
    assert!(signed(&all.stdout, "= ") > 10 && signed(&changes.stdout, "= ") == 0, "{}", changes.stdout);
    assert_eq!(all.stdout.lines().last(), changes.stdout.lines().last(), "both count what stays");
    let json = stage.kit("shop", &["plan", "--changes-only", "--format", "json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["actions"].as_array().map(Vec::len), Some(1), "{json:#}");
}
