//! What a task definition must not contradict, and what follows from it.
use super::{
    super::{Container, LogConfiguration, Problem, Span, Spanned, TaskDefinition, json::Problems, mebibytes},
    Apps, OwnLog, Plan, Request, Router, container,
};
use crate::firelens;
use firelens_nearest::nearest;

/// The longest `stopTimeout` on Fargate, in seconds (ECS API reference, ContainerDefinition).
const FARGATE_STOP_TIMEOUT: i64 = 120;

/// The disk of a task on Fargate that says nothing about it, in GiB (ECS developer guide, "Fargate task ephemeral storage").
const FARGATE_DISK: i64 = 20;

/// An option that FireLens writes into an `[OUTPUT]`.
pub(super) fn is_output_option(name: &str) -> bool {
    !firelens::LOG_OPTIONS.contains(&name)
}

/// The plan for a request, or all that contradicts it.
pub(super) fn plan<'a>(task: &'a TaskDefinition, request: &Request) -> Result<Plan<'a>, Vec<Problem>> {
    let problems = Problems::default();
    for nameless in task.containers.iter().filter(|container| container.name.is_none()) {
        // A router among them would not be found again.
        problems.add(place(nameless), "this container has no name", Some("give it a `name`, which ECS requires"));
    }
    let router = router(task, request, &problems);
    let name = router.and_then(|router| name(router)).map_or(request.router.name.clone(), |name| name.value.clone());
    let mut notes = Vec::new();
    let apps = apps(task, &name, request, &mut notes, &problems);
    for app in &apps {
        check_driver(app, request, &problems);
        check_order(task, app, router, &problems);
    }
    check_variables(task, router, &request.router, &problems);
    let log = own_log(task, router, &request.router, &mut notes, &problems);
    if !request.register && (task.wrapped || task.read_only_keys().next().is_some()) {
        notes.push("it has what only describe-task-definition prints; --register leaves that out".into());
    }
    check_system(task, &problems);
    check_roles(task, &mut notes, &problems);
    check_timeouts(task, router, &request.router, &problems);
    check_memory(task, router, &apps, &request.router, &problems);
    check_disk(task, &request.router, &problems);
    match problems.into_inner() {
        problems if problems.is_empty() => {
            let region = request.router.log.region.clone().filter(|_| !task.fargate() && !has_region(router));
            let fluentd = router.is_some_and(|router| router.is_fluentd());
            Ok(Plan { name, new: router.is_none(), fluentd, apps, region, log, notes })
        }
        problems => Err(problems),
    }
}

fn has_region(router: Option<&Spanned<Container>>) -> bool {
    has_variable(router, "AWS_REGION")
}

fn has_variable(router: Option<&Spanned<Container>>, name: &str) -> bool {
    let mut variables = router.iter().flat_map(|router| &router.environment);
    variables.any(|variable| variable.name.as_ref().is_some_and(|own| own.value == name))
}

/// Names of resources that are known where the stack is have to be told to the router.
fn check_variables(task: &TaskDefinition, router: Option<&Spanned<Container>>, wanted: &Router, problems: &Problems) {
    let open = wanted.environment.iter().filter(|(_, value)| value.is_none());
    for (name, _) in open.filter(|(name, _)| !has_variable(router, name)) {
        let message = format!("what the router's variable {name} is follows from the account, which is not known here");
        let place = router.map_or(key(task, "containerDefinitions"), place);
        problems.add(place, message, Some("name the bucket in firelens.toml, or set the variable in the router"));
    }
}

fn name(container: &Container) -> Option<&Spanned<String>> {
    container.name.as_ref()
}

/// A place for what concerns a container as a whole.
fn place(container: &Spanned<Container>) -> Span {
    name(container).map_or(container.span.start..container.span.start, |name| name.span.clone())
}

/// A place for what concerns a key at the top.
fn key(task: &TaskDefinition, key: &str) -> Span {
    let named = task.keys.iter().find(|own| own.value == key);
    named.map_or(task.span.start..task.span.start, |own| own.span.clone())
}

