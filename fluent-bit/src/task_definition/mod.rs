//! ECS task definitions, as far as FireLens is concerned, with the place of every value: what
//! `aws ecs register-task-definition --cli-input-json` takes and `aws ecs describe-task-definition` prints.
//!
//! Everything is optional here. What ECS needs, and what contradicts itself, is for others to judge; only a value of the
//! wrong type is a problem of reading.
use crate::firelens;
use json::{Object, Problems, wrong_type};
use jsonc_parser::ast::Value;

pub mod inject;
mod json;
mod keys;
mod read;

pub use json::{Pair, Problem, Span, Spanned, UnknownKey};

/// A task definition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskDefinition {
    /// The object that it is, without the wrapper.
    pub span: Span,
    /// It stands under the key `taskDefinition`, as `describe-task-definition` prints it.
    pub wrapped: bool,
    /// It is the list of containers alone, as Terraform's `container_definitions` takes it.
    pub bare: bool,
    pub family: Option<Spanned<String>>,
    /// `containerDefinitions`
    pub containers: Vec<Spanned<Container>>,
    pub volumes: Vec<Spanned<Volume>>,
    /// `awsvpc`, `bridge`, `host` or `none`
    pub network_mode: Option<Spanned<String>>,
    /// CPU units (1024 are one vCPU), or `.5 vCPU`.
    pub cpu: Option<Spanned<String>>,
    /// MiB, or `2 GB`; see [`mebibytes`].
    pub memory: Option<Spanned<String>>,
    /// `FARGATE`, `EC2`, `EXTERNAL`, `MANAGED_INSTANCES`
    pub requires_compatibilities: Vec<Spanned<String>>,
    pub runtime_platform: Option<Spanned<RuntimePlatform>>,
    /// `ephemeralStorage.sizeInGiB`: Fargate gives 20 without it.
    pub ephemeral_storage: Option<Spanned<i64>>,
    pub task_role_arn: Option<Spanned<String>>,
    pub execution_role_arn: Option<Spanned<String>>,
    /// `describe-task-definition` prints it.
    pub arn: Option<Spanned<String>>,
    /// All keys at the top, known or not.
    pub keys: Vec<Spanned<String>>,
    /// The keys in it, at any depth, that ECS does not know.
    pub unknown: Vec<UnknownKey>,
}

/// One of `containerDefinitions`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Container {
    pub name: Option<Spanned<String>>,
    pub image: Option<Spanned<String>>,
    pub cpu: Option<Spanned<i64>>,
    /// The hard limit, in MiB.
    pub memory: Option<Spanned<i64>>,
    /// The soft limit, in MiB.
    pub memory_reservation: Option<Spanned<i64>>,
    /// ECS takes a container without it for essential.
    pub essential: Option<Spanned<bool>>,
    pub entry_point: Option<Spanned<Vec<Spanned<String>>>>,
    pub command: Option<Spanned<Vec<Spanned<String>>>>,
    pub log_configuration: Option<Spanned<LogConfiguration>>,
    pub firelens_configuration: Option<Spanned<FirelensConfiguration>>,
    pub depends_on: Vec<Spanned<Dependency>>,
    pub health_check: Option<Spanned<HealthCheck>>,
    /// Seconds.
    pub start_timeout: Option<Spanned<i64>>,
    /// Seconds from SIGTERM to SIGKILL.
    pub stop_timeout: Option<Spanned<i64>>,
    pub mount_points: Vec<Spanned<MountPoint>>,
    pub restart_policy: Option<Spanned<RestartPolicy>>,
    pub environment: Vec<Spanned<Variable>>,
    /// There are `environmentFiles`: S3 holds more variables.
    pub environment_files: bool,
    pub secrets: Vec<Spanned<Secret>>,
    pub user: Option<Spanned<String>>,
    pub readonly_root_filesystem: Option<Spanned<bool>>,
    /// The paths of `linuxParameters.tmpfs`.
    pub tmpfs: Vec<Spanned<String>>,
}

