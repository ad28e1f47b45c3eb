//! Looking for a mark at a destination, until it is there.
use super::{
    Mark, Place, Sighting, Site, Wait, again,
    scan::{self, Lines},
};
use crate::{
    Aws, Error, Result,
    aws::error::Call as _,
    observe::{
        logs::{self, Search, term},
        objects,
    },
};
use aws_sdk_kinesis::types::{ShardFilter, ShardFilterType, ShardIteratorType};
use aws_smithy_types::DateTime;
use futures::future::try_join_all;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Where it was found; nothing when the log group, the bucket or the stream is not there.
pub(super) async fn until_found(aws: &Aws, wait: &Wait, site: &Site) -> Result<Option<Sighting>> {
    const NOT_THERE: [&str; 2] = ["ResourceNotFoundException", "NoSuchBucket"];
    let Wait { mark, since, .. } = wait;
    let found = match &site.place {
        Place::LogGroup(group) => again(async || in_group(aws, group, mark, *since).await).await,
        Place::DataStream(stream) => in_stream(aws, stream, mark, *since).await,
        Place::Bucket { name, prefix } => in_bucket(aws, name, prefix, None, mark, *since).await,
        Place::DeliveryStream { bucket, prefix, but, .. } => {
            in_bucket(aws, bucket, prefix, but.as_deref(), mark, *since).await
        }
        Place::Unseen { .. } => return Ok(None),
    };
    match found {
        Err(error) if NOT_THERE.iter().any(|code| error.is(code)) => Ok(None),
        found => found.map(Some),
    }
}

async fn in_group(aws: &Aws, group: &str, mark: &Mark, since: Timestamp) -> Result<Option<Sighting>> {
    let search = Search { group: group.into(), pattern: Some(term(mark.as_str())), since, until: None };
    let mut events = logs::read(aws, &[search]);
    while let Some(event) = events.next().await? {
        if let Some(found) = mark.in_line(event.message.as_bytes(), &event.stream) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Each object is read once.
async fn in_bucket(
    aws: &Aws,
    bucket: &str,
    prefix: &str,
    but: Option<&str>,
    mark: &Mark,
    since: Timestamp,
) -> Result<Sighting> {
    let mut read = BTreeSet::new();
    again(async || {
        for object in objects::since(aws.s3(), bucket, prefix, but, since).await? {
            if read.contains(&object) {
                continue;
            }
            if let Some(found) = in_object(aws, bucket, &object.1, mark).await? {
                return Ok(Some(found));
            }
            read.insert(object);
        }
        Ok(None)
    })
    .await
}

async fn in_object(aws: &Aws, bucket: &str, key: &str, mark: &Mark) -> Result<Option<Sighting>> {
    const CALL: &str = "s3:GetObject";
    let on = format!("{bucket}/{key}");
    let object = match aws.s3().get_object().bucket(bucket).key(key).send().await.call(CALL, &on) {
        // It was deleted since.
        Err(error) if error.is("NoSuchKey") => return Ok(None),
        object => object?,
    };
    let mut body = object.body;
    let mut pieces = async || {
        let piece = body.next().await.transpose();
        piece.map_err(|error| Error::new(format!("the object cannot be read to its end: {error}")).of(CALL, &on))
    };
    let mut begin = Vec::new();
    while begin.len() < 2
        && let Some(piece) = pieces().await?
    {
        begin.extend_from_slice(&piece);
    }
    let mut lines = Lines::new(mark, key);
    let mut reader = lines.reader(&begin);
    let mut going = reader.write_all(&begin).is_ok();
    while going && let Some(piece) = pieces().await? {
        going = reader.write_all(&piece).is_ok();
    }
    drop(reader);
    Ok(lines.end())
}

/// The shards that are open at the time and after it, each from the time on.
async fn in_stream(aws: &Aws, stream: &str, mark: &Mark, since: Timestamp) -> Result<Sighting> {
    let mut shards = Vec::new();
    let mut token = None;
    let open = ShardFilter::builder().r#type(ShardFilterType::FromTimestamp);
    let open = open.timestamp(DateTime::from_millis(since.as_millisecond())).build();
    let open = open.map_err(|error| Error::new(error.to_string()))?;
    loop {
        // Name and filter are in the token.
        let first = token.is_none();
        let list = aws.kinesis().list_shards().set_stream_name(first.then(|| stream.to_string()));
        let page = list.set_shard_filter(first.then(|| open.clone())).set_next_token(token).send().await;
        let page = page.call("kinesis:ListShards", stream)?;
        shards.extend(page.shards().iter().map(|shard| shard.shard_id().to_string()));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    let mut shards = try_join_all(shards.into_iter().map(|id| Shard::at(aws, stream, id, since))).await?;
    again(async || {
        let found = try_join_all(shards.iter_mut().map(|shard| shard.look(aws, stream, mark))).await?;
        Ok(found.into_iter().flatten().next())
    })
    .await
}

struct Shard {
    id: String,
    /// Nothing at the end of a shard that was closed.
    iterator: Option<String>,
}

impl Shard {
    async fn at(aws: &Aws, stream: &str, id: String, since: Timestamp) -> Result<Shard> {
        let from = aws.kinesis().get_shard_iterator().stream_name(stream).shard_id(&id);
        let from = from.shard_iterator_type(ShardIteratorType::AtTimestamp);
        let from = from.timestamp(DateTime::from_millis(since.as_millisecond())).send().await;
        Ok(Shard { iterator: from.call("kinesis:GetShardIterator", stream)?.shard_iterator, id })
    }

    /// All that came since the last look.
    async fn look(&mut self, aws: &Aws, stream: &str, mark: &Mark) -> Result<Option<Sighting>> {
        while let Some(iterator) = self.iterator.clone() {
            let batch = aws.kinesis().get_records().shard_iterator(iterator).send().await;
            let batch = batch.call("kinesis:GetRecords", stream)?;
            let records = batch.records().iter().map(|record| record.data().as_ref());
            let found = records.filter_map(|data| scan::in_bytes(mark, &self.id, data)).next();
            self.iterator = batch.next_shard_iterator;
            let at_the_end = batch.millis_behind_latest.is_none_or(|behind| behind == 0);
            if found.is_some() || at_the_end {
                return Ok(found);
            }
        }
        Ok(None)
    }
}
