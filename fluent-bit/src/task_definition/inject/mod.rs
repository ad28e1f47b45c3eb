//! The router, put into a task definition that the user has: its container and disk buffer, and in each app container the
//! log driver and the dependency on the router. Everything else stays as it was written, and a second time changes
//! nothing.
use super::{Container, Problem, TaskDefinition, json, read};
use crate::{
    User,
    destination::VARIABLES,
    firelens,
    pipeline::{CONFIG_PATH, HTTP_PORT, Pipeline, STORAGE_PATH},
};
use jsonc_parser::cst::{CstObject, CstRootNode};
use serde_json::{Value, json};

mod check;
mod container;
mod edit;
mod register;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub router: Router,
    pub apps: Apps,
    /// App containers may have another log driver, or an output of their own; it is replaced.
    pub replace_log_driver: bool,
    /// A FireLens router with another configuration becomes ours.
    pub replace_router: bool,
    /// App containers without `log-driver-buffer-limit` get one that follows from the load. Without this they keep Docker's
    /// own, which is larger.
    pub limit_driver_buffer: bool,
    /// The result is what `aws ecs register-task-definition --cli-input-json` takes.
    pub register: bool,
}

/// The containers whose lines go to the router.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Apps {
    /// These.
    pub names: Vec<String>,
    /// And all that have no `logConfiguration` of their own.
    pub unconfigured: bool,
}

/// The router's container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Router {
    /// Its name, unless the task definition has our router already.
    pub name: String,
    /// The image with the pipeline inside. `None` keeps the one that is there.
    pub image: Option<String>,
    /// The pipeline's configuration in the image. A router that names this file is ours.
    pub config_file: String,
    /// The hard limit in MiB. Half of it is reserved; FireLens takes half of that for its input.
    pub memory: u32,
    /// The disk space that its buffers can take, in MiB.
    pub disk: u64,
    /// Its end is the task's end. `None` keeps what is there; a new router is essential.
    pub essential: Option<bool>,
    /// The records get `ecs_cluster`, `ecs_task_arn` and `ecs_task_definition`.
    pub ecs_metadata: bool,
    /// Who it runs as; `None` is root.
    pub user: Option<User>,
    /// Its root file system is read-only. `false` keeps what is there.
    pub readonly_root_filesystem: bool,
    /// Where Fluent Bit keeps what is not delivered yet (`storage.path`): a task volume is mounted there.
    pub storage_path: String,
    /// Fluent Bit's own HTTP server, which the health check asks.
    pub http_port: u16,
    /// Fluent Bit's `Grace`, in seconds.
    pub grace: u32,
    /// What Fluent Bit itself says goes here, through `awslogs`.
    pub log: OwnLog,
    /// Secrets (and their ARNs) that become environment variables.
    pub secrets: Vec<(String, String)>,
    /// Environment variables that the configuration needs. `None` keeps the one that is there.
    pub environment: Vec<(String, Option<String>)>,
    pub driver_buffer: DriverBuffer,
}

impl Router {
    /// The router of a pipeline. What only its user can tell is missing: the image, and where its own log goes.
    pub fn of(pipeline: &Pipeline) -> Router {
        let load = pipeline.router.load;
        Router {
            name: ROUTER.into(),
            image: None,
            config_file: CONFIG_PATH.into(),
            memory: pipeline.router.memory_mib,
            disk: pipeline.disk_sum().div_ceil(1 << 20),
            essential: None,
            ecs_metadata: true,
            user: pipeline.router.user,
            readonly_root_filesystem: pipeline.router.readonly_root_filesystem,
            storage_path: STORAGE_PATH.into(),
            http_port: HTTP_PORT,
            grace: pipeline.router.grace,
            log: OwnLog::default(),
            secrets: pipeline.secrets(),
            environment: pipeline.variables().into_iter().map(|(name, _)| (name, None)).collect(),
            driver_buffer: DriverBuffer {
                lines: u64::from(load.records_per_second) * DRIVER_BUFFER_SECONDS,
                line_bytes: u64::from(load.record_bytes),
            },
        }
    }
}

/// How long the log drivers hold what comes, which has to be longer than the router's restart takes. AWS asks for five
/// seconds at least.
const DRIVER_BUFFER_SECONDS: u64 = 30;

/// Where the router's own log goes, unless the router has a log configuration already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnLog {
    /// The log group; without one, that of another container, or else one named after the family.
    pub group: Option<String>,
    /// The group's region. Only a router that has a log configuration needs none.
    pub region: Option<String>,
}

/// `log-driver-buffer-limit`: the lines that each container's log driver holds while the router does not take them.
///
/// It counts lines, 1,048,576 unless it is set (`fluentd-buffer-limit` of Docker's log driver `fluentd`, which has it from
/// `fluent-logger-golang`), and the memory for them is the task's, outside of all containers (ECS developer guide, "Configuring
/// Amazon ECS logs for high throughput").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DriverBuffer {
    pub lines: u64,
    /// The usual size of a line.
    pub line_bytes: u64,
}

impl DriverBuffer {
    /// The memory that it takes when it is full, in MiB.
    pub fn mebibytes(&self) -> u64 {
        (self.lines * self.line_bytes).div_ceil(1 << 20)
    }
}

/// The task definition with the router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injected {
    pub text: String,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// The name of a new router's container, unless another one is wanted.
pub const ROUTER: &str = "log_router";

/// The name of the task volume with the disk buffer.
pub const VOLUME: &str = "firelens-kit-buffer";

