//! What the kit made in the account besides what a configuration wants: what a stack has left over, and other stacks.
//!
//! The tagging API tells resources by their tag, some seconds after they were made. It does not list roles, which have the
//! stack's path instead. What has a name that follows from the stack's is looked up by that as well, so that a deploy that
//! was cut off a moment ago leaves nothing unseen.
use crate::{
    Aws, Id, Kind, Place, Resource, Result, Stack,
    aws::error::Call as _,
    names::{PATH_ROOT, STACK_TAG},
    policy::deployer::{READ, Rights, Verb},
    resource,
    stack::Run,
};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

/// The names of the kit's stacks in the account, by their roles' paths: roles are in no region.
///
/// # Errors
/// When AWS cannot be asked.
pub async fn stacks(aws: &Aws) -> Result<BTreeSet<String>> {
    let paths = roles(aws, PATH_ROOT).await?.into_iter().map(|(path, _)| path);
    Ok(paths.filter_map(|path| Some(path.strip_prefix(PATH_ROOT)?.trim_end_matches('/').to_string())).collect())
}

/// What carries the stack's tag (or is in its path), and is none of `wanted`. In an order in which each comes after what
/// it depends on.
///
/// # Errors
/// When AWS cannot be asked.
pub async fn remains(aws: &Aws, stack: &Stack, wanted: &HashSet<Id>) -> Result<Vec<Arc<dyn Resource>>> {
    let mut ids: Vec<Id> = tagged(aws, &stack.name).await?.iter().filter_map(|arn| of_arn(arn)).collect();
    let roles = roles(aws, &stack.path()).await?;
    ids.extend(roles.into_iter().map(|(_, name)| Id::new(Kind::Role, name)));
    ids.extend(data_streams(aws, &stack.name).await?.into_iter().map(|name| Id::new(Kind::DataStream, name)));
    ids.extend(named(stack));
    ids.retain(|id| !wanted.contains(id));
    ids.sort();
    ids.dedup();
    let mut remains: Vec<_> = ids.into_iter().filter_map(|id| resource::of_id(&stack.name, &id)).collect();
    remains.sort_by_key(|resource| resource.id().kind.row().rank);
    Ok(remains)
}

/// The ARNs of the task definitions that carry the stack's tag.
///
/// # Errors
/// When AWS cannot be asked.
pub(crate) async fn task_definitions(aws: &Aws, stack: &str) -> Result<Vec<String>> {
    let mut arns = tagged(aws, stack).await?;
    arns.retain(|arn| arn.contains(":task-definition/"));
    Ok(arns)
}

/// What has a name that follows from the stack's.
fn named(stack: &Stack) -> impl Iterator<Item = Id> {
    let of = |kind: Kind| (kind.row().named)(stack).into_iter().map(move |name| Id::new(kind, name));
    Kind::ALL.iter().copied().flat_map(of)
}

/// The ARNs with the stack's tag.
async fn tagged(aws: &Aws, stack: &str) -> Result<Vec<String>> {
    let filter = TagFilter::builder().key(STACK_TAG).values(stack).build();
    let mut pages = aws.tagging().get_resources().tag_filters(filter).into_paginator().items().send();
    let mut arns = Vec::new();
    while let Some(found) = pages.next().await {
        arns.extend(found.call("tag:GetResources", stack)?.resource_arn);
    }
    Ok(arns)
}

/// Paths and names of the roles under a path.
async fn roles(aws: &Aws, path: &str) -> Result<Vec<(String, String)>> {
    let mut pages = aws.iam().list_roles().path_prefix(path).into_paginator().items().send();
    let mut roles = Vec::new();
    while let Some(role) = pages.next().await {
        let role = role.call("iam:ListRoles", path)?;
        roles.push((role.path, role.role_name));
    }
    Ok(roles)
}

/// Data streams whose names begin with the stack's. Whose they are, their tags say.
async fn data_streams(aws: &Aws, stack: &str) -> Result<Vec<String>> {
    let prefix = format!("{stack}-");
    let mut pages = aws.kinesis().list_streams().into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        names.extend(page.call("kinesis:ListStreams", stack)?.stream_names);
    }
    names.retain(|name| name.starts_with(&prefix));
    Ok(names)
}

/// The resource that an ARN means, if it is of a kind whose names the user chooses. The others' names follow from the stack's.
fn of_arn(arn: &str) -> Option<Id> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, rest) = (parts.next()?, parts.nth(2)?);
    Kind::ALL.iter().find_map(|kind| {
        let (_, before) = kind.row().arn.filter(|(of, _)| *of == service && kind.row().by_tag)?;
        Some(Id::new(*kind, rest.strip_prefix(before)?.trim_end_matches(":*")))
    })
}

/// What these calls need.
pub(crate) fn rights(stack: &Stack, _: &Place) -> Vec<Rights> {
    let mut rights = vec![Rights::anywhere().may(READ, &["tag:GetResources", "iam:ListRoles", "kinesis:ListStreams"])];
    if !matches!(stack.run, Run::None) {
        // Which revisions the last deploys made.
        rights.push(Rights::anywhere().may(&[Verb::Status], &["tag:GetResources"]));
    }
    rights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_say_which_resource_it_is() {
        let of = |arn: &str| of_arn(arn).map(|id| id.to_string());
        let logs = "arn:aws:logs:eu-west-1:123456789012:log-group:/firelens-kit/shop/router";
        assert_eq!(of(logs).as_deref(), Some("log group /firelens-kit/shop/router"));
        assert_eq!(of(&format!("{logs}:*")).as_deref(), Some("log group /firelens-kit/shop/router"));
        assert_eq!(of("arn:aws:s3:::shop-archive").as_deref(), Some("bucket shop-archive"));
        assert_eq!(of("arn:aws:kinesis:eu-west-1:1:stream/clicks").as_deref(), Some("data stream clicks"));
        assert_eq!(of("arn:aws:ecs:eu-west-1:123456789012:task/shop/0123"), None);
    }
}
