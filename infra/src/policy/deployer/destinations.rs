//! Log groups, buckets and streams, and the keys that they are encrypted with.
use super::{
    ARRIVALS, CHANGE, DELETE, DELETE_DATA, READ, Rights, Verb,
    parts::{Kind, Part, parts},
};
use crate::{
    Place, Stack,
    policy::{log_streams, router},
    stack::{Registry, Target},
};

pub fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let parts = parts(stack, place);
    let parts = Parts(&parts);
    let mut rights = log_groups(stack, place, parts);
    rights.extend(left_over(stack, place));
    rights.extend(buckets(parts));
    rights.extend(streams(place, parts));
    rights.extend(keys(stack, place, parts));
    rights.extend(replay(stack, place));
    rights
}

#[derive(Clone, Copy)]
struct Parts<'a>(&'a [Part]);

impl Parts<'_> {
    /// ARNs of those that we make.
    fn ours(self, kind: Kind) -> Vec<String> {
        self.arns(|part| part.kind == kind && part.ours)
    }

    /// ARNs of those that are looked into.
    fn all(self, kind: Kind) -> Vec<String> {
        self.arns(|part| part.kind == kind)
    }

    fn arns(self, which: impl Fn(&Part) -> bool) -> Vec<String> {
        let mut arns: Vec<String> = self.0.iter().filter(|part| which(part)).map(|part| part.arn.clone()).collect();
        arns.sort();
        arns.dedup();
        arns
    }
}

/// ARNs with something behind each.
fn with(arns: Vec<String>, suffix: &str) -> Vec<String> {
    arns.into_iter().map(|arn| arn + suffix).collect()
}

/// Calls on a group name it with `:*` behind its ARN or, those about tags, without (CloudWatch Logs user guide, "CloudWatch
/// Logs resources and operations"); calls on streams name the stream.
fn named(groups: Vec<String>) -> Vec<String> {
    groups.into_iter().flat_map(|arn| [arn.clone(), format!("{arn}:*")]).collect()
}

fn log_groups(stack: &Stack, place: &Place, parts: Parts) -> Vec<Rights> {
    let (group, errors) = match parts.ours(Kind::DeliveryStream).is_empty() {
        true => (Vec::new(), Vec::new()),
        false => {
            let group = stack.firehose_log_group();
            (named(vec![place.arn("logs", &format!("log-group:{group}"))]), vec![log_streams(place, &group)])
        }
    };
    vec![
        Rights::anywhere("ListLogGroups")
            .may(READ, &["logs:DescribeLogGroups"])
            .may(&[Verb::Replay], &["logs:DescribeLogGroups"]),
        Rights::on("LogGroups", named(parts.ours(Kind::LogGroup)))
            .may(READ, &["logs:ListTagsForResource"])
            .may(
                CHANGE,
                &[
                    "logs:CreateLogGroup",
                    "logs:PutRetentionPolicy",
                    "logs:DeleteRetentionPolicy",
                    "logs:AssociateKmsKey",
                    "logs:DisassociateKmsKey",
                    "logs:TagResource",
                ],
            )
            .may(DELETE, &["logs:DeleteLogGroup"]),
        Rights::on("ReadLogs", named(parts.all(Kind::LogGroup)))
            .may(&[Verb::Status], &["logs:DescribeLogStreams", "logs:GetLogEvents"])
            .may(&[Verb::Deploy, Verb::Status, Verb::Logs], &["logs:FilterLogEvents"])
            .may(DELETE, &["logs:DescribeLogStreams", "logs:GetLogEvents"]),
        Rights::on("SeekInLogs", named(destinations(stack, place))).may(&[Verb::Verify], &["logs:FilterLogEvents"]),
        Rights::on("RecordOfDeploys", vec![log_streams(place, &stack.deploys_log_group())])
            .may(DELETE, &["logs:CreateLogStream", "logs:PutLogEvents", "logs:DeleteLogStream"]),
        Rights::on("SeeStreamsOfErrors", group).may(READ, &["logs:DescribeLogStreams"]),
        Rights::on("StreamsOfErrors", errors).may(CHANGE, &["logs:CreateLogStream"]),
    ]
}

