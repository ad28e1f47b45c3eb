//! A deploy or a destroy that is killed at any call, and run again, ends as if nothing had happened.
use super::stage::{Ended, SHOP, Stage};
use e2e::fault_proxy::Fault;
use std::time::Duration;

const LOOK: Duration = Duration::from_millis(50);

/// Runs it until so many changes are made and the next one is on its way, and kills it. `false` when there are no more.
pub fn kill_at(stage: &Stage, change: usize, arguments: &[&str]) -> bool {
    stage.proxy.forget();
    stage.proxy.fail_after(change, Fault::Hang);
    let mut run = stage.start("shop", arguments);
    let met = loop {
        let ended = run.try_wait().unwrap().is_some();
        if stage.proxy.wait_for_fault(LOOK) {
            break true;
        }
        if ended {
            break false;
        }
    };
    if met {
        run.kill().unwrap();
    }
    let ended = Ended::of(run.wait_with_output().unwrap());
    assert!(met || ended.code == Some(0), "{ended:?}");
    stage.proxy.heal();
    met
}

/// Deploys that are killed at every fourth change, from this one on, and run again.
fn deploys_from(first: usize) {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    let whole = stage.everything();
    let mut change = first;
    loop {
        stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
        if !kill_at(&stage, change, &["deploy", "--yes"]) {
            break;
        }
        stage.deploy("shop");
        assert_eq!(stage.everything(), whole, "killed after {change} changes");
        assert_eq!(stage.changes("shop"), Vec::<String>::new(), "killed after {change} changes");
        change += SHARE;
    }
    assert!(change > 20, "a deploy makes more than {change} changes");
}

/// The same for destroys.
fn destroys_from(first: usize) {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let mut change = first;
    loop {
        stage.deploy("shop");
        if !kill_at(&stage, change, &["destroy", "--yes", "--delete-data"]) {
            break;
        }
        stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
        assert_eq!(stage.everything(), Vec::<String>::new(), "killed after {change} changes");
        change += SHARE;
    }
    assert!(change > 10, "a destroy makes more than {change} changes");
}

/// Each of these tests takes its share of the changes, so that they run beside each other.
macro_rules! each_share {
    ($($module:ident $first:expr),+) => {
        /// How many there are.
        const SHARE: usize = [$($first),+].len();
        $(mod $module {
            #[test]
            fn a_deploy_that_is_killed_at_any_call_is_finished_by_the_next() {
                super::deploys_from($first);
            }

            #[test]
            fn a_destroy_that_is_killed_at_any_call_is_finished_by_the_next() {
                super::destroys_from($first);
            }
        })+
    };
}

each_share!(first 0, second 1, third 2, fourth 3);
