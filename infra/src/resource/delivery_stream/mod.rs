//! A Firehose stream that writes to S3.
//!
//! States, limits and defaults: API reference of Amazon Data Firehose, CreateDeliveryStream, UpdateDestination,
//! StartDeliveryStreamEncryption; developer guide, "Dynamic partitioning".
use super::{
    Before, Changes, Found, Goes, Id, Kind, Known, Owner, Progress, Resource,
    kind::{CloudFormation, Row, Terraform, Use, no_names},
};
use crate::{
    Aws, Error, Result, Stack,
    aws::{error::Call as _, wait},
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module, names},
    },
    plan::taken::Taken,
    stack::Compression,
};
use async_trait::async_trait;
use aws_sdk_firehose::types::{
    DeliveryStreamDescription, DeliveryStreamStatus, DeliveryStreamType, DestinationDescription, Tag,
};
use hcl_edit::structure::Block;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

mod cloudformation;
mod delivery;
mod destination;
mod encryption;
mod error_log;
pub(crate) mod rights;
mod terraform;

use destination::Attributes;
pub(crate) use destination::{PARSER, QUERY};

#[derive(Debug, Clone)]
pub struct DeliveryStream {
    pub stack: String,
    pub name: String,
    pub role_arn: String,
    /// The role is one of the stack's.
    pub role: Id,
    pub bucket_arn: String,
    /// The bucket, where it is one of the stack's.
    pub bucket: Option<Id>,
    pub prefix: String,
    pub error_prefix: String,
    pub compression: Compression,
    pub buffer_mib: u32,
    pub buffer_seconds: u32,
    pub partition_by_route: bool,
    /// Of the stream itself: the ARN of a key; without one, Firehose's own.
    pub kms_key: Option<String>,
    /// Where the delivery's errors are written, into a log stream of the delivery stream's name.
    pub log_group: String,
    pub tags: BTreeMap<String, String>,
}

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "delivery stream",
    rank: 2,
    single: false,
    terraform: Some(Terraform {
        kind: "aws_kinesis_firehose_delivery_stream",
        local: names::APP,
        outputs: &[("delivery_streams", "The delivery streams' ARNs, by destination.", "arn")],
    }),
    cloudformation: Some(CloudFormation {
        kind: "AWS::KinesisFirehose::DeliveryStream",
        outputs: &[("Name", "A delivery stream's name.", None), ("Arn", "A delivery stream's ARN.", Some("Arn"))],
    }),
    arn: Some(("firehose", "deliverystream/")),
    by_tag: true,
    named: no_names,
    left_over: Some(|stack, name| Arc::new(DeliveryStream::left_over(stack, name.into()))),
    rooms: &[("resource/delivery_stream", rights::rights)],
    uses_rights: true,
    used: Use::Destination,
    taken: |_, _| Taken::of_destination(),
};

/// What UpdateDestination sets.
const DESTINATION: [&str; 8] =
    ["role", "bucket", "prefix", "error_prefix", "compression", "buffer_mib", "buffer_seconds", "object_encryption"];

/// Firehose makes a stream in about a minute. It mostly takes as long to delete one, and now and then much longer.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A new role is known everywhere within seconds, mostly.
const ROLE_PATIENCE: Duration = Duration::from_secs(150);

#[async_trait]
impl Resource for DeliveryStream {
    fn id(&self) -> Id {
        Id::new(Kind::DeliveryStream, &self.name)
    }

    fn depends_on(&self) -> Vec<Id> {
        let own = [self.role.clone(), Id::new(Kind::LogGroup, &self.log_group)];
        own.into_iter().chain(self.bucket.clone()).collect()
    }

