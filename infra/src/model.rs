//! From what is wanted to the resources that make it up.
use crate::{
    Id, Kind, Place, Resource, Stack,
    resource::{
        bucket::Bucket,
        data_stream::DataStream,
        delivery_stream::DeliveryStream,
        log_group::{Class, LogGroup},
        metric_filter::MetricFilter,
        repository::Repository,
    },
    stack::{self, Registry, Target},
};
use std::{collections::HashSet, sync::Arc};

mod run;

/// All resources of a stack, in an order in which each comes after what it depends on. The router's image is none of them: it is
/// built first.
pub fn resources(stack: &Stack, place: &Place) -> Vec<Arc<dyn Resource>> {
    let mut resources = run::roles(stack, place);
    resources.push(Arc::new(own_log_group(stack, stack.router_log_group())));
    if stack.error_metric {
        resources.push(Arc::new(MetricFilter::of(stack)));
    }
    if let Registry::Ecr { kms_key } = &stack.registry {
        resources.push(Arc::new(repository(stack, kms_key)));
    }
    let own = || stack.destinations.iter().filter(|destination| !destination.existing);
    if own().any(|destination| matches!(destination.target, Target::DeliveryStream(_))) {
        resources.push(Arc::new(own_log_group(stack, stack.firehose_log_group())));
    }
    for destination in own() {
        match &destination.target {
            Target::LogGroup(group) => resources.push(Arc::new(log_group(stack, group))),
            Target::Bucket(wanted) => resources.push(Arc::new(bucket(stack, place, &destination.name, wanted))),
            Target::DataStream(stream) => resources.push(Arc::new(data_stream(stack, stream))),
            Target::DeliveryStream(stream) => {
                let bucket = bucket(stack, place, &destination.name, &stream.bucket);
                let delivery = delivery_stream(stack, place, stream, &bucket);
                if !stream.existing_bucket {
                    resources.push(Arc::new(bucket));
                }
                resources.push(Arc::new(delivery));
            }
            Target::Other => {}
        }
    }
    let written =
        resources.iter().filter(|resource| is_destination(&***resource)).map(|resource| resource.id()).collect();
    resources.extend(run::service(stack, place, written));
    once(resources)
}

/// The router's records go to it, or through it.
fn is_destination(resource: &dyn Resource) -> bool {
    resource.holds_data() || resource.id().kind == Kind::DeliveryStream
}

/// Destinations can share a bucket.
fn once(mut resources: Vec<Arc<dyn Resource>>) -> Vec<Arc<dyn Resource>> {
    let mut seen = HashSet::new();
    resources.retain(|resource| seen.insert(resource.id()));
    resources
}

/// A key of the resource's own, or the stack's.
fn key(stack: &Stack, own: &Option<String>) -> Option<String> {
    own.clone().or(stack.kms_key.clone())
}

/// One that is not a destination.
fn own_log_group(stack: &Stack, name: String) -> LogGroup {
    let group = stack::LogGroup { name, retention_days: Some(stack.log_retention_days), kms_key: None };
    LogGroup { data: false, ..log_group(stack, &group) }
}

fn log_group(stack: &Stack, group: &stack::LogGroup) -> LogGroup {
    LogGroup {
        stack: stack.name.clone(),
        name: group.name.clone(),
        retention_days: group.retention_days.map(|days| days as i32),
        kms_key: key(stack, &group.kms_key),
        class: Class::Standard,
        tags: stack.all_tags(),
        data: true,
    }
}

fn repository(stack: &Stack, kms_key: &Option<String>) -> Repository {
    Repository {
        stack: stack.name.clone(),
        name: stack.repository(),
        kms_key: key(stack, kms_key),
        tags: stack.all_tags(),
    }
}

fn bucket(stack: &Stack, place: &Place, destination: &str, bucket: &stack::Bucket) -> Bucket {
    let name = place.bucket_of(&stack.name, destination, bucket.name.as_deref());
    Bucket {
        stack: stack.name.clone(),
        arn: place.bucket_arn(&name),
        name,
        kms_key: key(stack, &bucket.kms_key),
        lifecycle: bucket.lifecycle.clone(),
        tls_only: !place.plain_http,
        tags: stack.all_tags(),
    }
}

fn data_stream(stack: &Stack, stream: &stack::DataStream) -> DataStream {
    DataStream {
        stack: stack.name.clone(),
        name: stream.name.clone(),
        shards: stream.shards,
        retention_hours: stream.retention_hours,
        kms_key: key(stack, &stream.kms_key),
        tags: stack.all_tags(),
    }
}

fn delivery_stream(stack: &Stack, place: &Place, stream: &stack::DeliveryStream, bucket: &Bucket) -> DeliveryStream {
    DeliveryStream {
        stack: stack.name.clone(),
        name: stream.name.clone(),
        role_arn: place.role_arn(&stack.path(), &stack.firehose_role()),
        role: Id::new(Kind::Role, stack.firehose_role()),
        bucket_arn: bucket.arn.clone(),
        bucket: (!stream.existing_bucket).then(|| bucket.id()),
        prefix: stream.prefix.clone(),
        error_prefix: stream.error_prefix.clone(),
        compression: stream.compression,
        buffer_mib: stream.buffer_mib,
        buffer_seconds: stream.buffer_seconds,
        partition_by_route: stream.partition_by_route,
        kms_key: key(stack, &stream.kms_key),
        log_group: stack.firehose_log_group(),
        tags: stack.all_tags(),
    }
}
