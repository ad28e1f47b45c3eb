//! A repository of ECR for the router's images.
//!
//! Tags cannot be moved, images are scanned when they are pushed, and old ones go: API reference of Amazon ECR,
//! CreateRepository; user guide, "Automate the cleanup of images by using lifecycle policies in Amazon ECR".
use super::{
    Before, Changes, Found, Id, Kind, Known, Owner, Progress, Resource,
    kind::{CloudFormation, Row, Terraform, Use},
};
use crate::{
    Aws, Error, Place, Result, Stack,
    aws::error::Call as _,
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module, names},
    },
    plan::taken::Taken,
    policy::deployer::{CHANGE, DELETE, PUSH, READ, Rights},
    stack::Registry,
};
use async_trait::async_trait;
use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability, Repository as Description,
    Tag,
};
use hcl_edit::structure::Block;
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

mod cloudformation;
mod terraform;

#[derive(Debug, Clone)]
pub struct Repository {
    pub stack: String,
    pub name: String,
    /// The ARN of a key; without one, AES-256 with keys of S3's.
    pub kms_key: Option<String>,
    pub tags: BTreeMap<String, String>,
}

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "repository",
    rank: 0,
    single: true,
    terraform: Some(Terraform {
        kind: "aws_ecr_repository",
        local: names::ROUTER,
        outputs: &[("repository_url", "Where firelens-kit push brings the router's image to.", "repository_url")],
    }),
    cloudformation: Some(CloudFormation {
        kind: "AWS::ECR::Repository",
        outputs: &[("Uri", "Where firelens-kit push brings the router's image.", Some("RepositoryUri"))],
    }),
    arn: Some(("ecr", "repository/")),
    by_tag: false,
    named: |stack| vec![stack.repository()],
    left_over: Some(|stack, name| Arc::new(Repository::left_over(stack, name.into()))),
    rooms: &[("resource/repository", rights)],
    uses_rights: false,
    used: Use::Image,
    taken: |id, _| {
        let delete = format!(
            "or use a repository of yours: `repository` in [stack]; or delete it: aws ecr delete-repository --repository-name {}",
            id.name
        );
        Taken::of_stack(&delete, Some("aws ecr tag-resource"))
    },
};

/// In the form in which it is compared.
#[derive(Debug, Serialize)]
struct Attributes {
    image_tag_mutability: Value,
    scan_on_push: bool,
    kms_key: Option<String>,
    lifecycle_policy: Value,
    tags: BTreeMap<String, String>,
}

/// So many deploys of changed content can be gone back. The running one is the newest, or, after a rollback, near it.
const KEPT_IMAGES: u32 = 30;

/// What no tag leads to any more: the parts of an image of several architectures after its index has gone. While it is
/// there, ECR keeps them.
const UNTAGGED_DAYS: u32 = 14;

#[async_trait]
impl Resource for Repository {
    fn id(&self) -> Id {
        Id::new(Kind::Repository, &self.name)
    }