/// The groups that are destinations.
fn destinations(stack: &Stack, place: &Place) -> Vec<String> {
    let groups = stack.destinations.iter().filter_map(|to| match &to.target {
        Target::LogGroup(group) => Some(place.arn("logs", &format!("log-group:{}", group.name))),
        _ => None,
    });
    groups.collect()
}

/// What the stack made and its configuration no longer names: it carries the stack's tag. Buckets cannot be told by theirs.
fn left_over(stack: &Stack, place: &Place) -> Vec<Rights> {
    let arns = [("logs", "log-group:*"), ("firehose", "deliverystream/*"), ("kinesis", "stream/*")];
    let mine = place.arn("kinesis", &format!("stream/{}-*", stack.name));
    vec![
        Rights::anywhere("OtherStacks").may(READ, &["tag:GetResources", "iam:ListRoles", "kinesis:ListStreams"]),
        Rights::on("SeeDataStreams", vec![mine])
            .may(READ, &["kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"]),
        Rights::on("LeftOver", arns.map(|(service, resource)| place.arn(service, resource)).into())
            .may(
                READ,
                &["logs:ListTagsForResource", "firehose:DescribeDeliveryStream", "firehose:ListTagsForDeliveryStream"],
            )
            .may(DELETE, &["logs:DeleteLogGroup", "firehose:DeleteDeliveryStream"])
            .may(DELETE_DATA, &["kinesis:DeleteStream"])
            .when_tagged(stack),
    ]
}

/// HeadBucket is `s3:ListBucket`.
fn buckets(parts: Parts) -> Vec<Rights> {
    let (ours, all) = (parts.ours(Kind::Bucket), parts.all(Kind::Bucket));
    vec![
        Rights::on("Buckets", ours.clone())
            .may(
                READ,
                &[
                    "s3:ListBucket",
                    "s3:GetBucketTagging",
                    "s3:GetEncryptionConfiguration",
                    "s3:GetBucketPublicAccessBlock",
                    "s3:GetBucketOwnershipControls",
                    "s3:GetLifecycleConfiguration",
                    "s3:GetBucketPolicy",
                ],
            )
            .may(
                CHANGE,
                &[
                    "s3:CreateBucket",
                    "s3:TagResource",
                    "s3:PutBucketTagging",
                    "s3:PutEncryptionConfiguration",
                    "s3:PutBucketPublicAccessBlock",
                    "s3:PutBucketOwnershipControls",
                    "s3:PutLifecycleConfiguration",
                    "s3:PutBucketPolicy",
                    "s3:DeleteBucketPolicy",
                ],
            )
            .may(DELETE_DATA, &["s3:DeleteBucket", "s3:ListBucketVersions"]),
        Rights::on("EmptyBuckets", with(ours, "/*")).may(DELETE_DATA, &["s3:DeleteObject", "s3:DeleteObjectVersion"]),
        Rights::on("ListObjects", all.clone()).may(ARRIVALS, &["s3:ListBucket"]),
        Rights::on("ReadObjects", with(all, "/*")).may(&[Verb::Verify], &["s3:GetObject"]),
    ]
}