/// The router that is there, if it is ours or may become so.
fn router<'a>(task: &'a TaskDefinition, request: &Request, problems: &Problems) -> Option<&'a Spanned<Container>> {
    let wanted = &request.router;
    let mut routers = task.routers();
    let Some(router) = routers.next() else {
        if let Some(other) = task.container(&wanted.name) {
            let message = format!("a container that is no router has the name `{}` already", wanted.name);
            problems.add(place(other), message, Some("give the router another one: --name NAME"));
        }
        if wanted.image.is_none() {
            let message = "the router needs an image: the one with your pipeline inside";
            problems.add(key(task, "containerDefinitions"), message, Some("--image REPOSITORY:TAG"));
        }
        return None;
    };
    if let Some(second) = routers.next() {
        problems.add(place(second), "this is a second FireLens router; a task has one at most", None);
    }
    if !request.replace_router {
        check_ours(router, &wanted.config_file, problems);
    }
    if wanted.image.is_none() && router.is_fluentd() && request.replace_router {
        let message = "this image has Fluentd inside; the router needs the one with your pipeline";
        problems.add(place(router), message, Some("--image REPOSITORY:TAG"));
    }
    if wanted.image.is_none() && router.image.is_none() {
        problems.add(place(router), "the router has no image", Some("--image REPOSITORY:TAG"));
    }
    Some(router)
}

/// A router with another configuration is somebody's work.
fn check_ours(router: &Spanned<Container>, config_file: &str, problems: &Problems) {
    let Some(firelens) = &router.firelens_configuration else { return };
    if let Some(kind) = firelens.kind.as_ref().filter(|_| router.is_fluentd()) {
        let help = "--replace-router makes it a Fluent Bit router, with our image and configuration";
        return problems.add(kind.span.clone(), "this router is Fluentd, which has another configuration", Some(help));
    }
    let help = Some("--replace-router gives it our configuration");
    let option = |name| firelens.option(name).map(|pair| &pair.value);
    match (option(firelens::CONFIG_TYPE), option(firelens::CONFIG_VALUE)) {
        (Some(kind), _) if kind.value == "s3" => {
            let message = "this router takes its configuration from S3, which does not work on Fargate";
            problems.add(kind.span.clone(), message, help);
        }
        (_, Some(value)) if value.value == config_file => {}
        (_, Some(value)) => {
            let message = format!("this router has another configuration: {}", value.value);
            problems.add(value.span.clone(), message, help);
        }
        (_, None) => problems.add(place(router), "there is a FireLens router already, without our configuration", help),
    }
}

/// The app containers: those that are named, and all without a log configuration if that is wanted.
fn apps<'a>(
    task: &'a TaskDefinition,
    router: &str,
    request: &Request,
    notes: &mut Vec<String>,
    problems: &Problems,
) -> Vec<&'a Container> {
    check_names(task, router, &request.apps, problems);
    let others = || task.containers.iter().filter(|container| !container.is_named(router));
    let chosen = |container: &Container| {
        let named = request.apps.names.iter().any(|name| container.is_named(name));
        let follows = container.log_configuration.as_ref().is_none_or(|log| is_ours(log));
        named || request.apps.unconfigured && follows
    };
    for container in others().filter(|container| !chosen(container)) {
        let name = name(container).map_or("without a name", |name| name.as_str());
        match container.log_driver() {
            Some(firelens::DRIVER) if container.log_configuration.as_ref().is_some_and(|log| !is_ours(log)) => {
                notes.push(format!("container `{name}` keeps its own output; our last route gets its lines too"));
            }
            Some(firelens::DRIVER) => notes.push(format!("container `{name}` sends its lines to the router already")),
            Some(driver) => notes.push(format!("container `{name}` keeps its log driver {driver}")),
            None => notes.push(format!("container `{name}` has no log driver; --all sends its lines to the router")),
        }
    }
    let apps: Vec<&Container> =
        others().filter(|container| chosen(container)).map(|container| &container.value).collect();
    if apps.is_empty() && request.apps.names.is_empty() {
        let help = "name them in firelens.toml ([[container]])";
        problems.add(key(task, "containerDefinitions"), "no container's lines would go to the router", Some(help));
    }
    apps
}

/// `awsfirelens` without an output, as we set it.
fn is_ours(log: &LogConfiguration) -> bool {
    log.log_driver.as_ref().is_some_and(|driver| driver.value == firelens::DRIVER) && output_option(log).is_none()
}

/// The first option that makes FireLens write an output.
fn output_option(log: &LogConfiguration) -> Option<Span> {
    let option = log.options.iter().flat_map(|options| &options.value).find(|pair| is_output_option(&pair.name));
    option.map(|pair| pair.name.span.clone()).or_else(|| log.secret_options.first().map(|secret| secret.span.clone()))
}

