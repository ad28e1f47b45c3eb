//! What ends a verb early.
use crate::Ui;
use std::{fmt, io, path::Path, process::ExitCode};

/// Why a verb could not do its work. All but a broken pipe end the process with [`Error::EXIT_CODE`].
#[derive(Debug)]
pub enum Error {
    /// Text for the user, without `error: ` in front; more lines may follow the first.
    Message(String),
    /// Diagnostics that are rendered already, as they are to be printed.
    Rendered(String),
    /// The reader of our output went away (`| head`): no error of ours.
    BrokenPipe,
}

impl Error {
    /// The exit code for wrong usage, a wrong configuration, and files that cannot be read or written.
    pub const EXIT_CODE: u8 = 2;

    pub fn new(message: impl Into<String>) -> Error {
        Error::Message(message.into())
    }

    /// A file that cannot be read or written: `doing` is "read", "write", …
    pub fn file(doing: &str, path: &Path, error: &io::Error) -> Error {
        Error::Message(format!("cannot {doing} {}: {error}", path.display()))
    }

    /// Prints the error, and gives the process' exit code.
    pub fn report(&self, ui: &Ui) -> ExitCode {
        match self {
            Error::BrokenPipe => return ExitCode::SUCCESS,
            Error::Message(message) => ui.error(message),
            Error::Rendered(text) => ui.eprint(text),
        }
        ExitCode::from(Self::EXIT_CODE)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Error::BrokenPipe,
            _ => Error::Message(error.to_string()),
        }
    }
}

impl From<firelens_oci::Error> for Error {
    fn from(error: firelens_oci::Error) -> Error {
        Error::Message(error.to_string())
    }
}

impl From<firelens_packager::Error> for Error {
    fn from(error: firelens_packager::Error) -> Error {
        Error::Message(error.to_string())
    }
}

impl From<firelens_infra::Error> for Error {
    fn from(error: firelens_infra::Error) -> Error {
        Error::Message(error.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Message(text) | Error::Rendered(text) => f.write_str(text),
            Error::BrokenPipe => f.write_str("the reader of the output went away"),
        }
    }
}

impl std::error::Error for Error {}
