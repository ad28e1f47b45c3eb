//! What a verb gives out: in which format, and files that are written whole or not at all.
use crate::Error;
use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};
use tempfile::NamedTempFile;

/// How most verbs print what they did; `--format`. Verbs with more to choose from have formats of their own.
// Without comments on the variants, whose names say it all in `--help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
}

/// Writes a file through another one beside it, which is then renamed, so that nobody ever sees half of it. The other one
/// is new, whatever lies there: no link is followed. What is no regular file (a pipe, a device) is written directly.
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
    let beside = beside(&target, bytes).map_err(failed)?;
    beside.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Writes several regular files, all of them or none.
///
/// # Errors
/// When that fails; no file is changed then, unless the last step, renaming, fails for some of them.
pub fn write_files(files: &[(&Path, &[u8])]) -> Result<(), Error> {
    let failed = |path: &Path, error: io::Error| Error::file("write", path, &error);
    let written = files.iter().map(|(path, bytes)| {
        if path.is_dir() {
            return Err(failed(path, io::ErrorKind::IsADirectory.into()));
        }
        beside(path, bytes).map_err(|error| failed(path, error))
    });
    let written: Vec<NamedTempFile> = written.collect::<Result<_, Error>>()?;
    let mut all = written.into_iter().zip(files);
    all.try_for_each(|(beside, (path, _))| match beside.persist(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(path, error.error)),
    })
}

/// A new file beside another one, with its permissions, or with the usual ones; it goes unless it is kept.
fn beside(target: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".tmp");
    let there = fs::metadata(target).map(|metadata| metadata.permissions());
    #[cfg(unix)]
    if there.is_err() {
        // Less what the umask takes away.
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Ok(permissions) = there {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(file)
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
    fn a_file_keeps_its_mode_and_a_new_one_has_the_usual_one() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (old, new, usual) = (folder.path().join("old"), folder.path().join("new"), folder.path().join("usual"));
        fs::write(&old, "1").unwrap();
        fs::write(&usual, "1").unwrap();
        for private in [0o600, 0o640, 0o755] {
            fs::set_permissions(&old, fs::Permissions::from_mode(private)).unwrap();
            write_file(&old, b"2").unwrap();
            assert_eq!(mode(&old), private);
        }
        write_files(&[(&new, b"2")]).unwrap();
        assert_eq!(mode(&new), mode(&usual));
    }

    /// Links with the names that our own files once had, and with some that others could guess.
    #[test]
    #[cfg(unix)]
    fn a_link_that_lies_beside_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (victim, path) = (folder.path().join("victim"), folder.path().join("filter.wasm"));
        fs::write(&victim, "mine").unwrap();
        for pid in [std::process::id(), 1] {
            let link = folder.path().join(format!(".filter.wasm.{pid}.tmp"));
            std::os::unix::fs::symlink(&victim, link).unwrap();
        }
        write_file(&path, b"module").unwrap();
        write_files(&[(&path, b"module")]).unwrap();
        assert_eq!((fs::read(&victim).unwrap(), fs::read(&path).unwrap()), (b"mine".to_vec(), b"module".to_vec()));
    }

    #[test]
    #[cfg(unix)]
    fn a_device_stays_a_device() {
        write_file(Path::new("/dev/null"), b"text").unwrap();
        assert!(!Path::new("/dev/null").is_file());
    }
}