/// Puts the router in.
///
/// # Errors
/// What is no task definition, and everything in it that contradicts the request.
pub fn inject(source: &str, request: &Request) -> Result<Injected, Vec<Problem>> {
    let (task, problems) = read(source);
    let Some(task) = task.filter(|_| problems.is_empty()) else {
        return Err(problems);
    };
    if task.bare {
        let message = "this is a list of containers, and the router needs a volume of the task as well";
        let help = "put it into a task definition: { \"containerDefinitions\": [ … ] }";
        let span = task.span.start..task.span.start + 1;
        return Err(vec![Problem { span, message: message.to_string(), help: Some(help.to_string()) }]);
    }
    let plan = check::plan(&task, request)?;
    let text = write(source, &task, &plan, request).ok_or_else(Vec::new)?;
    Ok(Injected { text, notes: plan.notes })
}

/// What is to be done.
struct Plan<'a> {
    /// The router's name.
    name: String,
    /// There is no router yet.
    new: bool,
    /// The router that is there is Fluentd's.
    fluentd: bool,
    /// The app containers.
    apps: Vec<&'a Container>,
    /// The value of `AWS_REGION`, where nobody else sets it: Fargate does, the ECS agent of an instance since its 1.104.0.
    region: Option<String>,
    /// The log configuration that a router without one gets.
    log: Option<OwnLog>,
    notes: Vec<String>,
}

fn write(source: &str, task: &TaskDefinition, plan: &Plan, request: &Request) -> Option<String> {
    let root = CstRootNode::parse(source, &json::strict()).ok()?;
    let outer = root.object_value()?;
    let object = if task.wrapped { outer.object_value("taskDefinition")? } else { outer.clone() };
    for app in edit::objects(&object, "containerDefinitions") {
        let name = edit::string(&app, "name");
        if plan.apps.iter().any(|planned| name.as_deref().is_some_and(|name| planned.is_named(name))) {
            connect(&app, plan, request);
        }
    }
    merge_router(&object, plan, &request.router);
    edit::merge_list(&object, "volumes", "name", &[json!({ "name": VOLUME })]);
    if request.register {
        register::strip(&outer, &object);
    }
    let text = if request.register && task.wrapped { register::unwrapped(&object) } else { root.to_string() };
    Some(edit::like(source, text))
}

/// The lines that a log driver holds: the user's own number, unless it is too small for the router's restart.
fn driver_lines(own: Option<&str>, request: &Request) -> Option<String> {
    let needed = request.router.driver_buffer.lines;
    let enough = match own {
        Some(own) => own.parse::<u64>().is_ok_and(|own| own >= needed),
        None => !request.limit_driver_buffer,
    };
    (!enough).then(|| needed.to_string())
}

/// Sends a container's lines to the router, which has to be up before.
fn connect(app: &CstObject, plan: &Plan, request: &Request) {
    let log = app.object_value("logConfiguration");
    match log.filter(|log| edit::string(log, "logDriver").as_deref() == Some(firelens::DRIVER)) {
        Some(log) => {
            if let Some(options) = log.object_value("options") {
                let names = options.properties().into_iter().filter_map(|property| property.decoded_name());
                for name in names.filter(|name| check::is_output_option(name)) {
                    edit::remove(&options, &name);
                }
            }
            edit::remove(&log, "secretOptions");
            let limit = log.object_value("options").and_then(|options| edit::string(&options, firelens::DRIVER_BUFFER));
            if let Some(lines) = driver_lines(limit.as_deref(), request) {
                edit::merge(&log, &object(json!({ "options": { firelens::DRIVER_BUFFER: lines } })));
            }
        }
        None => {
            let log = match driver_lines(None, request) {
                Some(lines) => json!({ "logDriver": firelens::DRIVER, "options": { firelens::DRIVER_BUFFER: lines } }),
                None => json!({ "logDriver": firelens::DRIVER }),
            };
            edit::set(app, "logConfiguration", &log);
        }
    }
    let dependency = json!({ "containerName": plan.name, "condition": "HEALTHY" });
    edit::merge_list(app, "dependsOn", "containerName", &[dependency]);
}

/// The router that is there is brought up to date; what else it has stays.
fn merge_router(task: &CstObject, plan: &Plan, wanted: &Router) {
    let router = container::router(plan, wanted);
    let containers = edit::objects(task, "containerDefinitions");
    let there = containers.into_iter().find(|object| edit::string(object, "name").as_deref() == Some(&plan.name));
    match there {
        Some(there) => {
            if plan.fluentd {
                // They start Fluentd.
                ["command", "entryPoint"].into_iter().for_each(|key| edit::remove(&there, key));
            }
            edit::merge(&there, &router.values);
            for (list, id, items) in &router.lists {
                edit::merge_list(&there, list, id, items);
            }
            remove_old_secrets(&there, wanted);
        }
        None => {
            let containers = task.array_value_or_set("containerDefinitions");
            containers.append(edit::input(&router.whole()));
        }
    }
}

/// A task does not start with a secret that was deleted together with its destination.
fn remove_old_secrets(router: &CstObject, wanted: &Router) {
    for secret in edit::objects(router, "secrets") {
        let name = edit::string(&secret, "name").unwrap_or_default();
        if name.starts_with(VARIABLES) && !wanted.secrets.iter().any(|(wanted, _)| *wanted == name) {
            secret.remove();
        }
    }
}

/// The map of a `json!({…})`.
fn object(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}

#[cfg(test)]
mod tests;
