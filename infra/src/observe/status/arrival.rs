//! The last record at each destination.
use crate::{
    Aws, Result, Stack,
    aws::error::Call as _,
    observe::objects::{self, fixed},
    stack::{DeliveryStream, Destination, Target},
};
use aws_sdk_cloudwatchlogs::types::OrderBy;
use aws_sdk_kinesis::types::{ShardFilter, ShardFilterType, ShardIteratorType};
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// The last record that a destination has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Arrival {
    pub destination: String,
    /// `log_group`, `delivery_stream`, `data_stream`, `bucket`, `other`
    pub kind: &'static str,
    /// Its name on AWS: log group, stream, bucket.
    pub name: String,
    #[serde(flatten)]
    pub last: Last,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Last {
    /// When the last one came; where it is.
    Arrived {
        #[serde(serialize_with = "crate::observe::times::sortable")]
        time: Timestamp,
        place: String,
    },
    /// There is none, or none in the time that is looked at.
    Nothing { looked: String },
    /// It is not there yet.
    Missing,
    /// It cannot be seen from here, and why.
    Unknown { reason: String },
}

impl Arrival {
    /// What is wrong with it.
    pub fn problem(&self) -> Option<String> {
        let what = self.kind.replace('_', " ");
        (self.last == Last::Missing).then(|| format!("the {what} {} of {} is not there", self.name, self.destination))
    }
}

pub(super) async fn read(stack: &Stack, aws: &Aws) -> Result<Vec<Arrival>> {
    try_join_all(stack.destinations.iter().map(|destination| one(stack, destination, aws))).await
}

async fn one(stack: &Stack, destination: &Destination, aws: &Aws) -> Result<Arrival> {
    let bucket = |name: &Option<String>| aws.place().bucket_of(&stack.name, &destination.name, name.as_deref());
    let (kind, name, last) = match &destination.target {
        Target::LogGroup(group) => ("log_group", group.name.clone(), in_group(&group.name, aws).await?),
        Target::DataStream(stream) => ("data_stream", stream.name.clone(), in_stream(&stream.name, aws).await?),
        Target::Bucket(own) => {
            let name = bucket(&own.name);
            let last = in_bucket(&name, "", "", aws).await?;
            ("bucket", name, last)
        }
        Target::DeliveryStream(stream) => {
            let last = match destination.existing {
                true => Last::Unknown { reason: "the stream was there already; where it delivers is not said".into() },
                false => delivered(&bucket(&stream.bucket.name), stream, aws).await?,
            };
            ("delivery_stream", stream.name.clone(), last)
        }
        Target::Other => ("other", destination.name.clone(), Last::Unknown { reason: "it is not on AWS".into() }),
    };
    Ok(Arrival { destination: destination.name.clone(), kind, name, last })
}

/// Streams of a group with the latest events. CloudWatch Logs knows the latest only after a while, so several are asked.
const STREAMS: i32 = 5;

async fn in_group(name: &str, aws: &Aws) -> Result<Last> {
    let streams = aws.logs().describe_log_streams().log_group_name(name).order_by(OrderBy::LastEventTime);
    let streams = streams.descending(true).limit(STREAMS).send().await.call("logs:DescribeLogStreams", name);
    let streams = match streams {
        Err(error) if error.is("ResourceNotFoundException") => return Ok(Last::Missing),
        streams => streams?,
    };
    let names = streams.log_streams().iter().filter_map(|stream| stream.log_stream_name());
    let last = try_join_all(names.map(|stream| last_event(name, stream, aws))).await?;
    Ok(newest(last.into_iter().flatten(), "in any stream"))
}

async fn last_event(group: &str, stream: &str, aws: &Aws) -> Result<Option<(Timestamp, String)>> {
    let events = aws.logs().get_log_events().log_group_name(group).log_stream_name(stream).limit(1);
    let events = events.start_from_head(false).send().await.call("logs:GetLogEvents", group)?;
    let time = events.events().last().and_then(|event| event.timestamp());
    Ok(time.and_then(|time| Some((Timestamp::from_millisecond(time).ok()?, stream.to_string()))))
}

async fn delivered(bucket: &str, stream: &DeliveryStream, aws: &Aws) -> Result<Last> {
    in_bucket(bucket, &fixed(&stream.prefix), &fixed(&stream.error_prefix), aws).await
}

async fn in_bucket(bucket: &str, prefix: &str, but: &str, aws: &Aws) -> Result<Last> {
    let but = (!but.is_empty() && but.starts_with(prefix)).then_some(but);
    match objects::newest(aws.s3(), bucket, prefix, but).await {
        Err(error) if error.is("NoSuchBucket") => Ok(Last::Missing),
        Err(error) => Err(error),
        Ok(newest_object) => Ok(newest(newest_object.into_iter(), &format!("under {bucket}/{prefix}"))),
    }
}

/// So many shards of a stream are looked into, and so far back.
const SHARDS: i32 = 16;
const LOOK_BACK: SignedDuration = SignedDuration::from_mins(5);
/// Batches of a shard: each brings up to 10 MiB.
const BATCHES: usize = 20;

async fn in_stream(name: &str, aws: &Aws) -> Result<Last> {
    // Without a filter, those that were closed come first.
    let open = ShardFilter::builder().r#type(ShardFilterType::AtLatest).build();
    let open = open.map_err(|error| crate::Error::new(error.to_string()))?;
    let shards = aws.kinesis().list_shards().stream_name(name).shard_filter(open).max_results(SHARDS).send().await;
    let shards = match shards.call("kinesis:ListShards", name) {
        Err(error) if error.is("ResourceNotFoundException") => return Ok(Last::Missing),
        shards => shards?,
    };
    let shards = shards.shards().iter().map(|shard| last_of_shard(name, shard.shard_id(), aws));
    let last = try_join_all(shards).await?;
    Ok(newest(last.into_iter().flatten(), &format!("in the last {} minutes", LOOK_BACK.as_mins())))
}

async fn last_of_shard(stream: &str, shard: &str, aws: &Aws) -> Result<Option<(Timestamp, String)>> {
    let since = (Timestamp::now() - LOOK_BACK).as_millisecond();
    let iterator = aws.kinesis().get_shard_iterator().stream_name(stream).shard_id(shard);
    let iterator = iterator.shard_iterator_type(ShardIteratorType::AtTimestamp);
    let iterator = iterator.timestamp(aws_smithy_types::DateTime::from_millis(since)).send().await;
    let mut next = iterator.call("kinesis:GetShardIterator", stream)?.shard_iterator;
    let mut last = None;
    for _ in 0..BATCHES {
        let Some(iterator) = next else { break };
        let batch = aws.kinesis().get_records().shard_iterator(iterator).send().await;
        let batch = batch.call("kinesis:GetRecords", stream)?;
        let times = batch.records().iter().filter_map(|record| record.approximate_arrival_timestamp());
        last = times.filter_map(|time| time.to_millis().ok()).chain(last).max();
        next = batch.next_shard_iterator;
        if batch.millis_behind_latest.is_none_or(|behind| behind == 0) {
            break;
        }
    }
    Ok(last.and_then(|time| Some((Timestamp::from_millisecond(time).ok()?, shard.to_string()))))
}

fn newest(found: impl Iterator<Item = (Timestamp, String)>, looked: &str) -> Last {
    match found.max() {
        Some((time, place)) => Last::Arrived { time, place },
        None => Last::Nothing { looked: looked.to_string() },
    }
}
