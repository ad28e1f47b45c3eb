//! A task definition as it is today, without what the stack put into it: what `firelens-kit inject` and a deploy add, taken out again.
//! Where something took the place of something else, the revision from before says what that was.
use crate::names::PATH_ROOT;
use serde_json::{Map, Value};

/// What is not known: which log driver these containers had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    pub containers: Vec<String>,
}

const ROLES: [&str; 2] = ["taskRoleArn", "executionRoleArn"];

/// Options of `awsfirelens` that make no output.
const NO_OUTPUT: [&str; 3] = ["include-pattern", "exclude-pattern", "log-driver-buffer-limit"];

/// `today` without the container `router`, without roles of the kit's stacks, and without the `size` that the stack sets. Definitions are
/// in the form that RegisterTaskDefinition takes.
///
/// # Errors
/// When a container's log driver from before the stack is needed, and nothing tells it.
pub(super) fn without_router(
    today: &Value,
    router: &str,
    before: Option<&Value>,
    size: &Map<String, Value>,
) -> Result<Value, Unknown> {
    let nothing = Value::Null;
    let before = before.unwrap_or(&nothing);
    // A router that the service had before the stack, and that the stack replaced, comes back.
    let theirs = container(before, router).filter(|theirs| !theirs["firelensConfiguration"].is_null());
    let mut unknown = Vec::new();
    let mut without = today.clone();
    let mut kept = Vec::new();
    for own in containers(today) {
        if own["name"] == router {
            kept.extend(theirs.cloned());
            continue;
        }
        let mut own = own.clone();
        restore_log(&mut own, before, theirs.is_some(), &mut unknown);
        restore_order(&mut own, before, router);
        kept.push(own);
    }
    without["containerDefinitions"] = kept.into();
    drop_volumes(&mut without, today, before, router);
    let is_ours = |field: &str, value: &Value| {
        let role = ROLES.contains(&field) && value.as_str().is_some_and(is_role_of_the_kit);
        role || !before.is_null() && size.get(field) == Some(value)
    };
    for field in ROLES.into_iter().chain(size.keys().map(String::as_str)).filter(|field| is_ours(field, &today[*field]))
    {
        put(&mut without, field, before[field].clone());
    }
    match unknown.is_empty() {
        true => Ok(without),
        false => Err(Unknown { containers: unknown }),
    }
}

/// `arn:aws:iam::123456789012:role/firelens-kit/shop/shop-task`
fn is_role_of_the_kit(arn: &str) -> bool {
    arn.split_once(":role").is_some_and(|(_, name)| name.starts_with(PATH_ROOT))
}

fn containers(definition: &Value) -> impl Iterator<Item = &Value> {
    definition["containerDefinitions"].as_array().into_iter().flatten()
}

fn container<'a>(definition: &'a Value, name: &str) -> Option<&'a Value> {
    containers(definition).find(|container| container["name"] == name)
}

/// Sets a member, or takes it away.
fn put(object: &mut Value, key: &str, value: Value) {
    match value {
        Value::Null => _ = object.as_object_mut().map(|members| members.shift_remove(key)),
        value => object[key] = value,
    }
}

/// Its lines go where they went before. Another log driver that it got since is the user's, and stays.
fn restore_log(own: &mut Value, before: &Value, has_router: bool, unknown: &mut Vec<String>) {
    let log = &own["logConfiguration"];
    // Without a router in the task, ECS takes no `awsfirelens` at all.
    if log["logDriver"] != "awsfirelens" || has_router && has_output(log) {
        return;
    }
    let name = own["name"].as_str().unwrap_or_default();
    let log = match container(before, name) {
        Some(there) => there["logConfiguration"].clone(),
        None if has_router => return,
        // It came while the stack was there, and logs as the others do.
        None => match like_the_others(before) {
            Some(log) => log,
            None => return unknown.push(name.to_string()),
        },
    };
    put(own, "logConfiguration", log);
}

fn has_output(log: &Value) -> bool {
    let options = log["options"].as_object().into_iter().flatten();
    let secrets = log["secretOptions"].as_array().is_some_and(|secrets| !secrets.is_empty());
    secrets || options.into_iter().any(|(name, _)| !NO_OUTPUT.contains(&name.as_str()))
}

/// The log configuration of the first container that had one. `Null`: none of them had any.
fn like_the_others(before: &Value) -> Option<Value> {
    let logs = || containers(before).map(|container| &container["logConfiguration"]);
    let first = logs().find(|log| !log.is_null() && log["logDriver"] != "awsfirelens");
    first.cloned().or_else(|| (!before.is_null() && logs().all(Value::is_null)).then_some(Value::Null))
}

/// Nothing waits for a router that is not there; what waited for it before waits as before.
fn restore_order(own: &mut Value, before: &Value, router: &str) {
    let Some(waits) = own["dependsOn"].as_array() else { return };
    let there = own["name"].as_str().and_then(|name| container(before, name));
    let there = there.and_then(|there| there["dependsOn"].as_array()).into_iter().flatten();
    let there = there.into_iter().find(|waits| waits["containerName"] == router);
    let mut waits: Vec<Value> = waits.iter().filter(|waits| waits["containerName"] != router).cloned().collect();
    waits.extend(there.cloned());
    put(own, "dependsOn", if waits.is_empty() { Value::Null } else { waits.into() });
}

