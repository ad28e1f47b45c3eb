//! `firelens-kit compile`: the module with a configuration inside, for any Fluent Bit.
use crate::{
    Error, Ui, config,
    config::Config,
    offline::setup::DEFAULT_CONFIG,
    output::{self, Format},
};
use firelens_compiler::spec::Spec;
use firelens_filter::Program;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Put a configuration into the filter, as a module for Fluent Bit's `wasm` filter
///
/// Without -c the module recognises httpd's common, combined and vhost_combined lines and its default error lines by
/// itself. The same configuration always gives the same bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit compile -c firelens.toml -o filter.wasm
  firelens-kit compile -o plain.wasm                      # without a configuration
  firelens-kit compile -c firelens.toml -o - | sha256sum

Exit codes: 0 the module was written, 2 wrong usage, a wrong configuration, or a file error")]
pub struct Args {
    /// The configuration (firelens.toml)
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the module is written; `-` is standard output
    #[arg(short, long, value_name = "FILE", default_value = "filter.wasm")]
    output: PathBuf,
    /// The summary: text on standard error, or JSON on standard output (beside `-o -`: on standard error)
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Compiles, packages and writes.
///
/// # Errors
/// A wrong configuration, or a file that cannot be read or written.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let to_stdout = args.output == Path::new("-");
    if to_stdout && ui.stdout_terminal {
        return Err(Error::new("a module is not written to a terminal; name a file: -o filter.wasm"));
    }
    if args.config.is_none() && Path::new(DEFAULT_CONFIG).exists() {
        ui.warning(&format!("{DEFAULT_CONFIG} is not in the module; to put it in: -c {DEFAULT_CONFIG}"));
    }
    let config = args.config.map(|path| config::load(&path, ui)).transpose()?;
    let program = match &config {
        Some(config) => config.program.clone(),
        None => plain_program()?,
    };
    let wasm = firelens_packager::package(firelens_packager::RAW, &program)?;
    if to_stdout {
        ui.document(&wasm)?;
    } else {
        output::write_file(&args.output, &wasm)?;
    }
    let inside = Inside { config: config.as_ref(), program: &program, size: wasm.len(), output: &args.output };
    match args.format {
        Format::Text => ui.eprint(&inside.text()),
        Format::Json if to_stdout => ui.ejson(&format!("{}\n", inside.json())),
        Format::Json => ui.json(&format!("{}\n", inside.json()))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The formats that the module recognises by itself, and no routes.
fn plain_program() -> Result<Program, Error> {
    firelens_compiler::compile(&Spec::default())
        .map_err(|errors| Error::new(errors.into_iter().map(|error| error.message).collect::<Vec<_>>().join("\n")))
}

/// What a module holds.
struct Inside<'a> {
    config: Option<&'a Config>,
    program: &'a Program,
    size: usize,
    output: &'a Path,
}

impl Inside<'_> {
    fn routes(&self) -> Vec<&str> {
        self.program.routes.iter().map(|route| route.name.as_str()).collect()
    }

    fn containers(&self) -> Vec<&str> {
        self.program.containers.iter().map(|container| container.name.as_str()).collect()
    }

    fn text(&self) -> String {
        let output = match self.output.to_str() {
            Some("-") => "standard output".to_string(),
            _ => self.output.display().to_string(),
        };
        let program = self.program.to_bytes().len();
        let mut text = format!("{output}: {}, of which {} are the configuration\n", bytes(self.size), bytes(program));
        let formats = self.program.formats.len();
        match self.containers().as_slice() {
            [] => text.push_str(&format!("  formats     {formats}, tried on the lines of every container\n")),
            names => text.push_str(&format!("  formats     {formats}, for the containers {}\n", names.join(", "))),
        }
        match self.routes().as_slice() {
            [] => text.push_str("  routes      none\n"),
            names => text.push_str(&format!("  routes      {}\n", names.join(", "))),
        }
        text
    }

    fn json(&self) -> Value {
        json!({
            "output": self.output.display().to_string(),
            "bytes": self.size,
            "configuration_bytes": self.program.to_bytes().len(),
            "version": env!("CARGO_PKG_VERSION"),
            "name": self.config.and_then(|config| config.name.as_deref()),
            "containers": self.containers(),
            "formats": self.program.formats.len(),
            "routes": self.routes(),
            "fields": self.program.names,
        })
    }
}

/// `12,345 bytes`
fn bytes(count: usize) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap_or("")).collect();
    format!("{} bytes", groups.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        assert_eq!(
            [bytes(7), bytes(123), bytes(1234), bytes(1234567)].join(" "),
            "7 bytes 123 bytes 1,234 bytes 1,234,567 bytes"
        );
    }
}
