//! A task definition by what it means: ECS fills in defaults, and keeps no order where there is none.
use firelens_stack::task_definition;
use serde_json::{Map, Value, json};

/// Lists whose order means nothing.
const UNORDERED: [&str; 6] =
    ["portMappings", "mountPoints", "volumesFrom", "dependsOn", "requiresCompatibilities", "ignoredExitCodes"];

/// What RegisterTaskDefinition takes, of what DescribeTaskDefinition answers.
pub(crate) fn input(mut answer: Value) -> Value {
    if let Some(fields) = answer.as_object_mut() {
        fields.retain(|name, _| !task_definition::READ_ONLY.contains(&name.as_str()));
    }
    answer
}

/// One form for all that mean the same. The family and the tags are not in it.
pub(crate) fn normal(definition: &Value) -> Value {
    let mut normal = input(definition.clone());
    let awsvpc = normal["networkMode"] == "awsvpc";
    let Some(fields) = normal.as_object_mut() else { return normal };
    fields.retain(|name, _| name != "family" && name != "tags");
    for size in ["cpu", "memory"] {
        if let Some(number) = fields.get(size).and_then(Value::as_u64) {
            fields.insert(size.into(), number.to_string().into());
        }
    }
    let platform = json!({ "cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX" });
    drop_defaults(fields, "runtimePlatform", &platform);
    drop_default(fields, "enableFaultInjection", &json!(false));
    for container in fields.get_mut("containerDefinitions").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(container) = container.as_object_mut() {
            normalize_container(container, awsvpc);
        }
    }
    tidy("", &mut normal);
    normal
}

