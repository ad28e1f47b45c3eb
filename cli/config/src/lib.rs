//! `firelens.toml`: formats, routes, destinations and stack, said once.
//!
//! Each section's reader has a file of its own. They share two habits: they go on after a mistake, so that all mistakes
//! are shown at once, and they remember where everything was written.
//!
//! ```
//! use std::path::Path;
//!
//! let (config, problems) = firelens_config::parse(Path::new("firelens.toml"), "[[container]]\nname = \"a\"\nstdout = \"combind\"");
//! assert!(config.is_none());
//! assert_eq!(problems[0].help.as_deref(), Some("did you mean `combined`?"));
//! ```
#![warn(unreachable_pub)]
use firelens_compiler::spec::{AddedField, MemberType, Names, Privacy, Spec, Zone};
use firelens_filter::Program;
use firelens_pipeline::{Image, multiline::Joined};
use problem::{Code, Problem, Span};
use reader::{Entry, Problems, Section, Text};
pub use resource::Resource;
pub use router::Router;
pub use stack::Stack;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};
use toml::de::DeTable;

mod added;
mod aws;
mod compiled;
mod container;
mod destination;
pub mod files;
pub mod json;
pub mod keys;
pub mod lint;
mod matching;
mod multiline;
mod onigmo;
mod privacy;
pub mod problem;
pub mod reader;
pub mod resource;
mod route;
pub mod router;
pub mod rules;
pub mod schema;
mod setting;
pub mod stack;
mod syntax;
mod test_value;
mod text;
mod zone;

/// What a `firelens.toml` says, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from.
    pub path: PathBuf,
    /// The stack's name.
    pub name: Option<String>,
    /// Formats, routes and privacy, as the compiler takes them.
    pub spec: Spec,
    /// The streams whose lines are joined.
    pub joined: Vec<Joined>,
    /// What the compiler made of it.
    pub program: Program,
    /// The routes' destinations; the same order as `spec.routes`.
    pub routes: Vec<Route>,
    /// The destinations, in the file's order.
    pub destinations: Vec<Destination>,
    pub router: Router,
    /// The expectation files, as paths relative to this file; the last part may hold `*`.
    pub tests: Vec<String>,
    pub stack: Stack,
    /// The rules that `[lint]` allows.
    pub allowed: Vec<lint::Allowed>,
    /// The text that it was read from, for what is found later.
    pub source: String,
}

/// Where a route's records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub name: String,
    /// Names of destinations; empty when the route drops.
    pub to: Vec<String>,
}

/// A `[destination.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Destination {
    pub name: String,
    /// The word for its type: one of [`firelens_pipeline::destination::ALL`].
    pub kind: String,
    /// All its other keys.
    pub settings: toml::Table,
    /// The AWS resource behind it; there unless the type is wrong.
    pub resource: Option<Resource>,
    /// The output of Fluent Bit that it is; there unless the type is wrong.
    pub output: Option<firelens_pipeline::destination::Destination>,
    /// Where the values of options were written, by their real names in lower case; `""` is the destination's name.
    pub places: HashMap<String, Span>,
}

/// The expectation files unless the file names others.
const TESTS: &str = "*.test.toml";

/// Reads a text. There is a configuration if none of the problems is an error.
pub fn parse(path: &Path, source: &str) -> (Option<Config>, Vec<Problem>) {
    parse_on(path, source, None)
}

/// Reads a text, with another image in place of the one that `[router]` names.
pub fn parse_on(path: &Path, source: &str, base: Option<&Image>) -> (Option<Config>, Vec<Problem>) {
    let problems = Problems::default();
    let (table, syntax) = DeTable::parse_recoverable(source);
    if syntax.is_empty() {
        let parts = read(table.get_ref(), base, &problems);
        let config = assemble(path, source, parts, &problems).filter(|_| !problems.errors());
        return (config, problems.into_inner());
    }
    syntax::problems(source, &syntax).into_iter().for_each(|problem| problems.add(problem));
    (None, problems.into_inner())
}