    fn wanted(&self, _: &Known) -> Value {
        super::attributes(&Attributes {
            image_tag_mutability: json!(ImageTagMutability::Immutable.as_str()),
            scan_on_push: true,
            kms_key: self.kms_key.clone(),
            lifecycle_policy: lifecycle_policy(),
            tags: self.tags.clone(),
        })
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let Some(repository) = self.describe(aws).await? else { return Ok(None) };
        let (tags, lifecycle_policy) = futures::try_join!(self.read_tags(aws), self.read_lifecycle_policy(aws))?;
        let encryption = repository.encryption_configuration();
        let attributes = Attributes {
            image_tag_mutability: json!(repository.image_tag_mutability().map(ImageTagMutability::as_str)),
            scan_on_push: repository.image_scanning_configuration().is_some_and(|scan| scan.scan_on_push()),
            kms_key: encryption.and_then(EncryptionConfiguration::kms_key).map(str::to_string),
            lifecycle_policy,
            tags: super::wanted_tags(&tags, &self.tags),
        };
        let owner = Owner::of(&self.stack, &tags);
        Ok(Some(Found { owner, attributes: super::attributes(&attributes), physical: None }))
    }

    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        let create = aws.ecr().create_repository().repository_name(&self.name).set_tags(Some(tags(&self.tags)?));
        let create = create.image_tag_mutability(ImageTagMutability::Immutable);
        let create = create.image_scanning_configuration(scan_on_push()).encryption_configuration(self.encryption()?);
        match create.send().await.call("ecr:CreateRepository", &self.name) {
            Ok(_) => super::update(self, aws, known, &["lifecycle_policy"], progress).await,
            Err(error) if error.is("RepositoryAlreadyExistsException") => {
                super::finish(self, Before::Something, aws, known, progress).await
            }
            Err(error) => Err(error),
        }
    }

    async fn update(&self, aws: &Aws, _: &Known, changes: &mut Changes<'_>, _: Progress<'_>) -> Result<()> {
        if changes.take("image_tag_mutability") {
            let put = aws.ecr().put_image_tag_mutability().repository_name(&self.name);
            let put = put.image_tag_mutability(ImageTagMutability::Immutable).send().await;
            put.call("ecr:PutImageTagMutability", &self.name)?;
        }
        if changes.take("scan_on_push") {
            let put = aws.ecr().put_image_scanning_configuration().repository_name(&self.name);
            let put = put.image_scanning_configuration(scan_on_push()).send().await;
            put.call("ecr:PutImageScanningConfiguration", &self.name)?;
        }
        if changes.take("lifecycle_policy") {
            let put = aws.ecr().put_lifecycle_policy().repository_name(&self.name);
            let put = put.lifecycle_policy_text(lifecycle_policy().to_string()).send().await;
            put.call("ecr:PutLifecyclePolicy", &self.name)?;
        }
        if changes.take("tags") {
            let put = aws.ecr().tag_resource().resource_arn(self.arn(aws)).set_tags(Some(tags(&self.tags)?));
            put.send().await.call("ecr:TagResource", &self.name)?;
        }
        Ok(())
    }

    /// With the images: they were built from what is in the user's hands.
    async fn delete(&self, aws: &Aws, _: Progress<'_>) -> Result<()> {
        let gone = aws.ecr().delete_repository().repository_name(&self.name).force(true).send().await;
        let gone = gone.call("ecr:DeleteRepository", &self.name).map(drop);
        gone.or_else(|error| error.unless("RepositoryNotFoundException"))
    }

    fn fixed(&self) -> &'static [&'static str] {
        &["kms_key"]
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        blocks.ecr.extend(terraform::blocks(module, self));
        Ok(())
    }

    fn terraform_imports(&self, module: &Module<'_>) -> Vec<Block> {
        terraform::imports(module, self)
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        cloudformation::declarations(self, draft)
    }
}

/// An image of several architectures is an index with a tag, and a manifest without one for each. Only what has a tag is
/// counted, and a manifest stays as long as an index names it.
fn lifecycle_policy() -> Value {
    json!({"rules": [
        {
            "rulePriority": 1,
            "description": format!("the last {KEPT_IMAGES} images stay"),
            "selection": {
                "tagStatus": "tagged",
                "tagPatternList": ["*"],
                "countType": "imageCountMoreThan",
                "countNumber": KEPT_IMAGES,
            },
            "action": {"type": "expire"},
        },
        {
            "rulePriority": 2,
            "description": "what no tag leads to goes",
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": UNTAGGED_DAYS,
            },
            "action": {"type": "expire"},
        },
    ]})
}

fn scan_on_push() -> ImageScanningConfiguration {
    ImageScanningConfiguration::builder().scan_on_push(true).build()
}

fn tags(tags: &BTreeMap<String, String>) -> Result<Vec<Tag>> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(incomplete)).collect()
}

/// A request that lacks a part: the SDK does not build it.
fn incomplete(error: aws_smithy_types::error::operation::BuildError) -> Error {
    Error::new(error.to_string())
}

