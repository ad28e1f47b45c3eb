//! From what is wanted to the resources that make it up.
use crate::{Place, Resource, Stack, resource::log_group::LogGroup, stack::Target};
use std::sync::Arc;

/// All resources of a stack, in an order in which each comes after what it depends on.
pub fn resources(stack: &Stack, _place: &Place) -> Vec<Arc<dyn Resource>> {
    let mut resources: Vec<Arc<dyn Resource>> = Vec::new();
    let group = |name: String, retention_days, kms_key: Option<String>, data| LogGroup {
        stack: stack.name.clone(),
        name,
        retention_days,
        kms_key: kms_key.or(stack.kms_key.clone()),
        tags: stack.all_tags(),
        data,
    };
    let own = Some(stack.log_retention_days as i32);
    resources.push(Arc::new(group(stack.router_log_group(), own, None, false)));
    for destination in stack.destinations.iter().filter(|destination| !destination.existing) {
        if let Target::LogGroup(log) = &destination.target {
            let days = log.retention_days.map(|days| days as i32);
            resources.push(Arc::new(group(log.name.clone(), days, log.kms_key.clone(), true)));
        }
    }
    resources
}
