//! The stack in the languages of other tools: pure functions from [`Stack`] and [`Place`] to files. Nothing asks AWS.
//!
//! A new language is a folder with an implementation of [`Language`], a name in [`NAMES`], and a verb below `export`.
use crate::{Error, Place, Stack};
use std::fmt;

pub mod athena;
pub mod cloudformation;
pub mod symbol;
pub mod terraform;

/// The languages' names, in the order of the alphabet.
pub const NAMES: [&str; 3] = [athena::NAME, cloudformation::NAME, terraform::NAME];

/// A language of another tool, with what the user chose for it.
pub trait Language {
    /// Its name: that of the verb below `export`.
    fn name(&self) -> &'static str;

    /// Writes the stack, whose `place` is [symbolic](symbol) where the files are to find it out.
    ///
    /// # Errors
    /// What the language cannot express.
    fn export(&self, stack: &Stack, place: &Place) -> Result<Export, Unsupported>;
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Each with the [`marker`] in one of its first lines.
    pub files: Vec<File>,
    /// What is not in them.
    pub left_out: Vec<Unsupported>,
}

/// What stands in one of the first lines of each file of a language, in a comment or where else the file's format has a place
/// for it: a file with it can be written again.
pub fn marker(language: &str) -> String {
    format!("Written by firelens-kit export {language}")
}

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
    pub help: Option<String>,
}

impl Unsupported {
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Unsupported {
        Unsupported { destination: None, message: message.into(), help: Some(help.into()) }
    }

    pub fn of(self, destination: &str) -> Unsupported {
        Unsupported { destination: Some(destination.to_string()), ..self }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

impl std::error::Error for Unsupported {}

impl From<Error> for Unsupported {
    fn from(error: Error) -> Unsupported {
        let help = error.help.map(String::from);
        Unsupported { destination: None, message: error.message.into(), help }
    }
}
