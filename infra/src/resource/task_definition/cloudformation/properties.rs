//! The names that a task definition's fields have in CloudFormation, of which nearly all are those of ECS's API with a
//! capital.
//!
//! Amazon ECS API reference, RegisterTaskDefinition; CloudFormation template reference, AWS::ECS::TaskDefinition. A test
//! compares the table with cfn-lint's schema.

/// What is in a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    /// A text, a number, or a list of them.
    Plain,
    /// Names of the user's, as they are.
    Map,
    /// Known fields, or a list of such.
    Fields(&'static [Field]),
}

/// In the API, and what is in it; its name here where it is not the same with a capital.
pub(super) type Field = (&'static str, Content, Option<&'static str>);

use Content::{Fields, Map, Plain};

const fn plain(name: &'static str) -> Field {
    (name, Plain, None)
}

const fn fields(name: &'static str, fields: &'static [Field]) -> Field {
    (name, Fields(fields), None)
}

const fn map(name: &'static str) -> Field {
    (name, Map, None)
}

const fn named(field: Field, name: &'static str) -> Field {
    (field.0, field.1, Some(name))
}

pub(super) const TASK_DEFINITION: &[Field] = &[
    plain("family"),
    plain("taskRoleArn"),
    plain("executionRoleArn"),
    plain("networkMode"),
    fields("containerDefinitions", CONTAINER),
    fields("volumes", VOLUME),
    fields("placementConstraints", &[plain("type"), plain("expression")]),
    plain("requiresCompatibilities"),
    plain("cpu"),
    plain("memory"),
    plain("pidMode"),
    plain("ipcMode"),
    fields(
        "proxyConfiguration",
        &[plain("type"), plain("containerName"), named(fields("properties", PAIR), "ProxyConfigurationProperties")],
    ),
    fields("inferenceAccelerators", &[plain("deviceName"), plain("deviceType")]),
    fields("ephemeralStorage", &[plain("sizeInGiB")]),
    fields("runtimePlatform", &[plain("cpuArchitecture"), plain("operatingSystemFamily")]),
    plain("enableFaultInjection"),
];

const PAIR: &[Field] = &[plain("name"), plain("value")];

const SECRET: &[Field] = &[plain("name"), plain("valueFrom")];

const CONTAINER: &[Field] = &[
    plain("name"),
    plain("image"),
    fields("repositoryCredentials", &[plain("credentialsParameter")]),
    plain("cpu"),
    plain("memory"),
    plain("memoryReservation"),
    plain("links"),
    fields(
        "portMappings",
        &[
            plain("containerPort"),
            plain("hostPort"),
            plain("protocol"),
            plain("name"),
            plain("appProtocol"),
            plain("containerPortRange"),
        ],
    ),
    plain("essential"),
    fields("restartPolicy", &[plain("enabled"), plain("ignoredExitCodes"), plain("restartAttemptPeriod")]),
    plain("entryPoint"),
    plain("command"),
    fields("environment", PAIR),
    fields("environmentFiles", &[plain("value"), plain("type")]),
    fields("mountPoints", &[plain("sourceVolume"), plain("containerPath"), plain("readOnly")]),
    fields("volumesFrom", &[plain("sourceContainer"), plain("readOnly")]),
    fields("linuxParameters", LINUX),
    fields("secrets", SECRET),
    fields("dependsOn", &[plain("containerName"), plain("condition")]),
    plain("startTimeout"),
    plain("stopTimeout"),
    plain("versionConsistency"),
    plain("hostname"),
    plain("user"),
    plain("workingDirectory"),
    plain("disableNetworking"),
    plain("privileged"),
    plain("readonlyRootFilesystem"),
    plain("dnsServers"),
    plain("dnsSearchDomains"),
    fields("extraHosts", &[plain("hostname"), plain("ipAddress")]),
    plain("dockerSecurityOptions"),
    plain("interactive"),
    plain("pseudoTerminal"),
    map("dockerLabels"),
    fields("ulimits", &[plain("name"), plain("softLimit"), plain("hardLimit")]),
    fields("logConfiguration", &[plain("logDriver"), map("options"), fields("secretOptions", SECRET)]),
    fields(
        "healthCheck",
        &[plain("command"), plain("interval"), plain("timeout"), plain("retries"), plain("startPeriod")],
    ),
    fields("systemControls", &[plain("namespace"), plain("value")]),
    fields("resourceRequirements", &[plain("value"), plain("type")]),
    fields("firelensConfiguration", &[plain("type"), map("options")]),
    plain("credentialSpecs"),
];

const LINUX: &[Field] = &[
    fields("capabilities", &[plain("add"), plain("drop")]),
    fields("devices", &[plain("hostPath"), plain("containerPath"), plain("permissions")]),
    plain("initProcessEnabled"),
    plain("sharedMemorySize"),
    fields("tmpfs", &[plain("containerPath"), plain("size"), plain("mountOptions")]),
    plain("maxSwap"),
    plain("swappiness"),
];

const VOLUME: &[Field] = &[
    plain("name"),
    fields("host", &[plain("sourcePath")]),
    fields(
        "dockerVolumeConfiguration",
        &[plain("scope"), plain("autoprovision"), plain("driver"), map("driverOpts"), map("labels")],
    ),
    named(fields("efsVolumeConfiguration", EFS), "EFSVolumeConfiguration"),
    named(
        fields(
            "fsxWindowsFileServerVolumeConfiguration",
            &[
                plain("fileSystemId"),
                plain("rootDirectory"),
                fields("authorizationConfig", &[plain("credentialsParameter"), plain("domain")]),
            ],
        ),
        "FSxWindowsFileServerVolumeConfiguration",
    ),
    plain("configuredAtLaunch"),
];

const EFS: &[Field] = &[
    named(plain("fileSystemId"), "FilesystemId"),
    plain("rootDirectory"),
    plain("transitEncryption"),
    plain("transitEncryptionPort"),
    fields("authorizationConfig", &[plain("accessPointId"), named(plain("iam"), "IAM")]),
];
