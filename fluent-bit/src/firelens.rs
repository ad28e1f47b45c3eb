//! What FireLens writes around our configuration, as the ECS agent's generator does: inputs, `grep` filters, the record's
//! ECS metadata, `@INCLUDE`, and an output for each container that asks for one.
use crate::task_definition::{Container, TaskDefinition};
use std::collections::BTreeMap;

mod facts;

pub use facts::*;

/// What the agent knows when it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firelens {
    /// `Mem_Buf_Limit` of the socket's input.
    pub mem_buf_limit: String,
    pub network: Network,
    /// `enable-ecs-log-metadata`
    pub metadata: Option<Metadata>,
    /// The containers with the log driver `awsfirelens`.
    pub containers: Vec<App>,
}

/// How containers reach the router beside its socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Awsvpc,
    Bridge,
    Host,
}

/// What is added to every record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    pub cluster: String,
    pub task_arn: String,
    pub task_definition: String,
    /// The agent knows it on EC2, and not on Fargate.
    pub ec2_instance_id: Option<String>,
}

/// A container that logs through the router.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct App {
    pub name: String,
    /// `logConfiguration.options`, and `secretOptions` as the environment variables that they arrive in.
    pub options: BTreeMap<String, String>,
}

/// The option that makes an output.
const PLUGIN: &str = "Name";

/// What stands in for the values that only a running task has.
impl Default for Metadata {
    fn default() -> Metadata {
        Metadata {
            cluster: "CLUSTER".to_string(),
            task_arn: "arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/TASK-ID".to_string(),
            task_definition: "FAMILY:REVISION".to_string(),
            ec2_instance_id: None,
        }
    }
}

impl Firelens {
    /// For containers that give no options, in a router with this much memory, on Fargate.
    pub fn new(containers: impl IntoIterator<Item = String>, memory_mib: u32) -> Firelens {
        let containers = containers.into_iter().map(|name| App { name, ..App::default() }).collect();
        Firelens {
            mem_buf_limit: half(memory_mib),
            network: Network::Awsvpc,
            metadata: Some(Metadata::default()),
            containers,
        }
    }

    /// As a task definition has it. `None` when no container of it is a Fluent Bit router.
    pub fn of(task: &TaskDefinition) -> Option<Firelens> {
        let router = task.routers().find(|router| router.is_fluent_bit())?;
        let configuration = router.firelens_configuration.as_ref()?;
        let options = configuration.value.options.iter().flat_map(|options| &options.value);
        let metadata = options
            .filter(|option| option.name.value == METADATA)
            .all(|option| option.value.value != "false")
            .then(|| Metadata {
                task_definition: task.family.as_ref().map_or("FAMILY".to_string(), |family| family.value.clone())
                    + ":REVISION",
                ec2_instance_id: (!on_fargate(task)).then(|| "INSTANCE-ID".to_string()),
                ..Metadata::default()
            });
        let limit = router.memory_reservation.as_ref().or(router.memory.as_ref());
        Some(Firelens {
            mem_buf_limit: limit.map_or("25MB".to_string(), |limit| half(limit.value.try_into().unwrap_or(0))),
            network: network(task),
            metadata,
            containers: task
                .containers
                .iter()
                .enumerate()
                .filter_map(|(index, app)| app_of(index, &app.value))
                .collect(),
        })
    }

    /// The configuration that Fluent Bit is started with. `included` stands where FireLens has `@INCLUDE path`.
    pub fn around(&self, path: &str, included: &str) -> String {
        let text = self.generated(Some(path));
        let include = format!("@INCLUDE {path}\n");
        text.trim_start().replacen(&include, &format!("# {}: from here on\n{included}# … to here\n", include.trim()), 1)
    }

    /// What the agent writes, byte for byte, with this file included.
    pub fn generated(&self, include: Option<&str>) -> String {
        let mut text = self.inputs() + &self.greps();
        if let Some(metadata) = &self.metadata {
            text.push_str(&metadata.filter());
        }
        if let Some(path) = include {
            text.push_str(&format!("\n@INCLUDE {path}\n"));
        }
        text + &self.outputs()
    }

