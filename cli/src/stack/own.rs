//! A service of ours: its task definition, with the app's containers and the router.
use super::router::{Replace, Router};
use crate::{
    Error,
    config::{
        Config,
        problem::{Code, Problem},
        stack::{App, Service},
    },
};
use firelens_infra::stack;
use firelens_pipeline::{Pipeline, task_definition::inject};
use serde_json::{Map, Value, json};

/// MiB that a container of the app is promised unless the file says a limit. It can take what else the task has.
const APP_MEMORY: u32 = 512;

/// A task on Fargate has this much disk unless more is asked for, in GiB (Amazon ECS developer guide, "Fargate task
/// ephemeral storage").
const STORAGE: u32 = 20;

/// What images and the app's own files take of it, in GiB.
const FILES: u32 = 10;

/// The service, with the router in its task definition.
///
/// # Errors
/// What contradicts itself.
pub(super) fn service(router: &Router, service: &Service) -> Result<stack::Service, Error> {
    let title = format!("the task definition {}", router.stack.family());
    let task_definition = router.put_into(&title, &task_definition(router, service)?, Replace::default())?.definition;
    let app = service.apps.iter().find(|app| app.port.is_some());
    Ok(stack::Service {
        vpc: service.vpc.clone(),
        subnets: service.subnets.clone(),
        public_ip: service.public_ip,
        security_groups: service.security_groups.clone(),
        desired_count: service.desired_count,
        port: app.and_then(|app| app.port),
        ingress: app.map(|app| app.ingress.clone()).unwrap_or_default(),
        task_definition,
    })
}

/// The app's part.
fn task_definition(router: &Router, service: &Service) -> Result<Value, Error> {
    let (stack, size) = (router.stack, router.config.stack.size);
    let need = Need::of(service, router.pipeline);
    let too_large = || Error::new("no task of Fargate holds the app and the router");
    let (cpu, memory) = size.fitting(need.cpu, need.memory).ok_or_else(too_large)?;
    let mut task = json!({
        "family": stack.family(),
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": cpu.to_string(),
        "memory": memory.to_string(),
        "runtimePlatform": {
            "cpuArchitecture": service.architecture.name(),
            "operatingSystemFamily": "LINUX",
        },
    });
    if let Some(storage) = size.ephemeral_storage.or(need.storage) {
        task["ephemeralStorage"] = json!({ "sizeInGiB": storage });
    }
    task["containerDefinitions"] = service.apps.iter().map(container).collect();
    Ok(task)
}

/// What a task has to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    /// CPU units
    pub cpu: u32,
    /// MiB
    pub memory: u32,
    /// GiB; nothing where Fargate's own does.
    pub storage: Option<u32>,
    /// GiB of the router's buffers.
    pub buffers: u32,
}

impl Need {
    /// The app's containers, the router, the log drivers' buffers, and the router's disk buffers.
    pub(super) fn of(service: &Service, pipeline: &Pipeline) -> Need {
        let router = inject::Router::of(pipeline);
        let promised: u32 = service.apps.iter().map(|app| app.memory.unwrap_or(APP_MEMORY)).sum();
        let drivers = service.apps.len() as u64 * router.driver_buffer.mebibytes();
        let buffers = u32::try_from(router.disk.div_ceil(1024)).unwrap_or(u32::MAX - FILES);
        Need {
            cpu: service.apps.iter().filter_map(|app| app.cpu).sum(),
            memory: (promised + router.memory).saturating_add(u32::try_from(drivers).unwrap_or(u32::MAX)),
            storage: Some(buffers + FILES).filter(|storage| *storage > STORAGE),
            buffers,
        }
    }
}

/// A container of the app. Without a limit it is promised some memory.
fn container(app: &App) -> Value {
    let mut container = Map::new();
    let mut set = |key: &str, value: Value| _ = container.insert(key.to_string(), value);
    set("name", json!(app.name));
    set("image", json!(app.image));
    set("essential", json!(true));
    if let Some(cpu) = app.cpu {
        set("cpu", json!(cpu));
    }
    match app.memory {
        Some(memory) => set("memory", json!(memory)),
        None => set("memoryReservation", json!(APP_MEMORY)),
    }
    if let Some(port) = app.port {
        set("portMappings", json!([{ "containerPort": port, "protocol": "tcp" }]));
    }
    let named = |value_key: &str, pairs: &[(String, String)]| {
        pairs.iter().map(|(name, value)| json!({ "name": name, value_key: value })).collect::<Value>()
    };
    if !app.environment.is_empty() {
        set("environment", named("value", &app.environment));
    }
    if !app.secrets.is_empty() {
        set("secrets", named("valueFrom", &app.secrets));
    }
    if !app.command.is_empty() {
        set("command", json!(app.command));
    }
    if !app.health_check.is_empty() {
        set("healthCheck", json!({ "command": app.health_check }));
    }
    Value::Object(container)
}

/// What the file says the task has is enough.
pub(super) fn check(config: &Config, pipeline: &Pipeline, service: &Service) -> Vec<Problem> {
    let (size, places) = (config.stack.size, &config.stack.places);
    let need = Need::of(service, pipeline);
    let mut problems = Vec::new();
    if size.fitting(need.cpu, need.memory).is_none() {
        let span = places.memory.clone().or(places.cpu.clone()).or(places.stack.clone()).unwrap_or_default();
        let cpu = if need.cpu > 0 { format!(", and {} CPU units", need.cpu) } else { String::new() };
        let message = format!("the task needs {} MiB of memory{cpu}", need.memory);
        let router = pipeline.router.memory_mib;
        let help = format!(
            "the app's containers, {router} MiB for the router, and the log drivers' buffers; without `cpu` and `memory` \
             the smallest that fits is taken"
        );
        problems.push(
            Problem::error(Code::Memory, span, message).label("no size of a Fargate task is enough for it").help(help),
        );
    }
    if let (Some(storage), Some(span)) = (size.ephemeral_storage, &places.ephemeral_storage)
        && storage < need.buffers + 1
    {
        let message = format!("the router's buffers can take {} GiB", need.buffers);
        let problem = Problem::error(Code::Disk, span.clone(), message).label("too little");
        problems.push(problem.help(format!("{} leaves room for images and files", need.buffers + FILES)));
    }
    problems
}
