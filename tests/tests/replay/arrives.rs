//! What arrives is what the filter makes of the lines, in the form of each output.
use crate::stage::{CONFIG, Stage, assert_same, lines, without_date};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use std::io::Write as _;
use std::process::Stdio;

const ALL: [&str; 5] = ["--to", "archive", "live", "stream", "files"];

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn every_record_is_once_at_the_destinations_of_its_route() {
    let stage = Stage::set();
    stage.write("access.log", lines(2_000));
    let run = stage.replay(&[&["access.log"][..], &ALL].concat());
    run.ends_with(0, &["2,000 lines", "182 lines dropped", "archive: 1,818 records sent", "live: 260 records sent"]);
    let plain = |records: Vec<Value>| records.iter().map(without_date).collect::<Vec<_>>();
    assert_same(plain(stage.archived()), stage.expected("access.log", "archive"));
    assert_same(plain(stage.streamed()), stage.expected("access.log", "stream"));
    assert_same(plain(stage.filed()), stage.expected("access.log", "files"));
    let events = stage.events();
    assert_same(events.iter().map(|(_, record)| record.clone()).collect(), stage.expected("access.log", "live"));
    for (time, record) in events {
        let own: jiff::Timestamp = record["time"].as_str().expect("a time").parse().expect("a time");
        assert_eq!(time, own.as_millisecond());
    }
}

#[test]
fn dates_stand_where_the_outputs_put_them() {
    let stage = Stage::set();
    stage.write("access.log", lines(8));
    stage.replay(&[&["access.log"][..], &ALL].concat()).ends_with(0, &[]);
    let keys = |record: &Value| record.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&stage.archived()[0]).last().map(String::as_str), Some("date"));
    assert_eq!(keys(&stage.filed()[0]).first().map(String::as_str), Some("date"));
    let record = &stage.filed()[0];
    assert_eq!(record["date"].as_str().expect("text").replace(".000000Z", "Z"), record["time"]);
}

#[test]
fn objects_lie_in_folders_of_their_day_and_route() {
    let stage = Stage::set();
    stage.write("access.log", lines(100));
    stage.replay(&["access.log", "--to", "files", "--container", "httpd", "--stream", "stdout"]).ends_with(0, &[]);
    let keys: Vec<String> = stage.objects("shop-files").into_keys().collect();
    let has =
        |tag: &str| keys.iter().any(|key| key.starts_with("logs/20") && key.contains(tag) && key.ends_with(".gz"));
    assert!(has("/firelens-kit.failures.httpd-firelens-replay-") && has("/httpd-firelens-replay-"), "{keys:?}");
}

#[test]
fn a_bucket_without_a_name_is_that_of_the_stack() {
    let stage = Stage::set();
    stage.write("firelens.toml", CONFIG.replace("bucket = \"shop-files\"\n", ""));
    stage.write("access.log", lines(100));
    let dry = stage.replay(&["access.log", "--to", "files", "--dry-run"]);
    dry.ends_with(0, &["files: 90 records would be sent in 1 round to the bucket of the account"]);
    let run = stage.replay(&["access.log", "--to", "files"]);
    run.ends_with(2, &["s3://shop-files-123456789012-eu-central-1/logs/", "NoSuchBucket"]);
    stage.make_bucket("shop-files-123456789012-eu-central-1");
    stage.replay(&["access.log", "--to", "files"]).ends_with(0, &["files: 90 records sent"]);
    assert!(!stage.objects("shop-files-123456789012-eu-central-1").is_empty());
}

#[test]
fn packed_files_and_standard_input_are_read() {
    let stage = Stage::set();
    let text = lines(600);
    let (first, second) = text.split_at(text.len() / 2);
    stage.write("all.log", &text);
    stage.write("1.gz", packed(first));
    stage.write("2.log", second);
    stage.replay(&["1.gz", "2.log", "--to", "archive"]).ends_with(0, &["archive: 5"]);
    let expected = stage.expected("all.log", "archive");
    // The half line at the cut is a line of its own in each file.
    let whole: Vec<Value> = stage.archived().iter().map(without_date).collect();
    assert_eq!(whole.len(), expected.len() + 1);
    assert!(expected.iter().filter(|record| !whole.contains(record)).count() <= 1);

    let mut command = stage.command(&["-", "--to", "live"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(&packed(&text)).expect("it reads");
    let run = crate::stage::Run::of(child.wait_with_output().expect("it ends"));
    run.ends_with(0, &["600 lines"]);
    assert_same(stage.events().into_iter().map(|(_, record)| record).collect(), stage.expected("all.log", "live"));
}

#[test]
fn routes_can_be_chosen_and_overruled() {
    let stage = Stage::set();
    stage.write("access.log", lines(200));
    stage.replay(&["access.log", "--to", "archive", "--route", "failures"]).ends_with(0, &["archive: 26 records sent"]);
    stage
        .replay(&["access.log", "--to", "live", "--all-routes", "--checkpoint", "all.json"])
        .ends_with(0, &["live: 181 records sent"]);
    let all = stage.expected("access.log", "archive");
    assert_same(stage.events().into_iter().map(|(_, record)| record).collect(), all);
}

#[test]
fn a_dry_run_calls_nobody() {
    let stage = Stage::set();
    stage.write("access.log", lines(200));
    let run = stage.replay(&[&["access.log", "--dry-run", "--format", "json"][..], &ALL].concat());
    run.ends_with(0, &[]);
    let sent: Vec<_> =
        run.json()["destinations"].as_array().expect("all").iter().map(|to| to["sent"].clone()).collect();
    assert_eq!(sent, [181, 26, 26, 181]);
    assert!(stage.proxy.requests().is_empty() && !stage.path("access.log.replay.json").exists());
}
