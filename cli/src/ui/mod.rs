//! How the command line speaks. Everything that is printed goes through [`Ui`], which knows what may reach a terminal:
//! text ([`Ui::print`], [`Ui::eprint`]), JSON ([`Ui::json`]), and documents for other programs ([`Ui::document`]).
//! `clippy.toml` forbids every other way to the two streams.
use anstream::{AutoStream, ColorChoice};
use std::{
    borrow::Cow,
    io::{self, IsTerminal as _, Write},
};

mod bars;
mod style;

pub use bars::{Bar, Bars};
use firelens_lines::harmless as safe;
pub use firelens_lines::harmless::{harmless, is_harmless};
pub use style::{ADDED, BOLD, DIM, ERROR, GOOD, OTHER, PLAIN, REMOVED, Style, WARNING, plain, rendered};

/// What is known about the two streams.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    /// Standard output takes colours.
    pub stdout_color: bool,
    /// Standard error takes colours.
    pub stderr_color: bool,
    pub stdout_terminal: bool,
    pub stderr_terminal: bool,
    /// A runner of GitHub Actions reads what is printed, and takes lines that begin with `::` for commands.
    pub github_runner: bool,
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where the streams are written")]
impl Ui {
    /// As the process' environment is. Colours are for terminals only; `NO_COLOR` and `CLICOLOR` are respected.
    pub fn detect() -> Ui {
        let takes_colour = |choice| !matches!(choice, ColorChoice::Never);
        Ui {
            stdout_color: takes_colour(AutoStream::choice(&io::stdout())),
            stderr_color: takes_colour(AutoStream::choice(&io::stderr())),
            stdout_terminal: io::stdout().is_terminal(),
            stderr_terminal: io::stderr().is_terminal(),
            github_runner: std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
        }
    }

    /// The width of the terminal that standard output is.
    pub fn columns(&self) -> Option<usize> {
        let size = terminal_size::terminal_size_of(io::stdout()).filter(|_| self.stdout_terminal);
        size.map(|(width, _)| width.0.into())
    }

    /// Without terminal and colours.
    pub fn plain() -> Ui {
        Ui {
            stdout_color: false,
            stderr_color: false,
            stdout_terminal: false,
            stderr_terminal: false,
            github_runner: false,
        }
    }

    /// Text on standard output.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn print(&self, text: &str) -> io::Result<()> {
        self.write(io::stdout().lock(), text, self.stdout_color)
    }

    /// Text on standard error. Nobody can be told when that fails.
    pub fn eprint(&self, text: &str) {
        _ = self.write(io::stderr().lock(), text, self.stderr_color);
    }

    fn write(&self, mut stream: impl Write, text: &str, colour: bool) -> io::Result<()> {
        let settled = style::settle(text, colour);
        let settled = if self.github_runner { without_commands(&settled) } else { settled };
        stream.write_all(settled.as_bytes())?;
        stream.flush()
    }

    /// JSON on standard output.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn json(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(safe::json(text).as_bytes())?;
        stdout.flush()
    }

    /// JSON on standard error.
    pub fn ejson(&self, text: &str) {
        _ = io::stderr().lock().write_all(safe::json(text).as_bytes());
    }

    /// Commands for a runner of GitHub Actions, whose parts are escaped already.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn commands(&self, text: &str) -> io::Result<()> {
        Ui { github_runner: false, ..*self }.print(text)
    }

    /// What another program reads, byte for byte. A terminal is shown it as text.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn document(&self, bytes: &[u8]) -> io::Result<()> {
        if self.stdout_terminal {
            return self.print(&String::from_utf8_lossy(bytes));
        }
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    /// Empties the screen before the next text, on a terminal.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn clear_screen(&self) -> io::Result<()> {
        match self.stdout_terminal {
            // The cursor goes to the screen's top.
            true => io::stdout().write_all(b"\x1b[2J\x1b[H"),
            false => Ok(()),
        }
    }
}

impl Ui {
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
}

/// Text without commands for GitHub Actions. Its runner obeys each line that begins with `::` or `##[`, after any white space:
/// such a line can set variables and outputs of the job.
fn without_commands(text: &str) -> Cow<'_, str> {
    let is_command = |line: &str| {
        let line = line.trim_start();
        line.starts_with("::") || line.starts_with("##[")
    };
    if !text.lines().any(is_command) {
        return text.into();
    }
    let line = |line: &str| match is_command(line) {
        true => line.replacen("::", "\\u{3a}:", 1).replacen("##[", "\\u{23}#[", 1),
        false => line.to_string(),
    };
    text.split_inclusive('\n').map(line).collect::<String>().into()
}

/// Text on standard output that comes in pieces, such as a table that grows.
pub struct Out<'a> {
    ui: &'a Ui,
    json: bool,
}

impl<'a> Out<'a> {
    /// Of text, or of JSON.
    pub fn new(ui: &'a Ui, json: bool) -> Out<'a> {
        Out { ui, json }
    }
}

impl Write for Out<'_> {
    /// Takes whole texts: no character is ever cut.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        match self.json {
            true => self.ui.json(&text)?,
            false => self.ui.print(&text)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_data_is_no_command_for_a_runner() {
        let text = "a\n  ::stop-commands::x\n##[error]y\n::1 is an address\nb :: c\n";
        let shown = "a\n  \\u{3a}:stop-commands::x\n\\u{23}#[error]y\n\\u{3a}:1 is an address\nb :: c\n";
        assert_eq!(without_commands(text), shown);
        assert_eq!(without_commands("a::b"), "a::b");
    }
}
