//! Expectations of containers that the configuration does not have: their lines fit no format, whatever they say.
use super::{check::Outcome, expect::Suite, setup::Setup};
use crate::{Error, config::problem::nearest};
use std::path::Path;

/// Refuses a file in which such expectations fail. One that expects `unparsed` of such a container is right.
///
/// # Errors
/// The containers, and how many expectations fail with each.
pub fn check(suite: &Suite, outcomes: &[Outcome], setup: &Setup, config: Option<&Path>) -> Result<(), Error> {
    let known: Vec<&str> = setup.spec.containers.iter().map(|container| container.name.as_str()).collect();
    // Without any, the module's own formats are for all.
    if known.is_empty() {
        return Ok(());
    }
    let mut unknown: Vec<(&str, usize)> = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| !outcome.passed()) {
        let Some(name) = outcome.case.container.as_deref().filter(|name| !known.contains(name)) else { continue };
        match unknown.iter_mut().find(|(other, _)| *other == name) {
            Some((_, count)) => *count += 1,
            None => unknown.push((name, 1)),
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let config = config.map_or("the configuration".into(), |path| path.display().to_string());
    let mut text = format!("{}: {config} has no such container:", suite.path.display());
    for (name, count) in &unknown {
        let tests = if *count == 1 { "1 test needs".to_string() } else { format!("{count} tests need") };
        text.push_str(&format!("\n  {tests} `{name}`"));
    }
    let near = unknown.first().and_then(|(name, _)| nearest(name, &known));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}; correct `container` in the tests, or add a [[container]]", quoted(&known)),
    };
    Err(Error::new(text).help(help))
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