    fn wanted(&self, _: &Known) -> Value {
        super::attributes(&self.attributes())
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let Some(stream) = self.describe(aws).await? else { return Ok(None) };
        let (tags, log_stream) = futures::try_join!(self.read_tags(aws), self.has_log_stream(aws))?;
        let Some(tags) = tags else { return Ok(None) };
        let owner = Owner::of(&self.stack, &tags);
        let attributes = Attributes::of(&stream, log_stream, super::wanted_tags(&tags, &self.tags));
        Ok(Some(Found { owner, attributes: super::attributes(&attributes), physical: None }))
    }

    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        self.create_log_stream(aws).await?;
        let create = || async {
            let create = aws.firehose().create_delivery_stream().delivery_stream_name(&self.name);
            let create = create.delivery_stream_type(DeliveryStreamType::DirectPut);
            let create = create.extended_s3_destination_configuration(self.configuration()?);
            let create = create.delivery_stream_encryption_configuration_input(self.encryption()?);
            let create = create.set_tags(Some(self.tag_list()?));
            create.send().await.call("firehose:CreateDeliveryStream", &self.name).map(drop)
        };
        let before = match wait::unless(aws, ROLE_PATIENCE, passes(progress), create).await {
            Ok(()) => Before::Nothing,
            Err(error) if error.is("ResourceInUseException") => Before::Something,
            Err(error) => return Err(error),
        };
        match before {
            Before::Nothing => {
                let stream = wait::found(aws, &self.id().to_string(), || self.describe(aws)).await?;
                self.wait_until_ready(aws, stream, progress).await
            }
            Before::Something => super::finish(self, before, aws, known, progress).await,
        }
    }

    async fn update(&self, aws: &Aws, known: &Known, changes: &mut Changes<'_>, progress: Progress<'_>) -> Result<()> {
        if changes.take("tags") {
            let tag = aws.firehose().tag_delivery_stream().delivery_stream_name(&self.name);
            let tag = tag.set_tags(Some(self.tag_list()?)).send().await;
            tag.call("firehose:TagDeliveryStream", &self.name)?;
        }
        let error_log = changes.take("error_log");
        if error_log {
            self.create_log_stream(aws).await?;
        }
        if changes.take("status") && !self.came_to_be(aws, progress).await? {
            changes.take_all();
            return self.create(aws, known, progress).await;
        }
        if changes.take("encryption") {
            self.put_encryption(aws, progress).await?;
        }
        if changes.take_any(&DESTINATION) || error_log {
            let update = || async { self.update_destination(aws).await };
            wait::unless(aws, ROLE_PATIENCE, passes(progress), update).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<()> {
        let delete = || async {
            // Firehose cannot give back the grant on a key that is gone.
            let delete = aws.firehose().delete_delivery_stream().delivery_stream_name(&self.name);
            let delete = delete.allow_force_delete(true).send().await;
            delete.call("firehose:DeleteDeliveryStream", &self.name).map(drop)
        };
        // While it is being made, or is on its way out already, it cannot be deleted.
        let busy = |error: &Error| {
            let busy = error.is("ResourceInUseException");
            if busy {
                progress("waiting until the stream can be deleted");
            }
            busy
        };
        match wait::unless(aws, PATIENCE, busy, delete).await {
            Err(error) if error.is("ResourceNotFoundException") => return Ok(()),
            result => result?,
        }
        match self.wait_until_settled(aws, progress).await? {
            None => Ok(()),
            Some(stream) => Err(failure(&stream).of("firehose:DeleteDeliveryStream", &self.name)),
        }
    }

    /// Firehose deletes a stream with what it buffers.
    async fn drain(&self, aws: &Aws, goes: Goes<'_>, progress: Progress<'_>) -> Result<()> {
        self.deliver(aws, goes, progress).await
    }

    fn fixed(&self) -> &'static [&'static str] {
        &["partition_by_route"]
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        blocks.logs.push(terraform::errors_of(module, self));
        blocks.streams.push(terraform::delivery_stream(module, self));
        Ok(())
    }

    fn terraform_imports(&self, module: &Module<'_>) -> Vec<Block> {
        terraform::imports(module, self)
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        cloudformation::declarations(self, draft)
    }
}

/// Firehose does not know the role yet, or not its rights.
fn passes(progress: Progress<'_>) -> impl Fn(&Error) -> bool {
    const SAYINGS: [&str; 3] = ["unable to assume role", "is not authorized to", "Verify that the IAM role has access"];
    move |error| {
        let role = error.is("InvalidArgumentException") && SAYINGS.iter().any(|saying| error.message.contains(saying));
        if role {
            progress("waiting until Firehose can assume the role");
        }
        role || error.is("ConcurrentModificationException")
    }
}

impl DeliveryStream {
    /// One that nobody wants any more.
    pub fn left_over(stack: &str, name: String) -> DeliveryStream {
        DeliveryStream {
            log_group: Stack::named(stack).firehose_log_group(),
            stack: stack.to_string(),
            name,
            role_arn: String::new(),
            role: Id::new(Kind::Role, ""),
            bucket_arn: String::new(),
            bucket: None,
            prefix: String::new(),
            error_prefix: String::new(),
            compression: Compression::Uncompressed,
            buffer_mib: 0,
            buffer_seconds: 0,
            partition_by_route: false,
            kms_key: None,
            tags: BTreeMap::new(),
        }
    }

