//! One replay on a checkpoint at a time.
use crate::{Error, Result};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// A checkpoint that is ours until this goes away, also when the process is killed. The lock is on a file of its own beside it,
/// which stays: the checkpoint is replaced by each write.
#[derive(Debug)]
pub struct Hold {
    _file: File,
}

impl Hold {
    /// Takes it.
    ///
    /// # Errors
    /// When another process has it, or the file cannot be made.
    pub fn take(checkpoint: &Path) -> Result<Hold> {
        let path = PathBuf::from(format!("{}.lock", checkpoint.display()));
        let failed = |error: io::Error| {
            let text = format!("cannot write the checkpoint {}: its lock: {error}", checkpoint.display());
            Error::new(text).help("name another file with --checkpoint")
        };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Hold { _file: file }),
            Err(TryLockError::WouldBlock) => Err(held(checkpoint)),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

fn held(checkpoint: &Path) -> Error {
    let name = checkpoint.display();
    Error::new(format!("another replay is at work on the checkpoint {name}"))
        .help("wait for its end; a replay of other files, or to other destinations, has its own with --checkpoint FILE")
}
