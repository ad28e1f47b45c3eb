//! `firelens-kit verify` as a user runs it: a server takes the request, and writes to the destinations what the router would.
use crate::{
    desk::{Desk, now, put},
    stage::{REGION, kinesis, logs},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use e2e::{
    fault_proxy::Fault,
    http::{self, Head},
    moto::Moto,
};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    process::Stdio,
    sync::Arc,
    thread,
    time::Duration,
};

const CONFIGURATION: &str = r#"
name = "shop"

[[container]]
name = "httpd"
stdout = "combined"
stderr = "httpd_error"

[[route]]
name = "health-checks"
match = { user_agent = { prefix = "ELB-HealthChecker" } }
drop = true

[[route]]
name = "errors"
match = { kind = "error" }
to = "errors"

[[route]]
name = "failures"
match = { status = "5xx" }
to = ["alarms", "archive"]

[[route]]
name = "rest"
to = ["live", "archive", "objects", "events", "search"]

[destination.errors]
type = "cloudwatch_logs"

[destination.alarms]
type = "cloudwatch_logs"

[destination.live]
type = "cloudwatch_logs"
log_group = "/ecs/shop"

[destination.archive]
type = "firehose"

[destination.objects]
type = "s3"

[destination.events]
type = "kinesis_streams"
stream = "shop-events"

[destination.search]
type = "custom"
name = "es"
host = "search.example.com"
port = 443
index = "httpd"
tls = true
"#;

const ARCHIVE: &str = "shop-archive-123456789012-eu-west-1";
const OBJECTS: &str = "shop-objects-123456789012-eu-west-1";
const STREAM: &str = "httpd-firelens-1";

/// What is at the destinations before: nothing of ours.
fn desk() -> Desk {
    let desk = Desk::new(CONFIGURATION);
    for group in ["/ecs/shop", "/shop/alarms", "/shop/errors"] {
        desk.make_group(group, &json!({}));
    }
    desk.put("/ecs/shop", STREAM, &[(now(), &record("another-mark", "access", "rest"))]);
    for bucket in [ARCHIVE, OBJECTS] {
        let place = format!("<LocationConstraint>{REGION}</LocationConstraint>");
        let body = format!("<CreateBucketConfiguration>{place}</CreateBucketConfiguration>");
        desk.moto.http(REGION, "s3", "PUT", &format!("/{bucket}"), "", body.as_bytes());
    }
    put_object(&desk.moto, ARCHIVE, "archive/2026/11/24/23/old.gz", &[0x1f, 0x8b, 1, 2, 3]);
    kinesis(&desk.moto, "CreateStream", &json!({ "StreamName": "shop-events", "ShardCount": 2 }));
    desk
}

fn record(mark: &str, kind: &str, route: &str) -> String {
    let query = format!("firelens-kit-verify={mark}");
    json!({ "source": "stdout", "kind": kind, "path": "/", "query": query, "status": 200, "route": route }).to_string()
}

fn put_object(moto: &Moto, bucket: &str, key: &str, body: &[u8]) {
    moto.http(REGION, "s3", "PUT", &format!("/{bucket}/{key}"), "", body);
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// What the router does with a record of a route, as far as it reaches these destinations.
fn deliver(moto: &Moto, mark: &str, route: &str, to: &[&str]) {
    let (record, other) = (record(mark, "access", route), record("another-mark", "access", route));
    for to in to {
        match *to {
            "live" => put(moto, "/ecs/shop", STREAM, &[(now(), &other), (now(), &record)]),
            "alarms" => put(moto, "/shop/alarms", STREAM, &[(now(), &record)]),
            "an error line" => put(moto, "/shop/alarms", STREAM, &[(now(), &record.replace("access", "error"))]),
            "archive" => {
                let lines = gzip(&format!("{other}\n{record}\n{other}\n"));
                put_object(moto, ARCHIVE, "archive/2026/11/25/09/shop-archive-1.gz", &lines);
            }
            "objects" => put_object(moto, OBJECTS, "objects/2026/11/25/09/httpd-1.json", record.as_bytes()),
            "events" => {
                let data = STANDARD.encode(format!("{record}\n"));
                let record = json!({ "StreamName": "shop-events", "Data": data, "PartitionKey": mark });
                kinesis(moto, "PutRecord", &record);
            }
            other => panic!("{other}"),
        }
    }
}

/// The app: it answers, and the record comes a while later, or else it is there when the answer comes.
fn app(desk: &Desk, route: &'static str, to: &'static [&'static str], later: Option<Duration>) -> String {
    let moto = Arc::downgrade(&desk.moto);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let head = Head::read(&mut BufReader::new(&connection)).unwrap().expect("a request");
        let target = head.lines[0].split(' ').nth(1).unwrap();
        let mark = target.split("firelens-kit-verify=").nth(1).unwrap();
        assert!(head.header("user-agent").unwrap().contains(mark));
        // The test may have ended.
        let deliver = || moto.upgrade().map(|moto| deliver(&moto, mark, route, to));
        let answer = http::answer("404 Not Found", &["Connection: close"], "");
        match later {
            None => {
                deliver();
                connection.write_all(&answer).unwrap();
            }
            Some(later) => {
                connection.write_all(&answer).unwrap();
                thread::sleep(later);
                deliver();
            }
        }
    });
    url
}

