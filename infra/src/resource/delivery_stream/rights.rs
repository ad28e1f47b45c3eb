//! What the calls on delivery streams and their error logs need.
use crate::{
    Kind, Place, Stack,
    policy::{
        deployer::{
            CHANGE, DELETE, READ, Rights,
            parts::{Parts, named, sorted},
        },
        log_streams,
    },
};

/// Who makes an encrypted stream gives Firehose a grant on the key (Data Firehose developer guide, "Data protection"). Passing
/// the role is a right of the roles.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let parts = Parts::of(stack, place);
    let streams = parts.ours(Kind::DeliveryStream);
    let keys = sorted(parts.made(Kind::DeliveryStream).filter_map(|part| part.key.clone()));
    let errors = stack.firehose_log_group();
    let new_errors = if streams.is_empty() { Vec::new() } else { vec![log_streams(place, &errors)] };
    vec![
        Rights::on("DeliveryStreams", streams.clone())
            .may(READ, &["firehose:DescribeDeliveryStream", "firehose:ListTagsForDeliveryStream"])
            .may(
                CHANGE,
                &[
                    "firehose:CreateDeliveryStream",
                    "firehose:UpdateDestination",
                    "firehose:StartDeliveryStreamEncryption",
                ],
            )
            .may(DELETE, &["firehose:DeleteDeliveryStream"]),
        Rights::on("TagDeliveryStreams", streams)
            .may(CHANGE, &["firehose:TagDeliveryStream"])
            .when_tagging(stack)
            .unless_others(stack),
        // What the configuration no longer names carries the stack's tag; its error log has the name that it always has.
        Rights::on("LeftOverDeliveryStreams", vec![Kind::DeliveryStream.arn(place, "*")])
            .may(READ, &["firehose:DescribeDeliveryStream", "firehose:ListTagsForDeliveryStream"])
            .may(DELETE, &["firehose:DeleteDeliveryStream"])
            .when_tagged(stack),
        Rights::on("DeliveryErrors", named(vec![Kind::LogGroup.arn(place, &errors)]))
            .may(READ, &["logs:DescribeLogStreams"]),
        Rights::on("StreamsOfDeliveryErrors", new_errors).may(CHANGE, &["logs:CreateLogStream"]),
        Rights::on("GrantKeysToFirehose", keys.clone())
            .may(CHANGE, &["kms:CreateGrant", "kms:RetireGrant"])
            .via("firehose", place)
            .when("Bool", "kms:GrantIsForAWSResource", vec!["true".to_string()]),
        Rights::on("DescribeKeysForFirehose", keys).may(CHANGE, &["kms:DescribeKey"]).via("firehose", place),
    ]
}
