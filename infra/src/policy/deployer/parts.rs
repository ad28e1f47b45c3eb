//! What a stack's records go through and to, flat.
use crate::{
    Kind, Place, Stack,
    policy::key,
    stack::{Bucket, Destination, Target},
};
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub kind: Kind,
    pub arn: String,
    /// We make, change and delete it.
    pub ours: bool,
    pub key: Option<String>,
}

/// The parts of a stack.
pub(crate) struct Parts(Vec<Part>);

impl Parts {
    pub(crate) fn of(stack: &Stack, place: &Place) -> Parts {
        Parts(parts(stack, place))
    }

    /// ARNs of those that we make.
    pub(crate) fn ours(&self, kind: Kind) -> Vec<String> {
        sorted(self.made(kind).map(|part| part.arn.clone()))
    }

    /// ARNs of those that are looked into.
    pub(crate) fn all(&self, kind: Kind) -> Vec<String> {
        sorted(self.kind(kind).map(|part| part.arn.clone()))
    }

    /// Those that we make.
    pub(crate) fn made(&self, kind: Kind) -> impl Iterator<Item = &Part> {
        self.kind(kind).filter(|part| part.ours)
    }

    /// The keys of those that are looked into.
    pub(crate) fn keys(&self, kind: Kind) -> Vec<String> {
        sorted(self.kind(kind).filter_map(|part| part.key.clone()))
    }

    fn kind(&self, kind: Kind) -> impl Iterator<Item = &Part> {
        self.0.iter().filter(move |part| part.kind == kind)
    }
}

/// Each once, in order.
pub(crate) fn sorted(arns: impl Iterator<Item = String>) -> Vec<String> {
    let arns: BTreeSet<String> = arns.collect();
    arns.into_iter().collect()
}

/// Calls on a group name it with `:*` behind its ARN or, those about tags, without (CloudWatch Logs user guide, "CloudWatch
/// Logs resources and operations"); calls on streams name the stream.
pub(crate) fn named(groups: Vec<String>) -> Vec<String> {
    groups.into_iter().flat_map(|arn| [arn.clone(), format!("{arn}:*")]).collect()
}

/// All of a stack, the log groups of router, Firehose and deploys among them.
fn parts(stack: &Stack, place: &Place) -> Vec<Part> {
    let mut parts: Vec<Part> = stack.destinations.iter().flat_map(|of| destination(stack, place, of)).collect();
    let firehose = parts.iter().any(|part| part.kind == Kind::DeliveryStream && part.ours);
    let groups = [Some(stack.router_log_group()), Some(stack.deploys_log_group())];
    let groups = groups.into_iter().chain([firehose.then(|| stack.firehose_log_group())]).flatten();
    parts.extend(groups.map(|name| Part {
        kind: Kind::LogGroup,
        arn: Kind::LogGroup.arn(place, &name),
        ours: true,
        key: None,
    }));
    parts
}

fn destination(stack: &Stack, place: &Place, of: &Destination) -> Vec<Part> {
    let part = |kind: Kind, name: &str, own: &Option<String>, existing| {
        let key = key(stack, own, existing).map(str::to_string);
        Part { kind, arn: kind.arn(place, name), ours: !existing, key }
    };
    let bucket = |bucket: &Bucket, existing| {
        let name = place.bucket_of(&stack.name, &of.name, bucket.name.as_deref());
        part(Kind::Bucket, &name, &bucket.kms_key, existing)
    };
    match &of.target {
        Target::LogGroup(log) => vec![part(Kind::LogGroup, &log.name, &log.kms_key, of.existing)],
        Target::DataStream(stream) => vec![part(Kind::DataStream, &stream.name, &stream.kms_key, of.existing)],
        Target::Bucket(own) => vec![bucket(own, of.existing)],
        Target::DeliveryStream(stream) => {
            let delivery = part(Kind::DeliveryStream, &stream.name, &stream.kms_key, of.existing);
            // What a stream that is there writes to is not known.
            let bucket = (!of.existing).then(|| bucket(&stream.bucket, stream.existing_bucket));
            [delivery].into_iter().chain(bucket).collect()
        }
        Target::Other => Vec::new(),
    }
}