impl Repository {
    /// One that nobody wants any more.
    pub fn left_over(stack: &str, name: String) -> Repository {
        Repository { stack: stack.to_string(), name, kms_key: None, tags: BTreeMap::new() }
    }

    fn arn(&self, aws: &Aws) -> String {
        Kind::Repository.arn(aws.place(), &self.name)
    }

    fn encryption(&self) -> Result<EncryptionConfiguration> {
        let kind = if self.kms_key.is_some() { EncryptionType::Kms } else { EncryptionType::Aes256 };
        let encryption = EncryptionConfiguration::builder().encryption_type(kind).set_kms_key(self.kms_key.clone());
        encryption.build().map_err(incomplete)
    }

    async fn describe(&self, aws: &Aws) -> Result<Option<Description>> {
        let repositories = aws.ecr().describe_repositories().repository_names(&self.name).send().await;
        match repositories.call("ecr:DescribeRepositories", &self.name) {
            Ok(found) => Ok(found.repositories.unwrap_or_default().into_iter().next()),
            Err(error) if error.is("RepositoryNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn read_tags(&self, aws: &Aws) -> Result<BTreeMap<String, String>> {
        let tags = aws.ecr().list_tags_for_resource().resource_arn(self.arn(aws)).send().await;
        let tags = tags.call("ecr:ListTagsForResource", &self.name)?.tags.unwrap_or_default();
        Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn read_lifecycle_policy(&self, aws: &Aws) -> Result<Value> {
        let policy = aws.ecr().get_lifecycle_policy().repository_name(&self.name).send().await;
        match policy.call("ecr:GetLifecyclePolicy", &self.name) {
            Ok(found) => {
                let text = found.lifecycle_policy_text.unwrap_or_default();
                Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
            }
            Err(error) if error.is("LifecyclePolicyNotFoundException") => Ok(Value::Null),
            Err(error) => Err(error),
        }
    }
}

/// What these calls need, and a push (ECR user guide, "IAM permissions for pushing an image"), which asks first what is there,
/// and moves the rest. A repository that a changed configuration no longer has is found by its name. Who makes an encrypted one
/// gives ECR a grant on the key (user guide, "Encryption at rest").
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let repository = vec![Kind::Repository.arn(place, &stack.repository())];
    let found = Rights::on("Repository", repository.clone())
        .may(
            READ,
            &["ecr:DescribeRepositories", "ecr:BatchGetImage", "ecr:ListTagsForResource", "ecr:GetLifecyclePolicy"],
        )
        .may(DELETE, &["ecr:DeleteRepository"]);
    let Registry::Ecr { kms_key } = &stack.registry else { return vec![found] };
    let filled = found
        .may(
            PUSH,
            &[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
                "ecr:InitiateLayerUpload",
                "ecr:UploadLayerPart",
                "ecr:CompleteLayerUpload",
                "ecr:PutImage",
            ],
        )
        .may(
            CHANGE,
            &[
                "ecr:CreateRepository",
                "ecr:PutImageTagMutability",
                "ecr:PutImageScanningConfiguration",
                "ecr:PutLifecyclePolicy",
            ],
        );
    let login = Rights::anywhere().may(READ, &["ecr:GetAuthorizationToken"]).may(PUSH, &["ecr:GetAuthorizationToken"]);
    let keys: Vec<String> = kms_key.iter().chain(&stack.kms_key).take(1).cloned().collect();
    vec![
        login,
        filled,
        Rights::on("TagRepository", repository)
            .may(CHANGE, &["ecr:TagResource"])
            .when_tagging(stack)
            .unless_others(stack),
        Rights::on("GrantKeysToEcr", keys.clone())
            .may(CHANGE, &["kms:CreateGrant", "kms:RetireGrant"])
            .via("ecr", place)
            .when("Bool", "kms:GrantIsForAWSResource", vec!["true".to_string()]),
        Rights::on("DescribeKeysForEcr", keys).may(CHANGE, &["kms:DescribeKey"]).via("ecr", place),
    ]
}
