//! What is rendered: routes, destinations and the router, as plain data.
use crate::{User, Version, buffer::Load, destination::Destination, multiline::Joined};

/// The beginning of the tags of moved records; a route's name follows, and the tag that they had.
pub const MOVED: &str = "firelens-kit";

/// Where the module is in the router's image.
pub const MODULE_PATH: &str = "/firelens-kit/filter.wasm";

/// Where the rendered configuration is in the router's image: FireLens's `config-file-value`.
pub const CONFIG_PATH: &str = "/firelens-kit/pipeline.conf";

/// Where the rules for lines that belong together are in the router's image, if there are any: Fluent Bit takes them from a
/// file of their own only.
pub const PARSERS_PATH: &str = "/firelens-kit/parsers.conf";

/// The folder of the router's buffers. A volume of the task belongs here, so that they survive the router's process.
pub const STORAGE_PATH: &str = "/var/lib/firelens-kit";

/// The port of the router's own HTTP server, on 127.0.0.1: for health checks and metrics.
pub const HTTP_PORT: u16 = 2020;

/// Everything that the rendered configuration says.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// The Fluent Bit that it is for.
    pub version: Version,
    /// The containers whose lines the module parses; others are let through to it, too.
    pub containers: Vec<String>,
    /// The streams whose lines are joined before they come to the module.
    pub joined: Vec<Joined>,
    /// The module's routes, in its order. The last one takes what no other takes. Without any, records go everywhere.
    pub routes: Vec<Route>,
    pub destinations: Vec<Destination>,
    pub router: Router,
}

/// A route of the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub name: String,
    /// Names of destinations. Empty: the module drops its records.
    pub to: Vec<String>,
}

/// The router's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Router {
    /// The container's memory limit, in MiB.
    pub memory_mib: u32,
    /// The disk space for buffers, in MiB.
    pub disk_mib: u32,
    /// How many seconds are left for delivery after SIGTERM.
    pub grace: u32,
    /// Fluent Bit's own log: `error`, `warn`, `info`, `debug`, `trace`.
    pub log_level: String,
    /// What the buffers have to hold.
    pub load: Load,
    /// Who its process runs as; `None` is root.
    pub user: Option<User>,
    /// It writes to volumes only.
    pub readonly_root_filesystem: bool,
}

impl Default for Router {
    fn default() -> Router {
        Router {
            memory_mib: 512,
            disk_mib: 10_240,
            grace: 30,
            log_level: "info".to_string(),
            load: Load::default(),
            user: None,
            readonly_root_filesystem: false,
        }
    }
}

/// How records come to the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The module is straight behind FireLens's input, whose chunks are on disk. Nothing was seen lost.
    Straight,
    /// All records go through an emitter first, which has its chunks on disk. What is on its way into them when the
    /// process ends is lost.
    Emitter,
}

impl Version {
    /// The shape that loses the least on this release.
    pub fn shape(self) -> Shape {
        match self.forward_breaks_wasm() || !self.inherits_storage() {
            true => Shape::Emitter,
            false => Shape::Straight,
        }
    }

    /// What can be lost on this release whatever the configuration says, in words for a warning.
    pub fn risk(self) -> Option<&'static str> {
        if self.forward_breaks_wasm() {
            return Some(
                "its forward input breaks WASM filters, so that all records pass through an emitter first: what is on the \
                 way to its disk, some hundredths of a second, is lost when the router is killed",
            );
        }
        if !self.inherits_storage() {
            return Some(
                "it keeps in memory what FireLens's input receives, so that all records pass through an emitter first: what \
                 is on the way to its disk, some hundredths of a second, is lost when the router is killed",
            );
        }
        self.loses_silently_in_rewrite_tag()
            .then_some("records that are moved to another tag can be lost without a word when its emitter is full")
    }
}