const REST: [&str; 4] = ["live", "archive", "objects", "events"];

fn states(answer: &Value) -> Vec<(&str, &str)> {
    let all = answer["destinations"].as_array().unwrap().iter();
    all.map(|to| (to["destination"].as_str().unwrap(), to["state"].as_str().unwrap())).collect()
}

#[test]
fn a_request_is_followed_to_every_destination_of_the_route_that_it_took() {
    let desk = desk();
    let url = app(&desk, "rest", &REST, Some(Duration::from_secs(2)));
    let (code, text, error) = desk.run(&["verify", "--url", &format!("{url}shop?id=7"), "--format", "json"]);
    let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{code} {text} {error}"));
    assert_eq!((code, &answer["arrived"], &answer["routes"]), (0, &json!(true), &json!(["rest"])), "{text}");
    assert_eq!(answer["request"]["status"], 404);
    let mark = answer["mark"].as_str().unwrap();
    assert_eq!(answer["request"]["url"], json!(format!("{url}shop?id=7&firelens-kit-verify={mark}")));
    let mut states = states(&answer);
    states.sort();
    let expected = [
        ("alarms", "not_named"),
        ("archive", "arrived"),
        ("events", "arrived"),
        ("live", "arrived"),
        ("objects", "arrived"),
        ("search", "unchecked"),
    ];
    assert_eq!(states, expected);
    let place = |name: &str| {
        let all = answer["destinations"].as_array().unwrap();
        all.iter().find(|to| to["destination"] == name).unwrap()["place"].as_str().unwrap().to_string()
    };
    assert_eq!((place("live").as_str(), place("objects").as_str()), (STREAM, "objects/2026/11/25/09/httpd-1.json"));
    // Two minutes, and the five that Firehose gathers.
    assert!(error.contains("answered 404; its record may take 420 s"), "{error}");
    assert!(error.contains("live: arrived after "), "{error}");
}