/// A data stream without a key of the user's is encrypted with AWS's own for Kinesis, whose id nobody can tell before.
fn streams(place: &Place, parts: Parts) -> Vec<Rights> {
    let data = parts.ours(Kind::DataStream);
    let capacity = if data.is_empty() { Vec::new() } else { vec!["*".to_string()] };
    let keys = parts.0.iter().filter(|part| part.kind == Kind::DataStream && part.ours);
    let key = |part: &Part| part.key.clone().unwrap_or_else(|| place.arn("kms", "key/*"));
    let encrypted = data.iter().cloned().chain(keys.map(key)).collect();
    vec![
        Rights::on("DeliveryStreams", parts.ours(Kind::DeliveryStream))
            .may(READ, &["firehose:DescribeDeliveryStream", "firehose:ListTagsForDeliveryStream"])
            .may(
                CHANGE,
                &[
                    "firehose:CreateDeliveryStream",
                    "firehose:UpdateDestination",
                    "firehose:TagDeliveryStream",
                    "firehose:StartDeliveryStreamEncryption",
                    "firehose:StopDeliveryStreamEncryption",
                ],
            )
            .may(DELETE, &["firehose:DeleteDeliveryStream"]),
        Rights::on("DataStreams", data)
            .may(READ, &["kinesis:DescribeStreamSummary", "kinesis:ListTagsForStream"])
            .may(
                CHANGE,
                &[
                    "kinesis:CreateStream",
                    "kinesis:AddTagsToStream",
                    "kinesis:IncreaseStreamRetentionPeriod",
                    "kinesis:DecreaseStreamRetentionPeriod",
                ],
            )
            .may(DELETE_DATA, &["kinesis:DeleteStream"]),
        Rights::on("EncryptDataStreams", encrypted)
            .may(CHANGE, &["kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption"]),
        Rights::on("CapacityOfDataStreams", capacity)
            .may(CHANGE, &["kinesis:UpdateShardCount", "kinesis:UpdateStreamMode"]),
        Rights::on("ReadDataStreams", parts.all(Kind::DataStream))
            .may(ARRIVALS, &["kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"]),
    ]
}

/// Who makes an encrypted resource gives its service a grant on the key (Data Firehose developer guide, "Data protection";
/// ECR user guide, "Encryption at rest"); who reads one decrypts through its service. CloudWatch Logs and buckets ask nothing
/// of who makes them.
fn keys(stack: &Stack, place: &Place, parts: Parts) -> Vec<Rights> {
    let image = match &stack.registry {
        Registry::Ecr { kms_key } => kms_key.clone().or(stack.kms_key.clone()),
        Registry::Other(_) => None,
    };
    let made = parts.0.iter().filter(|part| part.ours && part.kind == Kind::DeliveryStream);
    let granted = sorted(made.filter_map(|part| part.key.clone()).chain(image));
    let read = parts.0.iter().filter(|part| matches!(part.kind, Kind::Bucket | Kind::DataStream));
    let read = sorted(read.filter_map(|part| part.key.clone()));
    let via = |services: &[&str]| {
        services.iter().map(|service| format!("{service}.{}.{}", place.region, place.dns_suffix())).collect()
    };
    vec![
        Rights::on("GrantKeys", granted.clone())
            .may(CHANGE, &["kms:CreateGrant", "kms:RetireGrant"])
            .when("StringEquals", "kms:ViaService", via(&["ecr", "firehose"]))
            .when("Bool", "kms:GrantIsForAWSResource", vec!["true".to_string()]),
        Rights::on("DescribeKeys", granted).may(CHANGE, &["kms:DescribeKey"]).when(
            "StringEquals",
            "kms:ViaService",
            via(&["ecr", "firehose"]),
        ),
        Rights::on("ReadKeys", read).may(ARRIVALS, &["kms:Decrypt"]).when(
            "StringEquals",
            "kms:ViaService",
            via(&["kinesis", "s3"]),
        ),
    ]
}

fn sorted(keys: impl Iterator<Item = String>) -> Vec<String> {
    let keys: std::collections::BTreeSet<String> = keys.collect();
    keys.into_iter().collect()
}

/// Old files are sent as the router sends new lines; a log group's streams are made, too.
fn replay(stack: &Stack, place: &Place) -> Vec<Rights> {
    let statements = router::document(stack, place).statement.into_iter();
    statements.map(|statement| Rights::like(statement, "Replay", &[Verb::Replay])).collect()
}