fn check_names(task: &TaskDefinition, router: &str, apps: &Apps, problems: &Problems) {
    let known: Vec<&str> = task.containers.iter().filter_map(|c| name(c)).map(|name| name.as_str()).collect();
    for wanted in &apps.names {
        if wanted == router {
            let message = format!("`{wanted}` is the router; its own lines cannot go through it");
            let place = task.container(router).map_or(key(task, "containerDefinitions"), place);
            problems.add(place, message, Some("take it out of firelens.toml's containers"));
        } else if !known.contains(&wanted.as_str()) {
            let message = format!("there is no container `{wanted}`, which firelens.toml names");
            let near = nearest(wanted, &known);
            let place = near.and_then(|near| task.container(near)).map_or(key(task, "containerDefinitions"), place);
            let help = match near {
                Some(near) => format!("is `{near}` the one? Then name it so in firelens.toml"),
                None => format!("there are: {}", known.join(", ")),
            };
            problems.add(place, message, Some(&help));
        }
    }
}

/// Another log driver, or an output of its own, is not taken away unasked.
fn check_driver(app: &Container, request: &Request, problems: &Problems) {
    let Some(log) = app.log_configuration.as_ref().filter(|_| !request.replace_log_driver) else { return };
    let name = name(app).map_or("", |name| name.as_str());
    match &log.log_driver {
        Some(driver) if driver.value != firelens::DRIVER => {
            let message = format!("container `{name}` has the log driver `{}`", driver.value);
            problems.add(
                driver.span.clone(),
                message,
                Some("--replace-log-driver sends its lines to the router instead"),
            );
        }
        _ => {
            if let Some(place) = output_option(log) {
                let message = format!("container `{name}` has an output of its own: each record would arrive twice");
                let help = "--replace-log-driver takes its options away; what they say belongs into firelens.toml";
                problems.add(place, message, Some(help));
            }
        }
    }
}

/// The router must not wait for a container that waits for the router.
fn check_order(task: &TaskDefinition, app: &Container, router: Option<&Spanned<Container>>, problems: &Problems) {
    let (Some(router), Some(app)) = (router, name(app)) else { return };
    let mut waits: Vec<&Container> = vec![router];
    let mut next = 0;
    while let Some(container) = waits.get(next).copied() {
        next += 1;
        for dependency in &container.depends_on {
            let Some(on) = &dependency.container else { continue };
            if on.value == app.value {
                let message = format!("the router waits for `{}`, which has to wait for the router", app.value);
                return problems.add(on.span.clone(), message, Some("take this dependency away"));
            }
            let follows = task.container(on).filter(|found| !waits.iter().any(|seen| seen.name == found.name));
            waits.extend(follows.map(|found| &found.value));
        }
    }
}

/// What the router's container itself logs. One that has a log configuration keeps it.
fn own_log(
    task: &TaskDefinition,
    router: Option<&Spanned<Container>>,
    wanted: &Router,
    notes: &mut Vec<String>,
    problems: &Problems,
) -> Option<OwnLog> {
    if let Some(log) = router.and_then(|router| router.log_configuration.as_ref()) {
        if let Some(driver) = log.log_driver.as_ref().filter(|driver| driver.value == firelens::DRIVER) {
            let help = "give it awslogs, or take its logConfiguration away";
            problems.add(driver.span.clone(), "the router's own log would go through the router", Some(help));
        }
        let there = log.option("awslogs-group").map(|pair| &pair.value);
        if let (Some(there), Some(wanted)) = (there, &wanted.log.group)
            && there.value != *wanted
        {
            let message = format!("the router's own log goes to {} already", there.value);
            problems.add(there.span.clone(), message, Some("change it here, or leave --log-group out"));
        }
        return None;
    }
    let awslogs = task.containers.iter().filter(|container| container.log_driver() == Some("awslogs"));
    let option = |name| awslogs.clone().find_map(|container| container.log_configuration.as_ref()?.option(name));
    let known = option("awslogs-group").map(|pair| pair.value.value.clone());
    let group = wanted.log.group.clone().or_else(|| known.clone()).unwrap_or_else(|| {
        let family = task.family.as_ref().map_or("firelens-kit", |family| family.as_str());
        format!("/ecs/{family}/{}", wanted.name)
    });
    if wanted.log.region.is_none() {
        let message = "in which region is the log group of the router's own log?";
        problems.add(key(task, "containerDefinitions"), message, Some("--region REGION"));
    }
    if known.as_deref() != Some(&group) {
        notes.push(format!("the router's own log goes to the log group {group}, which has to exist"));
    }
    Some(OwnLog { group: Some(group), region: wanted.log.region.clone() })
}

fn check_system(task: &TaskDefinition, problems: &Problems) {
    let system = task.runtime_platform.as_ref().and_then(|platform| platform.operating_system_family.as_ref());
    if let Some(system) = system.filter(|system| system.value != "LINUX") {
        problems.add(system.span.clone(), "the router's image is for Linux", None);
    }
}

