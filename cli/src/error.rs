//! What ends a verb early.
use crate::{Ui, ui::ERROR};
use firelens_nearest::suggestion;
use std::{fmt, io, path::Path, process::ExitCode};

/// Why a verb could not do its work. All but a broken pipe end the process with [`Error::EXIT_CODE`].
#[derive(Debug)]
pub enum Error {
    /// What went wrong, without `error: ` in front; more lines may follow the first.
    Failed { message: String, help: Option<String> },
    /// Diagnostics that are rendered already, as they are to be printed.
    Rendered(String),
    /// The reader of our output went away (`| head`): no error of ours.
    BrokenPipe,
}

impl Error {
    /// The exit code for wrong usage, a wrong configuration, and files that cannot be read or written.
    pub const EXIT_CODE: u8 = 2;

    pub fn new(message: impl Into<String>) -> Error {
        Error::Failed { message: message.into(), help: None }
    }

    /// With the way out, which can be pasted where that is possible.
    pub fn help(self, help: impl Into<String>) -> Error {
        match self {
            Error::Failed { message, .. } => Error::Failed { message, help: Some(help.into()) },
            other => other,
        }
    }

    /// With the name that was probably meant, or all that there are.
    pub fn suggest(self, wrong: &str, known: &[&str]) -> Error {
        match suggestion(wrong, known) {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// A file that cannot be read or written: `doing` is "read", "write", …
    pub fn file(doing: &str, path: &Path, error: &io::Error) -> Error {
        Error::new(format!("cannot {doing} {}: {error}", path.display()))
    }

    /// As it is printed on standard error.
    pub fn rendered(&self) -> String {
        match self {
            Error::Failed { .. } => format!("{ERROR}error{ERROR:#}: {self}\n"),
            Error::Rendered(text) => text.clone(),
            Error::BrokenPipe => String::new(),
        }
    }

    /// Prints the error, and gives the process' exit code.
    pub fn report(&self, ui: &Ui) -> ExitCode {
        if matches!(self, Error::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        ui.eprint(&self.rendered());
        ExitCode::from(Self::EXIT_CODE)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Error::BrokenPipe,
            _ => Error::new(error.to_string()),
        }
    }
}

impl From<firelens_oci::Error> for Error {
    fn from(error: firelens_oci::Error) -> Error {
        Error::new(error.to_string())
    }
}

impl From<firelens_packager::Error> for Error {
    fn from(error: firelens_packager::Error) -> Error {
        Error::new(error.to_string())
    }
}

impl From<firelens_infra::Error> for Error {
    fn from(mut error: firelens_infra::Error) -> Error {
        let help = error.help.take().map(String::from);
        Error::Failed { message: error.to_string(), help }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Failed { message, help: None } | Error::Rendered(message) => f.write_str(message),
            Error::Failed { message, help: Some(help) } => write!(f, "{message}\n  help: {help}"),
            Error::BrokenPipe => f.write_str("the reader of the output went away"),
        }
    }
}

impl std::error::Error for Error {}
