//! The role of the delivery streams: to put objects into their buckets, and to say what they could not deliver.
//!
//! Source: Data Firehose developer guide, "Grant Firehose access to an Amazon S3 destination". Compression, buffering and
//! partitions by a field of the record need no further rights.
use super::{
    Document, Statement, key,
    keys::{Keys, Via},
};
use crate::{
    Place, Stack,
    stack::{DeliveryStream, Destination, Target},
};

/// What the guide names for a bucket, and for what is in it.
const BUCKET: [&str; 3] = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"];
const OBJECTS: [&str; 3] = ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"];

/// Empty without delivery streams of ours: one that is there has a role of its own.
pub fn document(stack: &Stack, place: &Place) -> Document {
    let (mut buckets, mut objects) = (Vec::new(), Vec::new());
    let mut keys = Keys::default();
    for (destination, stream) in streams(stack) {
        let name = place.bucket_of(&stack.name, &destination.name, stream.bucket.name.as_deref());
        let arn = place.bucket_arn(&name);
        let written = written(&arn, stream);
        let encrypted = [arn.clone()].into_iter().chain(written.clone());
        keys.add(Via::S3, key(stack, &stream.bucket.kms_key, stream.existing_bucket), encrypted);
        push(&mut buckets, arn);
        written.into_iter().for_each(|arn| push(&mut objects, arn));
    }
    let errors = match buckets.is_empty() {
        true => Vec::new(),
        false => vec![super::log_streams(place, &stack.firehose_log_group())],
    };
    let statements = [
        Statement::allow("Buckets", &BUCKET, buckets),
        Statement::allow("Objects", &OBJECTS, objects),
        Statement::allow("DeliveryErrors", &["logs:PutLogEvents"], errors),
    ];
    let statements = statements.into_iter().filter_map(Statement::if_any);
    Document::new(statements.chain(keys.statements(place)).collect())
}

/// Firehose may take it (Data Firehose developer guide, "Allow Firehose to assume an IAM role"). Nothing says that Firehose sends
/// `aws:SourceArn` or `aws:SourceAccount`: with a condition on a key that is not sent, nobody could take it. That the role is
/// given to a stream of another account is kept off by `iam:PassRole`, which is for roles of the caller's own account.
pub fn trust(_: &Stack, _: &Place) -> Document {
    Document::new(vec![super::takes("firehose.amazonaws.com")])
}

/// The delivery streams that we make.
fn streams(stack: &Stack) -> impl Iterator<Item = (&Destination, &DeliveryStream)> {
    stack.destinations.iter().filter(|destination| !destination.existing).filter_map(|destination| {
        match &destination.target {
            Target::DeliveryStream(stream) => Some((destination, stream)),
            _ => None,
        }
    })
}

/// What stands before the first `!{` of a prefix begins all of its keys.
fn written(bucket: &str, stream: &DeliveryStream) -> Vec<String> {
    let fixed = |prefix: &str| prefix.split("!{").next().unwrap_or_default().to_string();
    let (records, errors) = (fixed(&stream.prefix), fixed(&stream.error_prefix));
    let covers = |one: &str, other: &str| other.starts_with(one);
    let prefixes = match (covers(&records, &errors), covers(&errors, &records)) {
        (true, _) => vec![records],
        (_, true) => vec![errors],
        _ => vec![records, errors],
    };
    prefixes.into_iter().map(|prefix| format!("{bucket}/{prefix}*")).collect()
}

fn push(arns: &mut Vec<String>, arn: String) {
    if !arns.contains(&arn) {
        arns.push(arn);
    }
}
