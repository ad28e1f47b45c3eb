//! A Kinesis data stream.
//!
//! Limits and states: API reference of Kinesis Data Streams, CreateStream, UpdateShardCount, UpdateStreamMode,
//! IncreaseStreamRetentionPeriod, StartStreamEncryption.
use super::{
    Before, Changes, Found, Id, Kind, Known, Owner, Progress, Resource,
    kind::{CloudFormation, Row, Terraform, Use, no_names},
};
use crate::{
    Aws, Error, Place, Result, Stack,
    aws::{error::Call as _, wait},
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module, names},
    },
    plan::taken::Taken,
    policy::deployer::{CHANGE, DELETE_DATA, READ, Rights, parts::Parts},
    words,
};
use async_trait::async_trait;
use aws_sdk_kinesis::types::{
    EncryptionType, ScalingType, StreamDescriptionSummary, StreamMode, StreamModeDetails, StreamStatus,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

mod cloudformation;
mod terraform;

#[derive(Debug, Clone, Serialize)]
pub struct DataStream {
    #[serde(skip)]
    pub stack: String,
    #[serde(skip)]
    pub name: String,
    /// `None`: on demand.
    pub shards: Option<u32>,
    pub retention_hours: u32,
    /// The ARN of a key; without one, AWS's own for Kinesis.
    pub kms_key: Option<String>,
    pub tags: BTreeMap<String, String>,
}

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "data stream",
    rank: 0,
    single: false,
    terraform: Some(Terraform {
        kind: "aws_kinesis_stream",
        local: names::APP,
        outputs: &[("data_streams", "The data streams' ARNs, by destination.", "arn")],
    }),
    cloudformation: Some(CloudFormation {
        kind: "AWS::Kinesis::Stream",
        outputs: &[("Name", "A data stream's name.", None), ("Arn", "A data stream's ARN.", Some("Arn"))],
    }),
    arn: Some(("kinesis", "stream/")),
    by_tag: true,
    named: no_names,
    left_over: Some(|stack, name| Arc::new(DataStream::left_over(stack, name.into()))),
    rooms: &[("resource/data_stream", rights)],
    uses_rights: false,
    used: Use::Destination,
    taken: |_, _| Taken::of_destination(),
};

/// AWS's own key, which asks no rights of those who write.
const OWN_KEY: &str = "alias/aws/kinesis";

/// Each change takes a minute or so; splitting many shards takes longer.
const PATIENCE: Duration = Duration::from_secs(900);

/// What the attribute `status` shall be: others are passed through, and come to it by themselves.
const READY: &str = "ACTIVE";

#[async_trait]
impl Resource for DataStream {
    fn id(&self) -> Id {
        Id::new(Kind::DataStream, &self.name)
    }

    fn wanted(&self, _: &Known) -> Value {
        let kms_key = Some(self.key().to_string());
        DataStream { kms_key, ..self.clone() }.attributes(READY)
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let Some(stream) = self.describe(aws).await? else { return Ok(None) };
        let tags = self.read_tags(aws).await?;
        let on_demand = stream.stream_mode_details().map(StreamModeDetails::stream_mode) == Some(&StreamMode::OnDemand);
        let found = DataStream {
            shards: (!on_demand).then_some(stream.open_shard_count().unsigned_abs()),
            retention_hours: stream.retention_period_hours().unsigned_abs(),
            kms_key: key(&stream),
            tags: super::wanted_tags(&tags, &self.tags),
            ..self.clone()
        };
        let status = match stream.stream_status() {
            StreamStatus::Updating => READY,
            status => status.as_str(),
        };
        let owner = Owner::of(&self.stack, &tags);
        Ok(Some(Found { owner, attributes: found.attributes(status), physical: None }))
    }

