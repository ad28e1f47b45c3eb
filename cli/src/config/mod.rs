//! `firelens.toml`: formats, routes, destinations and stack, said once.
use crate::{Error, Ui};
use firelens_filter::{Program, spec::Spec};
use std::path::{Path, PathBuf};

/// What a `firelens.toml` says, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from.
    pub path: PathBuf,
    /// The stack's name.
    pub name: Option<String>,
    /// Formats, routes and privacy, as the compiler takes them.
    pub spec: Spec,
    /// What the compiler made of it.
    pub program: Program,
    /// The routes' destinations; the same order as `spec.routes`.
    pub routes: Vec<Route>,
    /// The destinations, in the file's order.
    pub destinations: Vec<Destination>,
    /// The expectation files, as paths relative to this file; the last part may hold `*`.
    pub tests: Vec<String>,
    /// `[stack]`, as it was written.
    pub stack: toml::Table,
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
    /// `cloudwatch_logs`, `firehose`, `kinesis_streams`, `s3` or `custom`.
    pub kind: String,
    /// All its other keys.
    pub settings: toml::Table,
}

/// Reads a file; its warnings are printed.
///
/// # Errors
/// Everything that is wrong with it, rendered.
pub fn load(path: &Path, _ui: &Ui) -> Result<Config, Error> {
    Err(Error::new(format!("cannot read {}", path.display())))
}

impl Config {
    /// The files with expectations, sorted.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn test_files(&self) -> Result<Vec<PathBuf>, Error> {
        Ok(Vec::new())
    }
}
