//! The routes that a request's line can take.
//!
//! All but those that take nothing but error lines: what else a route asks for (a status, an address, a header) is known
//! when the line is there, and then the record itself says which route it took.
use crate::{Error, config::Config};
use firelens_compiler::spec::{Action, Condition, Route as Spec, Test};
use firelens_filter::program::Kind;
use firelens_infra::observe::verify::Route;

/// Those that lead somewhere; none when the file has no routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routes {
    pub lead: Vec<Route>,
    /// Why it may arrive nowhere.
    pub notes: Vec<String>,
}

/// The ones that are thought of: that of this name, or all.
///
/// # Errors
/// When there is none of this name, or all drop what they take.
pub fn of(config: &Config, only: Option<&str>) -> Result<Routes, Error> {
    if let Some(only) = only {
        check(config, only)?;
    }
    let named = |route: &Spec| only.is_none_or(|only| route.name == only);
    let mut routes = Routes { lead: Vec::new(), notes: Vec::new() };
    for (spec, to) in
        config.spec.routes.iter().zip(&config.routes).filter(|(spec, _)| takes_requests(spec) && named(spec))
    {
        match spec.action {
            Action::Drop => routes.notes.push(format!("the route {} drops what it takes", spec.name)),
            Action::Sample(_) => {
                routes.notes.push(format!("the route {} keeps only a share of its records", spec.name))
            }
            Action::Keep => {}
        }
        if !to.to.is_empty() {
            routes.lead.push(Route { name: to.name.clone(), to: to.to.clone() });
        }
    }
    match routes.lead.is_empty() && !config.routes.is_empty() {
        true => Err(Error::new(match only {
            Some(only) => format!("--route {only}: no request's record comes out of it"),
            None => "no route that a request's line can take leads to a destination".to_string(),
        })),
        false => Ok(routes),
    }
}

fn check(config: &Config, only: &str) -> Result<(), Error> {
    let known: Vec<&str> = config.routes.iter().map(|route| route.name.as_str()).collect();
    if known.contains(&only) {
        return Ok(());
    }
    Err(Error::new(format!("--route {only}: there is no such route")).suggest(only, &known))
}

/// Whether some record of another kind than `error` fits.
fn takes_requests(route: &Spec) -> bool {
    route.any_of.is_empty() || route.any_of.iter().any(|all| all.iter().all(fits_requests))
}

fn fits_requests(condition: &Condition) -> bool {
    let errors_only = |test: &Test| matches!(test, Test::Kind(Kind::Error) | Test::Level(..));
    condition.not || !condition.any.iter().all(errors_only)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use std::path::Path;

    const FILE: &str = r#"
        [[container]]
        name = "httpd"
        stdout = "combined"
        stderr = "httpd_error"
        [[route]]
        name = "health"
        match = { user_agent = { prefix = "ELB" } }
        drop = true
        [[route]]
        name = "errors"
        match = { kind = "error", level = ">=warn" }
        to = "errors"
        [[route]]
        name = "failures"
        match = [{ kind = "error" }, { status = "5xx" }]
        to = ["errors", "archive"]
        [[route]]
        name = "rest"
        sample = 0.5
        to = "archive"
        [destination.errors]
        type = "cloudwatch_logs"
        log_group = "/errors"
        [destination.archive]
        type = "kinesis_streams"
        stream = "archive"
    "#;

    #[test]
    fn routes_of_error_lines_alone_are_not_thought_of() {
        let (config, problems) = config::parse(Path::new("firelens.toml"), FILE);
        let config = config.unwrap_or_else(|| panic!("{problems:?}"));
        let names = |routes: &Routes| routes.lead.iter().map(|route| route.name.clone()).collect::<Vec<_>>();
        let all = of(&config, None).unwrap();
        assert_eq!(names(&all), ["failures", "rest"]);
        assert_eq!(
            all.notes,
            ["the route health drops what it takes", "the route rest keeps only a share of its records"]
        );
        assert_eq!(names(&of(&config, Some("rest")).unwrap()), ["rest"]);
        for (only, told) in [("health", "no request's record"), ("errors", "no request's record"), ("rst", "`rest`?")] {
            assert!(of(&config, Some(only)).unwrap_err().to_string().contains(told), "{only}");
        }
    }
}