/// The parts of a file, as they were read.
struct Parts {
    name: Option<String>,
    keep_log: bool,
    names: Names,
    containers: Vec<container::Read>,
    own: Vec<multiline::Own>,
    /// Nothing was wrong with them.
    all_formats: bool,
    routes: Vec<route::Read>,
    types: Vec<MemberType>,
    types_places: Vec<Span>,
    added: Vec<AddedField>,
    added_places: Vec<Span>,
    privacy: Privacy,
    privacy_places: privacy::Places,
    router: Router,
    destinations: Vec<destination::Read>,
    tests: Vec<String>,
    stack: Stack,
    allowed: Vec<lint::Allowed>,
}

const KEEP_LOG: [(&str, bool); 2] = [("unparsed", false), ("always", true)];
const FIELDS: [(&str, Names); 3] = [("plain", Names::Plain), ("apache2", Names::Apache2), ("otel", Names::Otel)];

/// Reads the whole tree.
fn read<'a>(table: &'a DeTable<'a>, base: Option<&Image>, problems: &'a Problems) -> Parts {
    let mut top = Section::new(&keys::TOP, 0..0, table, problems);
    let name = top.string("name").inspect(|name| check_stack_name(name, problems)).map(|name| name.text);
    let zone_entry = top.take("timezone");
    let zone = zone_entry.and_then(|entry| zone::read(&reader::string(entry.value, problems)?, problems));
    let keep_log = top.take("keep_log").and_then(|entry| reader::word(entry, &KEEP_LOG, problems));
    let names = top.take("fields").and_then(|entry| reader::word(entry, &FIELDS, problems));
    let errors = problems.count();
    let own = top.take("multiline").map(|entry| multiline::own(entry, problems)).unwrap_or_default();
    let containers = top.take("container").map(|entry| containers(entry, &zone.unwrap_or_default(), &own, problems));
    multiline::warn_unused(&own, containers.iter().flatten().map(|read| &read.multiline), problems);
    warn_unused_zone(zone_entry, containers.is_some(), problems);
    let mut added = added::Read::default();
    if let Some(entry) = top.take("add_fields") {
        added.read(entry, None, problems);
    }
    for read in containers.iter().flatten() {
        added.join(read.added.clone());
    }
    let all_formats = problems.count() == errors;
    let json = top.take("json").map(|entry| json::read(entry, problems)).unwrap_or_default();
    let routes = top.take("route").map(|entry| routes(entry, &json.types, problems));
    let privacy = top.take("privacy");
    let router = top.take("router").map(|entry| router::read(entry, problems)).unwrap_or_default();
    let router = base.into_iter().fold(router, Router::on);
    let context = destination::Context { version: router.version, router: &router.settings };
    let destinations = top.take("destination").map(|entry| destination::read(entry, context, problems));
    let tests = top.take("tests").map(|entry| files::patterns(entry.value, problems));
    let allowed = top.take("lint").map(|entry| lint::read(entry, problems));
    let stack_entry = top.take("stack");
    check_named(stack_entry, name.as_deref(), problems);
    let known: Vec<Text> = containers.iter().flatten().map(|read| read.name.clone()).collect();
    let stack = stack_entry.map(|entry| stack::read(entry, &known, problems));
    top.finish();
    let (privacy, privacy_places) = privacy.map(|entry| privacy::read(entry, problems)).unwrap_or_default();
    Parts {
        name,
        keep_log: keep_log.unwrap_or_default(),
        names: names.unwrap_or_default(),
        containers: containers.unwrap_or_default(),
        own,
        all_formats,
        routes: routes.unwrap_or_default(),
        types: json.types,
        types_places: json.places,
        added: added.fields,
        added_places: added.places,
        privacy,
        privacy_places,
        destinations: destinations.unwrap_or_default(),
        router,
        tests: tests.unwrap_or_else(|| vec![TESTS.to_string()]),
        stack: stack.unwrap_or_default(),
        allowed: allowed.unwrap_or_default(),
    }
}

