//! Which files an include stands for, and which of them may be read.
use super::Text;
use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

/// The files of one include, in the order in which they are read.
pub type Include = Vec<PathBuf>;

/// Fluent Bit reads so many files and no more (`FLB_CF_FILE_NUM_LIMIT`).
pub const MAX_FILES: usize = 1000;

/// No file may be bigger, in bytes.
pub const MAX_FILE: u64 = 4 << 20;

/// Nor all files together.
pub const MAX_TOTAL: u64 = 64 << 20;

/// Why there is no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    NoFile(PathBuf),
    NoMatch(PathBuf),
    BadPattern(String),
    /// The file was read already.
    Twice(PathBuf),
    /// Outside the folders whose files may be read; whether there is one is not said.
    Outside(PathBuf),
    /// More than [`MAX_FILES`], or than [`MAX_TOTAL`].
    TooMany,
    /// Bigger than [`MAX_FILE`].
    TooBig(PathBuf),
}

impl Missing {
    /// What was looked for.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Missing::NoFile(path)
            | Missing::NoMatch(path)
            | Missing::Twice(path)
            | Missing::Outside(path)
            | Missing::TooBig(path) => Some(path),
            Missing::BadPattern(_) | Missing::TooMany => None,
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::NoFile(path) => write!(f, "there is no file {}", path.display()),
            Missing::NoMatch(path) => write!(f, "no file is called {}", path.display()),
            Missing::Twice(path) => write!(f, "{} is included twice", path.display()),
            Missing::BadPattern(why) => write!(f, "this is no pattern: {why}"),
            Missing::Outside(path) => {
                write!(f, "{} is outside the folders of the files that are linted", path.display())
            }
            Missing::TooMany => {
                write!(f, "more than {MAX_FILES} files, or more than {} MiB in them", MAX_TOTAL >> 20)
            }
            Missing::TooBig(path) => write!(f, "{} is larger than {} MiB", path.display(), MAX_FILE >> 20),
        }
    }
}

/// The folders whose files may be read, as the file system knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folders(Vec<PathBuf>);

impl Folders {
    /// One more. One that is not there holds nothing.
    pub fn add(&mut self, folder: &Path) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        self.0.extend(folder.canonicalize());
    }

    /// Where a path leads in the end, through all links.
    ///
    /// # Errors
    /// When it leads to no file, or out of the folders.
    fn inside(&self, path: &Path) -> Result<PathBuf, Missing> {
        // Outside, nobody looks whether there is a file.
        let folder = path.parent().unwrap_or(path);
        if !self.holds(&existing(folder)) {
            return Err(Missing::Outside(path.to_path_buf()));
        }
        let real = path.canonicalize().map_err(|_| Missing::NoFile(path.to_path_buf()))?;
        match self.holds(&real) {
            true if real.is_file() => Ok(real),
            true => Err(Missing::NoFile(path.to_path_buf())),
            false => Err(Missing::Outside(path.to_path_buf())),
        }
    }

    fn holds(&self, real: &Path) -> bool {
        self.0.iter().any(|folder| real.starts_with(folder))
    }
}

/// The part of a path that is there, through all links.
fn existing(path: &Path) -> PathBuf {
    let parts = path.ancestors().map(|part| if part.as_os_str().is_empty() { Path::new(".") } else { part });
    parts.into_iter().find_map(|part| part.canonicalize().ok()).unwrap_or_default()
}

/// The files of an include that stands in a file of this folder. Fluent Bit takes a `*` for a pattern, and everything
/// else as it stands, with blanks at its end.
///
/// # Errors
/// When there is none, or none that may be read.
pub fn resolve(folder: &Path, written: &Text, may: &Folders) -> Result<Include, Missing> {
    let path = folder.join(&written.text);
    let Some((before, _)) = written.text.split_once('*') else { return may.inside(&path).map(|_| vec![path]) };
    let fixed = before.rsplit_once('/').map_or("", |(fixed, _)| if fixed.is_empty() { "/" } else { fixed });
    if !may.holds(&existing(&folder.join(fixed))) {
        return Err(Missing::Outside(path));
    }
    // As in glob(3), two stars are as good as one: no folder is walked through.
    let mut pattern = written.text.clone();
    while pattern.contains("**") {
        pattern = pattern.replace("**", "*");
    }
    let folder = glob::Pattern::escape(&folder.to_string_lossy());
    let pattern = Path::new(&folder).join(pattern);
    let matches = glob::glob(&pattern.to_string_lossy()).map_err(|error| Missing::BadPattern(error.to_string()))?;
    let mut files = Include::new();
    for found in matches.filter_map(Result::ok).filter(|found| found.is_file()) {
        may.inside(&found)?;
        files.push(found);
        if files.len() > MAX_FILES {
            return Err(Missing::TooMany);
        }
    }
    if files.is_empty() { Err(Missing::NoMatch(path)) } else { Ok(files) }
}

/// The bytes of a file of at most [`MAX_FILE`].
///
/// # Errors
/// When it cannot be read, or is bigger.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        let message = format!("larger than {} MiB, which no configuration is", MAX_FILE >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}
