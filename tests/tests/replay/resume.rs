//! A run that ends in the middle, and the one that goes on from there.
use crate::stage::{Run, Stage, lines, without_date};
use e2e::fault_proxy::Fault;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// Longer than anything takes on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Kills the process as soon as calls hang.
fn kill_in_the_middle(stage: &Stage, arguments: &[&str]) {
    let mut child = stage.command(arguments).spawn().expect("it runs");
    let came = stage.proxy.wait_for_fault(PATIENCE);
    child.kill().expect("it is killed");
    let run = Run::of(child.wait_with_output().expect("it ends"));
    assert!(came, "no call met with a fault: {}", run.stderr);
    stage.proxy.heal();
}

/// How many records were there twice; none may be missing, and none three times.
fn doubled(found: &[Value], expected: &[Value]) -> usize {
    let mut times: HashMap<String, usize> = HashMap::new();
    for record in found {
        *times.entry(without_date(record).to_string()).or_default() += 1;
    }
    assert_eq!(times.len(), expected.len(), "each record is there");
    assert!(times.values().all(|times| *times <= 2));
    times.values().filter(|times| **times == 2).count()
}

/// The number in `… 1,500 records had no answer …`.
fn said(note: &str) -> usize {
    let before = note.split(" record").next().unwrap_or_default();
    let number = before.rsplit(' ').next().unwrap_or_default().replace(',', "");
    number.parse().unwrap_or_else(|error| panic!("{error}: {note}"))
}

#[test]
fn what_was_confirmed_is_not_sent_again() {
    let stage = Stage::set();
    stage.write("access.log", lines(6_000));
    // Six batches get through; the others never get to the cloud.
    stage.proxy.fail_after(6, Fault::Hang);
    kill_in_the_middle(&stage, &["access.log", "--to", "archive"]);
    let before = stage.archived().len();
    assert!(before > 0 && before <= 3_000, "{before}");
    stage.replay(&["access.log", "--to", "archive"]).ends_with(0, &["going on from access.log.replay.json"]);
    let doubled = doubled(&stage.archived(), &stage.expected("access.log", "archive"));
    // An answer can be on its way back when the process is killed.
    assert!(doubled.is_multiple_of(500) && doubled <= 2_000, "{doubled}");
}

#[test]
fn what_was_on_its_way_is_said_and_may_be_doubled() {
    let stage = Stage::set();
    stage.write("access.log", lines(6_000));
    // They get to the cloud, but their answers do not come back.
    stage.proxy.fail_after(3, Fault::Lost);
    kill_in_the_middle(&stage, &["access.log", "--to", "archive"]);
    let run = stage.replay(&["access.log", "--to", "archive"]);
    run.ends_with(0, &["records had no answer when it ended, and may be there twice now"]);
    let doubled = doubled(&stage.archived(), &stage.expected("access.log", "archive"));
    assert!(doubled >= 500 && doubled <= said(&run.stderr), "{doubled}: {}", run.stderr);
    assert!(said(&run.stderr) <= 2_000, "four batches of 500: {}", run.stderr);
}

#[test]
fn objects_are_replaced_rather_than_doubled() {
    let stage = Stage::set();
    let text = lines(9_000);
    stage.write("access.log", &text);
    stage.proxy.fail_after(2, Fault::Lost);
    kill_in_the_middle(&stage, &["access.log", "--to", "files"]);
    stage.replay(&["access.log", "--to", "files"]).ends_with(0, &["going on"]);
    assert_eq!(doubled(&stage.filed(), &stage.expected("access.log", "files")), 0);
}

#[test]
fn destinations_go_on_each_from_where_it_was() {
    let stage = Stage::set();
    stage.write("access.log", lines(3_000));
    stage.replay(&["access.log", "--to", "live"]).ends_with(0, &["live: 390 records sent"]);
    stage.proxy.fail("firehose:", Fault::Hang, usize::MAX);
    kill_in_the_middle(&stage, &["access.log", "--to", "archive"]);
    let run = stage.replay(&["access.log", "--to", "archive", "live"]);
    run.ends_with(0, &["archive: 2,727 records sent", "live: 0 records sent in 0 calls"]);
    assert_eq!(stage.events().len(), 390);
    assert_eq!(doubled(&stage.archived(), &stage.expected("access.log", "archive")), 0);
    stage.proxy.forget();
    stage.replay(&["access.log", "--to", "archive"]).ends_with(0, &["everything was sent before"]);
    assert!(stage.proxy.mutations().is_empty());
}

