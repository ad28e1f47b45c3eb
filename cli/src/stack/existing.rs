//! A service that is there: the router is put into its task definition, and all else in it stays.
use super::router::{Replace, Router, WithRouter};
use crate::{Error, config::stack::Existing};
use firelens_infra::stack;
use serde_json::{Map, Value, json};

/// The service with the router in its task definition.
///
/// # Errors
/// What the task definition contradicts.
pub(super) fn service(router: &Router, existing: &Existing, there: Option<&Value>) -> Result<stack::Existing, Error> {
    let Existing { cluster, service, .. } = existing;
    let title = format!("the task definition of service {service} in cluster {cluster}");
    let there = there.ok_or_else(|| Error::new(format!("{title} is not known")))?;
    check_fargate(&title, there)?;
    let mut task = there.clone();
    let size = size(router);
    size.iter().for_each(|(field, value)| task[field.as_str()] = value.clone());
    let task_role = role(&mut task, "taskRoleArn", router, &router.stack.task_role());
    let execution_role = role(&mut task, "executionRoleArn", router, &router.stack.execution_role());
    let replace = Replace { log_driver: existing.replace_log_driver, router: existing.replace_router };
    let WithRouter { definition, notes } = router.put_into(&title, &task, replace)?;
    Ok(stack::Existing {
        cluster: cluster.clone(),
        service: service.clone(),
        task_definition: definition,
        notes,
        from: there.clone(),
        size,
        replace_router: existing.replace_router,
        task_role,
        execution_role,
    })
}

/// The router's image, disk and health check are for Fargate.
fn check_fargate(title: &str, task: &Value) -> Result<(), Error> {
    let lists = ["requiresCompatibilities", "compatibilities"].map(|key| task[key].as_array());
    let fargate = lists.into_iter().flatten().flatten().any(|kind| kind == "FARGATE");
    match fargate {
        true => Ok(()),
        false => Err(Error::new(format!("{title} is not for Fargate")).help(
            "services on EC2 instances are not adopted; `firelens-kit inject` puts the router into any task definition",
        )),
    }
}

/// What `[stack]` says about the task's size goes for one that is there, too.
fn size(router: &Router) -> Map<String, Value> {
    let size = router.config.stack.size;
    let cpu = size.cpu.map(|cpu| ("cpu", json!(cpu.to_string())));
    let memory = size.memory.map(|memory| ("memory", json!(memory.to_string())));
    let storage = size.ephemeral_storage.map(|storage| ("ephemeralStorage", json!({ "sizeInGiB": storage })));
    [cpu, memory, storage].into_iter().flatten().map(|(field, value)| (field.to_string(), value)).collect()
}

/// The name of its role. Where it has none, or ours since the last deploy, there is none, and it gets ours.
fn role(task: &mut Value, key: &str, router: &Router, ours: &str) -> Option<String> {
    let ours = router.place.role_arn(&router.stack.path(), ours);
    let name = task[key].as_str().filter(|arn| !arn.is_empty() && *arn != ours);
    let name = name.map(|arn| arn.rsplit('/').next().unwrap_or(arn).to_string());
    if let (None, Some(task)) = (&name, task.as_object_mut()) {
        task.shift_remove(key);
    }
    name
}
