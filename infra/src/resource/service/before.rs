//! What a service ran before it was adopted: what our revisions have in a tag, and else its newest ancestor without a router of the kit.
use crate::{
    Aws, Result,
    names::BEFORE_TAG,
    resource::{
        Owner,
        task_definition::{
            revision::{self, Revision},
            router::Signs,
        },
    },
};
use aws_sdk_ecs::types::TaskDefinitionStatus;
use futures::{StreamExt as _, stream};
use std::pin::pin;

/// From stack to stack, when one took the service over from the other.
const STACKS: usize = 8;

/// Revisions that are asked for at a time.
const READERS: usize = 4;

/// The revision that a service ran before the kit's router came, seen from one with the router. It may be inactive. `None`: nothing is
/// left that tells.
///
/// # Errors
/// When ECS cannot be asked.
pub(crate) async fn before(aws: &Aws, signs: &Signs, runs: &Revision) -> Result<Option<Revision>> {
    let mut from = runs.clone();
    for _ in 0..STACKS {
        let tagged = match from.tags.contains_key(BEFORE_TAG) {
            true => Some(from.clone()),
            // A pipeline's copy has no tags.
            false => {
                ancestor(aws, &from, |one| one.tags.contains_key(BEFORE_TAG) || !is_of_the_kit(signs, one)).await?
            }
        };
        let arn = tagged.as_ref().and_then(|tagged| tagged.tags.get(BEFORE_TAG));
        let found = match (arn, tagged.as_ref()) {
            (Some(arn), _) => Revision::read(aws, arn).await?,
            (None, _) => tagged,
        };
        match found {
            Some(found) if is_of_the_kit(signs, &found) => from = found,
            Some(found) => return Ok(Some(found)),
            // It was deleted: an older one, or none.
            None => return ancestor(aws, runs, |one| !is_of_the_kit(signs, one)).await,
        }
    }
    Ok(None)
}

/// It has the router of a stack.
pub(crate) fn is_of_the_kit(signs: &Signs, revision: &Revision) -> bool {
    signs.router(&revision.definition, &revision.tags).is_some_and(|router| router.owner != Owner::Nobody)
}

/// The newest of the family's older revisions that is such a one.
async fn ancestor(aws: &Aws, of: &Revision, is_wanted: impl Fn(&Revision) -> bool) -> Result<Option<Revision>> {
    let family = of.definition["family"].as_str().unwrap_or_default();
    let mut arns = revision::arns(aws, family, TaskDefinitionStatus::Active).await?;
    arns.extend(revision::arns(aws, family, TaskDefinitionStatus::Inactive).await?);
    arns.retain(|arn| revision::number(arn) < revision::number(&of.arn));
    arns.sort_by_key(|arn| std::cmp::Reverse(revision::number(arn)));
    let read = |arn: String| async move { Revision::read(aws, &arn).await };
    let mut all = pin!(stream::iter(arns.into_iter().map(read)).buffered(READERS));
    while let Some(one) = all.next().await {
        if let Some(one) = one?.filter(&is_wanted) {
            return Ok(Some(one));
        }
    }
    Ok(None)
}
