//! S3: objects of many records.
//!
//! A batch becomes one object for each tag, and for each folder that its records' times lead to. Names follow from what is sent and
//! where it stood, so that a batch that is sent again replaces its objects.
use super::{Answer, Api, Event, Failure, Limits, Position};
use crate::{Aws, Error};
use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    config::{Region, retry::RetryConfig},
    primitives::ByteStream,
    types::{ObjectCannedAcl, StorageClass},
};
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt as _, stream};
use jiff::{Timestamp, fmt::strtime::BrokenDownTime, tz::TimeZone};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, io::Write as _};

/// Objects are held in memory: no larger ones are made, before compression.
const LARGEST: usize = 16 << 20;

const CALL: &str = "s3:PutObject";

/// Objects of a batch that are put at the same time.
const PARALLEL: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub bucket: String,
    pub key: KeyFormat,
    pub gzip: bool,
    pub content_type: Option<String>,
    pub storage_class: Option<String>,
    pub canned_acl: Option<String>,
    /// The bucket has to be the caller's account's: names of buckets are the world's.
    pub own: bool,
    /// The size of an object before compression; larger ones than 16 MiB are not made.
    pub file_size: usize,
    /// If not the account's way in.
    pub region: Option<String>,
}

/// Fluent Bit's `s3_key_format`: a strftime format with `$TAG`, `$TAG[0]` and `$UUID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFormat {
    format: String,
    /// The characters that `$TAG[0]` splits at.
    delimiters: String,
}

struct Bucket {
    client: Client,
    /// Whose the bucket has to be.
    owner: Option<String>,
    target: Target,
    seed: String,
}

impl KeyFormat {
    /// # Errors
    /// What is wrong with it.
    pub fn new(format: &str, delimiters: &str) -> std::result::Result<KeyFormat, String> {
        if format.contains("$INDEX") {
            return Err("`$INDEX` counts the objects of one Fluent Bit, and means nothing here".to_string());
        }
        let format = match format.contains("$UUID") {
            true => format.to_string(),
            // Fluent Bit does the same.
            false => format!("{format}-object$UUID"),
        };
        let key = KeyFormat { format, delimiters: delimiters.to_string() };
        key.render(&key.format, 0, "").map(|_| key)
    }

    /// What stands in front of the last `/`.
    fn folder(&self, time: i64, tag: &str) -> String {
        let folder = self.format.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.render(folder, time, tag).unwrap_or_default()
    }

    fn key(&self, first: &Event, seed: &str) -> String {
        let Position { input, offset } = first.from;
        let hash = Sha256::digest(format!("{seed} {input} {offset} {}", first.tag));
        let uuid: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let key = self.render(&self.format, first.time, &first.tag).unwrap_or_default();
        key.replace("$UUID", &uuid).trim_start_matches('/').to_string()
    }

    fn render(&self, format: &str, time: i64, tag: &str) -> std::result::Result<String, String> {
        let time = Timestamp::from_millisecond(time).unwrap_or_default().to_zoned(TimeZone::UTC);
        let key = BrokenDownTime::from(&time).to_string(format).map_err(|error| error.to_string())?;
        let parts = tag.split(|c| self.delimiters.contains(c)).enumerate();
        let key = parts.fold(key, |key, (index, part)| key.replace(&format!("$TAG[{index}]"), part));
        Ok(key.replace("$TAG", tag))
    }
}

impl Target {
    pub fn limits(&self) -> Limits {
        let bytes = self.file_size.clamp(1, LARGEST);
        Limits { records: usize::MAX, bytes, record_bytes: LARGEST, overhead: 0, span: None, parallel: 2 }
    }

    pub(super) fn connect(&self, aws: &Aws, seed: &str) -> impl Api + use<> {
        let mut config = aws.s3().config().to_builder().retry_config(RetryConfig::disabled());
        config.set_region(self.region.clone().map(Region::new).or(aws.config().region().cloned()));
        let owner = self.own.then(|| aws.place().account.clone());
        Bucket { client: Client::from_conf(config.build()), owner, target: self.clone(), seed: seed.to_string() }
    }
}

