//! What a service does not take, and what the command does not.
use crate::stage::{Stage, line, lines};
use serde_json::Value;

const DAY: i64 = 86_400;

#[test]
fn old_and_large_records_are_counted_listed_and_kept() {
    let stage = Stage::set();
    let big = line(14, 60).replace("/item/", &format!("/{}/", "x".repeat(1_048_340)));
    let text = [line(7, 15 * DAY), line(21, 30 * DAY), lines(50), big, line(28, -3 * 3600)].concat();
    stage.write("access.log", text);
    let run = stage.replay(&["access.log", "--to", "live", "archive", "--rejected", "rejected.ndjson"]);
    run.ends_with(
        1,
        &[
            "    2 records rejected: older than the 14 days that CloudWatch Logs takes; the first is access.log:1",
            "    1 record rejected: more than two hours in the future; the first is access.log:54",
            "rejected: larger than the service takes; the first is access.log:53",
        ],
    );
    let rejected: Vec<Value> =
        stage.read("rejected.ndjson").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let mut said: Vec<_> = rejected
        .iter()
        .map(|one| (one["destination"].as_str(), one["reason"].as_str(), one["line"].as_u64()))
        .collect();
    said.sort_unstable();
    assert_eq!(
        said,
        [
            (Some("archive"), Some("too-big"), Some(53)),
            (Some("live"), Some("too-new"), Some(54)),
            (Some("live"), Some("too-old"), Some(1)),
            (Some("live"), Some("too-old"), Some(2)),
        ]
    );
    let old = rejected.iter().find(|one| one["line"] == 1).expect("the first");
    assert_eq!((&old["record"]["path"], &old["record"]["route"]), (&"/item/7".into(), &"failures".into()));
    // The service itself found nothing to reject; the large one is small enough for it.
    assert_eq!(stage.events().len(), 8);
    // It is the same when it is asked again.
    stage.replay(&["access.log", "--to", "live", "archive"]).ends_with(1, &["everything was sent before"]);
}

#[test]
fn the_log_groups_own_retention_counts() {
    let stage = Stage::set();
    let keep = serde_json::json!({ "logGroupName": "/ecs/shop/httpd", "retentionInDays": 3 });
    stage.moto.call(crate::stage::REGION, "logs", "Logs_20140328.PutRetentionPolicy", &keep);
    stage.write("access.log", [line(7, 4 * DAY), line(14, 2 * DAY), line(21, 60)].concat());
    let run = stage.replay(&["access.log", "--to", "live"]);
    run.ends_with(1, &["live: 2 records sent in 2 calls", "1 record rejected: older than the log group's retention"]);
}

#[test]
fn lines_without_a_time_get_that_of_the_line_before() {
    let stage = Stage::set();
    stage.write("access.log", ["no time\n".to_string(), line(1, 600), "none either\n".to_string()].concat());
    let run = stage.replay(&["access.log", "--to", "live", "--all-routes"]);
    run.ends_with(
        0,
        &["1 record without a time got that of the line before, 1 record that of their file's last change"],
    );
    let events = stage.events();
    let time = |text: &str| events.iter().find(|(_, record)| record["log"] == text).expect(text).0;
    let own = events.iter().find(|(_, record)| record["kind"] == "access").expect("the access line").0;
    assert_eq!(time("none either"), own);
    assert!(time("no time") > own);
}

#[test]
fn wrong_usage_is_said_before_anything_is_sent() {
    let stage = Stage::set();
    stage.write("access.log", lines(10));
    let refused = |arguments: &[&str], parts: &[&str]| {
        stage.replay(&[&["access.log"][..], arguments].concat()).ends_with(2, parts);
    };
    refused(&["--to", "archve"], &["--to archve: there is no such destination", "did you mean `archive`?"]);
    refused(&["--to", "search"], &["records are not sent to the output `es` from here"]);
    refused(&["--to", "archive", "--route", "failure"], &["no such route", "did you mean `failures`?"]);
    refused(&["--to", "live", "--route", "rest"], &["none of these routes leads there", "--all-routes"]);
    refused(&["missing.log", "--to", "archive"], &["cannot read missing.log"]);
    refused(&["-", "--to", "archive", "--checkpoint", "c"], &["a pipe cannot be read a second time"]);
    refused(&["--to", "archive", "--checkpoint", "nowhere/c"], &["cannot write the checkpoint nowhere/c"]);
    assert!(stage.proxy.mutations().is_empty());
}
