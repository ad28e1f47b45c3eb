//! What the calls of `verify` need.
use crate::{
    Kind, Place, Stack,
    observe::status::rights::read_data_streams,
    policy::deployer::{
        Rights, Verb,
        parts::{Parts, named},
    },
    resource::service::rights::tasks,
    stack::{Run, Target},
};

const VERIFY: &[Verb] = &[Verb::Verify];

/// The address of a task, and what arrives at the destinations.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let parts = Parts::of(stack, place);
    let objects = parts.all(Kind::Bucket).iter().map(|arn| format!("{arn}/*")).collect();
    let groups = stack.destinations.iter().filter_map(|to| match &to.target {
        Target::LogGroup(log) => Some(Kind::LogGroup.arn(place, &log.name)),
        _ => None,
    });
    let mut rights = vec![
        Rights::on("SeekInLogs", named(groups.collect())).may(VERIFY, &["logs:FilterLogEvents"]),
        Rights::on("ListObjects", parts.all(Kind::Bucket)).may(VERIFY, &["s3:ListBucket"]),
        Rights::on("ReadObjects", objects).may(VERIFY, &["s3:GetObject"]),
        Rights::on("KeysOfObjects", parts.keys(Kind::Bucket)).may(VERIFY, &["kms:Decrypt"]).via("s3", place),
    ];
    rights.extend(read_data_streams(&parts, place, VERIFY));
    if matches!(stack.run, Run::Own(_)) {
        rights.push(Rights::anywhere().may(VERIFY, &["ec2:DescribeNetworkInterfaces"]));
        rights.extend(tasks(place, &stack.cluster(), VERIFY));
    }
    rights
}
