//! The command line: `firelens.toml` is read here ([`config`]), turned into the inputs of the other crates, and what
//! comes out is printed. One module a verb ([`verbs`]).
use clap::Parser as _;
use std::process::ExitCode;

pub mod aws;
pub mod config;
pub mod deploy;
pub mod error;
pub mod export;
pub mod guess;
pub mod image;
pub mod lint;
pub mod logs;
pub mod module;
pub mod output;
pub mod pipeline;
pub mod replay;
pub mod stack;
mod stop;
pub mod test;
pub mod time;
pub mod ui;
pub mod verbs;
pub mod verify;

pub use error::Error;
pub use ui::Ui;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let cli = verbs::Cli::parse();
    let ui = Ui::detect();
    verbs::run(cli.verb, &ui).unwrap_or_else(|error| error.report(&ui))
}
