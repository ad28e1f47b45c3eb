//! What FireLens is, in names: what the ECS agent writes into the router's configuration, what it takes from a task
//! definition, and what Fluent Bit and AWS's images get from it (amazon-ecs-agent, `agent/taskresource/firelens/`; ECS
//! developer guide, "Using custom log routing").

/// The log driver of containers that log through the router.
pub const DRIVER: &str = "awsfirelens";

/// `firelensConfiguration.type` of a router with Fluent Bit.
pub const FLUENT_BIT: &str = "fluentbit";

/// `firelensConfiguration.type` of a router with Fluentd.
pub const FLUENTD: &str = "fluentd";

/// The options of `firelensConfiguration`.
pub const METADATA: &str = "enable-ecs-log-metadata";
pub const CONFIG_TYPE: &str = "config-file-type";
pub const CONFIG_VALUE: &str = "config-file-value";

/// All of them, with the values that they take; without any, all.
pub const ROUTER_OPTIONS: [(&str, &[&str]); 3] =
    [(METADATA, &["true", "false"]), (CONFIG_TYPE, &["file", "s3"]), (CONFIG_VALUE, &[])];

/// The log options that are not the output's: filters of FireLens, and the buffer of the log driver.
pub const INCLUDE_PATTERN: &str = "include-pattern";
pub const EXCLUDE_PATTERN: &str = "exclude-pattern";
pub const DRIVER_BUFFER: &str = "log-driver-buffer-limit";

/// All of them.
pub const LOG_OPTIONS: [&str; 3] = [DRIVER_BUFFER, INCLUDE_PATTERN, EXCLUDE_PATTERN];

/// The socket that Docker's log driver writes to.
pub const SOCKET: &str = "/var/run/fluent.sock";

/// The port of the input for containers that log to the router by themselves.
pub const PORT: u16 = 24224;

/// The port and the tag of the input for a health check over TCP.
pub const HEALTH_CHECK_PORT: u16 = 8877;
pub const HEALTH_CHECK: &str = "firelens-healthcheck";

/// Between a container's name and the task's id in a tag.
pub const INFIX: &str = "-firelens-";

/// The tags of all containers.
pub const ALL_TAGS: &str = "*-firelens-*";

/// The tag of a container's records in a task.
pub fn tag(container: &str, task: &str) -> String {
    format!("{container}{INFIX}{task}")
}

/// What FireLens's own filters and outputs match for a container.
pub fn matches(container: &str) -> String {
    format!("{container}-firelens*")
}

/// The files that FireLens writes, and those that it puts there when they come from S3.
pub const RESERVED: [&str; 4] = [
    "/fluent-bit/etc/fluent-bit.conf",
    "/fluent-bit/etc/external.conf",
    "/fluentd/etc/fluent.conf",
    "/fluentd/etc/external.conf",
];

/// Where the process of AWS's `init-` images puts what it makes (`init/fluent_bit_init_process.go` of aws-for-fluent-bit): the
/// configuration that it starts Fluent Bit with, its start command, and the files from S3.
pub const RESERVED_BY_INIT: [&str; 3] =
    ["/init/fluent-bit-init.conf", "/init/invoke_fluent_bit.sh", "/init/fluent-bit-init-s3-files/"];

/// The beginning of the variables that name files for an `init-` image: `aws_fluent_bit_init_s3_1`,
/// `aws_fluent_bit_init_file_2`, in any case.
pub const INIT_PREFIX: &str = "aws_fluent_bit_init_";

/// The environment variables that ECS, FireLens and the image's entry point set.
pub const VARIABLES: [&str; 9] = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "ECS_CONTAINER_METADATA_URI",
    "ECS_CONTAINER_METADATA_URI_V4",
    "ECS_AGENT_URI",
    "HOSTNAME",
    "HOME",
];

/// Those that AWS's `init-` images set, too.
pub const VARIABLES_OF_INIT: [&str; 9] = [
    "AWS_AVAILABILITY_ZONE",
    "AWS_AZ",
    "ECS_CLUSTER",
    "ECS_FAMILY",
    "ECS_LAUNCH_TYPE",
    "ECS_REVISION",
    "ECS_TASK_ARN",
    "ECS_TASK_DEFINITION",
    "ECS_TASK_ID",
];
