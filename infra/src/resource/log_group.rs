//! A log group of CloudWatch Logs.
//!
//! Names and retention: API reference of CloudWatch Logs, CreateLogGroup and PutRetentionPolicy.
use super::{
    Before, Changes, Found, Id, Kind, Known, Owner, Progress, Resource,
    kind::{CloudFormation, Row, Terraform, Use},
};
use crate::{
    Aws, Error, Place, Result, Stack,
    aws::{error::Call as _, wait},
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module, names},
    },
    lock,
    names::LOG_GROUP_ROOT,
    plan::taken::Taken,
    policy::deployer::{
        CHANGE, DELETE, READ, Rights,
        parts::{Parts, named},
    },
};
use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::{LogGroup as Description, LogGroupClass};
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

mod cloudformation;
mod terraform;

#[derive(Debug, Clone, Serialize)]
pub struct LogGroup {
    #[serde(skip)]
    pub stack: String,
    #[serde(skip)]
    pub name: String,
    /// `None`: for ever.
    pub retention_days: Option<i32>,
    pub kms_key: Option<String>,
    pub class: Class,
    pub tags: BTreeMap<String, String>,
    /// It holds the user's logs.
    #[serde(skip)]
    pub data: bool,
}

/// Which features it has. A class is for the group's whole life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Class {
    /// All of them: metric filters, Live Tail, subscriptions.
    Standard,
    #[serde(untagged)]
    Other(String),
}

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "log group",
    rank: 0,
    single: false,
    terraform: Some(Terraform {
        kind: "aws_cloudwatch_log_group",
        local: names::APP,
        outputs: &[("log_groups", "The log groups' names.", "name")],
    }),
    cloudformation: Some(CloudFormation {
        kind: "AWS::Logs::LogGroup",
        outputs: &[("Name", "A log group's name.", None), ("Arn", "A log group's ARN.", Some("Arn"))],
    }),
    arn: Some(("logs", "log-group:")),
    by_tag: true,
    named: |stack| vec![stack.router_log_group(), stack.firehose_log_group(), stack.deploys_log_group()],
    left_over: Some(|stack, name| Arc::new(LogGroup::left_over(stack, name.into()))),
    rooms: &[("resource/log_group", rights), ("lock", lock::rights::rights)],
    uses_rights: false,
    used: Use::Destination,
    taken: |id, _| match id.name.starts_with(LOG_GROUP_ROOT) {
        true => Taken::of_stack("or delete the log group", Some("aws logs tag-resource")),
        false => Taken::of_destination(),
    },
};

/// Two changes of one group at the same time: the second is refused, for a moment.
const PATIENCE: Duration = Duration::from_secs(30);

#[async_trait]
impl Resource for LogGroup {
    fn id(&self) -> Id {
        Id::new(Kind::LogGroup, &self.name)
    }

    fn wanted(&self, _: &Known) -> Value {
        super::attributes(self)
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let Some(group) = self.describe(aws).await? else { return Ok(None) };
        let tags = LogGroup::tags_of(aws, &self.name).await?;
        let found = LogGroup {
            retention_days: group.retention_in_days(),
            kms_key: group.kms_key_id().map(str::to_string),
            class: Class::of(group.log_group_class()),
            tags: super::wanted_tags(&tags, &self.tags),
            ..self.clone()
        };
        Ok(Some(Found { owner: Owner::of(&self.stack, &tags), attributes: super::attributes(&found), physical: None }))
    }

    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        let create = aws.logs().create_log_group().log_group_name(&self.name);
        let create =
            create.set_kms_key_id(self.kms_key.clone()).set_tags(Some(self.tags.clone().into_iter().collect()));
        let create = || async { create.clone().send().await.call("logs:CreateLogGroup", &self.name) };
        match wait::unless(aws, PATIENCE, is_busy, create).await {
            Ok(_) if self.retention_days.is_none() => Ok(()),
            Ok(_) => super::update(self, aws, known, &["retention_days"], progress).await,
            Err(error) if error.is("ResourceAlreadyExistsException") => {
                super::finish(self, Before::Something, aws, known, progress).await
            }
            Err(error) => Err(error),
        }
    }

    async fn update(&self, aws: &Aws, _: &Known, changes: &mut Changes<'_>, _: Progress<'_>) -> Result<()> {
        if changes.take("retention_days") {
            wait::unless(aws, PATIENCE, is_busy, || self.put_retention(aws)).await?;
        }
        if changes.take("kms_key") {
            wait::unless(aws, PATIENCE, is_busy, || self.put_key(aws)).await?;
        }
        if changes.take("tags") {
            let tags = Some(self.tags.clone().into_iter().collect());
            let tag = aws.logs().tag_resource().resource_arn(self.arn(aws)).set_tags(tags).send().await;
            tag.call("logs:TagResource", &self.name)?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, _: Progress<'_>) -> Result<()> {
        let delete = || async {
            let gone = aws.logs().delete_log_group().log_group_name(&self.name).send().await;
            gone.call("logs:DeleteLogGroup", &self.name).map(drop)
        };
        let gone = wait::unless(aws, PATIENCE, is_busy, delete).await;
        gone.or_else(|error| error.unless("ResourceNotFoundException"))
    }

    fn fixed(&self) -> &'static [&'static str] {
        &["class"]
    }

    fn holds_data(&self) -> bool {
        self.data
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        blocks.logs.push(terraform::block(module, self));
        Ok(())
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        cloudformation::declarations(self, draft)
    }
}

