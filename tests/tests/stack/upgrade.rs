//! Stacks that earlier versions deployed: what they called is played back, and this version takes over.
use super::stage::{REGION, Stage};
use e2e::http::{self, Head};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

fn recorded(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stack/recorded").join(version)
}

/// A stage with a stack as this version left it.
fn left_by(version: &str) -> Stage {
    let stage = Stage::set();
    stage.write("shop", &fs::read_to_string(recorded(version).join("firelens.toml")).unwrap());
    let calls = fs::read_to_string(recorded(version).join("calls.json")).unwrap();
    let calls: Vec<Value> = serde_json::from_str(&calls).unwrap();
    assert!(calls.len() > 30, "{}", calls.len());
    let mut names = Names::of(&stage);
    let since = first_time(&calls).map_or(0, |first| now().saturating_sub(first));
    for call in &calls {
        let answer = play(&stage, call, &names, since);
        names.learn(call, &answer);
    }
    stage
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis() as u64
}

/// CloudWatch Logs takes no events that are old.
fn first_time(calls: &[Value]) -> Option<u64> {
    calls.iter().find_map(|call| call["body"]["logEvents"][0]["timestamp"].as_u64())
}

/// Ids that moto makes up, by their names in the recording.
struct Names(BTreeMap<String, String>);

impl Names {
    /// Of the default network: the first time they are told is in this order.
    fn of(stage: &Stage) -> Names {
        let mut names = BTreeMap::new();
        let vpcs =
            stage.query("ec2", "Action=DescribeVpcs&Version=2016-11-15&Filter.1.Name=is-default&Filter.1.Value.1=true");
        names.insert("${vpc-0}".to_owned(), between(&vpcs, "vpcId").remove(0));
        let subnets = stage.query(
            "ec2",
            "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=default-for-az&Filter.1.Value.1=true",
        );
        let subnets = between(&subnets, "subnetId").into_iter().enumerate();
        names.extend(subnets.map(|(number, id)| (format!("${{subnet-{number}}}"), id)));
        Names(names)
    }

    fn learn(&mut self, call: &Value, answer: &str) {
        if call["call"] == "ec2:CreateSecurityGroup" {
            let number = self.0.keys().filter(|name| name.starts_with("${sg-")).count();
            self.0.insert(format!("${{sg-{number}}}"), between(answer, "groupId").remove(0));
        }
    }

    fn put(&self, text: &str) -> String {
        let text = self.0.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id));
        assert!(!["${vpc-", "${subnet-", "${sg-"].iter().any(|name| text.contains(name)), "an id is not known: {text}");
        text
    }
}

fn between(text: &str, tag: &str) -> Vec<String> {
    let tag = format!("<{tag}>");
    let parts = text.split(&tag).skip(1);
    parts.filter_map(|part| Some(part.split_once("</")?.0.to_owned())).collect()
}

/// Makes a recorded call: its answer's body.
fn play(stage: &Stage, call: &Value, names: &Names, since: u64) -> String {
    let text = |field: &str| call[field].as_str().unwrap();
    let service = text("call").split(':').next().unwrap();
    let mut body = call["body"].clone();
    for event in body.get_mut("logEvents").and_then(Value::as_array_mut).into_iter().flatten() {
        event["timestamp"] = json!(event["timestamp"].as_u64().unwrap() + since);
    }
    let body = names.put(&body.as_str().map_or_else(|| body.to_string(), str::to_owned));
    let scope = format!("Credential=test/20261129/{REGION}/{service}/aws4_request");
    let mut lines = vec![
        format!("{} {} HTTP/1.1", text("method"), text("path")),
        format!("Host: {}", stage.moto.address),
        format!("Authorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"),
        format!("Content-Length: {}", body.len()),
    ];
    if !text("target").is_empty() {
        lines.push(format!("X-Amz-Target: {}", text("target")));
    }
    let headers = call["headers"].as_object().unwrap().iter();
    lines.extend(headers.map(|(name, value)| format!("{name}: {}", value.as_str().unwrap())));
    let answer = http::ask(stage.moto.address, &Head { lines, length: body.len() }, body.as_bytes()).unwrap();
    assert!(answer.is_success(), "{}: {}\n{}", text("call"), answer.lines[0], answer.text());
    answer.text()
}

