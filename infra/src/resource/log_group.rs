//! A log group of CloudWatch Logs.
//!
//! Names and retention: API reference of CloudWatch Logs, CreateLogGroup and PutRetentionPolicy.
use super::{Found, Id, Kind, Known, Owner, Progress, Resource};
use crate::{Aws, Result, aws::error::Call as _};
use async_trait::async_trait;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Serialize)]
pub struct LogGroup {
    #[serde(skip)]
    pub stack: String,
    #[serde(skip)]
    pub name: String,
    /// `None`: for ever.
    pub retention_days: Option<i32>,
    pub kms_key: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// It holds the user's logs.
    #[serde(skip)]
    pub data: bool,
}

#[async_trait]
impl Resource for LogGroup {
    fn id(&self) -> Id {
        Id::new(Kind::LogGroup, &self.name)
    }

    fn wanted(&self, _: &Known) -> Value {
        super::attributes(self)
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let groups = aws.logs().describe_log_groups().log_group_name_prefix(&self.name).send().await;
        let groups = groups.call("logs:DescribeLogGroups", &self.name)?;
        let Some(group) = groups.log_groups().iter().find(|group| group.log_group_name() == Some(&self.name)) else {
            return Ok(None);
        };
        let tags = aws.logs().list_tags_for_resource().resource_arn(self.arn(aws)).send().await;
        let tags = tags.call("logs:ListTagsForResource", &self.name)?.tags.unwrap_or_default();
        let tags: BTreeMap<String, String> = tags.into_iter().collect();
        let found = LogGroup {
            retention_days: group.retention_in_days(),
            kms_key: group.kms_key_id().map(str::to_string),
            tags: super::wanted_tags(&tags, &self.tags),
            ..self.clone()
        };
        Ok(Some(Found { owner: Owner::of(&self.stack, &tags), attributes: super::attributes(&found), physical: None }))
    }

    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        let create = aws.logs().create_log_group().log_group_name(&self.name);
        let create =
            create.set_kms_key_id(self.kms_key.clone()).set_tags(Some(self.tags.clone().into_iter().collect()));
        create.send().await.call("logs:CreateLogGroup", &self.name)?;
        self.update(aws, known, &["retention_days"], progress).await
    }

    async fn update(&self, aws: &Aws, _: &Known, changed: &[&str], _: Progress<'_>) -> Result<()> {
        if changed.contains(&"retention_days") {
            self.put_retention(aws).await?;
        }
        if changed.contains(&"kms_key") {
            self.put_key(aws).await?;
        }
        if changed.contains(&"tags") {
            let tags = Some(self.tags.clone().into_iter().collect());
            let tag = aws.logs().tag_resource().resource_arn(self.arn(aws)).set_tags(tags).send().await;
            tag.call("logs:TagResource", &self.name)?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, _: Progress<'_>) -> Result<()> {
        let gone = aws.logs().delete_log_group().log_group_name(&self.name).send().await;
        gone.call("logs:DeleteLogGroup", &self.name)
            .map(drop)
            .or_else(|error| error.unless("ResourceNotFoundException"))
    }

    fn holds_data(&self) -> bool {
        self.data
    }
}

impl LogGroup {
    /// One that nobody wants any more. All but the kit's own hold the user's logs.
    pub fn left_over(stack: &str, name: String) -> LogGroup {
        let data = !name.starts_with(&format!("{}{stack}/", crate::names::PATH_ROOT));
        LogGroup { stack: stack.to_string(), name, retention_days: None, kms_key: None, tags: BTreeMap::new(), data }
    }

    fn arn(&self, aws: &Aws) -> String {
        aws.place().arn("logs", &format!("log-group:{}", self.name))
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
