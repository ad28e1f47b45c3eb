//! From `firelens.toml` to the stack on AWS: the destinations with the names that the pipeline writes to, and the service
//! with the router in its task definition.
use crate::{
    Error,
    config::{Config, Resource, problem, stack::Run},
    pipeline,
};
use firelens_infra::{
    Place, Stack,
    stack::{self, Destination, Registry, Target},
};
use firelens_pipeline::{Pipeline, destination::Destination as Output};
use router::Router;
use serde_json::Value;

mod check;
mod existing;
mod look;
mod own;
mod router;

pub use check::check;
pub use look::{StackArgs, adopted, at, look, remaining};

/// The stack that the file describes.
///
/// `image` is the router's image, `registry/repository@sha256:…`; without it, [`firelens_infra::resource::LATER`] stands in
/// its place. `task_definition` is that of the service that `[stack.existing]` names, as DescribeTaskDefinition gives it.
///
/// # Errors
/// A file without a `name`, and what contradicts itself or the place: all of it, rendered.
pub fn of(
    config: &Config,
    place: &Place,
    image: Option<&str>,
    task_definition: Option<&Value>,
) -> Result<Stack, Error> {
    let pipeline = pipeline::pipeline(config);
    let mut stack = base(config, &pipeline, place)?;
    let router = Router { config, pipeline: &pipeline, stack: &stack, place, image };
    stack.run = match &config.stack.run {
        Run::Own(service) => stack::Run::Own(own::service(&router, service)?),
        Run::Existing(existing) => stack::Run::Existing(existing::service(&router, existing, task_definition)?),
        Run::None => stack::Run::None,
    };
    Ok(stack)
}

/// The stack without what runs it: what its records go through and to.
///
/// # Errors
/// Those of [`of`].
pub fn destinations(config: &Config, place: &Place) -> Result<Stack, Error> {
    base(config, &pipeline::pipeline(config), place)
}

fn base(config: &Config, pipeline: &Pipeline, place: &Place) -> Result<Stack, Error> {
    named(config)?;
    let problems = check(config, pipeline, Some(&place.region));
    if problems.iter().any(|problem| problem.is_error) {
        let path = config.path.display().to_string();
        return Err(Error::Rendered(problem::render(&path, &config.source, &problems, false)));
    }
    let settings = &config.stack;
    Ok(Stack {
        tags: settings.tags.clone(),
        log_retention_days: settings.log_retention_days,
        error_metric: settings.error_metric,
        kms_key: settings.kms_key.clone(),
        permissions_boundary: settings.permissions_boundary.clone(),
        destinations: pipeline.used().filter_map(|output| destination(config, output)).collect(),
        secrets: pipeline.secrets().into_iter().map(|(_, arn)| arn).collect(),
        secret_keys: settings.secret_keys.clone(),
        grants: pipeline.used().filter_map(|output| resource(config, output)?.grant.clone()).collect(),
        registry: registry(config),
        ..Stack::named(named(config)?)
    })
}

/// Where the router's image is kept.
pub fn registry(config: &Config) -> Registry {
    match &config.stack.repository {
        Some(repository) => Registry::Other(repository.clone()),
        None => Registry::Ecr { kms_key: None },
    }
}

/// The stack's name.
///
/// # Errors
/// A file without one.
pub fn named(config: &Config) -> Result<&str, Error> {
    let path = config.path.display();
    let none =
        || Error::new(format!("{path} has no `name`")).help("a stack needs one: name = \"…\" at the top of the file");
    config.name.as_deref().ok_or_else(none)
}

/// The AWS resource of a destination.
fn resource<'a>(config: &'a Config, output: &Output) -> Option<&'a Resource> {
    config.destinations.iter().find(|to| to.name == output.name)?.resource.as_ref()
}

/// Where a destination's records go, under the name that its output has.
fn destination(config: &Config, output: &Output) -> Option<Destination> {
    let resource = resource(config, output)?.clone();
    let name = output.kind.target().and_then(|target| output.setting(target.property)).unwrap_or_default().to_string();
    let target = match resource.target {
        Target::LogGroup(group) => Target::LogGroup(stack::LogGroup { name, ..group }),
        Target::DeliveryStream(stream) => Target::DeliveryStream(stack::DeliveryStream { name, ..stream }),
        Target::DataStream(stream) => Target::DataStream(stack::DataStream { name, ..stream }),
        // A variable stands for the name that follows from the account.
        Target::Bucket(bucket) => {
            Target::Bucket(stack::Bucket { name: Some(name).filter(|name| !name.contains('$')), ..bucket })
        }
        Target::Other => Target::Other,
    };
    Some(Destination { name: output.name.clone(), target, existing: resource.existing })
}
