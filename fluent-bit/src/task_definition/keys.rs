//! The keys that ECS knows, by the API's reference: RegisterTaskDefinition, ContainerDefinition and what is in these.

use firelens_stack::task_definition::READ_ONLY;
use std::sync::LazyLock;

/// What `register-task-definition` takes.
const TASK: &[&str] = &[
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "containerDefinitions",
    "volumes",
    "placementConstraints",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "tags",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "inferenceAccelerators",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
];

/// All keys of a task definition that was registered.
pub(super) static REGISTERED: LazyLock<Vec<&str>> = LazyLock::new(|| [TASK, &READ_ONLY].concat());

pub(super) const CONTAINER: &[&str] = &[
    "name",
    "image",
    "repositoryCredentials",
    "cpu",
    "memory",
    "memoryReservation",
    "links",
    "portMappings",
    "essential",
    "restartPolicy",
    "entryPoint",
    "command",
    "environment",
    "environmentFiles",
    "mountPoints",
    "volumesFrom",
    "linuxParameters",
    "secrets",
    "dependsOn",
    "startTimeout",
    "stopTimeout",
    "versionConsistency",
    "hostname",
    "user",
    "workingDirectory",
    "disableNetworking",
    "privileged",
    "readonlyRootFilesystem",
    "dnsServers",
    "dnsSearchDomains",
    "extraHosts",
    "dockerSecurityOptions",
    "interactive",
    "pseudoTerminal",
    "dockerLabels",
    "ulimits",
    "logConfiguration",
    "healthCheck",
    "systemControls",
    "resourceRequirements",
    "firelensConfiguration",
    "credentialSpecs",
];

pub(super) const LOG: &[&str] = &["logDriver", "options", "secretOptions"];
pub(super) const FIRELENS: &[&str] = &["type", "options"];
pub(super) const DEPENDENCY: &[&str] = &["containerName", "condition"];
pub(super) const HEALTH: &[&str] = &["command", "interval", "timeout", "retries", "startPeriod"];
pub(super) const MOUNT: &[&str] = &["sourceVolume", "containerPath", "readOnly"];
pub(super) const RESTART: &[&str] = &["enabled", "ignoredExitCodes", "restartAttemptPeriod"];