#[test]
fn what_does_not_arrive_is_named() {
    let desk = desk();
    let url = app(&desk, "rest", &["live", "objects", "events"], None);
    let (code, text, _) = desk.run(&["verify", "--url", &url, "--timeout", "15s"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("took the route rest\n"), "{text}");
    assert!(text.contains("  archive  delivery stream shop-archive"), "{text}");
    assert!(text.contains("  not arrived in 1") && text.contains("its route does not lead there"), "{text}");
    assert!(text.contains("\nnot arrived: nothing at archive\n") && text.contains("logs --firehose"), "{text}");
}

#[test]
fn where_nothing_arrives_it_is_said_what_the_routes_do() {
    let desk = desk();
    // An error line of the same request is not its record.
    let url = app(&desk, "failures", &["an error line"], None);
    let (code, text, _) = desk.run(&["verify", "--url", &url, "--timeout", "3s"]);
    assert!(code == 1 && text.contains("  the route health-checks drops what it takes\n"), "{text}");
    assert!(text.contains("not arrived: nothing at ") && !text.contains("took the route"), "{text}");
}

#[test]
fn a_log_group_that_is_not_there_is_not_waited_for() {
    let desk = desk();
    logs(&desk.moto, "DeleteLogGroup", &json!({ "logGroupName": "/ecs/shop" }));
    let url = app(&desk, "rest", &["archive", "objects", "events"], None);
    let (code, text, error) = desk.run(&["verify", "--url", &url]);
    assert!(code == 1 && text.contains("it is not there"), "{text} {error}");
    assert!(text.contains("\nnot arrived: nothing at live\n"), "{text}");
}

#[test]
fn another_route_than_the_one_asked_for_is_a_failure() {
    let desk = desk();
    let url = app(&desk, "rest", &REST, None);
    let (code, text, _) = desk.run(&["verify", "--url", &url, "--route", "failures", "--timeout", "20s"]);
    assert!(code == 1 && text.contains("not arrived: it took the route rest, not failures"), "{text}");
    let url = app(&desk, "failures", &["alarms", "archive"], None);
    let (code, text, error) = desk.run(&["verify", "--url", &url, "--route", "failures"]);
    assert!(code == 0 && text.ends_with("\narrived\n") && !text.contains("/ecs/shop"), "{text} {error}");
}

#[test]
fn who_sends_the_request_is_told_its_mark() {
    let desk = desk();
    let mut command = desk.command(&["verify", "--mark"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut told).unwrap();
    let mark = told
        .split("a request with ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .unwrap_or_else(|| panic!("{told}"));
    deliver(&desk.moto, mark, "rest", &REST);
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success() && text.starts_with(&format!("{mark} took the route rest\n")), "{text}");

    deliver(&desk.moto, "my-own-mark-1", "failures", &["alarms", "archive"]);
    let (code, text, _) = desk.run(&["verify", "--mark", "my-own-mark-1", "--since", "5m"]);
    assert!(code == 0 && text.starts_with("my-own-mark-1 took the route failures\n"), "{text}");
}

#[test]
fn the_request_goes_to_the_address_of_a_task() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let app = format!("[stack.app]\nimage = \"httpd:2.4\"\nport = {port}\n");
    let configuration = CONFIGURATION.to_string() + &app;
    let desk = Desk::new(&configuration);
    let (code, _, error) = desk.run(&["verify"]);
    assert!(code == 2 && error.contains("ecs:ListTasks"), "{error}");
    desk.proxy.fail("ecs:ListTasks", Fault::Answer(r#"{"taskArns": []}"#), 1);
    let (code, _, error) = desk.run(&["verify"]);
    assert!(code == 2 && error.contains("no task of the service shop runs") && error.contains("--url"), "{error}");
    desk.proxy.fail("ecs:ListTasks", Fault::Answer(r#"{"taskArns": ["arn:1"]}"#), 1);
    desk.proxy.fail("ecs:DescribeTasks", Fault::Answer(TASK), 1);
    desk.proxy.fail("ec2:DescribeNetworkInterfaces", Fault::Answer(INTERFACE), 1);
    let (code, _, error) = desk.run(&["verify"]);
    // Nobody listens there.
    let told = format!("no answer from http://127.0.0.1:{port}/?firelens-kit-verify=fk");
    assert!(code == 2 && error.contains(&told) && error.contains("`ingress`"), "{error}");
    let asked = desk.proxy.requests_of("DescribeNetworkInterfaces")[0].text();
    assert!(asked.contains("network-interface-id") && asked.contains("eni-2"), "{asked}");
}

const TASK: &str = r#"{"tasks": [
    {"lastStatus": "PENDING", "attachments": [{"type": "ElasticNetworkInterface", "details": [{"name": "networkInterfaceId", "value": "eni-1"}]}]},
    {"lastStatus": "RUNNING", "attachments": [{"type": "ElasticNetworkInterface", "details": [
        {"name": "subnetId", "value": "subnet-1"}, {"name": "networkInterfaceId", "value": "eni-2"}]}]}]}"#;

const INTERFACE: &str = "<DescribeNetworkInterfacesResponse><networkInterfaceSet><item>\
    <networkInterfaceId>eni-2</networkInterfaceId><association><publicIp>127.0.0.1</publicIp></association>\
    </item></networkInterfaceSet></DescribeNetworkInterfacesResponse>";

#[test]
fn wrong_questions_and_refusals_are_told() {
    let desk = desk();
    for (args, told) in [
        (&["verify"][..], "there is no address to send a request to: the stack runs no service of its own"),
        (&["verify", "--url", "www.example.com"], "www.example.com: "),
        (&["verify", "--mark", "short"], "a mark is 8 to 64 letters"),
        (&["verify", "--mark", "my-own-mark", "--url", "http://127.0.0.1/"], "cannot be used with"),
        (&["verify", "--url", "http://127.0.0.1/", "--since", "5m"], "--mark"),
        (&["verify", "--route", "rst"], "--route rst: there is no such route\n  help: did you mean `rest`?"),
        (&["verify", "--route", "health-checks"], "--route health-checks: no request's record comes out of it"),
        (&["verify", "--timeout", "soon"], "write for example 90s"),
    ] {
        let (code, out, error) = desk.run(args);
        assert!(code == 2 && out.is_empty() && error.contains(told), "{args:?}: {code} {out} {error}");
    }
    desk.proxy.fail("s3:GET /shop-archive", Fault::Denied, 1);
    let (code, _, error) = desk.run(&["verify", "--mark", "my-own-mark"]);
    assert!(code == 2 && error.contains("s3:ListBucket") && error.contains(ARCHIVE), "{error}");
}
