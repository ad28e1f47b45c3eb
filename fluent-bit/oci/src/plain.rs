//! Files of images that somebody else made. Only regular files are read: a link would lead out of the image, a device or a
//! FIFO would never end or never begin.
use super::{Error, Result, written};
use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};
use std::{
    fs::{File, FileType, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _},
    path::Path,
};

/// Opens a file that the user named, which may be a link to one.
///
/// # Errors
/// When it cannot be opened, or is no regular file.
pub(crate) fn open(path: &Path) -> Result<File> {
    opened(path, OFlags::NONBLOCK)
}

/// Opens a file inside of an image.
///
/// # Errors
/// When it cannot be opened, or is no regular file itself.
pub(crate) fn open_inside(path: &Path) -> Result<File> {
    let kind = path.symlink_metadata().map_err(|error| Error::file("read", path, &error))?.file_type();
    if !kind.is_file() {
        return Err(refused(path, kind, "a regular file"));
    }
    opened(path, OFlags::NONBLOCK | OFlags::NOFOLLOW)
}

/// Checks a folder inside of an image.
///
/// # Errors
/// When it is not there, or no folder itself.
pub(crate) fn folder(path: &Path) -> Result<()> {
    let kind = path.symlink_metadata().map_err(|error| Error::file("read", path, &error))?.file_type();
    if kind.is_dir() { Ok(()) } else { Err(refused(path, kind, "a directory")) }
}

/// All of a file inside of an image.
///
/// # Errors
/// As for [`open_inside`], and when it has more than `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = open_inside(path)?.take(limit + 1).read_to_end(&mut bytes);
    match read.map_err(|error| Error::file("read", path, &error))? as u64 > limit {
        true => Err(Error::new(format!("{} has more than {limit} bytes", path.display()))),
        false => Ok(bytes),
    }
}

/// The digest of all that there is to read.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn digest(mut content: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; 256 * 1024];
    loop {
        match content.read(&mut piece)? {
            0 => return Ok(written(&hash.finalize())),
            count => hash.update(&piece[..count]),
        }
    }
}

/// A FIFO is opened without waiting for its other end.
fn opened(path: &Path, flags: OFlags) -> Result<File> {
    let failed = |error| Error::file("read", path, &error);
    let file = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path).map_err(failed)?;
    let kind = file.metadata().map_err(failed)?.file_type();
    if kind.is_file() { Ok(file) } else { Err(refused(path, kind, "a regular file")) }
}

fn refused(path: &Path, kind: FileType, wanted: &str) -> Error {
    let what = match kind {
        kind if kind.is_symlink() => "a symbolic link",
        kind if kind.is_dir() => "a directory",
        kind if kind.is_fifo() => "a FIFO",
        kind if kind.is_block_device() || kind.is_char_device() => "a device",
        kind if kind.is_socket() => "a socket",
        kind if kind.is_file() => "a file",
        _ => "something else",
    };
    let error = Error::new(format!("{} is {what}, not {wanted}", path.display()));
    if kind.is_symlink() { error.help("copy the image without links: cp -rL DIR COPY") } else { error }
}
