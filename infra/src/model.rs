//! From what is wanted to the resources that make it up.
use crate::{
    Id, Kind, Place, Resource, Stack,
    resource::{
        bucket::Bucket,
        cluster::Cluster,
        data_stream::DataStream,
        delivery_stream::DeliveryStream,
        log_group::{Class, LogGroup},
        repository::Repository,
        role::Role,
        role_policy::RolePolicy,
        security_group::SecurityGroup,
        service::{AdoptedService, OwnService},
        task_definition::TaskDefinition,
    },
    stack::{self, Registry, Target},
};
use std::sync::Arc;

mod run;

/// A resource of a stack, by its kind. The router's image is none of them: it is built first.
#[derive(Debug, Clone)]
pub enum Item {
    LogGroup(LogGroup),
    Bucket(Bucket),
    DataStream(DataStream),
    DeliveryStream(DeliveryStream),
    Role(Role),
    RolePolicy(RolePolicy),
    Repository(Repository),
    SecurityGroup(SecurityGroup),
    Cluster(Cluster),
    TaskDefinition(TaskDefinition),
    Service(OwnService),
    AdoptedService(AdoptedService),
}

impl Item {
    pub fn resource(&self) -> &dyn Resource {
        match self {
            Item::LogGroup(group) => group,
            Item::Bucket(bucket) => bucket,
            Item::DataStream(stream) => stream,
            Item::DeliveryStream(stream) => stream,
            Item::Role(role) => role,
            Item::RolePolicy(policy) => policy,
            Item::Repository(repository) => repository,
            Item::SecurityGroup(group) => group,
            Item::Cluster(cluster) => cluster,
            Item::TaskDefinition(definition) => definition,
            Item::Service(service) => service,
            Item::AdoptedService(service) => service,
        }
    }

    /// The router's records go to it, or through it.
    fn is_destination(&self) -> bool {
        match self {
            Item::LogGroup(group) => group.data,
            Item::Bucket(_) | Item::DataStream(_) | Item::DeliveryStream(_) => true,
            _ => false,
        }
    }
}

impl From<Item> for Arc<dyn Resource> {
    fn from(item: Item) -> Arc<dyn Resource> {
        match item {
            Item::LogGroup(group) => Arc::new(group),
            Item::Bucket(bucket) => Arc::new(bucket),
            Item::DataStream(stream) => Arc::new(stream),
            Item::DeliveryStream(stream) => Arc::new(stream),
            Item::Role(role) => Arc::new(role),
            Item::RolePolicy(policy) => Arc::new(policy),
            Item::Repository(repository) => Arc::new(repository),
            Item::SecurityGroup(group) => Arc::new(group),
            Item::Cluster(cluster) => Arc::new(cluster),
            Item::TaskDefinition(definition) => Arc::new(definition),
            Item::Service(service) => Arc::new(service),
            Item::AdoptedService(service) => Arc::new(service),
        }
    }
}

/// All resources of a stack, in an order in which each comes after what it depends on.
pub fn resources(stack: &Stack, place: &Place) -> Vec<Arc<dyn Resource>> {
    items(stack, place).into_iter().map(Arc::from).collect()
}

/// The same, by their kinds.
pub fn items(stack: &Stack, place: &Place) -> Vec<Item> {
    let mut items = run::roles(stack, place);
    items.push(Item::LogGroup(own_log_group(stack, stack.router_log_group())));
    if let Registry::Ecr { kms_key } = &stack.registry {
        items.push(Item::Repository(repository(stack, kms_key)));
    }
    let own = || stack.destinations.iter().filter(|destination| !destination.existing);
    if own().any(|destination| matches!(destination.target, Target::DeliveryStream(_))) {
        items.push(Item::LogGroup(own_log_group(stack, stack.firehose_log_group())));
    }
    for destination in own() {
        match &destination.target {
            Target::LogGroup(group) => items.push(Item::LogGroup(log_group(stack, group))),
            Target::Bucket(wanted) => items.push(Item::Bucket(bucket(stack, place, &destination.name, wanted))),
            Target::DataStream(stream) => items.push(Item::DataStream(data_stream(stack, stream))),
            Target::DeliveryStream(stream) => {
                let bucket = bucket(stack, place, &destination.name, &stream.bucket);
                let delivery = delivery_stream(stack, place, stream, &bucket);
                if !stream.existing_bucket {
                    items.push(Item::Bucket(bucket));
                }
                items.push(Item::DeliveryStream(delivery));
            }
            Target::Other => {}
        }
    }
    let written = items.iter().filter(|item| item.is_destination()).map(|item| item.resource().id()).collect();
    items.extend(run::service(stack, place, written));
    once(items)
}

/// Destinations can share a bucket.
fn once(items: Vec<Item>) -> Vec<Item> {
    let mut kept: Vec<Item> = Vec::new();
    for item in items {
        if kept.iter().all(|other| other.resource().id() != item.resource().id()) {
            kept.push(item);
        }
    }
    kept
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
    let name = bucket.name.clone().unwrap_or_else(|| place.bucket(&stack.name, destination));
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
