//! What a deploy makes beside the destinations.
use super::{Shape, Table, key, required};

/// Tasks of a service (Amazon ECS developer guide, "Service quotas").
const TASKS: i64 = 5000;
/// GiB (Amazon ECS developer guide, "Fargate task ephemeral storage").
const STORAGE: (i64, i64) = (21, 200);
/// ECS's least for a container on Linux is 6 MiB, and Fargate's largest task has 120 GiB.
const MEMORY: (i64, i64) = (6, 122_880);

/// The stack.
pub static STACK: Table = Table::new(
    "[stack]",
    &[
        key(
            "region",
            "that of the environment or the profile",
            Shape::Text,
            "\"eu-west-1\"",
            "where the stack is, unless `--region` or the environment say another one",
        ),
        key(
            "tags",
            "none",
            Shape::Map(&Shape::Text),
            "{ team = \"web\" }",
            "tags for everything: up to 49, beside the stack's own",
        ),
        key(
            "kms_key",
            "AWS's own keys",
            Shape::Text,
            "\"arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555\"",
            "the ARN of a KMS key for everything that is encrypted and names no other",
        ),
        key(
            "secret_keys",
            "none",
            Shape::OneOrMany(&Shape::Text),
            "[\"arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555\"]",
            "the ARNs of the KMS keys that secrets and parameters are encrypted with, where that is neither `kms_key` nor \
             AWS's own key; the execution role may decrypt with them, through Secrets Manager and the Parameter Store only",
        ),
        key(
            "permissions_boundary",
            "none",
            Shape::Text,
            "\"arn:aws:iam::123456789012:policy/boundary\"",
            "the ARN of a policy that bounds the roles' rights",
        ),
        key(
            "log_retention_days",
            "`30`",
            Shape::Any(&[Shape::Integer(1, 3653), Shape::Words(&["forever"])]),
            "90",
            "how long the logs of the router, of Firehose's errors and of the deploys are kept",
        ),
        key(
            "error_metric",
            "`false`",
            Shape::Boolean,
            "true",
            "whether the errors in the router's own log are counted: the metric `RouterErrors` of the namespace \
             `firelens-kit/NAME` in CloudWatch, for alarms",
        ),
        key(
            "repository",
            "one in ECR",
            Shape::Text,
            "\"registry.example.com/log-router\"",
            "`\"host/name\"` of another registry, for the router's image",
        ),
        key(
            "cpu",
            "the smallest size that fits",
            Shape::Integer(0, u32::MAX as i64),
            "512",
            "the task's CPU units (1024 are one vCPU), as Fargate pairs them with `memory`",
        ),
        key(
            "memory",
            "the smallest size that fits",
            Shape::Integer(0, u32::MAX as i64),
            "1024",
            "the task's MiB, as Fargate pairs them with `cpu`",
        ),
        key(
            "ephemeral_storage",
            "Fargate's 20, or what the router's buffers take and 10 more",
            Shape::Integer(STORAGE.0, STORAGE.1),
            "40",
            "GiB of the task's disk, 21 to 200",
        ),
        key(
            "vpc",
            "the region's default VPC",
            Shape::Text,
            "\"vpc-0123456789abcdef0\"",
            "with a `[stack.app]`: the id of the VPC; goes with `subnets`",
        ),
        key(
            "subnets",
            "those of the default VPC",
            Shape::OneOrMany(&Shape::Text),
            "[\"subnet-0123456789abcdef0\"]",
            "with a `[stack.app]`: ids; goes with `vpc`",
        ),
        key(
            "public_ip",
            "`true` in the default VPC, else `false`",
            Shape::Boolean,
            "false",
            "with a `[stack.app]`: whether tasks get a public address. Without one their subnets need a way to ECR, \
             CloudWatch and S3: a NAT gateway or endpoints",
        ),
        key(
            "security_groups",
            "none",
            Shape::OneOrMany(&Shape::Text),
            "[\"sg-0123456789abcdef0\"]",
            "with a `[stack.app]`: up to four, beside the stack's own",
        ),
        key(
            "architecture",
            "`\"x86_64\"`",
            Shape::Words(&["x86_64", "arm64"]),
            "\"arm64\"",
            "with a `[stack.app]`: or `\"arm64\"`",
        ),
        key(
            "desired_count",
            "one task at first",
            Shape::Integer(0, TASKS),
            "2",
            "with a `[stack.app]`: the number of tasks. Without it nobody's changes to the number are undone",
        ),
        key(
            "app",
            "none",
            Shape::Any(&[Shape::Table(&APP), Shape::Tables(&APP)]),
            "",
            "the app's container, or several",
        ),
        key("existing", "none", Shape::Table(&EXISTING), "", "the service that is there, which the router is put into"),
    ],
);

/// A container of the app.
pub static APP: Table = Table::new(
    "[stack.app]",
    &[
        key("name", "that of the file's only `[[container]]`", Shape::Text, "\"httpd\"", "the container's name"),
        required("image", Shape::Text, "\"httpd:2.4.65\"", "its image"),
        key("port", "none", Shape::Integer(1, 65_535), "80", "the port that clients call; one container has it"),
        key(
            "ingress",
            "nobody",
            Shape::OneOrMany(&Shape::Text),
            "[\"10.0.0.0/8\"]",
            "who reaches the port: CIDR blocks, security groups (`sg-…`), prefix lists (`pl-…`)",
        ),
        key("environment", "none", Shape::Map(&Shape::Text), "{ TZ = \"UTC\" }", "a table of variables"),
        key(
            "secrets",
            "none",
            Shape::Map(&Shape::Text),
            "{ PASSWORD = \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf\" }",
            "a table of variables, and the ARNs that they are filled from, in Secrets Manager or in the Parameter Store",
        ),
        key("command", "the image's own", Shape::OneOrMany(&Shape::Text), "[\"httpd-foreground\"]", "a list"),
        key("cpu", "none", Shape::Integer(1, 16_384), "256", "CPU units that it is promised"),
        key(
            "memory",
            "none",
            Shape::Integer(MEMORY.0, MEMORY.1),
            "256",
            "its limit in MiB. Without one it is promised 512, and takes what the task has",
        ),
        key(
            "health_check",
            "none",
            Shape::OneOrMany(&Shape::Text),
            "\"curl -f http://127.0.0.1/\"",
            "a command for the container's shell, or a list that begins with `\"CMD\"` or `\"CMD-SHELL\"`",
        ),
    ],
);

/// A service that is there.
pub static EXISTING: Table = Table::new(
    "[stack.existing]",
    &[
        required("cluster", Shape::Text, "\"main\"", "the cluster's name or ARN"),
        required("service", Shape::Text, "\"web\"", "the service's name or ARN"),
        key(
            "replace_log_driver",
            "`false`",
            Shape::Boolean,
            "true",
            "the containers' log driver, mostly `awslogs`, may be replaced",
        ),
        key("replace_router", "`false`", Shape::Boolean, "true", "a FireLens router that is there may become ours"),
    ],
);
