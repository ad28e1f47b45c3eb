//! `firelens-kit schema`: what an editor needs to complete `firelens.toml`.
use crate::{Error, Ui, config::schema, output};
use std::{path::PathBuf, process::ExitCode};

/// Print the JSON Schema of firelens.toml, for editors
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Print the JSON Schema of firelens.toml, for editors\n\n\
                  With it, an editor completes keys, shows what each says, and underlines unknown ones. Servers for TOML \
                  (Even Better TOML, Taplo) find it by a first line in firelens.toml: #:schema ./firelens.schema.json",
    after_help = "\
Examples:
  firelens-kit schema -o firelens.schema.json
  firelens-kit schema | jq '.definitions.router.properties | keys'"
)]
pub struct Args {
    /// Write it to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Prints the schema.
///
/// # Errors
/// When the file, or standard output, cannot be written.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let text = format!("{:#}\n", schema::schema());
    match args.output {
        Some(path) => output::write_file(&path, text.as_bytes())?,
        None => ui.document(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}
