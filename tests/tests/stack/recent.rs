//! A destroy right after a deploy that failed or was killed: AWS does not tell yet of what that made.
use super::stage::{Ended, SHOP, Stage};
use e2e::fault_proxy::Fault;
use std::time::Duration;

const DESTROY: [&str; 3] = ["destroy", "--yes", "--delete-data"];

/// Destroys at once, and again when that is known which was made: nothing is left for the second time.
fn goes_at_once(stage: &Stage, says: &str) {
    let ended = Ended::of(stage.command_at_once("shop", &DESTROY).output().unwrap());
    ended.ok().says(says);
    assert_eq!(stage.everything(), Vec::<String>::new());
    stage.kit("shop", &["destroy", "--dry-run"]).ok().says("no changes");
}

#[test]
fn what_a_deploy_made_before_it_failed_is_waited_for() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.proxy.fail("iam:PutRolePolicy", Fault::Error(400, "LimitExceeded", "too many policies"), usize::MAX);
    stage.kit("shop", &["deploy", "--yes"]).code(1);
    stage.proxy.heal();
    goes_at_once(&stage, "waiting until AWS shows what the deploy of");
}

/// Nobody has written down what that made: what AWS does not show in time goes with the second destroy.
#[test]
fn after_a_deploy_that_was_killed_a_second_destroy_leaves_nothing() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.proxy.fail("iam:PutRolePolicy", Fault::Hang, usize::MAX);
    let mut run = stage.start("shop", &["deploy", "--yes"]);
    assert!(stage.proxy.wait_for_fault(Duration::from_secs(60)));
    run.kill().unwrap();
    run.wait().unwrap();
    stage.proxy.heal();
    Ended::of(stage.command_at_once("shop", &DESTROY).output().unwrap()).says("the deploy that was cut off");
    stage.kit("shop", &DESTROY).ok();
    assert_eq!(stage.everything(), Vec::<String>::new());
}

/// A deploy that ended well shows all that it made, and nothing is waited for.
#[test]
fn nothing_is_waited_for_that_is_shown() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    let ended = stage.kit("shop", &DESTROY).ok();
    assert!(!ended.stderr.contains("waiting until AWS shows"), "{ended:?}");
}