/// `logConfiguration`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogConfiguration {
    pub log_driver: Option<Spanned<String>>,
    pub options: Option<Spanned<Vec<Pair>>>,
    pub secret_options: Vec<Spanned<Secret>>,
}

/// `firelensConfiguration`: the container is the router.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirelensConfiguration {
    /// `fluentbit` or `fluentd`
    pub kind: Option<Spanned<String>>,
    pub options: Option<Spanned<Vec<Pair>>>,
}

/// One of `dependsOn`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependency {
    pub container: Option<Spanned<String>>,
    /// `START`, `COMPLETE`, `SUCCESS` or `HEALTHY`
    pub condition: Option<Spanned<String>>,
}

/// `healthCheck`; times in seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthCheck {
    pub command: Vec<Spanned<String>>,
    pub interval: Option<Spanned<i64>>,
    pub timeout: Option<Spanned<i64>>,
    pub retries: Option<Spanned<i64>>,
    pub start_period: Option<Spanned<i64>>,
}

/// One of `mountPoints`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MountPoint {
    pub source_volume: Option<Spanned<String>>,
    pub container_path: Option<Spanned<String>>,
    pub read_only: Option<Spanned<bool>>,
}

/// `restartPolicy`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestartPolicy {
    pub enabled: Option<Spanned<bool>>,
    pub ignored_exit_codes: Vec<Spanned<i64>>,
    /// Seconds that a container must have run before it is restarted.
    pub restart_attempt_period: Option<Spanned<i64>>,
}

/// One of `environment`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variable {
    pub name: Option<Spanned<String>>,
    pub value: Option<Spanned<String>>,
}

/// One of `secrets` or `secretOptions`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secret {
    pub name: Option<Spanned<String>>,
    /// The ARN of a secret or of a parameter, or a parameter's name.
    pub value_from: Option<Spanned<String>>,
}

/// One of `volumes`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Volume {
    pub name: Option<Spanned<String>>,
}

/// `runtimePlatform`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuntimePlatform {
    /// `X86_64` or `ARM64`
    pub cpu_architecture: Option<Spanned<String>>,
    /// `LINUX`, or one of Windows' names
    pub operating_system_family: Option<Spanned<String>>,
}

/// Reads a text. There is a task definition when the text is one; the problems are values of a wrong type in it, or what
/// keeps the text from being one.
pub fn read(source: &str) -> (Option<TaskDefinition>, Vec<Problem>) {
    let problems = Problems::default();
    let task = json::parse(source, &problems).and_then(|value| unwrap(&value, &problems));
    let task = task.map(|task| TaskDefinition { unknown: problems.unknown(), ..task });
    (task, problems.into_inner())
}

/// With or without the wrapper.
fn unwrap(value: &Value, problems: &Problems) -> Option<TaskDefinition> {
    if let Some(containers) = read::bare_list(value, problems) {
        return Some(TaskDefinition { span: json::span(value), bare: true, containers, ..TaskDefinition::default() });
    }
    let Some(object) = json::as_object(value) else {
        return wrong_type(value, "a task definition (an object)", None, problems);
    };
    match object.get("taskDefinition") {
        Some(inner) => {
            let task = task(&inner.value, problems)?;
            Some(TaskDefinition { wrapped: true, ..task })
        }
        None => task(value, problems),
    }
}

fn task(value: &Value, problems: &Problems) -> Option<TaskDefinition> {
    let object = Object::of(value, problems)?;
    if object.value("containerDefinitions").is_none() {
        let cloudformation =
            object.keys().iter().any(|key| ["ContainerDefinitions", "Resources"].contains(&key.as_str()));
        let help = match cloudformation {
            true => "a CloudFormation template is not read; `aws ecs describe-task-definition` prints what it made",
            false => "`aws ecs describe-task-definition --task-definition NAME` prints one",
        };
        problems.add(json::span(value), "this is no task definition: it has no `containerDefinitions`", Some(help));
        return None;
    }
    Some(read::task_definition(&object, json::span(value)))
}

