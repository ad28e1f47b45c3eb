//! What the lock's calls need.
use crate::{
    Kind, Place, Stack,
    policy::{
        deployer::{DELETE, DESTROY, Rights, parts::named},
        log_streams,
    },
};

/// A deploy may make all of the stack's log groups; whoever destroys makes this one alone, where it is not there.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let name = stack.deploys_log_group();
    let arn = Kind::LogGroup.arn(place, &name);
    vec![
        Rights::on("GroupOfLock", named(vec![arn.clone()]))
            .may(DELETE, &["logs:DescribeLogStreams", "logs:GetLogEvents"])
            .may(DESTROY, &["logs:CreateLogGroup", "logs:PutRetentionPolicy"]),
        Rights::on("TagGroupOfLock", vec![arn])
            .may(DESTROY, &["logs:TagResource"])
            .when_tagging(stack)
            .unless_others(stack),
        Rights::on("StreamsOfLock", vec![log_streams(place, &name)])
            .may(DELETE, &["logs:CreateLogStream", "logs:PutLogEvents", "logs:DeleteLogStream"]),
    ]
}
