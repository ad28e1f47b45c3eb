//! The router's container, as a task definition has it.
use super::{Plan, Router, VOLUME, object};
use crate::firelens;
use serde_json::{Map, Value, json};

/// How long ECS waits after SIGTERM beyond Fluent Bit's own grace, in seconds.
const MARGIN: u32 = 15;

/// The container's keys: those that have one value, and lists whose items are told apart by one of their keys.
pub(super) struct Parts {
    pub values: Map<String, Value>,
    pub lists: Vec<(&'static str, &'static str, Vec<Value>)>,
}

/// The router that a plan asks for.
pub(super) fn router(plan: &Plan, router: &Router) -> Parts {
    let mut values = Map::new();
    values.insert("name".into(), json!(plan.name));
    if let Some(image) = &router.image {
        values.insert("image".into(), json!(image));
    }
    if let Some(essential) = router.essential.or(plan.new.then_some(true)) {
        values.insert("essential".into(), json!(essential));
    }
    values.extend(object(json!({
        "memory": router.memory,
        "memoryReservation": router.memory / 2,
        // Root's number is written out: ECS fills it in otherwise, and the plan would show a change.
        "user": router.user.map_or_else(|| "0".to_string(), |user| user.to_string()),
        "firelensConfiguration": {
            "type": firelens::FLUENT_BIT,
            "options": {
                firelens::CONFIG_TYPE: "file",
                firelens::CONFIG_VALUE: router.config_file,
                firelens::METADATA: router.ecs_metadata.to_string(),
            },
        },
        "healthCheck": health_check(router.http_port),
        "restartPolicy": { "enabled": true, "restartAttemptPeriod": 60 },
        "stopTimeout": stop_timeout(router.grace),
    })));
    if router.readonly_root_filesystem {
        values.insert("readonlyRootFilesystem".into(), json!(true));
    }
    if let Some(log) = &plan.log {
        values.insert("logConfiguration".into(), json!({
            "logDriver": "awslogs",
            "options": { "awslogs-group": log.group, "awslogs-region": log.region, "awslogs-stream-prefix": "firelens" },
        }));
    }
    let secrets = router.secrets.iter().map(|(name, arn)| json!({ "name": name, "valueFrom": arn })).collect();
    let region = plan.region.iter().map(|region| ("AWS_REGION", region));
    let own = router.environment.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_ref()?)));
    let environment = region.chain(own).map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let mount = json!({ "sourceVolume": VOLUME, "containerPath": router.storage_path });
    let lists = vec![
        ("mountPoints", "sourceVolume", vec![mount]),
        ("environment", "name", environment),
        ("secrets", "name", secrets),
    ];
    Parts { values, lists }
}

impl Parts {
    /// All of it, as a new container.
    pub(super) fn whole(&self) -> Value {
        let mut values = self.values.clone();
        let lists = self.lists.iter().filter(|(_, _, items)| !items.is_empty());
        values.extend(lists.map(|(list, _, items)| (list.to_string(), Value::Array(items.clone()))));
        Value::Object(values)
    }
}

/// Asks the router only: a destination that is away must not take the app down with it. aws-for-fluent-bit has curl since
/// 3.0.1, and no nc. Five seconds is the shortest interval, and the app starts after the first answer.
fn health_check(port: u16) -> Value {
    json!({
        "command": ["CMD-SHELL", format!("curl -fsS http://127.0.0.1:{port}/api/v1/uptime || exit 1")],
        "interval": 5,
        "timeout": 5,
        "retries": 5,
        "startPeriod": 30,
    })
}

/// Seconds from SIGTERM to SIGKILL, for Fluent Bit to use all of its grace.
pub(super) fn stop_timeout(grace: u32) -> u32 {
    grace + MARGIN
}
