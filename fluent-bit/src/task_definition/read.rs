//! Each part of a task definition, from its JSON object.
use super::{
    Container, Dependency, FirelensConfiguration, HealthCheck, LogConfiguration, MountPoint, RestartPolicy,
    RuntimePlatform, Secret, Span, Spanned, TaskDefinition, Variable, Volume,
    json::{FromJson, Object, Problems},
    keys,
};
use jsonc_parser::ast::Value;

pub(super) fn task_definition(object: &Object, span: Span) -> TaskDefinition {
    object.knows("a task definition", &keys::REGISTERED);
    TaskDefinition {
        span,
        wrapped: false,
        bare: false,
        family: object.get("family"),
        containers: object.list("containerDefinitions"),
        volumes: object.list("volumes"),
        network_mode: object.get("networkMode"),
        cpu: object.get("cpu"),
        memory: object.get("memory"),
        requires_compatibilities: object.list("requiresCompatibilities"),
        runtime_platform: object.get("runtimePlatform"),
        ephemeral_storage: object.get("ephemeralStorage").and_then(|EphemeralStorage(size)| size),
        task_role_arn: object.get("taskRoleArn"),
        execution_role_arn: object.get("executionRoleArn"),
        arn: object.get("taskDefinitionArn"),
        keys: object.keys(),
        unknown: Vec::new(),
    }
}

/// A list whose items look like containers.
pub(super) fn bare_list(value: &Value, problems: &Problems) -> Option<Vec<Spanned<Container>>> {
    let Value::Array(list) = value else { return None };
    let is_container = |item: &Value| {
        super::json::as_object(item).is_some_and(|item| {
            item.properties.iter().any(|property| ["name", "image"].contains(&property.name.as_str()))
        })
    };
    list.elements.iter().any(is_container).then(|| FromJson::from_json(value, problems)).flatten()
}

/// An object at whose keys nobody looks.
struct AnyObject;

impl FromJson for AnyObject {
    fn from_json(value: &Value, problems: &Problems) -> Option<AnyObject> {
        Object::of(value, problems).map(|_| AnyObject)
    }
}

/// `linuxParameters`
struct LinuxParameters(Vec<Spanned<String>>);

impl FromJson for LinuxParameters {
    fn from_json(value: &Value, problems: &Problems) -> Option<LinuxParameters> {
        let tmpfs: Vec<Tmpfs> = Object::of(value, problems)?.list("tmpfs");
        Some(LinuxParameters(tmpfs.into_iter().filter_map(|Tmpfs(path)| path).collect()))
    }
}

/// One of `linuxParameters.tmpfs`.
struct Tmpfs(Option<Spanned<String>>);

impl FromJson for Tmpfs {
    fn from_json(value: &Value, problems: &Problems) -> Option<Tmpfs> {
        Some(Tmpfs(Object::of(value, problems)?.get("containerPath")))
    }
}

/// `ephemeralStorage`
struct EphemeralStorage(Option<Spanned<i64>>);

impl FromJson for EphemeralStorage {
    fn from_json(value: &Value, problems: &Problems) -> Option<EphemeralStorage> {
        Some(EphemeralStorage(Object::of(value, problems)?.get("sizeInGiB")))
    }
}

impl FromJson for Container {
    fn from_json(value: &Value, problems: &Problems) -> Option<Container> {
        let object = Object::of(value, problems)?;
        object.knows("a container definition", keys::CONTAINER);
        Some(Container {
            name: object.get("name"),
            image: object.get("image"),
            cpu: object.get("cpu"),
            memory: object.get("memory"),
            memory_reservation: object.get("memoryReservation"),
            essential: object.get("essential"),
            entry_point: object.get("entryPoint"),
            command: object.get("command"),
            log_configuration: object.get("logConfiguration"),
            firelens_configuration: object.get("firelensConfiguration"),
            depends_on: object.list("dependsOn"),
            health_check: object.get("healthCheck"),
            start_timeout: object.get("startTimeout"),
            stop_timeout: object.get("stopTimeout"),
            mount_points: object.list("mountPoints"),
            restart_policy: object.get("restartPolicy"),
            environment: object.list("environment"),
            environment_files: !object.list::<AnyObject>("environmentFiles").is_empty(),
            secrets: object.list("secrets"),
            user: object.get("user"),
            readonly_root_filesystem: object.get("readonlyRootFilesystem"),
            tmpfs: object.get("linuxParameters").map_or(Vec::new(), |LinuxParameters(tmpfs)| tmpfs),
        })
    }
}

