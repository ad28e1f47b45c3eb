//! What a replay needs: old files are sent as the router sends new lines.
use crate::{
    Place, Stack,
    policy::{
        deployer::{Rights, Verb},
        router,
    },
};

const REPLAY: &[Verb] = &[Verb::Replay];

/// What the router may do, and to ask how long a log group keeps its events.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let statements = router::document(stack, place).statement.into_iter();
    let like_router = statements.map(|statement| Rights::like(statement, "Replay", REPLAY));
    [Rights::anywhere().may(REPLAY, &["logs:DescribeLogGroups"])].into_iter().chain(like_router).collect()
}