    fn inputs(&self) -> String {
        let limit = &self.mem_buf_limit;
        let socket = format!("\n[INPUT]\n    Name forward\n    Mem_Buf_Limit {limit}\n    unix_path {SOCKET}\n");
        let listen = match self.network {
            Network::Awsvpc => "127.0.0.1",
            Network::Bridge => "0.0.0.0",
            Network::Host => return socket,
        };
        socket
            + &format!(
                "\n[INPUT]\n    Name forward\n    Listen {listen}\n    Port {PORT}\n\
                 \n[INPUT]\n    Name tcp\n    Tag {HEALTH_CHECK}\n    Listen 127.0.0.1\n    Port {HEALTH_CHECK_PORT}\n"
            )
    }

    /// All patterns that include come before those that exclude.
    fn greps(&self) -> String {
        let filters = |option: &str, property: &str| {
            let given = self.containers.iter().filter_map(|app| Some((&app.name, app.options.get(option)?)));
            let filter = |(name, pattern): (&String, &String)| {
                format!("\n[FILTER]\n    Name   grep\n    Match {}\n    {property} log {pattern}\n", matches(name))
            };
            given.map(filter).collect::<String>()
        };
        filters(INCLUDE_PATTERN, "Regex ") + &filters(EXCLUDE_PATTERN, "Exclude")
    }

    fn outputs(&self) -> String {
        let mut text = String::new();
        if self.network != Network::Host {
            text.push_str(&format!("\n[OUTPUT]\n    Name null\n    Match {HEALTH_CHECK}\n"));
        }
        for app in &self.containers {
            let Some(plugin) = app.options.get(PLUGIN) else { continue };
            text.push_str(&format!("\n[OUTPUT]\n    Name {plugin}\n    Match {}\n", matches(&app.name)));
            let own = |name: &str| name != PLUGIN && !LOG_OPTIONS.contains(&name);
            for (name, value) in app.options.iter().filter(|(name, _)| own(name)) {
                text.push_str(&format!("    {name} {value}\n"));
            }
        }
        text
    }
}

impl Metadata {
    fn filter(&self) -> String {
        let instance = self.ec2_instance_id.as_ref().map(|id| format!("    Record ec2_instance_id {id}\n"));
        format!(
            "\n[FILTER]\n    Name record_modifier\n    Match *\n{}    Record ecs_cluster {}\n    Record ecs_task_arn {}\n    \
             Record ecs_task_definition {}\n",
            instance.unwrap_or_default(),
            self.cluster,
            self.task_arn,
            self.task_definition
        )
    }
}

fn half(mib: u32) -> String {
    format!("{}MB", mib / 2)
}

fn network(task: &TaskDefinition) -> Network {
    match task.network_mode.as_ref().map(|mode| mode.value.as_str()) {
        Some("host") => Network::Host,
        Some("bridge") | None if !on_fargate(task) => Network::Bridge,
        _ => Network::Awsvpc,
    }
}

fn on_fargate(task: &TaskDefinition) -> bool {
    task.requires_compatibilities.iter().any(|compatibility| compatibility.value == "FARGATE")
}

/// The container, if its log driver is `awsfirelens`. Secrets arrive as `${name_index}`.
fn app_of(index: usize, container: &Container) -> Option<App> {
    let log = &container.log_configuration.as_ref()?.value;
    if log.log_driver.as_ref()?.value != DRIVER {
        return None;
    }
    let options = log.options.iter().flat_map(|options| &options.value);
    let options = options.map(|option| (option.name.value.clone(), option.value.value.clone()));
    let secrets = log.secret_options.iter().filter_map(|secret| {
        let name = &secret.value.name.as_ref()?.value;
        Some((name.clone(), format!("${{{name}_{index}}}")))
    });
    Some(App { name: container.name.as_ref()?.value.clone(), options: options.chain(secrets).collect() })
}
