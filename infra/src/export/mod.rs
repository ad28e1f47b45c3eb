//! The stack in the languages of other tools: pure functions from [`crate::Stack`] and [`crate::Place`] to text. Nothing
//! asks AWS.
use std::fmt;

pub mod athena;
pub mod cloudformation;
pub mod symbol;
pub mod terraform;

/// A file that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path within the folder of the export.
    pub name: String,
    pub text: String,
}

/// Something that a language cannot express.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The destination that it is about, by its name in `firelens.toml`.
    pub destination: Option<String>,
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Unsupported {
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Unsupported {
        Unsupported { destination: None, message: message.into(), help: help.into() }
    }

    pub fn of(self, destination: &str) -> Unsupported {
        Unsupported { destination: Some(destination.to_string()), ..self }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  help: {}", self.message, self.help)
    }
}

impl std::error::Error for Unsupported {}
