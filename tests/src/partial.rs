//! Batches of which a service takes one part and leaves the other, as Firehose and Kinesis do.
use crate::http::{self, Head};
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;

/// What a service calls what failed.
struct Words {
    /// The answer's list.
    list: &'static str,
    count: &'static str,
    code: &'static str,
}

const FIREHOSE: Words =
    Words { list: "RequestResponses", count: "FailedPutCount", code: "ServiceUnavailableException" };
const KINESIS: Words =
    Words { list: "Records", count: "FailedRecordCount", code: "ProvisionedThroughputExceededException" };

/// Hands a batch on without every `nth` record, which the answer says has failed.
pub fn hand_on(cloud: SocketAddr, call: &str, head: &Head, body: &[u8], nth: usize) -> io::Result<Vec<u8>> {
    let words = if call.starts_with("firehose:") { FIREHOSE } else { KINESIS };
    let mut request: Value = serde_json::from_slice(body)?;
    let all = request["Records"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let fails = |index: &usize| (index + 1).is_multiple_of(nth);
    let through: Vec<Value> =
        all.iter().enumerate().filter(|(index, _)| !fails(index)).map(|(_, one)| one.clone()).collect();
    request["Records"] = Value::Array(through.clone());
    let mut answers = match through.is_empty() {
        true => Vec::new().into_iter(),
        false => answers(cloud, head, &request, &words)?.into_iter(),
    };
    let failed = json!({ "ErrorCode": words.code, "ErrorMessage": "Slow down." });
    let each = (0..all.len()).map(|index| if fails(&index) { Some(failed.clone()) } else { answers.next() });
    let each: Vec<Value> = each.map(Option::unwrap_or_default).collect();
    let answer = json!({ words.count: (0..all.len()).filter(fails).count(), words.list: each });
    Ok(http::answer("200 OK", &["Content-Type: application/x-amz-json-1.1"], &answer.to_string()))
}

/// What the cloud says of each record.
fn answers(cloud: SocketAddr, head: &Head, request: &Value, words: &Words) -> io::Result<Vec<Value>> {
    let body = request.to_string().into_bytes();
    let kept = head.lines.iter().filter(|line| !line.to_ascii_lowercase().starts_with("content-length:")).cloned();
    let lines = kept.chain([format!("Content-Length: {}", body.len())]).collect();
    let answer = http::hand_on(cloud, &Head { lines, length: body.len() }, &body)?;
    let start = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
    let mut answer: Value = serde_json::from_slice(&answer[start + 4..])?;
    Ok(answer[words.list].as_array_mut().map(std::mem::take).unwrap_or_default())
}
