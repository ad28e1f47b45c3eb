//! What a stack's records go through and to, flat.
use crate::{
    Place, Stack,
    policy::key,
    stack::{Bucket, Destination, Target},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    LogGroup,
    Bucket,
    DeliveryStream,
    DataStream,
}

#[derive(Debug, Clone)]
pub struct Part {
    pub kind: Kind,
    pub arn: String,
    /// We make, change and delete it.
    pub ours: bool,
    pub key: Option<String>,
}

/// All of a stack, the log groups of router, Firehose and deploys among them.
pub fn parts(stack: &Stack, place: &Place) -> Vec<Part> {
    let mut parts: Vec<Part> = stack.destinations.iter().flat_map(|of| destination(stack, place, of)).collect();
    let firehose = parts.iter().any(|part| part.kind == Kind::DeliveryStream && part.ours);
    let groups = [Some(stack.router_log_group()), Some(stack.deploys_log_group())];
    let groups = groups.into_iter().chain([firehose.then(|| stack.firehose_log_group())]).flatten();
    parts.extend(groups.map(|name| Part { kind: Kind::LogGroup, arn: group(place, &name), ours: true, key: None }));
    parts
}

fn group(place: &Place, name: &str) -> String {
    place.arn("logs", &format!("log-group:{name}"))
}

fn destination(stack: &Stack, place: &Place, of: &Destination) -> Vec<Part> {
    let part = |kind, arn, own: &Option<String>, existing| {
        let key = key(stack, own, existing).map(str::to_string);
        Part { kind, arn, ours: !existing, key }
    };
    let bucket = |bucket: &Bucket, existing| {
        let name = bucket.name.clone().unwrap_or_else(|| place.bucket(&stack.name, &of.name));
        part(Kind::Bucket, place.bucket_arn(&name), &bucket.kms_key, existing)
    };
    match &of.target {
        Target::LogGroup(log) => vec![part(Kind::LogGroup, group(place, &log.name), &log.kms_key, of.existing)],
        Target::DataStream(stream) => {
            let arn = place.arn("kinesis", &format!("stream/{}", stream.name));
            vec![part(Kind::DataStream, arn, &stream.kms_key, of.existing)]
        }
        Target::Bucket(own) => vec![bucket(own, of.existing)],
        Target::DeliveryStream(stream) => {
            let arn = place.arn("firehose", &format!("deliverystream/{}", stream.name));
            let delivery = part(Kind::DeliveryStream, arn, &stream.kms_key, of.existing);
            // What a stream that is there writes to is not known.
            let bucket = (!of.existing).then(|| bucket(&stream.bucket, stream.existing_bucket));
            [delivery].into_iter().chain(bucket).collect()
        }
        Target::Other => Vec::new(),
    }
}
