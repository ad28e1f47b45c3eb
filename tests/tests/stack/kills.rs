//! A deploy or a destroy that is killed at any call, and run again, ends as if nothing had happened.
use super::stage::{Ended, SHOP, Stage};
use e2e::fault_proxy::Fault;
use std::time::Duration;

const LOOK: Duration = Duration::from_millis(50);

/// Runs it until so many changes are made and the next one is on its way, and kills it. `false` when there are no more.
fn kill_at(stage: &Stage, change: usize, arguments: &[&str]) -> bool {
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

#[test]
fn a_deploy_that_is_killed_at_any_call_is_finished_by_the_next() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    let whole = stage.everything();
    let mut change = 0;
    loop {
        stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
        if !kill_at(&stage, change, &["deploy", "--yes"]) {
            break;
        }
        stage.deploy("shop");
        assert_eq!(stage.everything(), whole, "killed after {change} changes");
        assert_eq!(stage.changes("shop"), Vec::<String>::new(), "killed after {change} changes");
        change += 1;
    }
    println!("killed at each of {change} calls");
}

#[test]
fn a_destroy_that_is_killed_at_any_call_is_finished_by_the_next() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let mut change = 0;
    loop {
        stage.deploy("shop");
        if !kill_at(&stage, change, &["destroy", "--yes", "--delete-data"]) {
            break;
        }
        stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
        assert_eq!(stage.everything(), Vec::<String>::new(), "killed after {change} changes");
        change += 1;
    }
    println!("killed at each of {change} calls");
}
