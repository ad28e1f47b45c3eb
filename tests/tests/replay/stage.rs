//! What each test begins with: moto with the destinations in it, the proxy before it, and a folder with a configuration.
use base64::Engine as _;
use e2e::fault_proxy::FaultProxy;
use e2e::kit;
use e2e::moto::Moto;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

pub const REGION: &str = "eu-central-1";

pub const CONFIG: &str = r#"
name = "shop"

[[container]]
name = "httpd"
stdout = ["combined"]
stderr = ["httpd_error"]

[[route]]
name = "health-checks"
match = { user_agent = { prefix = "ELB-HealthChecker" } }
drop = true

[[route]]
name = "failures"
match = { status = "5xx" }
to = ["live", "archive", "stream", "files"]

[[route]]
name = "rest"
to = ["archive", "files"]

[destination.live]
type = "cloudwatch_logs"
log_group = "/ecs/shop/httpd"

[destination.archive]
type = "firehose"

[destination.stream]
type = "kinesis_streams"

[destination.files]
type = "s3"
bucket = "shop-files"
compression = "gzip"
total_file_size = "1M"
s3_key_format = "/logs/%Y/%m/%d/$TAG-$UUID.gz"

[destination.search]
type = "custom"
name = "es"
"#;

pub struct Stage {
    pub moto: Moto,
    pub proxy: FaultProxy,
    folder: TempDir,
}

/// What the command left.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Stage {
    pub fn set() -> Stage {
        let moto = Moto::start();
        let proxy = FaultProxy::start(moto.address).expect("a proxy");
        moto.call(REGION, "logs", "Logs_20140328.CreateLogGroup", &json!({ "logGroupName": "/ecs/shop/httpd" }));
        let to = json!({ "RoleARN": "arn:aws:iam::123456789012:role/x", "BucketARN": "arn:aws:s3:::shop-archive" });
        let stream = json!({ "DeliveryStreamName": "shop-archive", "ExtendedS3DestinationConfiguration": to });
        moto.call(REGION, "firehose", "Firehose_20150804.CreateDeliveryStream", &stream);
        moto.call(
            REGION,
            "kinesis",
            "Kinesis_20131202.CreateStream",
            &json!({ "StreamName": "shop-stream", "ShardCount": 2 }),
        );
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("firelens.toml"), CONFIG).expect("a file");
        let stage = Stage { moto, proxy, folder };
        stage.make_bucket("shop-archive");
        stage.make_bucket("shop-files");
        stage
    }

    pub fn make_bucket(&self, name: &str) {
        let place = format!(
            "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
        );
        self.moto.http(REGION, "s3", "PUT", &format!("/{name}"), "", place.as_bytes());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect(name)
    }

    /// `firelens-kit replay` with these arguments, through the proxy.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = kit::command();
        command.arg("replay").args(arguments).current_dir(self.folder.path());
        command.envs(self.moto.environment(REGION)).env("AWS_ENDPOINT_URL", self.proxy.url());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn replay(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().expect("it runs"))
    }

    /// The records that the filter makes of a file, by `firelens-kit test`, for those that have this destination.
    pub fn expected(&self, file: &str, destination: &str) -> Vec<Value> {
        let mut command = kit::command();
        command.args(["test", file, "--format", "ndjson", "--quiet"]).current_dir(self.folder.path());
        let run = Run::of(command.output().expect("it runs"));
        let all = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let to = |object: &Value| object["to"].as_array().is_some_and(|to| to.contains(&destination.into()));
        all.filter(to).map(|object| object["record"].clone()).collect()
    }

    /// The texts of all objects of a bucket, by their keys.
    pub fn objects(&self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        self.moto.objects(REGION, bucket)
    }

    /// The lines that Firehose was given, each without its newline.
    pub fn archived(&self) -> Vec<Value> {
        self.objects("shop-archive").into_values().flat_map(|object| parse(&object)).collect()
    }

    pub fn filed(&self) -> Vec<Value> {
        let unpacked = self.objects("shop-files").into_values().map(|object| {
            let mut text = Vec::new();
            std::io::copy(&mut flate2::read::GzDecoder::new(&object[..]), &mut text).expect("gzip");
            text
        });
        unpacked.flat_map(|text| parse(&text)).collect()
    }

    /// The events of the log group: times and messages.
    pub fn events(&self) -> Vec<(i64, Value)> {
        let mut events = Vec::new();
        let mut token = Value::Null;
        loop {
            let mut request = json!({ "logGroupName": "/ecs/shop/httpd" });
            if !token.is_null() {
                request["nextToken"] = token;
            }
            let mut answer = self.moto.call(REGION, "logs", "Logs_20140328.FilterLogEvents", &request);
            for event in answer["events"].as_array().expect("events") {
                let message = event["message"].as_str().expect("text");
                events
                    .push((event["timestamp"].as_i64().expect("a time"), serde_json::from_str(message).expect("JSON")));
            }
            token = answer["nextToken"].take();
            if token.is_null() {
                return events;
            }
        }
    }

    /// The records of the data stream.
    pub fn streamed(&self) -> Vec<Value> {
        let kinesis =
            |call: &str, body: &Value| self.moto.call(REGION, "kinesis", &format!("Kinesis_20131202.{call}"), body);
        let shards = kinesis("ListShards", &json!({ "StreamName": "shop-stream" }));
        let mut records = Vec::new();
        for shard in shards["Shards"].as_array().expect("shards") {
            let from = json!({ "StreamName": "shop-stream", "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON" });
            let mut iterator = kinesis("GetShardIterator", &from)["ShardIterator"].clone();
            loop {
                let answer = kinesis("GetRecords", &json!({ "ShardIterator": iterator }));
                let found = answer["Records"].as_array().expect("records");
                if found.is_empty() {
                    break;
                }
                for record in found {
                    let data = base64::engine::general_purpose::STANDARD.decode(record["Data"].as_str().expect("data"));
                    records.extend(parse(&data.expect("Base64")));
                }
                iterator = answer["NextShardIterator"].clone();
            }
        }
        records
    }
}

