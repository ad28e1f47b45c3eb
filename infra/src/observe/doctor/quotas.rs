//! Quotas of the account that can be seen, and the role that ECS has in it.
use super::{Finding, State};
use crate::{Aws, Error, Stack, aws::error::Call as _, policy::deployer::needs_role_of_ecs, stack::Target};
use aws_sdk_iam::types::SummaryKeyType;

const ABOUT: &str = "quotas";

/// Roles that a stack has at most.
const ROLES: i32 = 3;

pub(super) async fn examine(stack: &Stack, aws: &Aws) -> Vec<Finding> {
    let (roles, shards, role) = futures::join!(roles(aws), shards(stack, aws), role_of_ecs(stack, aws));
    [Some(roles), shards, role].into_iter().flatten().collect()
}

fn unknown(about: &'static str, what: &str, error: &Error) -> Finding {
    Finding::new(about, State::Unknown, format!("{what} could not be looked at: {error}"))
}

async fn roles(aws: &Aws) -> Finding {
    let summary = aws.iam().get_account_summary().send().await.call("iam:GetAccountSummary", &aws.place().account);
    let summary = match &summary {
        Ok(summary) => summary.summary_map(),
        Err(error) => return unknown(ABOUT, "the number of roles", error),
    };
    let number = |key| summary.and_then(|map: &std::collections::HashMap<_, i32>| map.get(&key)).copied();
    match (number(SummaryKeyType::Roles), number(SummaryKeyType::RolesQuota)) {
        (Some(roles), Some(quota)) if roles + ROLES > quota => {
            Finding::new(ABOUT, State::Problem, format!("the account has {roles} roles of {quota}"))
                .help("delete roles that nobody uses, or ask for a higher quota (IAM, \"Roles per account\")")
        }
        (Some(roles), Some(quota)) => {
            Finding::new(ABOUT, State::Good, format!("the account has {roles} roles of {quota}"))
        }
        _ => Finding::new(ABOUT, State::Unknown, "IAM does not say how many roles there may be"),
    }
}

/// A data stream's shards. One on demand begins with four (Kinesis Data Streams developer guide, "Choosing the data stream
/// capacity mode").
async fn shards(stack: &Stack, aws: &Aws) -> Option<Finding> {
    let streams = stack.destinations.iter().filter(|destination| !destination.existing);
    let streams: Vec<_> = streams
        .filter_map(|destination| match &destination.target {
            Target::DataStream(stream) => Some(stream),
            _ => None,
        })
        .collect();
    if streams.is_empty() {
        return None;
    }
    let wanted: u32 = streams.iter().filter_map(|stream| stream.shards).sum();
    let on_demand = streams.iter().filter(|stream| stream.shards.is_none()).count();
    let limits = aws.kinesis().describe_limits().send().await.call("kinesis:DescribeLimits", &aws.place().account);
    let limits = match limits {
        Ok(limits) => limits,
        Err(error) => return Some(unknown(ABOUT, "the number of shards", &error)),
    };
    let free = limits.shard_limit() - limits.open_shard_count();
    let on_demand_free = limits.on_demand_stream_count_limit() - limits.on_demand_stream_count();
    let message = format!("{free} more shards and {on_demand_free} more data streams on demand can be made");
    let enough = i64::from(wanted) <= i64::from(free) && on_demand as i64 <= i64::from(on_demand_free);
    Some(match enough {
        true => Finding::new(ABOUT, State::Good, message),
        false => Finding::new(ABOUT, State::Warning, format!("{message}; the stack has {wanted} and {on_demand}"))
            .help("ask for a higher quota (Kinesis Data Streams), unless the streams are there already"),
    })
}

/// Without it, the account's first cluster makes it.
async fn role_of_ecs(stack: &Stack, aws: &Aws) -> Option<Finding> {
    const NAME: &str = "AWSServiceRoleForECS";
    const ABOUT: &str = "ecs";
    if !needs_role_of_ecs(stack) {
        return None;
    }
    let found = aws.iam().get_role().role_name(NAME).send().await.call("iam:GetRole", NAME);
    Some(match found {
        Ok(_) => Finding::new(ABOUT, State::Good, format!("the service-linked role {NAME} is there")),
        Err(error) if error.is("NoSuchEntity") => {
            let message = format!("the service-linked role {NAME} is not there yet");
            Finding::new(ABOUT, State::Good, message)
                .help("ECS makes it with the account's first cluster: iam:CreateServiceLinkedRole is needed for that")
        }
        Err(error) => unknown(ABOUT, &format!("the service-linked role {NAME}"), &error),
    })
}
