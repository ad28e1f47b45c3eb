//! `firelens-kit completions`: what a shell needs to complete our command lines.
use crate::{Error, Ui};
use clap::CommandFactory as _;
use clap_complete::Shell;
use std::process::ExitCode;

/// Print the completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit completions bash > ~/.local/share/bash-completion/completions/firelens-kit
  firelens-kit completions zsh > ~/.zfunc/_firelens-kit
  firelens-kit completions fish > ~/.config/fish/completions/firelens-kit.fish")]
pub struct Args {
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "firelens-kit", &mut script);
    ui.document(&script)?;
    Ok(ExitCode::SUCCESS)
}
