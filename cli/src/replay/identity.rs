//! What a checkpoint is about: which bytes, under which configuration.
use crate::{Error, config::Config};
use firelens_infra::send::Input;
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

/// What is hashed of an input.
const HEAD: u64 = 64 << 10;

/// The end of a checkpoint's name.
const SUFFIX: &str = ".replay.json";

/// An input, as it is now.
///
/// # Errors
/// When it cannot be read.
pub fn input(path: &Path) -> Result<Input, Error> {
    let failed = |error| Error::file("read", path, &error);
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head).map_err(failed)?;
    Ok(Input { path: path.display().to_string(), size, head: hash(&[&head]) })
}

/// Whether a file still begins with what was read of it then.
///
/// # Errors
/// When it cannot be read.
pub fn begins_with(path: &Path, was: &Input) -> Result<bool, Error> {
    let failed = |error| Error::file("read", path, &error);
    let mut head = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(HEAD.min(was.size)).read_to_end(&mut head).map_err(failed)?;
    Ok(hash(&[&head]) == was.head)
}

/// Whether the bytes before this place are whole lines.
///
/// # Errors
/// When it cannot be read.
pub fn is_whole(path: &Path, end: u64) -> Result<bool, Error> {
    let failed = |error| Error::file("read", path, &error);
    let mut last = [b'\n'];
    if end > 0 {
        let mut file = File::open(path).map_err(failed)?;
        file.seek(SeekFrom::Start(end - 1)).and_then(|_| file.read_exact(&mut last)).map_err(failed)?;
    }
    Ok(last == [b'\n'])
}

/// A packed file's places are not those of its bytes.
///
/// # Errors
/// When it cannot be read.
pub fn is_gzip(path: &Path) -> Result<bool, Error> {
    let failed = |error| Error::file("read", path, &error);
    let mut magic = Vec::new();
    File::open(path).map_err(failed)?.take(2).read_to_end(&mut magic).map_err(failed)?;
    Ok(magic == [0x1f, 0x8b])
}

/// A hash of all that decides what becomes of a line: the configuration, this version, and the options.
pub fn configuration(config: &Config, options: &str) -> String {
    hash(&[config.source.as_bytes(), env!("CARGO_PKG_VERSION").as_bytes(), options.as_bytes()])
}

/// Beside the first input.
pub fn default_path(first: &Path) -> PathBuf {
    let mut name = first.file_name().unwrap_or_default().to_os_string();
    name.push(SUFFIX);
    first.with_file_name(name)
}

/// SHA-256 over the parts, each behind its length.
pub fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
