//! ListShards tells of closed shards, too, and of them first; with a filter it leaves them out. moto knows no filters.
use super::things;
use crate::fault_proxy::Request;
use crate::http::Answer;
use serde_json::Value;

pub(super) fn filtered(request: &Request, mut answer: Answer) -> Answer {
    if things::body(request)["ShardFilter"]["Type"] != "AT_LATEST" {
        return answer;
    }
    let Ok(mut told) = serde_json::from_slice::<Value>(&answer.body) else { return answer };
    if let Some(shards) = told["Shards"].as_array_mut() {
        shards.retain(|shard| shard["SequenceNumberRange"]["EndingSequenceNumber"].is_null());
    }
    answer.body = told.to_string().into_bytes();
    answer
}
