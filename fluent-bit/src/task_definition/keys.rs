//! The keys that ECS knows, by the API's reference: RegisterTaskDefinition, ContainerDefinition and what is in these.

use std::sync::LazyLock;

/// What `describe-task-definition` adds, and `register-task-definition` refuses.
pub const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "deregisteredAt",
    "deleteRequestedAt",
    "registeredBy",
];

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
pub static REGISTERED: LazyLock<Vec<&str>> = LazyLock::new(|| [TASK, &READ_ONLY].concat());

pub const CONTAINER: &[&str] = &[
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

pub const LOG: &[&str] = &["logDriver", "options", "secretOptions"];
pub const FIRELENS: &[&str] = &["type", "options"];
pub const DEPENDENCY: &[&str] = &["containerName", "condition"];
pub const HEALTH: &[&str] = &["command", "interval", "timeout", "retries", "startPeriod"];
pub const MOUNT: &[&str] = &["sourceVolume", "containerPath", "readOnly"];
pub const RESTART: &[&str] = &["enabled", "ignoredExitCodes", "restartAttemptPeriod"];