/// The router's disk buffer goes, unless something else uses it.
fn drop_volumes(without: &mut Value, today: &Value, before: &Value, router: &str) {
    let mounts = |definition: &Value, name: &str| -> Vec<String> {
        let all = containers(definition).filter(|container| name.is_empty() || container["name"] == name);
        let all = all.flat_map(|container| container["mountPoints"].as_array().into_iter().flatten());
        all.filter_map(|mount| mount["sourceVolume"].as_str().map(str::to_string)).collect()
    };
    let (own, still) = (mounts(today, router), mounts(without, ""));
    let has = |volume: &Value| {
        let volumes = before["volumes"].as_array().into_iter().flatten();
        volumes.into_iter().any(|there| there["name"] == volume["name"])
    };
    let goes = |volume: &Value| {
        let name = volume["name"].as_str().unwrap_or_default();
        own.iter().any(|own| own == name) && !still.iter().any(|still| still == name) && !has(volume)
    };
    let Some(volumes) = without["volumes"].as_array() else { return };
    let kept: Vec<Value> = volumes.iter().filter(|volume| !goes(volume)).cloned().collect();
    put(without, "volumes", if kept.is_empty() { Value::Null } else { kept.into() });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ROLE: &str = "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-task";

    fn size() -> Map<String, Value> {
        [("memory".to_string(), json!("2048"))].into_iter().collect()
    }

    fn logs() -> Value {
        json!({ "logDriver": "awslogs", "options": { "awslogs-group": "/ecs/web" } })
    }

    fn before() -> Value {
        json!({
            "family": "web", "cpu": "256", "memory": "512", "volumes": [{ "name": "data" }],
            "containerDefinitions": [
                { "name": "httpd", "image": "httpd:1", "logConfiguration": logs(),
                  "dependsOn": [{ "containerName": "init", "condition": "SUCCESS" }],
                  "mountPoints": [{ "sourceVolume": "data", "containerPath": "/data" }] },
                { "name": "init", "image": "init:1" },
            ],
        })
    }

    /// As a deploy leaves it.
    fn adopted() -> Value {
        let mut adopted = before();
        let firelens = json!({ "logDriver": "awsfirelens", "options": { "log-driver-buffer-limit": "15000" } });
        let wait = json!({ "containerName": "log_router", "condition": "HEALTHY" });
        adopted["taskRoleArn"] = ROLE.into();
        adopted["memory"] = "2048".into();
        adopted["volumes"] = json!([{ "name": "data" }, { "name": "firelens-kit-buffer" }]);
        let containers = adopted["containerDefinitions"].as_array_mut().unwrap();
        for container in containers.iter_mut() {
            container["logConfiguration"] = firelens.clone();
            let mut waits = container["dependsOn"].as_array().cloned().unwrap_or_default();
            waits.push(wait.clone());
            container["dependsOn"] = waits.into();
        }
        containers.push(json!({
            "name": "log_router", "image": "r", "firelensConfiguration": { "type": "fluentbit" },
            "mountPoints": [{ "sourceVolume": "firelens-kit-buffer", "containerPath": "/buffer" }],
        }));
        adopted
    }

    fn given_back(today: &Value) -> Value {
        without_router(today, "log_router", Some(&before()), &size()).expect("all is known")
    }

    #[test]
    fn what_a_deploy_did_is_undone() {
        assert_eq!(given_back(&adopted()), before());
    }

    #[test]
    fn what_others_changed_since_stays() {
        let (mut today, mut expected) = (adopted(), before());
        for definition in [&mut today, &mut expected] {
            definition["memory"] = "4096".into();
            definition["volumes"].as_array_mut().unwrap().push(json!({ "name": "more" }));
            let splunk = json!({ "logDriver": "splunk" });
            definition["containerDefinitions"][0]["image"] = "httpd:2".into();
            definition["containerDefinitions"][1]["logConfiguration"] = splunk;
        }
        assert_eq!(given_back(&today), expected);
    }

    #[test]
    fn a_container_that_came_since_logs_as_the_others_do() {
        let mut today = adopted();
        let mut late = today["containerDefinitions"][1].clone();
        late["name"] = "late".into();
        today["containerDefinitions"].as_array_mut().unwrap().push(late);
        let back = given_back(&today);
        assert_eq!(
            back["containerDefinitions"][2],
            json!({ "name": "late", "image": "init:1", "logConfiguration": logs() })
        );
        let unknown = without_router(&today, "log_router", None, &size()).expect_err("nothing tells");
        assert_eq!(unknown.containers, ["httpd", "init", "late"]);
    }

    #[test]
    fn a_router_that_was_replaced_comes_back() {
        let mut theirs = before();
        let waits = json!([{ "containerName": "log_router", "condition": "START" }]);
        let output = json!({ "logDriver": "awsfirelens", "options": { "Name": "stdout" } });
        theirs["containerDefinitions"][1]["logConfiguration"] = output;
        theirs["containerDefinitions"][1]["dependsOn"] = waits;
        let router =
            json!({ "name": "log_router", "image": "fluent-bit:5", "firelensConfiguration": { "type": "fluentbit" } });
        theirs["containerDefinitions"].as_array_mut().unwrap().push(router);
        let back = without_router(&adopted(), "log_router", Some(&theirs), &size());
        assert_eq!(back.as_ref(), Ok(&theirs));
    }

    #[test]
    fn a_buffer_that_something_else_mounts_stays() {
        let mut today = adopted();
        let mount = json!({ "sourceVolume": "firelens-kit-buffer", "containerPath": "/look" });
        today["containerDefinitions"][0]["mountPoints"].as_array_mut().unwrap().push(mount);
        assert_eq!(given_back(&today)["volumes"].as_array().map(Vec::len), Some(2));
    }
}
