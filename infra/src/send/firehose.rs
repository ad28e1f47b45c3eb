//! Data Firehose: PutRecordBatch.
//!
//! Limits: Amazon Data Firehose API reference, "PutRecordBatch": up to 500 records or 4 MiB a call, up to 1,000 KiB a
//! record before Base64. It is not said whether the 4 MiB are before it, too; 3 MiB are 4 with it. A call can take some
//! records and leave others.
use super::{Answer, Api, Event, Failure, Limits, failure::throttles, single_try};
use crate::{Aws, Error};
use async_trait::async_trait;
use aws_sdk_firehose::{Client, primitives::Blob, types::Record};

pub const LIMITS: Limits =
    Limits { records: 500, bytes: 3 << 20, record_bytes: 1000 << 10, overhead: 0, span: None, parallel: 4 };

const CALL: &str = "firehose:PutRecordBatch";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub stream: String,
    /// If not the account's way in.
    pub region: Option<String>,
}

struct Stream {
    client: Client,
    name: String,
}

impl Target {
    pub(super) fn connect(&self, aws: &Aws) -> impl Api + use<> {
        Stream { client: Client::new(&single_try(aws, self.region.as_deref())), name: self.stream.clone() }
    }
}

#[async_trait]
impl Api for Stream {
    async fn send(&self, events: &[Event]) -> Result<Answer, Failure> {
        let records = events.iter().map(|event| Record::builder().data(Blob::new(event.body.clone())).build());
        let records =
            records.collect::<Result<Vec<_>, _>>().map_err(|error| Failure::Final(Error::new(error.to_string())))?;
        let call = self.client.put_record_batch().delivery_stream_name(&self.name).set_records(Some(records));
        let answer = call.send().await.map_err(|error| Failure::of(error, CALL, &self.name))?;
        let failed = answer.request_responses().iter().enumerate();
        let failed = failed.filter_map(|(index, one)| Some((index, one.error_code()?, one.error_message())));
        Ok(partial(failed, CALL, &self.name))
    }
}

/// The answer when these records of a batch failed, with their codes and messages.
pub(super) fn partial<'a>(
    failed: impl Iterator<Item = (usize, &'a str, Option<&'a str>)>,
    call: &'static str,
    on: &str,
) -> Answer {
    let mut answer = Answer::default();
    for (index, code, message) in failed {
        answer.again.push(index);
        let error = || Error { code: Some(code.into()), ..Error::new(message.unwrap_or_default()).of(call, on) };
        let throttled = matches!(answer.why, Some(Failure::Throttled(_)));
        if !throttled && throttles(code) {
            answer.why = Some(Failure::Throttled(error()));
        } else if answer.why.is_none() {
            answer.why = Some(Failure::Passing(error()));
        }
    }
    answer
}
