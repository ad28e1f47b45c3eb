//! The revisions of a family.
use super::router::Signs;
use crate::{Aws, Error, Result, aws::error::Call as _, others, resource::Owner};
use aws_sdk_ecs::types::{SortOrder, TaskDefinitionStatus};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use std::{collections::BTreeMap, pin::pin};

#[derive(Debug, Clone)]
pub(crate) struct Revision {
    pub arn: String,
    /// As DescribeTaskDefinition gives it.
    pub definition: Value,
    pub tags: BTreeMap<String, String>,
}

/// So many of the newest revisions are looked through for ours.
const NEWEST: usize = 50;

/// Revisions that are asked for at a time.
const READERS: usize = 4;

/// What DeleteTaskDefinitions takes.
const DELETED_AT_ONCE: usize = 10;

impl Revision {
    /// By its ARN, or the latest one by its family.
    ///
    /// # Errors
    /// When ECS cannot be asked.
    pub(crate) async fn read(aws: &Aws, name: &str) -> Result<Option<Revision>> {
        let answer = aws.describe_task_definition(name).await?;
        Ok(answer.and_then(|mut answer| {
            let tag = |tag: &Value| Some((tag["key"].as_str()?.to_string(), tag["value"].as_str()?.to_string()));
            let tags = answer["tags"].as_array().into_iter().flatten().filter_map(tag).collect();
            let definition = answer["taskDefinition"].take();
            Some(Revision { arn: definition["taskDefinitionArn"].as_str()?.to_string(), definition, tags })
        }))
    }

    pub(crate) fn owner(&self, stack: &str) -> Owner {
        Owner::of(stack, &self.tags)
    }

    /// A deploy of the stack registered it: it has the tag and the router. A pipeline may have put the tag on others.
    pub(crate) fn is_made_by(&self, signs: &Signs) -> bool {
        self.owner(&signs.stack) == Owner::Ours && signs.router(&self.definition, &self.tags).is_some()
    }

    /// Without those that AWS sets (`aws:cloudformation:stack-name`), which nobody else may.
    pub(crate) fn own_tags(&self) -> BTreeMap<String, String> {
        let own = self.tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
        own.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    pub(crate) fn is_active(&self) -> bool {
        self.definition["status"] == "ACTIVE"
    }
}

/// The newest active revision of ours; without one, the newest of all.
pub(crate) async fn newest(aws: &Aws, signs: &Signs, family: &str) -> Result<Option<Revision>> {
    let latest = Revision::read(aws, family).await?.filter(Revision::is_active);
    if latest.as_ref().is_none_or(|latest| latest.is_made_by(signs)) {
        return Ok(latest);
    }
    Ok(newest_ours(aws, signs, family).await?.or(latest))
}

/// The newest revision that a deploy of the stack registered, of those that the tagging API tells and of the family's newest.
pub(crate) async fn newest_ours(aws: &Aws, signs: &Signs, family: &str) -> Result<Option<Revision>> {
    let is_of_family = |arn: &String| {
        let name = arn.rsplit('/').next().and_then(|name| name.rsplit_once(':'));
        name.is_some_and(|(of, _)| of == family)
    };
    let mut all = others::task_definitions(aws, &signs.stack).await?;
    all.retain(is_of_family);
    let newest = arns(aws, family, TaskDefinitionStatus::Active).await?;
    all.extend(newest.into_iter().take(NEWEST));
    all.sort_by_key(|arn| std::cmp::Reverse(number(arn)));
    all.dedup();
    let read = |arn: String| async move { Revision::read(aws, &arn).await };
    let mut all = pin!(stream::iter(all.into_iter().map(read)).buffered(READERS));
    while let Some(one) = all.next().await {
        if let Some(one) = one?.filter(|one| one.is_active() && one.is_made_by(signs)) {
            return Ok(Some(one));
        }
    }
    Ok(None)
}

/// Deregisters and deletes all revisions of ours.
pub(crate) async fn delete_all(aws: &Aws, signs: &Signs, family: &str) -> Result<()> {
    let mut all = arns(aws, family, TaskDefinitionStatus::Active).await?;
    all.extend(arns(aws, family, TaskDefinitionStatus::Inactive).await?);
    let ours = ours(aws, signs, all).await?;
    for revision in ours.iter().filter(|revision| revision.is_active()) {
        let gone = aws.ecs().deregister_task_definition().task_definition(&revision.arn).send().await;
        gone.call("ecs:DeregisterTaskDefinition", &revision.arn)?;
    }
    for some in ours.chunks(DELETED_AT_ONCE) {
        let arns = some.iter().map(|revision| revision.arn.clone()).collect();
        let gone = aws.ecs().delete_task_definitions().set_task_definitions(Some(arns)).send().await;
        let gone = gone.call("ecs:DeleteTaskDefinitions", family)?;
        for failure in gone.failures() {
            let arn = failure.arn().unwrap_or(family);
            if is_deleted(aws, arn).await? {
                continue;
            }
            let why = failure.reason().or(failure.detail()).unwrap_or("ECS gives no reason");
            return Err(Error::new(why).of("ecs:DeleteTaskDefinitions", arn));
        }
    }
    Ok(())
}

/// It was deleted before, by a call whose answer was lost, say.
async fn is_deleted(aws: &Aws, arn: &str) -> Result<bool> {
    let revision = Revision::read(aws, arn).await?;
    Ok(revision.is_none_or(|revision| revision.definition["status"] == "DELETE_IN_PROGRESS"))
}

async fn ours(aws: &Aws, signs: &Signs, arns: Vec<String>) -> Result<Vec<Revision>> {
    let read = |arn: String| async move { Revision::read(aws, &arn).await };
    let all: Vec<_> = stream::iter(arns.into_iter().map(read)).buffered(READERS).try_collect().await?;
    Ok(all.into_iter().flatten().filter(|revision| revision.is_made_by(signs)).collect())
}

/// Of this family, the newest first.
pub(crate) async fn arns(aws: &Aws, family: &str, status: TaskDefinitionStatus) -> Result<Vec<String>> {
    let list = aws.ecs().list_task_definitions().family_prefix(family).status(status).sort(SortOrder::Desc);
    let mut pages = list.into_paginator().items().send();
    let mut arns = Vec::new();
    while let Some(arn) = pages.next().await {
        arns.push(arn.call("ecs:ListTaskDefinitions", family)?);
    }
    arns.sort_by_key(|arn| std::cmp::Reverse(number(arn)));
    Ok(arns)
}

/// `…:task-definition/shop:7`
pub(crate) fn number(arn: &str) -> u64 {
    arn.rsplit(':').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}
