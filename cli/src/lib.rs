//! The command line: `firelens.toml` is read here ([`config`]), turned into the inputs of the other crates, and what
//! comes out is printed. One module a verb ([`verbs`]).
#![warn(unreachable_pub)]
use clap::Parser as _;
use std::{backtrace::Backtrace, process::ExitCode};

pub mod aws;
pub mod check;
pub mod config;
pub mod deploy;
pub mod error;
pub mod export;
pub mod guess;
pub mod image;
pub mod lint;
pub mod logs;
pub mod offline;
pub mod output;
pub mod pipeline;
pub mod playground;
pub mod replay;
pub mod stack;
mod stop;
pub mod time;
pub mod ui;
pub mod verbs;
pub mod verify;

pub use error::Error;
pub use ui::Ui;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let ui = Ui::detect();
    std::panic::set_hook(Box::new(move |panic| ui.error(&format!("{panic}\n{}", Backtrace::capture()))));
    match verbs::Cli::try_parse() {
        Ok(cli) => verbs::run(cli.verb, &ui).unwrap_or_else(|error| error.report(&ui)),
        Err(error) => usage(&verbs::suggest::in_order(error), &ui),
    }
}

/// Prints what clap has to say: help, the version, or what is wrong with the arguments, which may be names of files.
fn usage(error: &clap::Error, ui: &Ui) -> ExitCode {
    let styled = error.render();
    let harmless =
        std::env::args_os().all(|argument| argument.to_str().is_some_and(|text| text.chars().all(ui::is_harmless)));
    // Among hostile arguments nobody knows which escapes are clap's own.
    let text = if harmless { ui::rendered(&styled.ansi().to_string()) } else { styled.to_string() };
    match error.use_stderr() {
        true => ui.eprint(&text),
        // The reader may be gone.
        false => _ = ui.print(&text),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Error::EXIT_CODE))
}