/// Routes whose records get a tag of their own: those with other destinations than the last route's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved<'a> {
    /// In the tag; the first route's name.
    pub name: &'a str,
    pub routes: Vec<&'a str>,
    /// Sorted.
    pub to: Vec<&'a str>,
}

impl Pipeline {
    /// The destinations of records that no other route takes, sorted. Without routes all of them.
    pub fn default_destinations(&self) -> Vec<&str> {
        match self.routes.last() {
            Some(last) => sorted(&last.to),
            None => {
                let mut names: Vec<&str> = self.destinations.iter().map(|to| to.name.as_str()).collect();
                names.sort_unstable();
                names
            }
        }
    }

    /// The routes whose records are moved, one for each set of destinations. As few records as possible are: those of
    /// routes with the last one's destinations keep their tag, and what the module drops needs none.
    pub fn moved(&self) -> Vec<Moved<'_>> {
        let usual = self.default_destinations();
        let mut moved: Vec<Moved> = Vec::new();
        for route in self.routes.iter().filter(|route| !route.to.is_empty()) {
            let to = sorted(&route.to);
            if to == usual {
                continue;
            }
            match moved.iter_mut().find(|other| other.to == to) {
                Some(same) => same.routes.push(&route.name),
                None => moved.push(Moved { name: &route.name, routes: vec![&route.name], to }),
            }
        }
        moved
    }

    /// The tag under which the records of a route go to their destinations, when FireLens gave them that one.
    pub fn tag(&self, route: Option<&str>, given: &str) -> String {
        let moved = self.moved();
        match moved.iter().find(|moved| route.is_some_and(|route| moved.routes.contains(&route))) {
            Some(moved) => format!("{MOVED}.{}.{given}", moved.name),
            None => given.to_string(),
        }
    }

    /// The destinations that get something.
    pub fn used(&self) -> impl Iterator<Item = &Destination> {
        let (usual, moved) = (self.default_destinations(), self.moved());
        let gets = move |name: &str| usual.contains(&name) || moved.iter().any(|moved| moved.to.contains(&name));
        self.destinations.iter().filter(move |to| gets(&to.name))
    }

    /// How many tags of one container lead to a destination.
    pub fn tags_of(&self, destination: &str) -> usize {
        // The joined lines of a container have a tag of their own.
        let unmoved = 1 + usize::from(!self.joined.is_empty());
        let usual = unmoved * usize::from(self.default_destinations().contains(&destination));
        usual + self.moved().iter().filter(|moved| moved.to.contains(&destination)).count()
    }

    /// The environment variables that the router needs, with the ARN of the secret that each is filled from.
    pub fn secrets(&self) -> Vec<(String, String)> {
        let secrets =
            self.used().flat_map(|to| to.secrets.iter().map(|secret| (to.variable(secret), secret.arn.clone())));
        secrets.collect()
    }

    /// The environment variables that take the place of resources' names, each with its destination: only where the stack is,
    /// in which account, is it known what they are called.
    pub fn variables<'a>(&'a self) -> Vec<(String, &'a Destination)> {
        let variable = |to: &'a Destination| {
            let target = to.kind.target()?.property;
            let variable = to.variable_of(target);
            (to.setting(target)? == format!("${{{variable}}}")).then_some((variable, to))
        };
        self.used().filter_map(variable).collect()
    }

    /// What the user has to know about the release: a sentence each.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if let Some(risk) = self.version.risk().filter(|_| self.moves_records()) {
            warnings.push(format!("Fluent Bit {}: {risk}", self.version));
        }
        for risk in self.used().filter_map(|to| (to.kind.description().risk)(self.version)) {
            let warning = format!("Fluent Bit {}: {risk}", self.version);
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        warnings
    }

    /// Whether any record passes through an emitter.
    pub fn moves_records(&self) -> bool {
        self.version.shape() == Shape::Emitter || !self.moved().is_empty() || !self.joined.is_empty()
    }
}

fn sorted(names: &[String]) -> Vec<&str> {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}
