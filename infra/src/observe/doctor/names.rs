//! Whether the names that the stack will have are free, or are its own already.
use super::{Finding, State};
use crate::{
    Aws, Resource, Result, Stack, model,
    resource::{Found, Kind, Owner},
    words,
};
use futures::future::join_all;

const ABOUT: &str = "names";

pub(super) async fn examine(stack: &Stack, aws: &Aws) -> Vec<Finding> {
    let resources = model::resources(stack, aws.place());
    let resources: Vec<_> = resources.iter().filter(|resource| !resource.adopted()).collect();
    let found = join_all(resources.iter().map(|resource| resource.read(aws))).await;
    let (mut free, mut ours) = (0, 0);
    let mut findings = Vec::new();
    for (resource, found) in resources.into_iter().zip(found) {
        match &found {
            Ok(None) => free += 1,
            Ok(Some(Found { owner: Owner::Ours, .. })) => ours += 1,
            _ => findings.push(taken(resource.as_ref(), found)),
        }
    }
    let message = match ours {
        0 => format!("free: {}", words::count(free as u64, "name")),
        _ => format!("free: {}; the stack's own: {ours}", words::count(free as u64, "name")),
    };
    findings.insert(0, Finding::new(ABOUT, State::Good, message));
    findings
}

fn taken(resource: &dyn Resource, found: Result<Option<Found>>) -> Finding {
    let id = resource.id();
    match found {
        Ok(Some(Found { owner: Owner::Stack(other), .. })) => {
            Finding::new(ABOUT, State::Problem, format!("the {id} belongs to the stack {other}"))
                .help("give one of the two another name")
        }
        Ok(Some(Found { owner: Owner::Region(region), .. })) => {
            let message = format!("the {id} belongs to the stack of this name in {region}");
            Finding::new(ABOUT, State::Problem, message).help("give one of the two another name")
        }
        Ok(_) => Finding::new(ABOUT, State::Problem, format!("the {id} is there, and was not made by firelens-kit"))
            .help("name another one, or write `existing = true` into its destination: then it is used as it is"),
        Err(error) if error.denied() && id.kind == Kind::Bucket => {
            Finding::new(ABOUT, State::Problem, format!("the {id} is another account's, or s3:ListBucket is missing"))
                .help("names of buckets are the world's: choose another one")
        }
        Err(error) => Finding::new(ABOUT, State::Unknown, format!("the {id} could not be looked at: {error}")),
    }
}
