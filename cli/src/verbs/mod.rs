//! The verbs: one module each, with its arguments and its `run`.
use crate::{Error, Ui};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

pub mod compile;
pub mod completions;
pub mod init;
pub mod test;

/// Parse, route and test ECS FireLens logs: a WASM filter for Fluent Bit and its command line.
#[derive(Debug, Parser)]
#[command(name = "firelens-kit", version, propagate_version = true, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  all went well
  1  an expectation failed (test)
  2  wrong usage, a wrong firelens.toml, or a file that cannot be read or written

Colours are used on terminals only; NO_COLOR=1 switches them off there too.";

#[derive(Debug, Subcommand)]
pub enum Verb {
    Test(test::Args),
    Compile(compile::Args),
    Init(init::Args),
    Completions(completions::Args),
}

/// Runs a verb.
///
/// # Errors
/// What kept it from doing its work; what the verb found is in the exit code.
pub fn run(verb: Verb, ui: &Ui) -> Result<ExitCode, Error> {
    match verb {
        Verb::Test(args) => test::run(args, ui),
        Verb::Compile(args) => compile::run(args, ui),
        Verb::Init(args) => init::run(args, ui),
        Verb::Completions(args) => completions::run(args, ui),
    }
}
