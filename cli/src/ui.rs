//! How the command line speaks: plain text, with colours only on a terminal (`NO_COLOR` and `CLICOLOR` are respected).
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::io::{self, IsTerminal as _, Write as _};

pub const ERROR: Style = AnsiColor::Red.on_default().bold();
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
pub const DIM: Style = Style::new().dimmed();
pub const BOLD: Style = Style::new().bold();
pub const PLAIN: Style = Style::new();
pub const ADDED: Style = AnsiColor::Green.on_default();
pub const REMOVED: Style = AnsiColor::Red.on_default();

/// What is known about the two streams.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    /// Standard output takes colours.
    pub stdout_color: bool,
    /// Standard error takes colours.
    pub stderr_color: bool,
    pub stdout_terminal: bool,
    pub stderr_terminal: bool,
}

impl Ui {
    /// As the process' environment is.
    pub fn detect() -> Ui {
        let takes_colour = |choice| !matches!(choice, ColorChoice::Never);
        Ui {
            stdout_color: takes_colour(AutoStream::choice(&io::stdout())),
            stderr_color: takes_colour(AutoStream::choice(&io::stderr())),
            stdout_terminal: io::stdout().is_terminal(),
            stderr_terminal: io::stderr().is_terminal(),
        }
    }

    /// Without terminal and colours.
    pub fn plain() -> Ui {
        Ui { stdout_color: false, stderr_color: false, stdout_terminal: false, stderr_terminal: false }
    }

    /// `error: message` on standard error.
    pub fn error(&self, message: &str) {
        self.eprint(&format!("{ERROR}error{ERROR:#}: {message}\n"));
    }

    /// `warning: message` on standard error.
    pub fn warning(&self, message: &str) {
        self.eprint(&format!("{WARNING}warning{WARNING:#}: {message}\n"));
    }

    /// `note: message` on standard error.
    pub fn note(&self, message: &str) {
        self.eprint(&format!("{BOLD}note{BOLD:#}: {message}\n"));
    }

    /// Text on standard error, its colours only where they are wanted. Nobody can be told when that fails.
    pub fn eprint(&self, text: &str) {
        let _ = anstream::stderr().write_all(text.as_bytes());
    }
}
