//! From `firelens.toml` to what is rendered.
use crate::config::{Config, Destination};
use firelens_pipeline::{
    Pipeline,
    destination::{self, Setting},
    pipeline::Route,
};

/// The pipeline that the file describes.
pub fn pipeline(config: &Config) -> Pipeline {
    let route = |route: &crate::config::Route| Route { name: route.name.clone(), to: route.to.clone() };
    let stack = config.name.as_deref();
    Pipeline {
        version: config.router.version,
        containers: config.spec.containers.iter().map(|container| container.name.clone()).collect(),
        joined: config.joined.clone(),
        routes: config.routes.iter().map(route).collect(),
        destinations: config.destinations.iter().filter_map(|to| with_target(to, stack)).collect(),
        router: config.router.settings.clone(),
    }
}

fn with_target(destination: &Destination, stack: Option<&str>) -> Option<destination::Destination> {
    let mut output = destination.output.clone()?;
    let target = output.kind.target().filter(|target| output.setting(target.property).is_none());
    // The names on AWS follow from the stack's when the file does not say them.
    if let Some((target, stack)) = target.zip(stack)
        && let Some(value) = (target.default)(stack, &output)
    {
        output.settings.insert(0, Setting { name: target.property.to_string(), value });
    }
    Some(output)
}