fn is_busy(error: &Error) -> bool {
    error.is("OperationAbortedException")
}

impl Class {
    /// An endpoint that names none has one class only.
    fn of(class: Option<&LogGroupClass>) -> Class {
        match class {
            None | Some(LogGroupClass::Standard) => Class::Standard,
            Some(other) => Class::Other(other.as_str().to_string()),
        }
    }
}

impl LogGroup {
    /// One that nobody wants any more. All but the kit's own hold the user's logs.
    pub fn left_over(stack: &str, name: String) -> LogGroup {
        let data = !name.starts_with(&Stack::named(stack).own_log_groups());
        LogGroup {
            stack: stack.to_string(),
            name,
            retention_days: None,
            kms_key: None,
            class: Class::Standard,
            tags: BTreeMap::new(),
            data,
        }
    }

    /// There can be more groups whose names begin like this one's than fit on a page.
    async fn describe(&self, aws: &Aws) -> Result<Option<Description>> {
        LogGroup::of_name(aws, &self.name).await
    }

    /// Whether there is one of this name, whosever it is.
    pub(crate) async fn exists(aws: &Aws, name: &str) -> Result<bool> {
        Ok(LogGroup::of_name(aws, name).await?.is_some())
    }

    pub(super) async fn of_name(aws: &Aws, name: &str) -> Result<Option<Description>> {
        let groups = aws.logs().describe_log_groups().log_group_name_prefix(name);
        let mut pages = groups.into_paginator().send();
        while let Some(page) = pages.next().await {
            let groups = page.call("logs:DescribeLogGroups", name)?.log_groups.unwrap_or_default();
            if let Some(group) = groups.into_iter().find(|group| group.log_group_name() == Some(name)) {
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    /// The tags of the group of this name.
    pub(super) async fn tags_of(aws: &Aws, name: &str) -> Result<BTreeMap<String, String>> {
        let arn = Kind::LogGroup.arn(aws.place(), name);
        let tags = aws.logs().list_tags_for_resource().resource_arn(arn).send().await;
        Ok(tags.call("logs:ListTagsForResource", name)?.tags.unwrap_or_default().into_iter().collect())
    }

    fn arn(&self, aws: &Aws) -> String {
        Kind::LogGroup.arn(aws.place(), &self.name)
    }

    async fn put_retention(&self, aws: &Aws) -> Result<()> {
        match self.retention_days {
            Some(days) => {
                let put = aws.logs().put_retention_policy().log_group_name(&self.name).retention_in_days(days);
                put.send().await.call("logs:PutRetentionPolicy", &self.name).map(drop)
            }
            None => {
                let delete = aws.logs().delete_retention_policy().log_group_name(&self.name).send().await;
                delete.call("logs:DeleteRetentionPolicy", &self.name).map(drop)
            }
        }
    }

    async fn put_key(&self, aws: &Aws) -> Result<()> {
        match &self.kms_key {
            Some(key) => {
                let put = aws.logs().associate_kms_key().log_group_name(&self.name).kms_key_id(key).send().await;
                put.call("logs:AssociateKmsKey", &self.name).map(drop)
            }
            None => {
                let put = aws.logs().disassociate_kms_key().log_group_name(&self.name).send().await;
                put.call("logs:DisassociateKmsKey", &self.name).map(drop)
            }
        }
    }
}

/// What these calls need. A call about tags names the group without `:*`.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let groups = Parts::of(stack, place).ours(Kind::LogGroup);
    vec![
        Rights::anywhere().may(READ, &["logs:DescribeLogGroups"]),
        Rights::on("LogGroups", named(groups.clone()))
            .may(READ, &["logs:ListTagsForResource"])
            .may(
                CHANGE,
                &[
                    "logs:CreateLogGroup",
                    "logs:PutRetentionPolicy",
                    "logs:DeleteRetentionPolicy",
                    "logs:AssociateKmsKey",
                    "logs:DisassociateKmsKey",
                ],
            )
            .may(DELETE, &["logs:DeleteLogGroup"]),
        Rights::on("TagLogGroups", groups).may(CHANGE, &["logs:TagResource"]).when_tagging(stack).unless_others(stack),
        // What the configuration no longer names carries the stack's tag.
        Rights::on("LeftOverLogGroups", vec![Kind::LogGroup.arn(place, "*")])
            .may(READ, &["logs:ListTagsForResource"])
            .may(DELETE, &["logs:DeleteLogGroup"])
            .when_tagged(stack),
    ]
}