/// The number of records that were sent, as the JSON says it.
fn sent(stage: &Stage, arguments: &[&str]) -> u64 {
    let found = stage.replay(&[arguments, &["--format", "json"]].concat()).json();
    found["destinations"][0]["sent"].as_u64().unwrap()
}

#[test]
fn of_a_file_that_has_grown_the_new_lines_are_sent() {
    let stage = Stage::set();
    // More than what is hashed of a file.
    let text = lines(3_000);
    let whole: Vec<&str> = text.split_inclusive('\n').collect();
    assert!(text.len() > 100_000);
    for to in ["archive", "files"] {
        let arguments = ["access.log", "--to", to, "--checkpoint", &format!("{to}.json")];
        let mut total = 0;
        for (lines, grown) in [(100, false), (101, true), (2_000, true), (3_000, true)] {
            stage.write("access.log", whole[..lines].concat());
            let run = stage.replay(&arguments);
            assert_eq!(run.stderr.contains("access.log has grown by"), grown, "{}", run.stderr);
            run.ends_with(0, &[]);
            assert_eq!(sent(&stage, &arguments), 0, "nothing is sent again");
            let found = if to == "archive" { stage.archived() } else { stage.filed() };
            assert_eq!(doubled(&found, &stage.expected("access.log", to)), 0);
            assert!(found.len() > total, "{lines} lines: {} records", found.len());
            total = found.len();
        }
    }
}

/// The first of two, and a packed one, which is unpacked from its beginning.
#[test]
fn each_of_several_files_can_grow() {
    let stage = Stage::set();
    let text = lines(300);
    let whole: Vec<&str> = text.split_inclusive('\n').collect();
    let (first, second) = (|to: usize| whole[..to].concat(), |to: usize| whole[200..to].concat());
    stage.write("a.log", first(100));
    stage.write("b.log", second(250));
    stage.write("all.log", &text);
    let arguments = ["a.log", "b.log", "--to", "archive"];
    stage.replay(&arguments).ends_with(0, &[]);
    stage.write("a.log", first(200));
    stage.replay(&arguments).ends_with(0, &["a.log has grown by"]);
    stage.write("b.log", second(300));
    stage.replay(&arguments).ends_with(0, &["b.log has grown by"]);
    assert_eq!(doubled(&stage.archived(), &stage.expected("all.log", "archive")), 0);
}

#[test]
fn a_file_that_ended_in_the_middle_of_a_line_is_warned_of() {
    let stage = Stage::set();
    let text = lines(20);
    stage.write("access.log", &text[..text.len() - 30]);
    stage.replay(&["access.log", "--to", "archive"]).ends_with(0, &[]);
    stage.write("access.log", &text);
    let run = stage.replay(&["access.log", "--to", "archive"]);
    run.ends_with(0, &["access.log ended in the middle of a line then"]);
}

/// Whoever reads the summary reads an object, whatever there was to do.
#[test]
fn the_summary_as_json_is_always_an_object() {
    let stage = Stage::set();
    stage.write("access.log", lines(100));
    let first = sent(&stage, &["access.log", "--to", "live"]);
    assert!(first > 0);
    assert_eq!(sent(&stage, &["access.log", "--to", "live"]), 0);
    stage.write("empty.log", "");
    assert_eq!(sent(&stage, &["empty.log", "--to", "live"]), 0);
}

#[test]
fn another_input_or_configuration_is_refused() {
    let stage = Stage::set();
    let text = lines(100);
    stage.write("access.log", &text);
    stage.replay(&["access.log", "--to", "live"]).ends_with(0, &[]);
    stage.write("access.log", text.replacen("192", "193", 1) + "more\n");
    let replay = || stage.replay(&["access.log", "--to", "live"]);
    replay().ends_with(2, &["is the checkpoint of another replay: access.log had", "take access.log.replay.json away"]);
    stage.write("access.log", &text[..text.len() / 2]);
    replay().ends_with(2, &["is the checkpoint of another replay: access.log had", "take access.log.replay.json away"]);
    stage.write("access.log", text.replacen("192", "193", 1));
    replay().ends_with(2, &["access.log begins with other bytes than then"]);
    stage.write("access.log", &text);
    replay().ends_with(0, &["everything was sent before"]);
    stage
        .replay(&["access.log", "--to", "live", "--all-routes"])
        .ends_with(2, &["an option that decides about records"]);
    stage.write("firelens.toml", stage.read("firelens.toml") + "\n# changed\n");
    replay().ends_with(2, &["the configuration, or an option"]);
    stage.replay(&["access.log", "--to", "live", "--checkpoint", "new.json"]).ends_with(0, &["live: 13 records sent"]);
}
