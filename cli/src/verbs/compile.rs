//! `firelens-kit compile`.
use crate::{Error, Ui};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs the verb.
///
/// # Errors
/// What kept it from doing its work.
pub fn run(_args: Args, _ui: &Ui) -> Result<ExitCode, Error> {
    Err(Error::new("not here yet"))
}