fn check_roles(task: &TaskDefinition, notes: &mut Vec<String>, problems: &Problems) {
    if task.execution_role_arn.is_none() && task.fargate() {
        let message =
            "there is no `executionRoleArn`, without which Fargate starts no container with awslogs or secrets";
        problems.add(key(task, "containerDefinitions"), message, Some("add the task execution role's ARN"));
    }
    if task.task_role_arn.is_none() {
        notes.push("there is no `taskRoleArn`: the router gets no rights on its destinations from this task".into());
    }
}

fn check_timeouts(task: &TaskDefinition, router: Option<&Spanned<Container>>, wanted: &Router, problems: &Problems) {
    let Some(fargate) = task.requires_compatibilities.iter().find(|kind| kind.value == "FARGATE") else { return };
    let own = i64::from(container::stop_timeout(wanted.grace));
    if own > FARGATE_STOP_TIMEOUT {
        let grace = FARGATE_STOP_TIMEOUT - i64::from(container::stop_timeout(0));
        let message = format!(
            "Fargate kills a container {FARGATE_STOP_TIMEOUT} s after SIGTERM; a grace of {} s needs {own} s",
            wanted.grace
        );
        problems.add(fargate.span.clone(), message, Some(&format!("a grace of {grace} s is the longest")));
    }
    let others = task.containers.iter().filter(|other| router.is_none_or(|router| router.span != other.span));
    for timeout in others.filter_map(|container| container.stop_timeout.as_ref()) {
        if timeout.value > FARGATE_STOP_TIMEOUT {
            let message = format!("Fargate takes a stopTimeout of {FARGATE_STOP_TIMEOUT} s at most");
            problems.add(timeout.span.clone(), message, None);
        }
    }
}

/// The task's memory holds what all containers are promised, the router's limit, and the log drivers' buffers.
fn check_memory(
    task: &TaskDefinition,
    router: Option<&Spanned<Container>>,
    apps: &[&Container],
    wanted: &Router,
    problems: &Problems,
) {
    let Some(memory) = &task.memory else { return };
    let Some(total) = mebibytes(memory) else {
        return problems.add(memory.span.clone(), "this is no amount of memory: MiB, or `2 GB`", None);
    };
    let others = task.containers.iter().filter(|other| router.is_none_or(|router| router.span != other.span));
    let promised = |container: &Spanned<Container>| {
        let limit = container.memory_reservation.as_ref().or(container.memory.as_ref());
        limit.map_or(0, |limit| limit.value)
    };
    let promised: i64 = others.map(promised).sum();
    let buffers = apps.len() as i64 * wanted.driver_buffer.mebibytes() as i64;
    let needed = promised + i64::from(wanted.memory) + buffers;
    if needed > total {
        let message = format!(
            "the task has {total} MiB, and needs {needed}: {promised} for its containers, {} for the router, {buffers} \
             for the log drivers' buffers",
            wanted.memory
        );
        let fits = total - promised - buffers;
        let smaller = match fits >= SMALLEST_ROUTER {
            true => format!("; or a smaller memory_mib of [router] in firelens.toml, {fits} at most"),
            false => String::new(),
        };
        let help = match task.fargate() {
            true => format!("the next size that Fargate offers is {} MiB{smaller}", fargate_size(needed)),
            false => format!("give the task {needed} MiB{smaller}"),
        };
        problems.add(memory.span.clone(), message, Some(&help));
    }
}

/// The least memory with which a router is worth trying, in MiB: what Fluent Bit and the module need themselves.
const SMALLEST_ROUTER: i64 = 64;

/// The task's disk holds the buffers. Images are on it, too, so that this is the least.
fn check_disk(task: &TaskDefinition, wanted: &Router, problems: &Problems) {
    let Some(fargate) = task.requires_compatibilities.iter().find(|kind| kind.value == "FARGATE") else { return };
    let (size, place) = match &task.ephemeral_storage {
        Some(size) => (size.value, size.span.clone()),
        None => (FARGATE_DISK, fargate.span.clone()),
    };
    let disk = i64::try_from(wanted.disk).unwrap_or(i64::MAX);
    if disk > size.saturating_mul(1024) {
        let message = format!("the task has {size} GiB of disk, and the router's buffers can take {disk} MiB");
        let help = "give it a larger ephemeralStorage, or survive a shorter outage ([router] in firelens.toml)";
        problems.add(place, message, Some(help));
    }
}

/// Fargate's sizes: 512 MiB, then whole GiB.
fn fargate_size(needed: i64) -> i64 {
    if needed <= 512 { 512 } else { (needed + 1023) / 1024 * 1024 }
}