impl Bucket {
    async fn put(&self, key: &str, events: Vec<&Event>) -> Result<(), Failure> {
        let body = self.body(&events).map_err(|error| Failure::Final(Error::new(error.to_string())))?;
        let call = self.client.put_object().bucket(&self.target.bucket).key(key).body(ByteStream::from(body));
        let call = call.set_expected_bucket_owner(self.owner.clone());
        let call = call.set_content_type(self.target.content_type.clone());
        let call = call.set_content_encoding(self.target.gzip.then(|| "gzip".to_string()));
        let call = call.set_storage_class(self.target.storage_class.as_deref().map(StorageClass::from));
        let call = call.set_acl(self.target.canned_acl.as_deref().map(ObjectCannedAcl::from));
        let on = format!("s3://{}/{key}", self.target.bucket);
        call.send().await.map(|_| ()).map_err(|error| Failure::of(error, CALL, &on))
    }

    fn body(&self, events: &[&Event]) -> std::io::Result<Vec<u8>> {
        if !self.target.gzip {
            return Ok(events.iter().flat_map(|event| event.body.iter().copied()).collect());
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        events.iter().try_for_each(|event| packed.write_all(&event.body))?;
        packed.finish()
    }
}

#[async_trait]
impl Api for Bucket {
    async fn send(&self, events: &[Event]) -> Result<Answer, Failure> {
        let mut objects: BTreeMap<(&str, String), Vec<usize>> = BTreeMap::new();
        for (index, event) in events.iter().enumerate() {
            let folder = self.target.key.folder(event.time, &event.tag);
            objects.entry((&event.tag, folder)).or_default().push(index);
        }
        let puts = objects.into_values().map(async |indices| {
            let key = self.target.key.key(&events[indices[0]], &self.seed);
            let result = self.put(&key, indices.iter().map(|index| &events[*index]).collect()).await;
            (indices, result)
        });
        let mut answer = Answer::default();
        let mut puts = stream::iter(puts).buffer_unordered(PARALLEL);
        while let Some((indices, result)) = puts.next().await {
            if let Err(failure) = result {
                answer.again.extend(indices);
                answer.why = Some(worse(answer.why.take(), failure));
            }
        }
        answer.again.sort_unstable();
        Ok(answer)
    }
}

/// The one that decides what to do.
fn worse(before: Option<Failure>, failure: Failure) -> Failure {
    match (before, failure) {
        (_, Failure::Final(error)) | (Some(Failure::Final(error)), _) => Failure::Final(error),
        (_, Failure::Throttled(error)) | (Some(Failure::Throttled(error)), _) => Failure::Throttled(error),
        (_, passing) => passing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(time: i64, tag: &str) -> Event {
        let from = Position { input: 0, offset: 7 };
        Event { from, to: from, line: 1, time, tag: tag.into(), body: vec![], refusal: None }
    }

    #[test]
    fn keys_follow_from_time_tag_and_place() {
        let format = KeyFormat::new("/logs/%Y/%m/%d/%H/$TAG[1]/$TAG-%M%S-$UUID.json", ".-").unwrap();
        let time = 1_795_000_123_000;
        let key = format.key(&event(time, "a.b-c"), "seed");
        let (before, uuid) = key.split_once("a.b-c-").unwrap();
        assert_eq!(before, "logs/2026/11/18/11/b/");
        assert!(uuid.starts_with("0843-") && uuid.ends_with(".json") && uuid.len() == 26, "{key}");
        assert_eq!(key, format.key(&event(time, "a.b-c"), "seed"));
        assert_ne!(key, format.key(&event(time, "a.b-c"), "other"));
        assert_eq!(format.folder(time, "a.b-c"), "/logs/2026/11/18/11/b");
    }

    #[test]
    fn keys_without_a_uuid_get_one() {
        let key = KeyFormat::new("/x/%Y", ".").unwrap().key(&event(0, "t"), "");
        assert!(key.starts_with("x/1970-object") && key.len() == "x/1970-object".len() + 16, "{key}");
    }

    #[test]
    fn formats_that_mean_nothing_are_refused() {
        assert!(KeyFormat::new("/x/$INDEX", ".").is_err());
        assert!(KeyFormat::new("/x/%Q%!", ".").is_err());
    }
}
