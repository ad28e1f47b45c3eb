//! The cloud: moto's server, with a log group, a delivery stream into a bucket, and a data stream.
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use e2e::moto::Moto;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::net::SocketAddr;

pub const REGION: &str = "eu-central-1";
pub const LOG_GROUP: &str = "/ecs/shop/httpd";
pub const DELIVERY_STREAM: &str = "shop-archive";
pub const BUCKET: &str = "shop-archive-bucket";
pub const DATA_STREAM: &str = "shop-events";
/// moto takes the longer for a record the more there are in its shard.
const SHARDS: usize = 64;

/// moto's server with all that a pipeline sends to.
pub struct Cloud {
    moto: Moto,
}

impl Cloud {
    pub fn start(moto: Moto) -> Cloud {
        let cloud = Cloud { moto };
        cloud.prepare();
        cloud
    }

    /// Takes away all that a pipeline sends to.
    pub fn clear(&self) {
        self.moto.http(REGION, "s3", "POST", "/moto-api/reset", "", b"");
    }

    /// The variables that lead the command line here.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        self.moto.environment(REGION)
    }

    pub fn address(&self) -> SocketAddr {
        self.moto.address
    }

    fn prepare(&self) {
        self.call("logs", "Logs_20140328.CreateLogGroup", &json!({"logGroupName": LOG_GROUP}));
        let place = format!("<LocationConstraint>{REGION}</LocationConstraint>");
        let configuration = format!("<CreateBucketConfiguration>{place}</CreateBucketConfiguration>");
        self.s3("PUT", &format!("/{BUCKET}"), configuration.as_bytes());
        let bucket = format!("arn:aws:s3:::{BUCKET}");
        let role = "arn:aws:iam::123456789012:role/firehose";
        let destination = json!({"RoleARN": role, "BucketARN": bucket});
        let stream = json!({"DeliveryStreamName": DELIVERY_STREAM, "ExtendedS3DestinationConfiguration": destination});
        self.call("firehose", "Firehose_20150804.CreateDeliveryStream", &stream);
        let stream = json!({"StreamName": DATA_STREAM, "ShardCount": SHARDS});
        self.call("kinesis", "Kinesis_20131202.CreateStream", &stream);
    }

    /// The messages of all log events of the group.
    pub fn log_events(&self) -> Vec<String> {
        let group = json!({"logGroupName": LOG_GROUP});
        let streams = self.call("logs", "Logs_20140328.DescribeLogStreams", &group);
        let mut messages = Vec::new();
        for stream in streams["logStreams"].as_array().into_iter().flatten() {
            let mut token = Value::Null;
            loop {
                let mut page = json!({"logGroupName": LOG_GROUP, "logStreamName": stream["logStreamName"],
                    "startFromHead": true, "limit": 10_000});
                if token.is_string() {
                    page["nextToken"] = token;
                }
                let answer = self.call("logs", "Logs_20140328.GetLogEvents", &page);
                let events = answer["events"].as_array().expect("events");
                messages.extend(events.iter().filter_map(|event| event["message"].as_str().map(str::to_owned)));
                token = answer["nextForwardToken"].clone();
                if events.is_empty() {
                    break;
                }
            }
        }
        messages
    }

    /// The lines of all objects in the bucket.
    pub fn archived_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let mut token = String::new();
        loop {
            let listing = self.s3("GET", &format!("/{BUCKET}?list-type=2{token}"), b"");
            for key in between(&listing, "<Key>", "</Key>") {
                let object = self.s3("GET", &format!("/{BUCKET}/{key}"), b"");
                assert!(object.ends_with('\n'), "the last line of {key} has no end");
                lines.extend(object.lines().map(str::to_owned));
            }
            match between(&listing, "<NextContinuationToken>", "</NextContinuationToken>").next() {
                Some(next) => token = format!("&continuation-token={next}"),
                None => return lines,
            }
        }
    }

    /// The records of the data stream.
    pub fn stream_records(&self) -> Vec<String> {
        let shards = self.call("kinesis", "Kinesis_20131202.ListShards", &json!({"StreamName": DATA_STREAM}));
        let shards = shards["Shards"].as_array().expect("shards");
        shards.iter().flat_map(|shard| self.shard_records(&shard["ShardId"])).collect()
    }

    fn shard_records(&self, shard: &Value) -> Vec<String> {
        let start = json!({"StreamName": DATA_STREAM, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        let mut next = self.call("kinesis", "Kinesis_20131202.GetShardIterator", &start)["ShardIterator"].clone();
        let mut records = Vec::new();
        loop {
            let page = self.call("kinesis", "Kinesis_20131202.GetRecords", &json!({"ShardIterator": next}));
            let page_records = page["Records"].as_array().expect("records");
            for record in page_records {
                let data = STANDARD.decode(record["Data"].as_str().expect("data")).expect("base64");
                records.push(String::from_utf8(data).expect("UTF-8"));
            }
            if page_records.is_empty() {
                return records;
            }
            next = page["NextShardIterator"].clone();
        }
    }

    pub fn call(&self, service: &str, target: &str, body: &Value) -> Value {
        self.moto.call(REGION, service, target, body)
    }

    fn s3(&self, method: &str, path: &str, body: &[u8]) -> String {
        self.moto.http(REGION, "s3", method, path, "", body)
    }
}

/// The texts between two marks.
fn between<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before).skip(1).filter_map(move |rest| rest.split_once(after).map(|(inside, _)| inside))
}
