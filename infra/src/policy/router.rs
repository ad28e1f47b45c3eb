//! The task role: what Fluent Bit's outputs call, on the destinations only.
//!
//! Fluent Bit's own plugins make these calls (plugins/out_*/ of its source, 4.1.1 to 5.1.1):
//! - `cloudwatch_logs` (cloudwatch_api.c): CreateLogStream, PutLogEvents. CreateLogGroup and PutRetentionPolicy only with
//!   `auto_create_group`, which is off: groups are made by the deploy. It never calls DescribeLogStreams.
//! - `kinesis_firehose` (firehose_api.c): PutRecordBatch. A stream that is encrypted with the user's key asks nothing of
//!   producers: Firehose has a grant on the key (Data Firehose developer guide, "Data protection").
//! - `kinesis_streams` (kinesis_api.c): PutRecords.
//! - `s3` (s3.c, s3_multipart.c): PutObject, or the calls of a multipart upload, which are `s3:PutObject` too but for
//!   AbortMultipartUpload.
//!
//! - outputs that sign their requests otherwise, such as `opensearch`: what [`Stack::grants`] says.
//!
//! Log groups that are encrypted ask nothing of writers: CloudWatch Logs uses the key itself.
use super::{
    Document, Statement, key,
    keys::{Keys, Via},
};
use crate::{Kind, Place, Stack, stack::Target};
use std::collections::{BTreeMap, BTreeSet};

/// Empty when no destination is on AWS.
pub fn document(stack: &Stack, place: &Place) -> Document {
    let (mut groups, mut deliveries, mut streams, mut objects) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut keys = Keys::default();
    for destination in &stack.destinations {
        match &destination.target {
            Target::LogGroup(group) => groups.push(super::log_streams(place, &group.name)),
            Target::DeliveryStream(stream) => {
                deliveries.push(Kind::DeliveryStream.arn(place, &stream.name));
            }
            Target::DataStream(stream) => {
                let arn = Kind::DataStream.arn(place, &stream.name);
                keys.add(Via::Kinesis, key(stack, &stream.kms_key, destination.existing), [arn.clone()]);
                streams.push(arn);
            }
            Target::Bucket(bucket) => {
                let name = place.bucket_of(&stack.name, &destination.name, bucket.name.as_deref());
                let arn = Kind::Bucket.arn(place, &name);
                let all = format!("{arn}/*");
                keys.add(Via::S3, key(stack, &bucket.kms_key, destination.existing), [arn, all.clone()]);
                objects.push(all);
            }
            Target::Other => {}
        }
    }
    let statements = [
        Statement::allow("LogGroups", &["logs:CreateLogStream", "logs:PutLogEvents"], groups),
        Statement::allow("DeliveryStreams", &["firehose:PutRecordBatch"], deliveries),
        Statement::allow("DataStreams", &["kinesis:PutRecords"], streams),
        Statement::allow("Objects", &["s3:PutObject", "s3:AbortMultipartUpload"], objects),
    ];
    let statements = statements.into_iter().filter_map(Statement::if_any);
    Document::new(statements.chain(granted(stack)).chain(keys.statements(place)).collect())
}

/// The rights on destinations that no stack makes: a statement for each action, which is its id, too.
fn granted(stack: &Stack) -> Vec<Statement> {
    let mut by_action: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for grant in &stack.grants {
        by_action.entry(&grant.action).or_default().insert(&grant.resource);
    }
    let id = |action: &str| action.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let statement = |(action, resources): (&str, BTreeSet<&str>)| {
        Statement::allow(&id(action), &[action], resources.into_iter().map(str::to_string).collect())
    };
    by_action.into_iter().map(statement).collect()
}

/// Tasks of ECS may take it.
pub fn trust(_: &Stack, place: &Place) -> Document {
    super::tasks_trust(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Grant;

    #[test]
    fn grants_become_a_statement_for_each_action() {
        let grant = |action: &str, resource: &str| Grant { action: action.into(), resource: resource.into() };
        let (post, all) = ("es:ESHttpPost", "aoss:APIAccessAll");
        let grants = vec![grant(post, "b"), grant(all, "c"), grant(post, "a"), grant(post, "b")];
        let statements = granted(&Stack { grants, ..Stack::named("shop") });
        let wanted = [
            Statement::allow("aossAPIAccessAll", &[all], vec!["c".into()]),
            Statement::allow("esESHttpPost", &[post], vec!["a".into(), "b".into()]),
        ];
        assert_eq!(statements, wanted);
        assert!(granted(&Stack::named("shop")).is_empty());
    }
}
