//! Kinesis Data Streams: PutRecords.
//!
//! Limits: Amazon Kinesis Data Streams API reference, "PutRecords": up to 500 records a call; 1 MiB a record and 5 MiB a
//! call, partition keys included, are what every stream takes, whatever its own limits are set to. A call can take some
//! records and leave others.
use super::{Answer, Api, Event, Failure, Limits, firehose::partial, single_try};
use crate::{Aws, Error};
use async_trait::async_trait;
use aws_sdk_kinesis::{Client, primitives::Blob, types::PutRecordsRequestEntry};

/// The longest partition key that is made here.
const KEY: usize = 32;

pub const LIMITS: Limits =
    Limits { records: 500, bytes: 5 << 20, record_bytes: (1 << 20) - KEY, overhead: KEY, span: None, parallel: 4 };

const CALL: &str = "kinesis:PutRecords";

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

/// Kinesis hashes it, so that keys that are not the same spread records over all shards.
fn partition_key(event: &Event) -> String {
    format!("{:x}-{:x}", event.from.input, event.from.offset)
}

fn entry(event: &Event) -> Result<PutRecordsRequestEntry, Failure> {
    let entry =
        PutRecordsRequestEntry::builder().data(Blob::new(event.body.clone())).partition_key(partition_key(event));
    entry.build().map_err(|error| Failure::Final(Error::new(error.to_string())))
}

#[async_trait]
impl Api for Stream {
    async fn send(&self, events: &[Event]) -> Result<Answer, Failure> {
        let records = events.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let call = self.client.put_records().stream_name(&self.name).set_records(Some(records));
        let answer = call.send().await.map_err(|error| Failure::of(error, CALL, &self.name))?;
        let failed = answer.records().iter().enumerate();
        let failed = failed.filter_map(|(index, one)| Some((index, one.error_code()?, one.error_message())));
        Ok(partial(failed, CALL, &self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_key_is_as_long_as_the_limits_say() {
        let from = super::super::Position { input: u32::MAX, offset: u64::MAX };
        let event = Event { from, to: from, line: 1, time: 0, tag: "".into(), body: vec![], refusal: None };
        assert!(partition_key(&event).len() <= KEY);
    }
}
