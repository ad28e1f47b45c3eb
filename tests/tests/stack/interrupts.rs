//! Ctrl-c, and the signal by which a build server ends a process, in the middle of a deploy or a destroy.
use super::stage::{Ended, SHOP, Stage};
use e2e::fault_proxy::Fault;
use e2e::kit;
use serde_json::{Value, json};
use std::process::Child;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

const DEPLOY: [&str; 2] = ["deploy", "--yes"];

const DESTROY: [&str; 3] = ["destroy", "--yes", "--delete-data"];

/// Starts it, and waits until this call meets with the fault.
fn start(stage: &Stage, arguments: &[&str], call: &str, fault: Fault) -> Child {
    stage.proxy.forget();
    stage.proxy.fail(call, fault, 1);
    let run = stage.start("shop", arguments);
    assert!(stage.proxy.wait_for_fault(PATIENCE), "{call} is called");
    run
}

/// Its end, with what it said before.
fn ended(run: Child, said: &str) -> Ended {
    let mut ended = Ended::of(run.wait_with_output().unwrap());
    ended.stderr.insert_str(0, said);
    ended
}

/// Sends the signal, lets the call through that is held, and waits for the end.
fn stopped(stage: &Stage, mut run: Child, signal: i32) -> Ended {
    let said = kit::signal(&mut run, signal, "nothing more is begun");
    stage.proxy.heal();
    ended(run, &said)
}

/// The last line of the newest lock says that it was given back.
fn assert_released(stage: &Stage) {
    let group = "/firelens-kit/shop/deploys";
    let logs = |operation: &str, body: Value| stage.call("logs", &format!("Logs_20140328.{operation}"), body);
    let streams = logs("DescribeLogStreams", json!({ "logGroupName": group, "logStreamNamePrefix": "lock-" }));
    let newest = streams["logStreams"].as_array().unwrap().iter().filter_map(|stream| stream["logStreamName"].as_str());
    let newest = newest.max().unwrap();
    let lines = logs("GetLogEvents", json!({ "logGroupName": group, "logStreamName": newest, "startFromHead": true }))
        ["events"]
        .take();
    let last = lines.as_array().unwrap().last().unwrap()["message"].as_str().unwrap().to_owned();
    let last: Value = serde_json::from_str(&last).unwrap();
    assert_eq!(last["released"], true, "{lines}");
}

#[test]
fn a_deploy_that_is_stopped_ends_what_is_on_its_way_and_the_next_goes_on() {
    // The service waits for both, so that there is always something that is not begun. Each in a cloud of its own: another
    // deploy, before it was stopped, may have made what the next one is to be stopped at.
    for (call, signal) in [("iam:CreateRole", libc::SIGINT), ("ecs:CreateCluster", libc::SIGTERM)] {
        let stage = Stage::set();
        stage.write("shop", SHOP);
        let run = start(&stage, &DEPLOY, call, Fault::Hold);
        let ended = stopped(&stage, run, signal).code(1).says(" 0 failed, ").says(" not begun, in ");
        let ended = ended.says("run the same command again: it goes on from here");
        assert!(!ended.stderr.contains("cut off") && !ended.stderr.contains(" 0 not begun"), "{ended:?}");
        assert_released(&stage);
        stage.deploy("shop");
        assert_eq!(stage.changes("shop"), Vec::<String>::new());
    }
}

#[test]
fn a_destroy_that_is_stopped_ends_what_is_on_its_way_and_the_next_goes_on() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    let run = start(&stage, &DESTROY, "ecs:DeleteService", Fault::Hold);
    let ended = stopped(&stage, run, libc::SIGINT).code(1).says("1 done, 0 failed, ");
    ended.says("deleted service shop/shop").says("run the same command again: it goes on from here");
    assert_released(&stage);
    stage.kit("shop", &DESTROY).ok();
    assert_eq!(stage.everything(), Vec::<String>::new());
}

#[test]
fn what_gets_no_answer_is_cut_off_and_said() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let mut run = start(&stage, &["deploy", "--yes", "--format", "json"], "firehose:CreateDeliveryStream", Fault::Hang);
    let said = kit::signal(&mut run, libc::SIGTERM, "nothing more is begun");
    let ended = ended(run, &said).code(1);
    let ended = ended.says("warning: delivery stream shop-archive was on its way when the work was stopped");
    let summary: Value = serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(summary["cut_off"], json!([{ "kind": "delivery_stream", "name": "shop-archive" }]));
    assert_eq!(summary["complete"], false);
    assert_released(&stage);
    stage.proxy.heal();
    stage.deploy("shop");
    assert_eq!(stage.changes("shop"), Vec::<String>::new());
}

#[test]
fn the_second_signal_ends_it_at_once() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let mut run = start(&stage, &DEPLOY, "iam:CreateRole", Fault::Hang);
    let said = kit::signal(&mut run, libc::SIGINT, "nothing more is begun");
    let more = kit::signal(&mut run, libc::SIGINT, "ended at once");
    ended(run, &(said + &more)).code(130).says("run the same command again");
    stage.proxy.heal();
    stage.deploy("shop");
    assert_eq!(stage.changes("shop"), Vec::<String>::new());
}

#[test]
fn one_that_is_stopped_before_it_begins_does_nothing() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let run = start(&stage, &DEPLOY, "logs:CreateLogStream", Fault::Hold);
    stopped(&stage, run, libc::SIGINT).code(1).says("0 done, 0 failed, ");
    assert_released(&stage);
    assert_eq!(stage.everything(), ["/firelens-kit/shop/deploys"]);
}
