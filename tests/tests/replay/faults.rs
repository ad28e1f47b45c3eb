//! Calls that fail, in whole and in part: every record arrives all the same.
use crate::stage::{Stage, assert_same, lines, without_date};
use e2e::fault_proxy::Fault;
use serde_json::Value;

fn plain(records: Vec<Value>) -> Vec<Value> {
    records.iter().map(without_date).collect()
}

#[test]
fn what_failed_is_sent_again_alone() {
    let stage = Stage::set();
    stage.write("access.log", lines(3_000));
    stage.proxy.fail("firehose:PutRecordBatch", Fault::Partial(3), 4);
    stage.proxy.fail("kinesis:PutRecords", Fault::Partial(2), 1);
    stage.proxy.fail("kinesis:PutRecords", Fault::Partial(1), 1);
    let run = stage.replay(&["access.log", "--to", "archive", "stream", "--format", "json"]);
    run.ends_with(0, &[]);
    assert_same(plain(stage.archived()), stage.expected("access.log", "archive"));
    assert_same(plain(stage.streamed()), stage.expected("access.log", "stream"));
    assert!(run.json()["destinations"].as_array().expect("two").iter().all(|to| to["sent_again"].as_u64() > Some(50)));
    let calls = stage.proxy.requests_of("firehose:PutRecordBatch");
    let sizes: Vec<usize> = calls.iter().map(|call| call.json()["Records"].as_array().map_or(0, Vec::len)).collect();
    let all: usize = sizes.iter().sum();
    // Four of the batches were sent again by a third, or by less where that failed, too.
    assert!(all > 2_727 && all <= 2_727 + 4 * 167, "{sizes:?}");
}

#[test]
fn throttling_resets_and_errors_are_lived_through() {
    let stage = Stage::set();
    stage.write("access.log", lines(1_500));
    for call in ["firehose:PutRecordBatch", "kinesis:PutRecords", "logs:PutLogEvents", "s3:PUT"] {
        for fault in [Fault::Throttle, Fault::Reset, Fault::Internal] {
            stage.proxy.fail(call, fault, 2);
        }
    }
    stage.replay(&["access.log", "--to", "archive", "stream", "live", "files"]).ends_with(0, &["more than once"]);
    assert_same(plain(stage.archived()), stage.expected("access.log", "archive"));
    assert_same(plain(stage.streamed()), stage.expected("access.log", "stream"));
    assert_same(plain(stage.filed()), stage.expected("access.log", "files"));
    assert_same(stage.events().into_iter().map(|(_, record)| record).collect(), stage.expected("access.log", "live"));
}

#[test]
fn what_can_not_succeed_ends_it_and_the_next_run_goes_on() {
    let stage = Stage::set();
    stage.write("access.log", lines(3_000));
    stage.proxy.fail("firehose:PutRecordBatch", Fault::Denied, 1);
    let run = stage.replay(&["access.log", "--to", "archive"]);
    run.ends_with(2, &["error: archive: firehose:PutRecordBatch on shop-archive: AccessDeniedException", "is missing"]);
    stage.replay(&["access.log", "--to", "archive"]).ends_with(0, &["note: going on from access.log.replay.json"]);
    assert_same(plain(stage.archived()), stage.expected("access.log", "archive"));
}

#[test]
fn what_is_not_there_is_said() {
    let stage = Stage::set();
    stage.write("access.log", lines(10));
    let config = stage.read("firelens.toml").replace("/ecs/shop/httpd", "/ecs/none").replace("shop-files", "nobodys");
    stage.write("firelens.toml", config);
    let run = stage.replay(&["access.log", "--to", "live"]);
    run.ends_with(2, &["there is no log group /ecs/none", "firelens-kit deploy"]);
    stage
        .replay(&["access.log", "--to", "files"])
        .ends_with(2, &["s3:PutObject on s3://nobodys/logs/", "NoSuchBucket"]);
}
