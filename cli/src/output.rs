//! Files that are written whole or not at all.
use crate::Error;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Writes a file through another one beside it, which is then renamed, so that nobody ever sees half of it. What is no
/// regular file (a pipe, a device) is written directly.
///
/// # Errors
/// When that fails; no file is left behind then.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |error: io::Error| Error::file("write", path, &error);
    let target = match path.canonicalize() {
        Ok(target) if !target.is_file() => return fs::write(path, bytes).map_err(failed),
        Ok(target) => target,
        Err(_) => path.to_path_buf(),
    };
    let beside = beside(&target);
    let written = fs::write(&beside, bytes).and_then(|()| keep_permissions(&target, &beside));
    written.and_then(|()| fs::rename(&beside, &target)).map_err(|error| {
        let _ = fs::remove_file(&beside);
        failed(error)
    })
}

/// Writes several regular files, all of them or none.
///
/// # Errors
/// When that fails; no file is changed then, unless the last step, renaming, fails for some of them.
pub fn write_files(files: &[(&Path, &[u8])]) -> Result<(), Error> {
    let written = files.iter().try_for_each(|(path, bytes)| {
        let beside = beside(path);
        if path.is_dir() {
            return Err((*path, io::Error::from(io::ErrorKind::IsADirectory)));
        }
        fs::write(&beside, bytes).and_then(|()| keep_permissions(path, &beside)).map_err(|error| (*path, error))
    });
    let renamed = written.and_then(|()| {
        files.iter().try_for_each(|(path, _)| fs::rename(beside(path), path).map_err(|error| (*path, error)))
    });
    renamed.map_err(|(path, error)| {
        files.iter().for_each(|(path, _)| _ = fs::remove_file(beside(path)));
        Error::file("write", path, &error)
    })
}

fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

/// A file that is replaced keeps who may read it.
fn keep_permissions(target: &Path, beside: &Path) -> io::Result<()> {
    match fs::metadata(target) {
        Ok(metadata) => fs::set_permissions(beside, metadata.permissions()),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("filter.wasm");
        write_file(&path, b"one").unwrap();
        write_file(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn all_files_are_written_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("missing/two"));
        assert!(write_files(&[(&one, b"1"), (&two, b"2")]).is_err());
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
        let two = folder.path().join("two");
        write_files(&[(&one, b"1"), (&two, b"2")]).unwrap();
        assert_eq!([fs::read(&one).unwrap(), fs::read(&two).unwrap()], [b"1", b"2"]);
        assert_eq!(folder.path().read_dir().unwrap().count(), 2);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = write_file(Path::new("/nowhere/at/all"), b"").unwrap_err().to_string();
        assert!(error.starts_with("cannot write /nowhere/at/all: "), "{error}");
    }

    #[test]
    #[cfg(unix)]
    fn a_device_stays_a_device() {
        write_file(Path::new("/dev/null"), b"text").unwrap();
        assert!(!Path::new("/dev/null").is_file());
    }
}
