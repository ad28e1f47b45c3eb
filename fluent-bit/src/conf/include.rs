//! Which files an include stands for.
use super::Text;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// The files of one include, in the order in which they are read.
pub type Include = Vec<PathBuf>;

/// Why there is no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    NoFile(PathBuf),
    NoMatch(PathBuf),
    BadPattern(String),
    /// The file was read already.
    Twice(PathBuf),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::NoFile(path) => write!(f, "there is no file {}", path.display()),
            Missing::NoMatch(path) => write!(f, "no file is called {}", path.display()),
            Missing::Twice(path) => write!(f, "{} is included twice", path.display()),
            Missing::BadPattern(why) => write!(f, "this is no pattern: {why}"),
        }
    }
}

/// The files of an include that stands in a file of this folder. Fluent Bit takes a `*` for a pattern, and everything
/// else as it stands, with blanks at its end.
///
/// # Errors
/// When there is none.
pub fn resolve(folder: &Path, written: &Text) -> Result<Include, Missing> {
    let path = folder.join(&written.text);
    if !written.text.contains('*') {
        return if path.is_file() { Ok(vec![path]) } else { Err(Missing::NoFile(path)) };
    }
    let matches = glob::glob(&path.to_string_lossy()).map_err(|error| Missing::BadPattern(error.to_string()))?;
    let files: Include = matches.filter_map(Result::ok).filter(|path| path.is_file()).collect();
    if files.is_empty() { Err(Missing::NoMatch(path)) } else { Ok(files) }
}
