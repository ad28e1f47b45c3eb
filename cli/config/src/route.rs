//! `[[route]]`: which records go where.
use crate::{
    destination, matching,
    problem::{Code, Problem, Span},
    reader::{Entry, Problems, Section, Text, boolean, float, string, strings},
};
use firelens_compiler::spec::{Action, MemberType, Route};
use std::collections::HashMap;
use toml::de::DeValue;

/// A route with its places.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    pub route: Route,
    pub to: Vec<Text>,
    pub places: Places,
    /// It has a `match`, right or wrong.
    pub conditional: bool,
}

/// Where a route's parts were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Its name, or all of it.
    pub route: Span,
    pub any_of: Vec<Vec<(Span, Vec<Span>)>>,
}

/// Reads one.
pub(crate) fn read(mut section: Section, types: &[MemberType], problems: &Problems) -> Read {
    let span = section.span.clone();
    let name = section.need("name").and_then(|entry| string(entry.value, problems));
    let filter = section.take("match");
    let (to, drop, sample) = (section.take("to"), section.take("drop"), section.take("sample"));
    let meant = section.finish();
    if let Some(name) = &name {
        super::check_name("route", &name.text, name.span.clone(), problems);
    }
    let mut alternatives = filter.map_or(Vec::new(), |entry| matching::read(entry.value, types, problems));
    let place = |read: &matching::Read| (read.field.clone(), read.tests.clone());
    let places = Places {
        route: name.as_ref().map_or(span.clone(), |name| name.span.clone()),
        any_of: alternatives.iter().map(|all| all.iter().map(place).collect()).collect(),
    };
    let any_of = alternatives.iter_mut().map(|all| all.drain(..).map(|read| read.condition).collect()).collect();
    let action = action(to, drop, sample, problems);
    if action.is_none() && !meant.iter().any(|key| ["to", "drop"].contains(key)) {
        let problem = Problem::error(Code::Route, places.route.clone(), "this route goes nowhere");
        problems.add(problem.label("neither `to` nor `drop`").help("write to = [\"…\"], or drop = true"));
    }
    let to = to.map_or(Vec::new(), |entry| strings(entry.value, problems));
    let name = name.map(|name| name.text).unwrap_or_default();
    Read {
        route: Route { name, any_of, action: action.unwrap_or(Action::Keep) },
        to,
        places,
        conditional: filter.is_some(),
    }
}

/// Exactly one of `to` and `drop = true`; `sample` goes with `to`. `None` when there is neither.
fn action(to: Option<Entry>, drop: Option<Entry>, sample: Option<Entry>, problems: &Problems) -> Option<Action> {
    let told = drop.map(|entry| boolean(entry.value, problems));
    let drops = told == Some(Some(true));
    let share = sample.and_then(|entry| share(entry, drops, problems));
    if told == Some(None) {
        return Some(Action::Keep);
    }
    if let (Some(drop), Some(to), true) = (drop, to, drops) {
        let problem = Problem::error(Code::Route, to.key.span(), "a route that drops has no destinations");
        let problem = problem.label("these get nothing").related(drop.key.span(), "it drops");
        problems.add(problem.help("take `to` or `drop` away"));
    }
    if drops {
        return Some(Action::Drop);
    }
    if matches!(to?.value.get_ref(), DeValue::Array(list) if list.is_empty()) {
        let problem = Problem::error(Code::Route, to?.value.span(), "this route goes nowhere").label("an empty list");
        problems.add(problem.help("to lose its records on purpose, write drop = true"));
    }
    Some(share.map_or(Action::Keep, Action::Sample))
}

/// The share of the records that is kept.
fn share(entry: Entry, drops: bool, problems: &Problems) -> Option<f64> {
    let share = float(entry.value, problems)?;
    if drops {
        let problem = Problem::error(Code::Route, entry.key.span(), "a route that drops keeps no share of its records");
        problems.add(problem.label("has no effect").help("`sample = 0.1` alone keeps a tenth and drops the others"));
        return None;
    }
    if !(share > 0.0 && share <= 1.0) {
        let problem = Problem::error(Code::WrongValue, entry.value.span(), "a share is more than 0 and at most 1");
        let help = "0.1 keeps a tenth of the records; to keep none, write drop = true";
        problems.add(problem.label("not a share").help(help));
        return None;
    }
    Some(share)
}

/// The rules about all routes together.
pub(crate) fn check(routes: &[Read], destinations: &[destination::Read], problems: &Problems) {
    check_order(routes, problems);
    let names = routes.iter().map(|read| (read.route.name.as_str(), read.places.route.clone()));
    super::check_unique("route", names, problems);
    check_destinations(routes, destinations, problems);
}

/// The last route, and only that, takes everything.
fn check_order(routes: &[Read], problems: &Problems) {
    let Some((last, others)) = routes.split_last() else { return };
    for route in others.iter().filter(|route| !route.conditional) {
        let problem = Problem::error(Code::RouteOrder, route.places.route.clone(), "routes after this one get nothing");
        let problem = problem.label("has no `match`, so it takes every record");
        problems.add(problem.related(last.places.route.clone(), "never reached").help("make it the last route"));
    }
    if last.conditional {
        let problem = Problem::error(Code::RouteOrder, last.places.route.clone(), "the last route has a `match`");
        let problem = problem.label("records that do not match would go nowhere");
        problems.add(problem.help("add a [[route]] without `match` after it, with `to` or with drop = true"));
    }
}

fn check_destinations(routes: &[Read], destinations: &[destination::Read], problems: &Problems) {
    let names: Vec<&str> = destinations.iter().map(|read| read.destination.name.as_str()).collect();
    for route in routes {
        let mut seen: HashMap<&str, &Span> = HashMap::new();
        for to in &route.to {
            if !names.contains(&to.text.as_str()) {
                let message = format!("unknown destination `{}`", to.text);
                let problem = Problem::error(Code::UnknownDestination, to.span.clone(), message);
                let problem = problem.label(format!("there is no [destination.{}]", to.text));
                problems.add(problem.suggest(&to.text, names.iter().copied()));
            }
            if let Some(first) = seen.insert(&to.text, &to.span) {
                let message = format!("the destination `{}` is named twice", to.text);
                let problem = Problem::error(Code::Duplicate, to.span.clone(), message).label("again");
                problems.add(problem.related(first.clone(), "first here"));
            }
        }
    }
    // Without routes every record goes to every destination.
    if problems.errors() || routes.is_empty() {
        return;
    }
    let used = |name: &str| routes.iter().flat_map(|route| &route.to).any(|to| to.text == name);
    for read in destinations.iter().filter(|read| !used(&read.destination.name)) {
        let message = format!("no route leads to the destination `{}`", read.destination.name);
        let problem = Problem::warning(Code::UnusedDestination, read.name.clone(), message).label("gets nothing");
        problems.add(problem.help("name it in a route's `to`, or take it away"));
    }
}