impl TaskDefinition {
    /// The container of this name.
    pub fn container(&self, name: &str) -> Option<&Spanned<Container>> {
        self.containers.iter().find(|container| container.is_named(name))
    }

    /// The router is Fluentd, whose configuration is another language.
    pub fn fluentd(&self) -> bool {
        self.routers().next().is_some_and(|router| router.is_fluentd())
    }

    /// The containers that are FireLens routers. ECS takes one at most.
    pub fn routers(&self) -> impl Iterator<Item = &Spanned<Container>> {
        self.containers.iter().filter(|container| container.is_router())
    }

    /// The containers that are no router.
    pub fn apps(&self) -> impl Iterator<Item = &Spanned<Container>> {
        self.containers.iter().filter(|container| !container.is_router())
    }

    /// The containers whose log goes to the router.
    pub fn firelens_apps(&self) -> impl Iterator<Item = &Spanned<Container>> {
        self.apps().filter(|container| container.log_driver() == Some(firelens::DRIVER))
    }

    /// It is for Fargate (too).
    pub fn fargate(&self) -> bool {
        self.requires_compatibilities.iter().any(|kind| kind.value == "FARGATE")
    }

    /// The region that it shows: in its ARN, or where its containers' logs go.
    pub fn region(&self) -> Option<&str> {
        let arn = self.arn.as_ref().and_then(|arn| arn.split(':').nth(3)).filter(|region| !region.is_empty());
        let options = ["awslogs-region", "region"].into_iter();
        let logs = self.containers.iter().filter_map(|container| container.log_configuration.as_ref());
        arn.or_else(|| {
            options.flat_map(|name| logs.clone().find_map(|log| log.option(name))).next().map(|pair| &**pair.value)
        })
    }

    /// The keys that `register-task-definition` refuses.
    pub fn read_only_keys(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.keys.iter().filter(|key| firelens_stack::task_definition::READ_ONLY.contains(&key.as_str()))
    }
}

impl Container {
    pub fn is_named(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|own| own.value == name)
    }

    /// It is a FireLens router of the type `fluentd`.
    pub fn is_fluentd(&self) -> bool {
        let kind = self.firelens_configuration.as_ref().and_then(|firelens| firelens.kind.as_ref());
        kind.is_some_and(|kind| kind.value == firelens::FLUENTD)
    }

    /// It is a FireLens router of the type `fluentbit`.
    pub fn is_fluent_bit(&self) -> bool {
        let kind = self.firelens_configuration.as_ref().and_then(|firelens| firelens.kind.as_ref());
        kind.is_some_and(|kind| kind.value == firelens::FLUENT_BIT)
    }

    /// It is a FireLens router.
    pub fn is_router(&self) -> bool {
        self.firelens_configuration.is_some()
    }

    /// The log driver, if one is named.
    pub fn log_driver(&self) -> Option<&str> {
        self.log_configuration.as_ref()?.log_driver.as_ref().map(|driver| driver.as_str())
    }
}

impl LogConfiguration {
    /// The option of this name, spelled so.
    pub fn option(&self, name: &str) -> Option<&Pair> {
        find(self.options.as_ref(), name)
    }
}

impl FirelensConfiguration {
    /// The option of this name, spelled so.
    pub fn option(&self, name: &str) -> Option<&Pair> {
        find(self.options.as_ref(), name)
    }
}

fn find<'a>(options: Option<&'a Spanned<Vec<Pair>>>, name: &str) -> Option<&'a Pair> {
    options?.iter().find(|pair| pair.name.value == name)
}

/// A task's memory in MiB: `2048`, or `2 GB` as people write it. `None` when it is neither.
pub fn mebibytes(memory: &str) -> Option<i64> {
    let memory = memory.trim().to_ascii_uppercase();
    match memory.strip_suffix("GB") {
        Some(gigabytes) => {
            let gigabytes: f64 = gigabytes.trim().parse().ok()?;
            Some((gigabytes * 1024.0).round() as i64)
        }
        None => memory.parse().ok(),
    }
}

#[cfg(test)]
mod tests;
