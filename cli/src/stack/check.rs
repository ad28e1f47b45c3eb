//! What in the file contradicts the stack.
use super::own;
use crate::config::{
    Config, Destination,
    problem::{Code, Problem, Span},
    stack::Run,
};
use firelens_infra::export::symbol;
use firelens_pipeline::{
    Pipeline,
    destination::{Destination as Output, Resource, Type},
    value,
};

/// All of it. Without a `[stack]` and without a `region`, where the stack is, nothing is deployed, and nothing is wrong.
pub fn check(config: &Config, pipeline: &Pipeline, region: Option<&str>) -> Vec<Problem> {
    if config.stack.places.stack.is_none() && region.is_none() {
        return Vec::new();
    }
    let mut problems = Vec::new();
    if let Run::Own(service) = &config.stack.run {
        problems.extend(own::check(config, pipeline, service));
    }
    let mut seen: Vec<(&Type, &str, Span)> = Vec::new();
    for output in pipeline.used() {
        let Some(destination) = config.destinations.iter().find(|to| to.name == output.name) else { continue };
        let Some(key) = output.kind.target().map(|target| target.property) else { continue };
        let Some(name) = output.setting(key) else { continue };
        problems.extend(check_region(destination, output, region));
        problems.extend(check_rights(destination, output));
        problems.extend(check_acl(destination, output));
        problems.extend(check_grant(destination, output));
        // What no stack makes can have a name that only the task knows, and hold the records of several destinations.
        if output.kind.description().resource() == Resource::Other {
            continue;
        }
        problems.extend(check_name(destination, output, key, name));
        let span = place(destination, key);
        if let Some((_, _, first)) = seen.iter().find(|(kind, other, _)| *kind == &output.kind && *other == name) {
            let message = format!("two destinations are the same: {name}");
            let problem =
                Problem::error(Code::Duplicate, span, message).label("again").related(first.clone(), "first here");
            problems.push(problem.help("name one of them in the routes of both, or say another name"));
            continue;
        }
        seen.push((&output.kind, name, span));
    }
    problems
}

/// Where an option was written, or else the destination.
fn place(destination: &Destination, property: &str) -> Span {
    destination.places.get(property).or(destination.places.get("")).cloned().unwrap_or_default()
}

/// What is made has a name that is known before.
fn check_name(destination: &Destination, output: &Output, key: &str, name: &str) -> Option<Problem> {
    let own = output.variable_of(key);
    if !name.contains('$') || name == format!("${{{own}}}") {
        return None;
    }
    let problem =
        Problem::error(Code::Name, place(destination, key), format!("`{name}` is not known when it is deployed"));
    Some(problem.label("a variable").help("a stack's resources have names without variables"))
}

/// In a bucket of the stack, all objects are its owner's, and S3 rejects requests with an ACL (AccessControlListNotSupported;
/// Amazon S3 user guide, "Controlling ownership of objects").
fn check_acl(destination: &Destination, output: &Output) -> Option<Problem> {
    let own = destination.resource.as_ref().is_some_and(|resource| !resource.existing);
    if output.kind.description().resource() != Resource::Bucket || !own || output.setting("canned_acl").is_none() {
        return None;
    }
    let span = place(destination, "canned_acl");
    let problem = Problem::error(Code::Option, span, "S3 rejects objects with an ACL in a bucket of the stack");
    let problem = problem.label("no object would arrive");
    Some(problem.help("remove `canned_acl`; for a bucket of yours that takes ACLs, set `existing = true`"))
}

/// The router gets the rights that its outputs sign their requests with.
fn check_grant(destination: &Destination, output: &Output) -> Option<Problem> {
    let grants = output.kind.description().grants.as_ref().filter(|grants| (grants.signs)(output))?;
    if destination.resource.as_ref().is_some_and(|resource| resource.grant.is_some()) {
        return None;
    }
    let message = format!("`arn` is missing in [destination.{}]", destination.name);
    let problem = Problem::error(Code::MissingKey, place(destination, ""), message).label("no right to write to it");
    let example = grants.services.first().map_or("", |grant| grant.example);
    Some(problem.help(format!("arn = \"{example}\"")))
}

/// Everything is in the stack's region.
fn check_region(destination: &Destination, output: &Output, region: Option<&str>) -> Option<Problem> {
    let said = output.setting("region").filter(|said| !said.contains('$'))?;
    let region = region.filter(|region| *region != said)?;
    let (message, label) = match symbol::is_in(region) {
        true => ("what is exported is for every region".to_string(), "in one region"),
        false => (format!("the stack is in {region}"), "in another region"),
    };
    let problem = Problem::error(Code::Option, place(destination, "region"), message);
    Some(problem.label(label).help("take `region` away: without it, it is the task's"))
}

/// The router's rights follow from the file; these options need others.
fn check_rights(destination: &Destination, output: &Output) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (option, help) in output.kind.description().needs_rights {
        if output.says(option) {
            let message = format!("a stack's destination has no `{option}`");
            let problem = Problem::error(Code::Option, place(destination, option), message);
            problems.push(problem.label("needs rights that the router does not get").help(*help));
        }
    }
    let creates = output.setting("auto_create_group");
    if creates.is_some_and(value::is_on) {
        let problem =
            Problem::error(Code::Option, place(destination, "auto_create_group"), "the stack makes the log group");
        problems.push(problem.label("needs rights that the router does not get").help("take it away"));
    }
    problems
}