impl FromJson for LogConfiguration {
    fn from_json(value: &Value, problems: &Problems) -> Option<LogConfiguration> {
        let object = Object::of(value, problems)?;
        object.knows("a logConfiguration", keys::LOG);
        Some(LogConfiguration {
            log_driver: object.get("logDriver"),
            options: object.get("options"),
            secret_options: object.list("secretOptions"),
        })
    }
}

impl FromJson for FirelensConfiguration {
    fn from_json(value: &Value, problems: &Problems) -> Option<FirelensConfiguration> {
        let object = Object::of(value, problems)?;
        object.knows("a firelensConfiguration", keys::FIRELENS);
        Some(FirelensConfiguration { kind: object.get("type"), options: object.get("options") })
    }
}

impl FromJson for Dependency {
    fn from_json(value: &Value, problems: &Problems) -> Option<Dependency> {
        let object = Object::of(value, problems)?;
        object.knows("a dependency", keys::DEPENDENCY);
        Some(Dependency { container: object.get("containerName"), condition: object.get("condition") })
    }
}

impl FromJson for HealthCheck {
    fn from_json(value: &Value, problems: &Problems) -> Option<HealthCheck> {
        let object = Object::of(value, problems)?;
        object.knows("a healthCheck", keys::HEALTH);
        Some(HealthCheck {
            command: object.list("command"),
            interval: object.get("interval"),
            timeout: object.get("timeout"),
            retries: object.get("retries"),
            start_period: object.get("startPeriod"),
        })
    }
}

impl FromJson for MountPoint {
    fn from_json(value: &Value, problems: &Problems) -> Option<MountPoint> {
        let object = Object::of(value, problems)?;
        object.knows("a mountPoint", keys::MOUNT);
        Some(MountPoint {
            source_volume: object.get("sourceVolume"),
            container_path: object.get("containerPath"),
            read_only: object.get("readOnly"),
        })
    }
}

impl FromJson for RestartPolicy {
    fn from_json(value: &Value, problems: &Problems) -> Option<RestartPolicy> {
        let object = Object::of(value, problems)?;
        object.knows("a restartPolicy", keys::RESTART);
        Some(RestartPolicy {
            enabled: object.get("enabled"),
            ignored_exit_codes: object.list("ignoredExitCodes"),
            restart_attempt_period: object.get("restartAttemptPeriod"),
        })
    }
}

impl FromJson for Variable {
    fn from_json(value: &Value, problems: &Problems) -> Option<Variable> {
        let object = Object::of(value, problems)?;
        Some(Variable { name: object.get("name"), value: object.get("value") })
    }
}

impl FromJson for Secret {
    fn from_json(value: &Value, problems: &Problems) -> Option<Secret> {
        let object = Object::of(value, problems)?;
        Some(Secret { name: object.get("name"), value_from: object.get("valueFrom") })
    }
}

impl FromJson for Volume {
    fn from_json(value: &Value, problems: &Problems) -> Option<Volume> {
        let object = Object::of(value, problems)?;
        Some(Volume { name: object.get("name") })
    }
}

impl FromJson for RuntimePlatform {
    fn from_json(value: &Value, problems: &Problems) -> Option<RuntimePlatform> {
        let object = Object::of(value, problems)?;
        Some(RuntimePlatform {
            cpu_architecture: object.get("cpuArchitecture"),
            operating_system_family: object.get("operatingSystemFamily"),
        })
    }
}
