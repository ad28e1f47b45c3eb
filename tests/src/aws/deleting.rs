//! A delivery stream or a data stream that was deleted is there for a while, in the state DELETING, and its name is taken.
use super::things::{self, Thing};
use crate::fault_proxy::{self, Request};
use crate::http::{self, Answer, Head};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;

/// How often a deleted stream is described as DELETING.
const READS: usize = 2;

#[derive(Debug, Default)]
pub(super) struct Deleting(HashMap<Thing, Left>);

#[derive(Debug)]
struct Left {
    description: Value,
    tags: Value,
    reads: usize,
}

impl Deleting {
    /// Before a stream is deleted: what there is of it.
    pub fn look(moto: SocketAddr, request: &Request) -> io::Result<Option<(Thing, Value, Value)>> {
        let Some(thing) = things::removed(request) else { return Ok(None) };
        let (describe, tags) = match thing.kind {
            "delivery-stream" => {
                ("Firehose_20150804.DescribeDeliveryStream", "Firehose_20150804.ListTagsForDeliveryStream")
            }
            "data-stream" => ("Kinesis_20131202.DescribeStreamSummary", "Kinesis_20131202.ListTagsForStream"),
            _ => return Ok(None),
        };
        let ask = |target: &str| {
            let name = if thing.kind == "data-stream" { "StreamName" } else { "DeliveryStreamName" };
            ask(moto, request, target, &json!({ name: thing.name }))
        };
        let (Some(description), Some(tags)) = (ask(describe)?, ask(tags)?) else { return Ok(None) };
        Ok(Some((thing, description, tags)))
    }

    /// The stream was deleted.
    pub fn note(&mut self, thing: Thing, mut description: Value, tags: Value) {
        match thing.kind {
            "data-stream" => description["StreamDescriptionSummary"]["StreamStatus"] = "DELETING".into(),
            _ => description["DeliveryStreamDescription"]["DeliveryStreamStatus"] = "DELETING".into(),
        }
        self.0.insert(thing, Left { description, tags, reads: READS });
    }

    /// All that was deleted is gone.
    pub fn settle(&mut self) {
        self.0.clear();
    }

    /// The answer to a request about a stream that is on its way out.
    pub fn answer(&mut self, request: &Request) -> Option<Vec<u8>> {
        let operation = request.call.split(':').nth(1)?;
        let thing = things::named(request).into_iter().find(|thing| self.0.contains_key(thing))?;
        let left = self.0.get_mut(&thing)?;
        let json = |value: &Value| {
            Some(http::answer("200 OK", &["Content-Type: application/x-amz-json-1.1"], &value.to_string()))
        };
        match operation {
            "DescribeDeliveryStream" | "DescribeStreamSummary" => {
                left.reads -= 1;
                let answer = json(&left.description);
                if left.reads == 0 {
                    self.0.remove(&thing);
                }
                answer
            }
            "ListTagsForDeliveryStream" | "ListTagsForStream" => json(&left.tags),
            "DeleteDeliveryStream" => json(&json!({})),
            _ => {
                let text = format!("{} is being deleted", thing.name);
                Some(fault_proxy::error(request.service(), 400, "ResourceInUseException", &text))
            }
        }
    }
}

/// Asks moto behind a request's back. `None` when it refuses.
pub(super) fn ask(moto: SocketAddr, request: &Request, target: &str, body: &Value) -> io::Result<Option<Value>> {
    let body = body.to_string();
    let kept = ["host", "authorization", "content-type"];
    let kept = kept.iter().filter_map(|name| Some(format!("{name}: {}", request.head.header(name)?)));
    let lines =
        ["POST / HTTP/1.1".to_owned(), format!("x-amz-target: {target}"), format!("content-length: {}", body.len())];
    let head = Head { lines: lines.into_iter().chain(kept).collect(), length: body.len() };
    let answer: Answer = http::ask(moto, &head, body.as_bytes())?;
    Ok(if answer.is_success() { serde_json::from_slice(&answer.body).ok() } else { None })
}
