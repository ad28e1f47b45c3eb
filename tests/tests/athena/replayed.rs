//! Lines that a replay puts into S3, in the form and under the keys of Fluent Bit's own output.
use crate::{
    engine::Engine,
    files::{CONFIG, REGION, bucket},
};
use e2e::moto::Moto;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::json;
use std::fs;

fn lines(count: i64) -> String {
    let line = |number: i64| {
        let time = Timestamp::now() - SignedDuration::from_mins(number + 1);
        let time = time.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S +0000").to_string();
        let status = if number % 7 == 0 { 503 } else { 200 };
        format!("192.0.2.7 - - [{time}] \"GET /item/{number} HTTP/1.1\" {status} {number} \"-\" \"curl/8.5\"\n")
    };
    (0..count).map(line).collect()
}

fn check(options: &str) {
    let moto = Moto::start();
    let mut engine = Engine::start(&format!("{CONFIG}{options}"));
    bucket(&moto);
    fs::write(engine.path("access.log"), lines(300)).expect("a file");
    let mut replay = engine.command();
    replay.args(["replay", "access.log", "--to", "files"]).envs(moto.environment(REGION));
    let output = replay.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let objects = moto.objects(REGION, "shop-files");
    assert!(objects.keys().any(|key| key.contains("failures")) && objects.len() >= 2, "{:?}", objects.keys());
    for (key, bytes) in objects {
        engine.put(&format!("s3://shop-files/{key}"), &bytes);
    }
    let found = engine.ask("files", 40);
    assert_eq!(found["rows"], 300);
    let failures = found["results"]["errors-by-path"].as_array().expect("rows");
    assert_eq!(failures.len(), 43);
    assert!(failures.iter().all(|row| row["server_errors"] == 1));
    assert_eq!(
        found["results"]["top-clients"],
        json!([{ "client": "192.0.2.7", "requests": 300, "errors": 43, "bytes": 44850 }])
    );
}

#[test]
fn objects_with_the_keys_of_fluent_bit_are_in_the_table() {
    check("");
}

#[test]
fn so_are_packed_ones_with_keys_of_their_own() {
    check("compression = \"gzip\"\ns3_key_format = \"/a/%Y/day=%m-%d/$TAG/%H%M-$UUID.gz\"\n");
}
