//! AWS as somebody would have it who writes into its answers: error texts, states, names, records and keys of objects.
use e2e::http::Head;
use serde_json::{Value, json};
use std::{
    io::{self, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

/// What the answers are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Every call but the first, who is it, is refused.
    Refuses,
    /// Names, states and records are hostile.
    Answers,
}

/// Serves until the test ends; its address.
pub fn serve(mode: Mode, hostile: &'static str) -> String {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = server.local_addr().expect("its number");
    thread::spawn(move || {
        for stream in server.incoming().flatten() {
            thread::spawn(move || _ = talk(stream, mode, hostile));
        }
    });
    format!("http://{address}")
}

fn talk(stream: TcpStream, mode: Mode, hostile: &str) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some(head) = Head::read(&mut reader)? {
        if head.header("expect").is_some() {
            reader.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut body = vec![0; head.length];
        reader.read_exact(&mut body)?;
        let target = head.header("x-amz-target").unwrap_or_default();
        let call = target.rsplit('.').next().unwrap_or_default().to_string();
        let body = String::from_utf8_lossy(&body).into_owned();
        let answer =
            if body.contains("GetCallerIdentity") { caller() } else { answer(mode, &head, &call, &body, hostile) };
        reader.get_mut().write_all(&answer)?;
    }
    Ok(())
}

fn caller() -> Vec<u8> {
    let body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                <Arn>arn:aws:iam::111122223333:user/v</Arn><UserId>X</UserId><Account>111122223333</Account>\
                </GetCallerIdentityResult></GetCallerIdentityResponse>";
    http("200 OK", "text/xml", body)
}

fn answer(mode: Mode, head: &Head, call: &str, body: &str, hostile: &str) -> Vec<u8> {
    if call.is_empty() {
        return xml(mode, head, hostile);
    }
    if mode == Mode::Refuses {
        let message = format!("no {hostile} to perform: logs:X {hostile} here");
        let error = json!({ "__type": "AccessDeniedException", "message": message });
        return http("400 Bad Request", "application/x-amz-json-1.1", &error.to_string());
    }
    http("200 OK", "application/x-amz-json-1.1", &told(call, body, hostile).to_string())
}

/// S3, IAM and EC2: a hostile error, or one object.
fn xml(mode: Mode, head: &Head, hostile: &str) -> Vec<u8> {
    // XML can hold no control characters but those of C1.
    let text: String = hostile.chars().filter(|c| !c.is_ascii_control()).collect();
    if mode == Mode::Answers && head.lines[0].contains("list-type=2") {
        let body = format!(
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><KeyCount>1</KeyCount>\
             <IsTruncated>false</IsTruncated><Contents><Key>logs/{text}</Key><LastModified>2026-11-25T06:00:00.000Z\
             </LastModified><Size>1</Size></Contents></ListBucketResult>"
        );
        return http("200 OK", "text/xml", &body);
    }
    let error = format!("<Error><Code>AccessDenied</Code><Message>no {text} here</Message></Error>");
    let body = match head.lines[0].starts_with("POST / ") {
        true => format!("<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"),
        false => error,
    };
    http("403 Forbidden", "text/xml", &body)
}

/// Answers full of hostile text. What is not listed gets an empty one.
fn told(call: &str, body: &str, hostile: &str) -> Value {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970").as_millis() as u64;
    let said = |text: &str| format!("{text}{hostile}");
    match call {
        "DescribeLogStreams" if body.contains("lock-") => {
            json!({ "logStreams": [{ "logStreamName": "lock-000001", "creationTime": now, "lastIngestionTime": now }] })
        }
        "DescribeLogStreams" => json!({ "logStreams": [{ "logStreamName": said("s"), "creationTime": now }] }),
        "GetLogEvents" => {
            let holder = json!({ "caller": said("c"), "host": said("h"), "pid": 1, "processes": null, "since": now });
            let sign = json!({ "holder": holder, "released": false }).to_string();
            let event = json!({ "timestamp": now, "message": sign, "ingestionTime": now });
            json!({ "events": [event], "nextBackwardToken": "b", "nextForwardToken": "f" })
        }
        "FilterLogEvents" => {
            let message = format!("[2026/11/25 06:00:00] [error] {hostile} tail");
            let stream = said("httpd-firelens-");
            let event = json!({ "logStreamName": stream, "timestamp": now, "message": message, "ingestionTime": now, "eventId": "1" });
            json!({ "events": [event] })
        }
        "DescribeServices" => {
            let deployment = json!({
                "status": said("PRIMARY"), "rolloutState": "FAILED", "rolloutStateReason": said("why "),
                "taskDefinition": said("arn:x/shop:"), "desiredCount": 1, "runningCount": 0, "failedTasks": 1,
                "createdAt": now / 1000,
            });
            let service = json!({
                "serviceName": "shop", "status": said("ACT"), "desiredCount": 1, "runningCount": 0, "pendingCount": 0,
                "deployments": [deployment],
            });
            json!({ "services": [service], "failures": [] })
        }
        "ListTasks" => json!({ "taskArns": [said("arn:aws:ecs:eu-west-1:1:task/shop/t")] }),
        "DescribeTasks" => {
            let container = json!({
                "name": said("httpd"), "lastStatus": said("S"), "healthStatus": "UNHEALTHY", "reason": said("CannotPull"),
                "exitCode": 1,
            });
            let task = json!({
                "taskArn": said("arn:x/t"), "lastStatus": said("RUN"), "healthStatus": "UNHEALTHY",
                "taskDefinitionArn": said("a/b"), "containers": [container],
            });
            json!({ "tasks": [task], "failures": [] })
        }
        _ => json!({}),
    }
}

fn http(status: &str, kind: &str, body: &str) -> Vec<u8> {
    e2e::http::answer(status, &[&format!("Content-Type: {kind}")], body)
}
