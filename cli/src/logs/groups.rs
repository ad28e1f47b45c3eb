//! Which log groups are meant.
use crate::{Error, config::Config};
use firelens_infra::{Stack, observe::logs::Condition, stack::Target};
use std::sync::Arc;

/// A log group of the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub name: Arc<str>,
    /// The destination's name, or what writes to it.
    pub title: String,
    /// Its events are records, one JSON object each.
    pub records: bool,
    /// It is not the stack's to make.
    pub existing: bool,
}

/// The title of the group that tells who deployed what.
pub const DEPLOYS: &str = "deploys";

/// Which ones.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Choice {
    /// Destinations of type cloudwatch_logs, or names of log groups of the stack [default: all that routes lead to]
    #[arg(value_name = "GROUP")]
    groups: Vec<String>,

    /// The log of the router itself, Fluent Bit
    #[arg(long)]
    router: bool,

    /// What Firehose could not deliver
    #[arg(long)]
    firehose: bool,

    /// Who deployed what, and when
    #[arg(long)]
    deploys: bool,

    /// Only the records of this route; may be repeated
    #[arg(long, value_name = "ROUTE", conflicts_with_all = ["router", "firehose", "deploys"])]
    route: Vec<String>,
}

impl Choice {
    /// The groups.
    ///
    /// # Errors
    /// When there is none of such a name, or no route leads to one.
    pub fn groups(&self, config: &Config, stack: &Stack) -> Result<Vec<Group>, Error> {
        let routed = self.routed(config)?;
        let own = own(config, stack);
        let kit = [
            (self.router, "router", stack.router_log_group(), false),
            (self.firehose, "firehose", stack.firehose_log_group(), true),
            (self.deploys, DEPLOYS, stack.deploys_log_group(), true),
        ];
        let kit = kit.map(|(wanted, title, name, records)| {
            (wanted, Group { name: name.into(), title: title.to_string(), records, existing: false })
        });
        let mut chosen = Vec::new();
        for wanted in &self.groups {
            let known: Vec<&Group> = own.iter().chain(kit.iter().map(|(_, group)| group)).collect();
            let found = known.iter().find(|group| group.title == *wanted || *group.name == **wanted);
            let found =
                found.copied().ok_or_else(|| no_group(wanted, config).unwrap_or_else(|| unknown(wanted, &known)))?;
            if !self.route.is_empty() && !routed.contains(&found.title.as_str()) {
                let routes = self.route.join(", ");
                return Err(Error::new(format!("{wanted}: --route {routes} does not lead there")));
            }
            chosen.push(found.clone());
        }
        chosen.extend(kit.into_iter().filter(|(wanted, _)| *wanted).map(|(_, group)| group));
        if chosen.is_empty() {
            chosen = own.into_iter().filter(|group| routed.contains(&group.title.as_str())).collect();
        }
        if chosen.is_empty() {
            return Err(self.none(&routed));
        }
        let mut seen = Vec::new();
        chosen.retain(|group| {
            !seen.contains(&group.name) && {
                seen.push(group.name.clone());
                true
            }
        });
        Ok(chosen)
    }

    /// What has to hold for the routes.
    pub fn condition(&self) -> Option<Condition> {
        Condition::is_any("route", &self.route)
    }

    /// The destinations of the routes that are named, or of all.
    fn routed<'a>(&self, config: &'a Config) -> Result<Vec<&'a str>, Error> {
        if self.route.is_empty() {
            return Ok(config.destinations.iter().map(|to| to.name.as_str()).collect());
        }
        let known: Vec<&str> = config.routes.iter().map(|route| route.name.as_str()).collect();
        let mut routed = Vec::new();
        for wanted in &self.route {
            let route = config.routes.iter().find(|route| route.name == *wanted).ok_or_else(|| {
                Error::new(format!("--route {wanted}: there is no such route")).suggest(wanted, &known)
            })?;
            if route.to.is_empty() {
                return Err(Error::new(format!("--route {wanted}: it drops its records")));
            }
            routed.extend(route.to.iter().map(String::as_str));
        }
        Ok(routed)
    }

    fn none(&self, routed: &[&str]) -> Error {
        const HELP: &str = "`firelens-kit status` says what arrived elsewhere; --router shows the router's own log";
        let what = match self.route.is_empty() {
            true => "no route leads to a log group".to_string(),
            false => {
                format!("--route {}: it leads to no log group, but to {}", self.route.join(", "), routed.join(", "))
            }
        };
        Error::new(what).help(HELP)
    }
}

/// The groups that are destinations.
fn own(config: &Config, stack: &Stack) -> Vec<Group> {
    let group = |to: &firelens_infra::stack::Destination| match &to.target {
        Target::LogGroup(group) => {
            let output = config.destinations.iter().find(|known| known.name == to.name);
            let output = output.and_then(|known| known.output.as_ref());
            let field = output.and_then(|output| output.setting("log_key")).is_some_and(|key| !key.is_empty());
            let (name, title) = (group.name.as_str().into(), to.name.clone());
            Some(Group { name, title, records: !field, existing: to.existing })
        }
        _ => None,
    };
    stack.destinations.iter().filter_map(group).collect()
}

/// A destination of another type.
fn no_group(wanted: &str, config: &Config) -> Option<Error> {
    let destination = config.destinations.iter().find(|to| to.name == wanted)?;
    let text = format!("`{wanted}` is a destination of type {}, which is no log group", destination.kind);
    Some(Error::new(text).help("`firelens-kit status` shows what arrived there last"))
}

fn unknown(wanted: &str, known: &[&Group]) -> Error {
    let names: Vec<&str> = known.iter().flat_map(|group| [group.title.as_str(), &*group.name]).collect();
    Error::new(format!("{wanted}: the stack has no such log group")).suggest(wanted, &names)
}
