//! Calls that get no answer: each is made again in time, and one that never gets any is named. The next run goes on.
use super::stage::{Ended, SHOP, Stage};
use e2e::fault_proxy::{Fault, Request};
use std::collections::BTreeSet;

const DEPLOY: [&str; 2] = ["deploy", "--yes"];

const DESTROY: [&str; 3] = ["destroy", "--yes", "--delete-data"];

/// The calls that change something, each once. S3's are told apart by their paths.
fn changes(stage: &Stage) -> BTreeSet<String> {
    let requests = stage.proxy.requests();
    requests.into_iter().filter(Request::mutates).map(|request| request.call).collect()
}

/// Runs it with little patience: two tries of a call, two seconds each, which the slowest answer does not take.
fn impatient(stage: &Stage, arguments: &[&str]) -> Ended {
    let mut command = stage.command("shop", arguments);
    command.args(["--read-timeout", "2"]).env("AWS_MAX_ATTEMPTS", "2");
    Ended::of(command.output().unwrap())
}

/// Each of these calls meets once with a fault in one run, which ends well all the same.
fn once_each(stage: &Stage, calls: &BTreeSet<String>, fault: Fault, arguments: &[&str]) {
    stage.proxy.forget();
    calls.iter().for_each(|call| stage.proxy.fail(call, fault, 1));
    let mut command = stage.command("shop", arguments);
    Ended::of(command.args(["--read-timeout", "2"]).output().unwrap()).ok();
    let met = stage.proxy.requests().iter().filter(|request| request.fault.is_some()).count();
    assert!(met * 10 >= calls.len() * 9, "{met} of {}", calls.len());
    stage.proxy.heal();
}

/// A deploy and a destroy, and what each of them changes.
fn learn(stage: &Stage) -> [BTreeSet<String>; 2] {
    stage.write("shop", SHOP);
    [&DEPLOY[..], &DESTROY[..]].map(|arguments| {
        stage.proxy.forget();
        stage.kit("shop", arguments).ok();
        changes(stage)
    })
}

fn deploy_meets(fault: Fault) {
    let stage = Stage::set();
    let [deploy, _] = learn(&stage);
    once_each(&stage, &deploy, fault, &DEPLOY);
    assert_eq!(stage.changes("shop"), Vec::<String>::new());
}

fn destroy_meets(fault: Fault) {
    let stage = Stage::set();
    let [_, destroy] = learn(&stage);
    stage.deploy("shop");
    once_each(&stage, &destroy, fault, &DESTROY);
    assert_eq!(stage.everything(), Vec::<String>::new());
}

#[test]
fn a_call_of_a_deploy_that_gets_no_answer_is_made_again() {
    deploy_meets(Fault::Hang);
}

#[test]
fn a_call_of_a_destroy_that_gets_no_answer_is_made_again() {
    destroy_meets(Fault::Hang);
}

#[test]
fn a_call_of_a_deploy_whose_answer_is_lost_is_made_again_and_finds_what_it_made() {
    deploy_meets(Fault::Lost);
}

#[test]
fn a_call_of_a_destroy_whose_answer_is_lost_is_made_again_and_finds_that_it_is_done() {
    destroy_meets(Fault::Lost);
}

/// Runs it while none of these calls ever gets an answer, again and again, each time without those that it met before: each run
/// names what it met with, and the next one comes further. When one meets with nothing, one with patience ends well.
fn in_turn(stage: &Stage, calls: &BTreeSet<String>, arguments: &[&str]) {
    let mut left = calls.clone();
    loop {
        stage.proxy.forget();
        left.iter().for_each(|call| stage.proxy.fail(call, Fault::Hang, usize::MAX));
        let ended = impatient(stage, arguments);
        let met: BTreeSet<String> =
            stage.proxy.requests().into_iter().filter(|request| request.fault.is_some()).map(|met| met.call).collect();
        stage.proxy.heal();
        if met.is_empty() {
            // Time decides nothing here: a slow answer is none for the impatient.
            stage.kit("shop", arguments).ok();
            break;
        }
        assert!([Some(1), Some(2)].contains(&ended.code), "{met:?}: {ended:?}");
        met.iter().for_each(|call| assert_named(&ended, call));
        let before = left.len();
        // A rule's text is a part of the call's: a bucket's path begins that of its settings.
        left.retain(|call| !met.iter().any(|met| met.contains(call.as_str())));
        assert!(left.len() < before, "{met:?} were met, of {left:?}");
    }
    assert!(left.len() * 10 <= calls.len(), "{left:?} of {} were not met", calls.len());
}

fn assert_named(ended: &Ended, call: &str) {
    let said = |text: &str| ended.stderr.contains(text);
    // S3's calls are told apart by their paths, and named as IAM names them.
    let named = if call.starts_with("s3:") { said("s3:") } else { said(&format!("{call} on ")) };
    assert!(named && said("no answer from http://127.0.0.1:"), "{call}: {ended:?}");
}

#[test]
fn calls_of_a_deploy_that_never_get_an_answer_are_named_and_the_next_run_goes_on() {
    let stage = Stage::set();
    let [deploy, _] = learn(&stage);
    in_turn(&stage, &deploy, &DEPLOY);
    assert_eq!(stage.changes("shop"), Vec::<String>::new());
}

#[test]
fn calls_of_a_destroy_that_never_get_an_answer_are_named_and_the_next_run_goes_on() {
    let stage = Stage::set();
    let [_, destroy] = learn(&stage);
    stage.deploy("shop");
    in_turn(&stage, &destroy, &DESTROY);
    assert_eq!(stage.everything(), Vec::<String>::new());
}
