//! Ctrl-c in the middle, and two runs at once.
use crate::stage::{Run, Stage, assert_same, lines, without_date};
use e2e::fault_proxy::Fault;
use e2e::kit;
use std::process::Child;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

const REPLAY: [&str; 3] = ["access.log", "--to", "archive"];

/// Starts it, and waits until a call meets with the fault.
fn start(stage: &Stage, fault: Fault) -> Child {
    stage.proxy.forget();
    stage.proxy.fail("firehose:PutRecordBatch", fault, 1);
    // A call that is held is not made again, however long the test takes.
    let run = stage.command(&REPLAY).args(["--read-timeout", "3600"]).spawn().expect("it runs");
    assert!(stage.proxy.wait_for_fault(PATIENCE));
    run
}

fn ended(run: Child, said: &str) -> Run {
    let mut run = Run::of(run.wait_with_output().expect("it ends"));
    run.stderr.insert_str(0, said);
    run
}

/// Each record is there once.
fn assert_whole(stage: &Stage) {
    let found = stage.archived().iter().map(without_date).collect();
    assert_same(found, stage.expected("access.log", "archive"));
}

const STOPPED: [&str; 3] =
    ["records sent", "stopped; what was confirmed is in access.log.replay.json", "run the same command again"];

#[test]
fn one_that_is_stopped_confirms_what_is_on_its_way() {
    let stage = Stage::set();
    stage.write("access.log", lines(20_000));
    for signal in [libc::SIGINT, libc::SIGTERM] {
        stage.proxy.fail("firehose:PutRecordBatch", Fault::Hold, usize::MAX);
        let mut run = start(&stage, Fault::Hold);
        let said = kit::signal(&mut run, signal, "nothing more is begun");
        stage.proxy.heal();
        ended(run, &said).ends_with(2, &STOPPED);
        let there = stage.archived().len();
        assert!(there > 0 && there < 18_000, "{there}");
    }
    stage.replay(&REPLAY).ends_with(0, &["going on from access.log.replay.json\n"]);
    assert_whole(&stage);
}

#[test]
fn one_that_is_stopped_waits_no_longer_than_it_says_for_answers() {
    let stage = Stage::set();
    stage.write("access.log", lines(3_000));
    stage.proxy.fail("firehose:PutRecordBatch", Fault::Hang, usize::MAX);
    let mut run = start(&stage, Fault::Hang);
    let said = kit::signal(&mut run, libc::SIGINT, "nothing more is begun");
    ended(run, &said).ends_with(2, &STOPPED);
    stage.proxy.heal();
    stage.replay(&REPLAY).ends_with(0, &["records had no answer when it ended"]);
    assert_whole(&stage);
}

#[test]
fn of_two_on_one_checkpoint_the_second_is_refused() {
    let stage = Stage::set();
    stage.write("access.log", lines(3_000));
    let first = start(&stage, Fault::Hold);
    let refused = ["another replay is at work on the checkpoint access.log.replay.json", "--checkpoint FILE"];
    stage.replay(&REPLAY).ends_with(2, &refused);
    // One of its own is another matter.
    let own = ["access.log", "--to", "live", "--checkpoint", "live.json"];
    stage.replay(&own).ends_with(0, &["live: 390 records sent"]);
    stage.proxy.heal();
    ended(first, "").ends_with(0, &["archive: 2,727 records sent"]);
    stage.replay(&REPLAY).ends_with(0, &["everything was sent before"]);
    assert_whole(&stage);
}
