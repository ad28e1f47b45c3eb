//! ListShards tells of closed shards, too, and of them first; with a filter it leaves them out, and then counts what `MaxResults`
//! allows. moto knows no filters.
use super::things;
use crate::fault_proxy::Request;
use crate::http::{Answer, Head};
use serde_json::Value;

fn filters(body: &Value) -> bool {
    body["ShardFilter"]["Type"] == "AT_LATEST"
}

/// The question to moto whose answer has all shards.
pub(super) fn of_all(request: &Request) -> Option<(Head, Vec<u8>)> {
    let mut body = things::body(request);
    if request.call != "kinesis:ListShards" || !filters(&body) {
        return None;
    }
    body.as_object_mut()?.shift_remove("MaxResults");
    let body = body.to_string().into_bytes();
    let length = format!("Content-Length: {}", body.len());
    let kept = request.head.lines.iter().filter(|line| !line.to_lowercase().starts_with("content-length:"));
    let lines = kept.cloned().chain([length]).collect();
    Some((Head { lines, length: body.len() }, body))
}

pub(super) fn filtered(request: &Request, mut answer: Answer) -> Answer {
    let body = things::body(request);
    if !filters(&body) {
        return answer;
    }
    let Ok(mut told) = serde_json::from_slice::<Value>(&answer.body) else { return answer };
    if let Some(shards) = told["Shards"].as_array_mut() {
        shards.retain(|shard| shard["SequenceNumberRange"]["EndingSequenceNumber"].is_null());
        shards.truncate(body["MaxResults"].as_u64().map_or(usize::MAX, |most| most as usize));
    }
    answer.body = told.to_string().into_bytes();
    answer
}