/// What holds the user's logs, with what shows that it is the same as before.
fn data(stage: &Stage) -> Vec<Value> {
    let group = json!({ "logGroupNamePrefix": "/shop/live" });
    let group = stage.call("logs", "Logs_20140328.DescribeLogGroups", group)["logGroups"][0]["creationTime"].clone();
    let stream = json!({ "StreamName": "shop-clicks" });
    let stream = stage.call("kinesis", "Kinesis_20131202.DescribeStreamSummary", stream);
    let delivery = json!({ "DeliveryStreamName": "shop-archive" });
    let delivery = stage.call("firehose", "Firehose_20150804.DescribeDeliveryStream", delivery);
    let buckets = ["archive", "files"].map(bucket);
    let objects = buckets.iter().map(|bucket| json!(stage.moto.objects(REGION, bucket)));
    let created = [
        group,
        stream["StreamDescriptionSummary"]["StreamCreationTimestamp"].clone(),
        delivery["DeliveryStreamDescription"]["CreateTimestamp"].clone(),
    ];
    assert!(created.iter().all(|time| !time.is_null()), "{created:?}");
    created.into_iter().chain(objects).collect()
}

fn bucket(name: &str) -> String {
    format!("shop-{name}-{}-{REGION}", e2e::moto::ACCOUNT)
}

/// Nothing is created anew or deleted: a new image and its revision, and what this version says better.
fn expect_changes(recording: &str, changes: &[String]) {
    let path = recorded(recording).join("changes.txt");
    let found: String = changes.iter().map(|change| format!("{change}\n")).collect();
    match std::env::var_os("UPDATE_EXPECTED") {
        Some(_) => fs::write(&path, &found).unwrap(),
        None => {
            let expected = fs::read_to_string(&path).unwrap();
            assert_eq!(found, expected, "not what was expected; UPDATE_EXPECTED=1 accepts it");
        }
    }
    for change in changes {
        assert!(change.starts_with("update ") || change.starts_with("create image "), "{change}");
    }
}

#[test]
fn a_stack_of_0_1_0_is_taken_over() {
    let stage = left_by("0.1.0");
    for name in ["archive", "files"] {
        stage.moto.http(REGION, "s3", "PUT", &format!("/{}/old.json", bucket(name)), "", b"{\"kind\":\"access\"}\n");
    }
    let (there, before) = (stage.everything(), data(&stage));

    expect_changes("0.1.0", &stage.changes("shop"));

    stage.deploy("shop");
    let now = stage.everything();
    let lost: Vec<_> = there.iter().filter(|name| !now.contains(name)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(data(&stage), before, "what holds logs is what it was");
    stage.kit("shop", &["plan", "--detailed-exitcode"]).ok().says("no changes");

    stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
    assert_eq!(stage.everything(), Vec::<String>::new());
}

/// Who only wants to be rid of it need not deploy first.
#[test]
fn a_stack_of_0_1_0_is_destroyed() {
    let stage = left_by("0.1.0");
    stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
    assert_eq!(stage.everything(), Vec::<String>::new());
}

/// The revision that the user's service runs.
fn runs(stage: &Stage) -> String {
    let services = json!({ "cluster": "main", "services": ["web"] });
    let services = stage.call("ecs", "AmazonEC2ContainerServiceV20141113.DescribeServices", services);
    let arn = services["services"][0]["taskDefinition"].as_str().unwrap().to_owned();
    arn.rsplit('/').next().unwrap().to_owned()
}

#[test]
fn a_service_that_0_1_0_adopted_is_taken_over_and_given_back() {
    let stage = left_by("0.1.0-adopted");
    assert_eq!(runs(&stage), "web:2");
    expect_changes("0.1.0-adopted", &stage.changes("shop"));
    stage.deploy("shop");
    assert_eq!(runs(&stage), "web:3");
    stage.kit("shop", &["plan", "--detailed-exitcode"]).ok().says("no changes");
    stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
    assert_eq!(runs(&stage), "web:1", "its own, from before 0.1.0");
}