    /// AWS gives a stream its tags with the call. Endpoints that stand in for AWS may leave them out, so they are asked for.
    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        let create = aws.kinesis().create_stream().stream_name(&self.name).stream_mode_details(self.mode()?);
        let create = create.set_shard_count(self.shards.map(|shards| shards as i32));
        let create = create.set_tags(Some(self.tags.clone().into_iter().collect())).send().await;
        let before = match create.call("kinesis:CreateStream", &self.name) {
            Ok(_) => Before::Nothing,
            Err(error) if error.is("ResourceInUseException") => Before::Something,
            Err(error) => return Err(error),
        };
        match before {
            Before::Nothing => drop(wait::found(aws, &self.id().to_string(), || self.describe(aws)).await?),
            // The one that had the name was on its way out.
            Before::Something if self.wait_until_ready(aws, progress).await?.is_none() => {
                return self.create(aws, known, progress).await;
            }
            Before::Something => {}
        }
        self.wait_until_ready(aws, progress).await?;
        super::finish(self, before, aws, known, progress).await
    }

    /// A stream takes one change at a time.
    async fn update(&self, aws: &Aws, known: &Known, changes: &mut Changes<'_>, progress: Progress<'_>) -> Result<()> {
        if changes.take("tags") {
            self.put_tags(aws).await?;
        }
        let Some(stream) = self.wait_until_ready(aws, progress).await? else {
            changes.take_all();
            return self.create(aws, known, progress).await;
        };
        // It has come to be ready.
        changes.take("status");
        if changes.take_any(&["mode", "shards"]) {
            self.put_shards(aws, &stream, progress).await?;
        }
        if changes.take("retention_hours") {
            self.put_retention(aws, stream.retention_period_hours()).await?;
            self.wait_until_ready(aws, progress).await?;
        }
        if changes.take("kms_key") {
            self.put_key(aws).await?;
            self.wait_until_ready(aws, progress).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<()> {
        let delete = aws.kinesis().delete_stream().stream_name(&self.name).send().await;
        match delete.call("kinesis:DeleteStream", &self.name) {
            Err(error) if error.is("ResourceNotFoundException") => return Ok(()),
            // It is on its way out already, or a change has not come to its end.
            Err(error) if error.is("ResourceInUseException") => {
                if self.wait_until_ready(aws, progress).await?.is_none() {
                    return Ok(());
                }
                let delete = aws.kinesis().delete_stream().stream_name(&self.name).send().await;
                delete.call("kinesis:DeleteStream", &self.name).map_err(|error| {
                    error.help("if consumers are registered with it, they have to go first: `aws kinesis list-stream-consumers`")
                })?;
            }
            result => drop(result?),
        }
        progress(&format!("waiting until the stream is gone, {}", wait::at_most(PATIENCE)));
        let gone = || async { Ok(self.describe(aws).await?.is_none().then_some(())) };
        wait::until(aws, &format!("deleting data stream {}", self.name), PATIENCE, gone).await
    }

    fn holds_data(&self) -> bool {
        true
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        blocks.streams.push(terraform::block(module, self));
        Ok(())
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        cloudformation::declarations(self, draft)
    }
}

/// The key's ARN, or AWS's own one's alias.
fn key(stream: &StreamDescriptionSummary) -> Option<String> {
    let key = stream.key_id().filter(|_| stream.encryption_type() == Some(&EncryptionType::Kms))?;
    Some(if key.ends_with(OWN_KEY) { OWN_KEY } else { key }.to_string())
}

impl DataStream {
    /// One that nobody wants any more.
    pub fn left_over(stack: &str, name: String) -> DataStream {
        let tags = BTreeMap::new();
        DataStream { stack: stack.to_string(), name, shards: None, retention_hours: 0, kms_key: None, tags }
    }

    fn attributes(&self, status: &str) -> Value {
        let mut attributes = super::attributes(self);
        attributes["mode"] = json!(if self.shards.is_some() { "PROVISIONED" } else { "ON_DEMAND" });
        attributes["status"] = json!(status);
        attributes
    }

    fn key(&self) -> &str {
        self.kms_key.as_deref().unwrap_or(OWN_KEY)
    }

    fn arn(&self, aws: &Aws) -> String {
        Kind::DataStream.arn(aws.place(), &self.name)
    }

    fn mode(&self) -> Result<StreamModeDetails> {
        let mode = if self.shards.is_some() { StreamMode::Provisioned } else { StreamMode::OnDemand };
        StreamModeDetails::builder().stream_mode(mode).build().map_err(|error| Error::new(error.to_string()))
    }

    async fn describe(&self, aws: &Aws) -> Result<Option<StreamDescriptionSummary>> {
        let stream = aws.kinesis().describe_stream_summary().stream_name(&self.name).send().await;
        match stream.call("kinesis:DescribeStreamSummary", &self.name) {
            Ok(stream) => Ok(stream.stream_description_summary),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The stream once it can be changed; `None` when it is gone.
    async fn wait_until_ready(&self, aws: &Aws, progress: Progress<'_>) -> Result<Option<StreamDescriptionSummary>> {
        let end = wait::at_most(PATIENCE);
        let ask = || async {
            let stream = self.describe(aws).await?;
            let status = stream.as_ref().map(|stream| stream.stream_status());
            if matches!(status, None | Some(StreamStatus::Active)) {
                return Ok(Some(stream));
            }
            progress(&format!("waiting until the stream is active, {end}"));
            Ok(None)
        };
        wait::until(aws, &format!("data stream {}", self.name), PATIENCE, ask).await
    }

    /// All of them: a stream can have 50, and that many fit on a page.
    async fn read_tags(&self, aws: &Aws) -> Result<BTreeMap<String, String>> {
        let tags = aws.kinesis().list_tags_for_stream().stream_name(&self.name).limit(50).send().await;
        let tags = tags.call("kinesis:ListTagsForStream", &self.name)?.tags;
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
    }

    async fn put_tags(&self, aws: &Aws) -> Result<()> {
        let tag = aws.kinesis().add_tags_to_stream().stream_name(&self.name);
        let tag = tag.set_tags(Some(self.tags.clone().into_iter().collect())).send().await;
        tag.call("kinesis:AddTagsToStream", &self.name).map(drop)
    }

    async fn put_shards(&self, aws: &Aws, stream: &StreamDescriptionSummary, progress: Progress<'_>) -> Result<()> {
        let mode = self.mode()?;
        if stream.stream_mode_details() != Some(&mode) {
            let put = aws.kinesis().update_stream_mode().stream_arn(self.arn(aws)).stream_mode_details(mode);
            let put = put.send().await.call("kinesis:UpdateStreamMode", &self.name);
            put.map_err(|error| error.help("AWS lets a stream change its mode twice in 24 hours"))?;
        }
        let Some(wanted) = self.shards else { return self.wait_until_ready(aws, progress).await.map(drop) };
        loop {
            let Some(stream) = self.wait_until_ready(aws, progress).await? else { return Ok(()) };
            let next = step(stream.open_shard_count().unsigned_abs(), wanted);
            if next == stream.open_shard_count().unsigned_abs() {
                return Ok(());
            }
            let put = aws.kinesis().update_shard_count().stream_name(&self.name).target_shard_count(next as i32);
            let put = put.scaling_type(ScalingType::UniformScaling).send().await;
            let put = put.call("kinesis:UpdateShardCount", &self.name);
            put.map_err(|error| error.help("AWS lets the number of shards change ten times in 24 hours"))?;
            progress(&words::count(next.into(), "shard"));
        }
    }

    async fn put_retention(&self, aws: &Aws, hours: i32) -> Result<()> {
        let wanted = self.retention_hours as i32;
        if hours < wanted {
            let put = aws.kinesis().increase_stream_retention_period().stream_name(&self.name);
            let put = put.retention_period_hours(wanted).send().await;
            put.call("kinesis:IncreaseStreamRetentionPeriod", &self.name).map(drop)
        } else if hours > wanted {
            let put = aws.kinesis().decrease_stream_retention_period().stream_name(&self.name);
            let put = put.retention_period_hours(wanted).send().await;
            put.call("kinesis:DecreaseStreamRetentionPeriod", &self.name).map(drop)
        } else {
            Ok(())
        }
    }

    async fn put_key(&self, aws: &Aws) -> Result<()> {
        let put = aws.kinesis().start_stream_encryption().stream_name(&self.name).encryption_type(EncryptionType::Kms);
        let put = put.key_id(self.key()).send().await;
        put.call("kinesis:StartStreamEncryption", &self.name).map(drop)
    }
}

/// The next number of shards on the way: one change at most doubles or halves it.
fn step(now: u32, wanted: u32) -> u32 {
    wanted.clamp(now.div_ceil(2), now.max(1) * 2)
}

/// What these calls need. A stream without a key of the user's is encrypted with AWS's own for Kinesis, whose id nobody can
/// tell before.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let parts = Parts::of(stack, place);
    let streams = parts.ours(Kind::DataStream);
    let capacity = if streams.is_empty() { Vec::new() } else { vec!["*".to_string()] };
    let keys = parts.made(Kind::DataStream).map(|part| part.key.clone().unwrap_or_else(|| place.arn("kms", "key/*")));
    let encrypted = streams.iter().cloned().chain(keys).collect();
    // Whose data streams are whose, their tags say: those whose names begin with the stack's are looked at.
    let like_ours = Kind::DataStream.arn(place, &format!("{}-*", stack.name));
    vec![
        Rights::on("DataStreams", streams.clone())
            .may(READ, &["kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"])
            .may(
                CHANGE,
                &[
                    "kinesis:CreateStream",
                    "kinesis:IncreaseStreamRetentionPeriod",
                    "kinesis:DecreaseStreamRetentionPeriod",
                ],
            )
            .may(DELETE_DATA, &["kinesis:DeleteStream"]),
        Rights::on("TagDataStreams", streams)
            .may(CHANGE, &["kinesis:AddTagsToStream"])
            .when_tagging(stack)
            .unless_others(stack),
        Rights::on("EncryptDataStreams", encrypted).may(CHANGE, &["kinesis:StartStreamEncryption"]),
        Rights::on("CapacityOfDataStreams", capacity)
            .may(CHANGE, &["kinesis:UpdateShardCount", "kinesis:UpdateStreamMode"]),
        Rights::on("SeeDataStreams", vec![like_ours])
            .may(READ, &["kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"]),
        Rights::on("LeftOverDataStreams", vec![Kind::DataStream.arn(place, "*")])
            .may(DELETE_DATA, &["kinesis:DeleteStream"])
            .when_tagged(stack),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_double_or_halve_at_most() {
        let way = |from, to| {
            let next = |now: &u32| Some(step(*now, to)).filter(|next| next != now);
            std::iter::successors(Some(from), next).collect::<Vec<_>>()
        };
        assert_eq!(way(1, 10), [1, 2, 4, 8, 10]);
        assert_eq!(way(9, 1), [9, 5, 3, 2, 1]);
        assert_eq!(way(4, 4), [4]);
    }
}