    async fn describe(&self, aws: &Aws) -> Result<Option<DeliveryStreamDescription>> {
        let stream = aws.firehose().describe_delivery_stream().delivery_stream_name(&self.name).send().await;
        match stream.call("firehose:DescribeDeliveryStream", &self.name) {
            Ok(stream) => Ok(stream.delivery_stream_description),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether it has come to be, or has gone. One that Firehose could not make is taken away.
    async fn came_to_be(&self, aws: &Aws, progress: Progress<'_>) -> Result<bool> {
        match self.wait_until_settled(aws, progress).await? {
            None => Ok(false),
            Some(stream) if stream.delivery_stream_status == DeliveryStreamStatus::Active => Ok(true),
            Some(_) => {
                progress("taking away what Firehose could not make");
                self.delete(aws, progress).await.map(|()| false)
            }
        }
    }

    /// Waits until records can be put.
    async fn wait_until_ready(
        &self,
        aws: &Aws,
        mut stream: DeliveryStreamDescription,
        progress: Progress<'_>,
    ) -> Result<()> {
        let call = "firehose:CreateDeliveryStream";
        if stream.delivery_stream_status == DeliveryStreamStatus::Creating {
            let settled = self.wait_until_settled(aws, progress).await?;
            stream = settled.ok_or_else(|| Error::new("the stream was made, and is gone").of(call, &self.name))?;
        }
        match stream.delivery_stream_status {
            DeliveryStreamStatus::Active => Ok(()),
            _ => {
                let help = "mend what it says and run the same command again: what is left of the stream is replaced";
                Err(failure(&stream).of(call, &self.name).help(help))
            }
        }
    }

    /// The stream once nothing is being done to it; `None` when it is gone.
    async fn wait_until_settled(&self, aws: &Aws, progress: Progress<'_>) -> Result<Option<DeliveryStreamDescription>> {
        let end = wait::at_most(PATIENCE);
        let ask = || async {
            let stream = self.describe(aws).await?;
            match stream.as_ref().map(|stream| &stream.delivery_stream_status) {
                Some(DeliveryStreamStatus::Creating) => progress(&format!("waiting until the stream is active, {end}")),
                Some(DeliveryStreamStatus::Deleting) => progress(&format!("waiting until the stream is gone, {end}")),
                _ => return Ok(Some(stream)),
            }
            Ok(None)
        };
        wait::until(aws, &format!("delivery stream {}", self.name), PATIENCE, ask).await
    }

    /// All of them: a stream can have 50, and that many fit on a page. `None` when there is no such stream any more, or not
    /// everywhere yet.
    async fn read_tags(&self, aws: &Aws) -> Result<Option<BTreeMap<String, String>>> {
        let tags = aws.firehose().list_tags_for_delivery_stream().delivery_stream_name(&self.name).limit(50);
        match tags.send().await.call("firehose:ListTagsForDeliveryStream", &self.name) {
            Ok(tags) => Ok(Some(tags.tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())),
            Err(error) if error.is("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn tag_list(&self) -> Result<Vec<Tag>> {
        self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(incomplete)).collect()
    }

    async fn update_destination(&self, aws: &Aws) -> Result<()> {
        let Some(stream) = self.describe(aws).await? else {
            return Err(Error::new("the stream is gone").of("firehose:UpdateDestination", &self.name));
        };
        let update = aws.firehose().update_destination().delivery_stream_name(&self.name);
        let update = update.current_delivery_stream_version_id(&stream.version_id);
        let id = stream.destinations.first().map(DestinationDescription::destination_id);
        let update = update.set_destination_id(id.map(str::to_string));
        let update = update.extended_s3_destination_update(self.destination_update());
        update.send().await.call("firehose:UpdateDestination", &self.name).map(drop)
    }
}

/// The state that it came to, and why.
fn failure(stream: &DeliveryStreamDescription) -> Error {
    Error::new(format!("{}{}", stream.delivery_stream_status.as_str(), reason(&stream.failure_description)))
}

/// What AWS says about a failure, behind a colon.
fn reason(failure: &Option<aws_sdk_firehose::types::FailureDescription>) -> String {
    failure.as_ref().map_or(String::new(), |failure| format!(": {}: {}", failure.r#type.as_str(), failure.details))
}

/// A request that lacks a part: the SDK does not build it.
fn incomplete(error: aws_smithy_types::error::operation::BuildError) -> Error {
    Error::new(error.to_string())
}
