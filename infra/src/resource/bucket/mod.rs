//! An S3 bucket: private, encrypted, over TLS only, with a lifecycle.
//!
//! Permissions and errors: Amazon S3 API reference and user guide, "Required permissions for Amazon S3 API operations".
use super::{
    Before, Changes, Found, Id, Kind, Known, Owner, Progress, Resource,
    kind::{CloudFormation, Row, Terraform, Use, no_names},
};
use crate::{
    Aws, Error, Result,
    aws::{error::Call as _, wait},
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module, names},
    },
    plan::taken::Taken,
    stack::Lifecycle,
};
use async_trait::async_trait;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Tag, Tagging};
use hcl_edit::structure::Block;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

mod cloudformation;
mod contents;
mod lifecycle;
pub(crate) mod rights;
mod settings;
mod terraform;

#[derive(Debug, Clone)]
pub struct Bucket {
    pub stack: String,
    pub name: String,
    pub arn: String,
    /// The ARN of a key; without one, SSE-S3.
    pub kms_key: Option<String>,
    pub lifecycle: Lifecycle,
    /// What does not come over TLS is refused.
    pub tls_only: bool,
    pub tags: BTreeMap<String, String>,
}

/// A change of a bucket that another one is in the way of, or that S3 does not know everywhere yet, passes within seconds;
/// the name of one that was deleted is free within minutes.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "bucket",
    rank: 0,
    single: false,
    terraform: Some(Terraform {
        kind: "aws_s3_bucket",
        local: names::APP,
        outputs: &[("buckets", "The buckets' names, by destination.", "bucket")],
    }),
    cloudformation: Some(CloudFormation {
        kind: "AWS::S3::Bucket",
        outputs: &[("Name", "A bucket's name.", None), ("Arn", "A bucket's ARN.", Some("Arn"))],
    }),
    arn: Some(("s3", "")),
    by_tag: true,
    named: no_names,
    left_over: Some(|stack, name| Arc::new(Bucket::left_over(stack, name.into()))),
    rooms: &[("resource/bucket", rights::rights)],
    uses_rights: false,
    used: Use::Destination,
    taken: |_, _| Taken::of_destination(),
};

impl Bucket {
    /// One that nobody wants any more.
    pub fn left_over(stack: &str, name: String) -> Bucket {
        Bucket {
            stack: stack.to_string(),
            name,
            arn: String::new(),
            kms_key: None,
            lifecycle: Lifecycle::default(),
            tls_only: false,
            tags: BTreeMap::new(),
        }
    }
}

#[async_trait]
impl Resource for Bucket {
    fn id(&self) -> Id {
        Id::new(Kind::Bucket, &self.name)
    }

    fn wanted(&self, _: &Known) -> Value {
        super::attributes(&self.settings())
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let Some(tags) = self.read_tags(aws).await? else { return Ok(None) };
        let owner = Owner::of(&self.stack, &tags);
        let settings = self.read_settings(aws, super::wanted_tags(&tags, &self.tags)).await?;
        Ok(Some(Found { owner, attributes: super::attributes(&settings), physical: None }))
    }

    /// AWS gives a bucket its tags with the call. Endpoints that stand in for AWS may leave them out, so they are asked for.
    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        match wait::unless(aws, PATIENCE, is_busy, || self.create_bucket(aws)).await {
            Ok(()) => super::finish(self, Before::Nothing, aws, known, progress).await,
            Err(error) if error.is("BucketAlreadyOwnedByYou") => {
                super::finish(self, Before::Something, aws, known, progress).await
            }
            Err(error) if error.is("BucketAlreadyExists") => {
                Err(error.help("another account has a bucket of this name: give this one another with `bucket`"))
            }
            Err(error) => Err(error),
        }
    }

    async fn update(&self, aws: &Aws, _: &Known, changes: &mut Changes<'_>, _: Progress<'_>) -> Result<()> {
        if changes.take("tags") {
            wait::unless(aws, PATIENCE, is_unsettled, || self.put_tags(aws)).await?;
        }
        self.put_settings(aws, changes).await
    }

    /// With all that is in it.
    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<()> {
        loop {
            match self.delete_bucket(aws).await {
                Err(error) if error.is("NoSuchBucket") => return Ok(()),
                Err(error) if error.is("BucketNotEmpty") => self.empty(aws, progress).await?,
                result => return result,
            }
        }
    }

    fn holds_data(&self) -> bool {
        true
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        blocks.storage.extend(terraform::blocks(module, self));
        Ok(())
    }

    fn terraform_imports(&self, module: &Module<'_>) -> Vec<Block> {
        terraform::imports(module, self)
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        cloudformation::declarations(self, draft)
    }
}

/// Something else is being done to the bucket, or to its name.
fn is_busy(error: &Error) -> bool {
    error.is("OperationAborted")
}

/// The bucket is not known everywhere yet, too.
fn is_unsettled(error: &Error) -> bool {
    is_busy(error) || error.is("NoSuchBucket")
}

impl Bucket {
    async fn create_bucket(&self, aws: &Aws) -> Result<()> {
        // S3's first region has no name there.
        let region = Some(aws.place().region.as_str()).filter(|region| *region != "us-east-1");
        let configuration = CreateBucketConfiguration::builder()
            .set_location_constraint(region.map(BucketLocationConstraint::from))
            .set_tags(Some(tag_set(&self.tags)?))
            .build();
        let create = aws.s3().create_bucket().bucket(&self.name).create_bucket_configuration(configuration);
        create.send().await.call("s3:CreateBucket", &self.name).map(drop)
    }

    async fn delete_bucket(&self, aws: &Aws) -> Result<()> {
        let delete = || async {
            let delete = aws.s3().delete_bucket().bucket(&self.name).expected_bucket_owner(&aws.place().account);
            delete.send().await.call("s3:DeleteBucket", &self.name).map(drop)
        };
        wait::unless(aws, PATIENCE, is_busy, delete).await
    }

    /// `None` when there is no such bucket.
    async fn read_tags(&self, aws: &Aws) -> Result<Option<BTreeMap<String, String>>> {
        let get = aws.s3().get_bucket_tagging().bucket(&self.name).expected_bucket_owner(&aws.place().account);
        match get.send().await.call("s3:GetBucketTagging", &self.name) {
            Ok(tags) => Ok(Some(tags.tag_set.into_iter().map(|tag| (tag.key, tag.value)).collect())),
            Err(error) if error.is("NoSuchTagSet") => Ok(Some(BTreeMap::new())),
            Err(error) if error.is("NoSuchBucket") => Ok(None),
            Err(error) if error.denied() => Err(error.help(
                "or the bucket is another account's: names of buckets are the world's; give this one another with `bucket`",
            )),
            Err(error) => Err(error),
        }
    }

    /// The call sets all tags at once: those of others are kept.
    async fn put_tags(&self, aws: &Aws) -> Result<()> {
        let mut tags = self.read_tags(aws).await?.unwrap_or_default();
        tags.extend(self.tags.clone());
        let tagging = Tagging::builder().set_tag_set(Some(tag_set(&tags)?)).build().map_err(incomplete)?;
        let put = aws.s3().put_bucket_tagging().bucket(&self.name).expected_bucket_owner(&aws.place().account);
        put.tagging(tagging).send().await.call("s3:PutBucketTagging", &self.name).map(drop)
    }
}

fn tag_set(tags: &BTreeMap<String, String>) -> Result<Vec<Tag>> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(incomplete)).collect()
}

/// A request that lacks a part: the SDK does not build it.
fn incomplete(error: aws_smithy_types::error::operation::BuildError) -> Error {
    Error::new(error.to_string())
}