/// Defaults: Amazon ECS API reference, ContainerDefinition, HealthCheck, ContainerRestartPolicy, PortMapping, MountPoint.
fn normalize_container(container: &mut Map<String, Value>, awsvpc: bool) {
    drop_default(container, "cpu", &json!(0));
    drop_default(container, "essential", &json!(true));
    for no in ["privileged", "readonlyRootFilesystem", "interactive", "pseudoTerminal", "disableNetworking"] {
        drop_default(container, no, &json!(false));
    }
    let health = json!({ "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0 });
    drop_defaults(container, "healthCheck", &health);
    drop_defaults(container, "restartPolicy", &json!({ "restartAttemptPeriod": 300 }));
    for list in ["mountPoints", "volumesFrom"] {
        each(container, list, |item| drop_default(item, "readOnly", &json!(false)));
    }
    each(container, "portMappings", |port| {
        drop_default(port, "protocol", &json!("tcp"));
        let same = port.get("hostPort") == port.get("containerPort");
        if awsvpc && same || port.get("hostPort") == Some(&json!(0)) {
            port.remove("hostPort");
        }
    });
}

fn each(container: &mut Map<String, Value>, list: &str, change: impl Fn(&mut Map<String, Value>)) {
    let items = container.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
    items.filter_map(Value::as_object_mut).for_each(change);
}

fn drop_default(fields: &mut Map<String, Value>, name: &str, default: &Value) {
    if fields.get(name) == Some(default) {
        fields.remove(name);
    }
}

fn drop_defaults(fields: &mut Map<String, Value>, name: &str, defaults: &Value) {
    let Some(inner) = fields.get_mut(name).and_then(Value::as_object_mut) else { return };
    for (name, default) in defaults.as_object().into_iter().flatten() {
        drop_default(inner, name, default);
    }
}

/// Leaves out what is empty, and puts lists in order where their order means nothing.
fn tidy(name: &str, value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.iter_mut().for_each(|(name, value)| tidy(name, value));
            members.retain(|_, value| !is_nothing(value));
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| tidy("", item));
            if UNORDERED.contains(&name) || items.iter().all(|item| item["name"].is_string()) {
                items.sort_by_cached_key(|item| sorted(item).to_string());
            }
        }
        _ => {}
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The same with its members by name, so that its text is the same, too.
fn sorted(value: &Value) -> Value {
    let Some(members) = value.as_object() else { return value.clone() };
    let mut members: Vec<_> = members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
    members.sort_by(|one, other| one.0.cmp(&other.0));
    Value::Object(members.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What ECS answers for `written`, as recorded from DescribeTaskDefinition's form in its API reference.
    #[test]
    fn what_ecs_fills_in_is_no_difference() {
        let written = json!({
            "family": "shop", "networkMode": "awsvpc", "cpu": 256, "memory": "512",
            "requiresCompatibilities": ["FARGATE"],
            "runtimePlatform": { "cpuArchitecture": "ARM64" },
            "volumes": [{ "name": "buffer" }],
            "containerDefinitions": [
                {
                    "name": "httpd", "image": "httpd:2.4", "portMappings": [{ "containerPort": 80 }],
                    "environment": [{ "name": "B", "value": "2" }, { "name": "A", "value": "1" }],
                    "dependsOn": [{ "containerName": "log_router", "condition": "HEALTHY" }],
                    "unknownToTheSdk": { "on": true },
                },
                {
                    "name": "log_router", "image": "router@sha256:0", "essential": false,
                    "healthCheck": { "command": ["CMD-SHELL", "curl -f localhost"], "interval": 10 },
                    "restartPolicy": { "enabled": true },
                    "mountPoints": [{ "sourceVolume": "buffer", "containerPath": "/buffer" }],
                },
            ],
        });
        let answered = json!({
            "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:1", "revision": 1,
            "family": "shop", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "status": "ACTIVE",
            "requiresCompatibilities": ["FARGATE"], "compatibilities": ["EC2", "FARGATE"],
            "requiresAttributes": [{ "name": "ecs.capability.firelens.fluentbit" }], "placementConstraints": [],
            "runtimePlatform": { "cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX" },
            "volumes": [{ "name": "buffer", "host": {} }], "registeredBy": "me", "registeredAt": 1.5,
            "containerDefinitions": [
                {
                    "name": "httpd", "image": "httpd:2.4", "cpu": 0, "essential": true, "mountPoints": [],
                    "portMappings": [{ "hostPort": 80, "protocol": "tcp", "containerPort": 80 }],
                    "environment": [{ "value": "1", "name": "A" }, { "value": "2", "name": "B" }],
                    "dependsOn": [{ "condition": "HEALTHY", "containerName": "log_router" }],
                    "volumesFrom": [], "systemControls": [], "unknownToTheSdk": { "on": true },
                },
                {
                    "name": "log_router", "image": "router@sha256:0", "cpu": 0, "essential": false,
                    "healthCheck": {
                        "command": ["CMD-SHELL", "curl -f localhost"], "interval": 10, "timeout": 5, "retries": 3,
                    },
                    "restartPolicy": { "enabled": true, "ignoredExitCodes": [], "restartAttemptPeriod": 300 },
                    "mountPoints": [{ "sourceVolume": "buffer", "containerPath": "/buffer", "readOnly": false }],
                    "portMappings": [], "environment": [], "volumesFrom": [],
                },
            ],
        });
        assert_eq!(normal(&written), normal(&answered));
        assert_eq!(normal(&input(answered.clone())), normal(&answered));
        for (path, value) in [
            ("/containerDefinitions/1/essential", json!(true)),
            ("/containerDefinitions/0/portMappings/0/hostPort", json!(8080)),
            ("/containerDefinitions/0/environment/0/value", json!("3")),
            ("/containerDefinitions/0/unknownToTheSdk/on", json!(false)),
            ("/runtimePlatform/cpuArchitecture", json!("X86_64")),
            ("/memory", json!("1024")),
        ] {
            let mut changed = answered.clone();
            *changed.pointer_mut(path).expect(path) = value;
            assert_ne!(normal(&written), normal(&changed), "{path}");
        }
    }
}
