//! `firelens-kit playground`: the filter in the browser, with the configuration of this folder.
use crate::{
    Error, Ui,
    offline::setup::DEFAULT_CONFIG,
    playground::{PAGE, server::Server},
};
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

/// Try firelens.toml on lines, in the browser
///
/// Serves a page on this machine (127.0.0.1) and opens it: an editor for firelens.toml, a pane for lines, and what becomes
/// of each line, which field is which text, and why. The page works offline, and sends nothing anywhere. "Save" writes the
/// file that was opened, and no other.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit playground                      # ./firelens.toml
  firelens-kit playground -c shop/firelens.toml
  firelens-kit playground --no-open            # print the URL, which holds a secret of this run

Exit codes: 0 it was ended, 2 wrong usage, a file that cannot be read, or a port that is taken")]
pub struct Args {
    /// The configuration [default: ./firelens.toml, which \"Save\" creates if it is not there]
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Listen on this port [default: any that is free]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
}

/// Serves until the process is ended.
///
/// # Errors
/// When there is no page, no such file, or no port.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let page = built(PAGE)?;
    if let Some(path) = args.config.as_ref().filter(|path| !path.is_file()) {
        return Err(Error::new(format!("cannot read {}: there is no such file", path.display())));
    }
    let path = args.config.unwrap_or_else(|| DEFAULT_CONFIG.into());
    let path = std::path::absolute(&path).map_err(|error| Error::file("read", &path, &error))?;
    let server = Server::bind(args.port, page, &path)?;
    let url = server.url();
    ui.print(&format!("{url}\n"))?;
    ui.note(&format!("serving {} on this machine only; Ctrl-C ends it", path.display()));
    if !args.no_open && !open(&url) {
        ui.note("no browser could be opened: open the URL yourself");
    }
    server.run()?;
    Ok(ExitCode::SUCCESS)
}

/// The page, if it was built.
fn built(page: Option<&'static [u8]>) -> Result<&'static [u8], Error> {
    page.ok_or_else(|| {
        Error::new("this firelens-kit was built without the playground's page")
            .help("install Node and npm, and build it again with `make build`")
    })
}

/// Asks the system to open a URL in the user's browser.
fn open(url: &str) -> bool {
    let named = std::env::var_os("BROWSER").filter(|browser| Path::new(browser).components().count() > 0);
    let usual: &[&str] = match std::env::consts::OS {
        "macos" => &["open"],
        "windows" => &["explorer"],
        _ => &["xdg-open"],
    };
    let mut command = match &named {
        Some(browser) => Command::new(browser),
        None => Command::new(usual[0]),
    };
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_the_page_says_so() {
        let error = built(None).unwrap_err().rendered();
        assert!(error.contains("built without the playground's page") && error.contains("make build"), "{error}");
    }
}