/// Checks what concerns several parts, and compiles.
fn assemble(path: &Path, source: &str, parts: Parts, problems: &Problems) -> Option<Config> {
    route::check(&parts.routes, &parts.destinations, problems);
    let places = compiled::Places {
        containers: parts.containers.iter().map(|read| read.places.clone()).collect(),
        routes: parts.routes.iter().map(|read| read.places.clone()).collect(),
        types: parts.types_places,
        added: parts.added_places,
        privacy: parts.privacy_places,
        all_formats: parts.all_formats,
    };
    let joined = parts.containers.iter().flat_map(|read| read.multiline.joined(&read.container.name, &parts.own));
    let joined = joined.collect();
    let spec = Spec {
        containers: parts.containers.into_iter().map(|read| read.container).collect(),
        routes: parts.routes.iter().map(|read| read.route.clone()).collect(),
        keep_log: parts.keep_log,
        names: parts.names,
        privacy: parts.privacy,
        added: parts.added,
        types: parts.types,
    };
    let program = compiled::compile(&spec, &places, source, problems)?;
    Some(Config {
        path: path.to_path_buf(),
        name: parts.name,
        spec,
        joined,
        program,
        routes: parts.routes.into_iter().map(Route::from).collect(),
        destinations: parts.destinations.into_iter().map(|read| read.destination).collect(),
        router: parts.router,
        tests: parts.tests,
        stack: parts.stack,
        allowed: parts.allowed,
        source: source.to_string(),
    })
}

fn containers<'a>(
    entry: Entry<'a>,
    zone: &Zone,
    own: &[multiline::Own],
    problems: &'a Problems,
) -> Vec<container::Read> {
    let sections = reader::sections(&keys::CONTAINER, entry, problems).into_iter();
    let containers: Vec<_> = sections.filter_map(|section| container::read(section, zone, own, problems)).collect();
    let names = containers.iter().map(|read| (read.name.text.as_str(), read.name.span.clone()));
    check_unique("container", names, problems);
    containers
}

fn routes<'a>(entry: Entry<'a>, types: &[MemberType], problems: &'a Problems) -> Vec<route::Read> {
    let sections = reader::sections(&keys::ROUTE, entry, problems).into_iter();
    sections.map(|section| route::read(section, types, problems)).collect()
}

/// Without containers the module's own formats are used, and their times are in UTC.
fn warn_unused_zone(entry: Option<Entry>, containers: bool, problems: &Problems) {
    if let Some(entry) = entry.filter(|_| !containers) {
        let problem =
            Problem::warning(Code::Unused, entry.key.span(), "`timezone` has no effect without a [[container]]");
        problems.add(problem.label("not used"));
    }
}

/// The stack's name begins the names of AWS resources, S3 buckets among them.
fn check_stack_name(name: &Text, problems: &Problems) {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let text = &name.text;
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) || text.len() > 32 || !text.bytes().all(fits) {
        let problem = Problem::error(Code::Name, name.span.clone(), format!("`{text}` cannot be the name of a stack"));
        problems.add(problem.label("not a name").help("1 to 32 lower-case letters, digits and `-`, a letter first"));
    }
}

/// A stack is known by its name.
fn check_named(stack: Option<Entry>, name: Option<&str>, problems: &Problems) {
    if let (Some(stack), None) = (stack, name) {
        let problem = Problem::error(Code::MissingKey, stack.key.span(), "a stack needs a `name`").label("this stack");
        problems.add(problem.help("write name = \"…\" at the top of the file"));
    }
}

/// Names of routes and destinations become parts of tags and of resources.
fn check_name(what: &str, name: &str, span: Span, problems: &Problems) {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
        let problem = Problem::error(Code::Name, span, format!("`{name}` cannot be the name of a {what}"));
        problems.add(problem.label("not a name").help("1 to 64 letters, digits, `-` and `_`"));
    }
}

/// No two have the same name.
fn check_unique<'a>(what: &str, names: impl Iterator<Item = (&'a str, Span)>, problems: &Problems) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for (name, span) in names.filter(|(name, _)| !name.is_empty()) {
        match seen.get(name) {
            Some(first) => {
                let problem = Problem::error(Code::Duplicate, span, format!("two {what}s have the name `{name}`"));
                problems.add(problem.label("again").related(first.clone(), "first here"));
            }
            None => _ = seen.insert(name, span),
        }
    }
}

impl From<route::Read> for Route {
    fn from(read: route::Read) -> Route {
        Route { name: read.route.name, to: read.to.into_iter().map(|to| to.text).collect() }
    }
}