impl Run {
    pub fn of(output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    #[track_caller]
    pub fn ends_with(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in:\n{}", self.stderr);
        }
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

/// Whole lines, each a JSON object.
fn parse(text: &[u8]) -> Vec<Value> {
    assert!(text.ends_with(b"\n"), "the last line has its newline");
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("JSON"))
        .collect()
}

/// A line of `combined`, of so many seconds ago; every seventh is a failure, every eleventh a health check.
pub fn line(number: usize, seconds_ago: i64) -> String {
    let time = Timestamp::now() - SignedDuration::from_secs(seconds_ago);
    let time = time.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S +0000").to_string();
    let status = if number.is_multiple_of(7) { 503 } else { 200 };
    let agent = if number.is_multiple_of(11) { "ELB-HealthChecker/2.0" } else { "curl/8.5" };
    format!("192.0.2.7 - - [{time}] \"GET /item/{number}?q=\u{e9} HTTP/1.1\" {status} {number} \"-\" \"{agent}\"\n")
}

/// So many lines of the last minutes.
pub fn lines(count: usize) -> String {
    (0..count).map(|number| line(number, (count - number) as i64 / 100 + 60)).collect()
}

/// Without the field that the output adds, which has to be a time.
pub fn without_date(record: &Value) -> Value {
    let mut record = record.clone();
    let date = record.as_object_mut().and_then(|object| object.shift_remove("date")).expect("a date");
    date.as_str().expect("text").parse::<Timestamp>().expect("a time");
    record
}

/// The same records, each as often, whatever their order.
#[track_caller]
pub fn assert_same(mut found: Vec<Value>, mut expected: Vec<Value>) {
    let key = |value: &Value| value.to_string();
    found.sort_by_key(key);
    expected.sort_by_key(key);
    assert_eq!(found.len(), expected.len(), "as many records");
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}
