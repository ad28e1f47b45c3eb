//! A stack's whole life.
use super::stage::{REGION, SHOP, Stage};
use serde_json::json;

#[test]
fn a_stack_is_deployed_changed_mended_and_taken_away() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.kit("shop", &["plan", "--detailed-exitcode"]).code(1).says("+ service shop");
    assert!(stage.proxy.mutations().is_empty(), "{:?}", stage.proxy.mutations());

    stage.deploy("shop").says("deploy done");
    let there = stage.everything();
    for name in ["/firelens-kit/shop/router", "shop-log-router", "shop-task", "shop-execution", "shop-firehose"] {
        assert!(there.iter().any(|one| one == name), "{name}: {there:?}");
    }

    stage.proxy.forget();
    stage.kit("shop", &["plan", "--detailed-exitcode"]).ok().says("no changes");
    stage.deploy("shop").says("no changes");
    assert!(stage.proxy.mutations().is_empty(), "{:?}", stage.proxy.mutations());

    stage.write("shop", &SHOP.replace("retention_days = 14", "retention_days = 30"));
    assert_eq!(stage.changes("shop"), ["update log_group /shop/live"]);
    stage.kit("shop", &["plan"]).ok().says("retention_days  14 -> 30");
    stage.deploy("shop");

    let retention = json!({ "logGroupName": "/shop/live", "retentionInDays": 1 });
    stage.call("logs", "Logs_20140328.PutRetentionPolicy", retention);
    stage.query("iam", "Action=DeleteRolePolicy&Version=2010-05-08&RoleName=shop-task&PolicyName=firelens-kit");
    let changes = stage.changes("shop");
    assert_eq!(changes.len(), 2, "{changes:?}");
    stage.deploy("shop");
    assert!(stage.changes("shop").is_empty());

    stage.kit("shop", &["destroy"]).code(2).says("--yes");
    stage.kit("shop", &["destroy", "--yes"]).ok().says("--delete-data");
    let left = stage.everything();
    let bucket = format!("shop-archive-{}-{REGION}", e2e::moto::ACCOUNT);
    assert_eq!(left, ["/shop/live", &bucket, "shop-clicks"]);
    stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
    assert_eq!(stage.everything(), Vec::<String>::new());
    stage.kit("shop", &["destroy", "--yes"]).ok().says("no changes");
}
