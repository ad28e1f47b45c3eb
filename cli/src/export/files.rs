//! A set of files that is written into a folder where others may lie, too: all of them or none. A file that the kit did not
//! write is never replaced; one that it wrote and that is not in the set any more goes.
use crate::{Error, output};
use firelens_infra::export::{File, marker};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// Endings of files that somebody may take the folder for.
const FILES: [&str; 9] = ["tf", "json", "yaml", "yml", "sql", "hcl", "zip", "tar", "txt"];

/// # Errors
/// When the name is that of a file, unless there is a folder of this name.
pub fn check_folder(path: &Path) -> Result<(), Error> {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    match end.filter(|end| FILES.contains(&end.as_str()) && !path.is_dir()) {
        Some(end) => Err(Error::new(format!(
            "--output {}: several files are written, into a folder, and this is the name of a .{end} file",
            path.display()
        ))
        .help(format!("--output {}", path.with_extension("").display()))),
        None => Ok(()),
    }
}

/// The marker is in one of so many lines.
const HEAD: usize = 8;

/// What became of the files.
#[derive(Debug)]
pub struct Written {
    folder: PathBuf,
    files: Vec<(String, What)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Created,
    Replaced,
    Unchanged,
    Removed,
}

/// Writes them.
///
/// # Errors
/// When a file is in the way that the kit did not write for this language, or one cannot be read or written. Nothing has
/// changed then.
pub fn write(folder: &Path, language: &str, files: &[File]) -> Result<Written, Error> {
    let changes = changes(folder, language, files)?;
    let left = left_over(folder, files, &marker(language))?;
    let mut written = put(folder, files, changes)?;
    for name in left {
        let path = folder.join(&name);
        fs::remove_file(&path).map_err(|error| Error::file("remove", &path, &error))?;
        written.files.push((name, What::Removed));
    }
    Ok(written)
}

/// The name of the file at a path.
///
/// # Errors
/// When the path ends in no name.
pub fn name_of(path: &Path) -> Result<String, Error> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.ok_or_else(|| Error::new(format!("{} is no name of a file", path.display())))
}

/// Writes a language's only file to `path`, beside which others of the language may lie.
///
/// # Errors
/// Those of [`write()`].
pub fn write_beside(path: &Path, language: &str, files: &[File]) -> Result<Written, Error> {
    let folder = path.parent().unwrap_or(Path::new(""));
    put(folder, files, changes(folder, language, files)?)
}

/// What will become of each file.
fn changes(folder: &Path, language: &str, files: &[File]) -> Result<Vec<(String, What)>, Error> {
    let marker = marker(language);
    let mut written = Vec::new();
    let mut foreign = Vec::new();
    for file in files {
        let what = match there(&folder.join(&file.name))? {
            None => What::Created,
            Some(text) if text == file.text.as_bytes() => What::Unchanged,
            Some(text) if is_marked(&text, &marker) => What::Replaced,
            Some(_) => {
                foreign.push(file.name.as_str());
                continue;
            }
        };
        written.push((file.name.clone(), what));
    }
    match foreign.as_slice() {
        [] => Ok(written),
        foreign => Err(in_the_way(folder, foreign)),
    }
}

fn put(folder: &Path, files: &[File], written: Vec<(String, What)>) -> Result<Written, Error> {
    let changed = files.iter().zip(&written).filter(|(_, (_, what))| *what != What::Unchanged);
    let changed: Vec<(PathBuf, &[u8])> =
        changed.map(|(file, _)| (folder.join(&file.name), file.text.as_bytes())).collect();
    for parent in folders(folder, files) {
        fs::create_dir_all(&parent).map_err(|error| Error::file("create", &parent, &error))?;
    }
    let paths: Vec<(&Path, &[u8])> = changed.iter().map(|(path, text)| (path.as_path(), *text)).collect();
    output::write_files(&paths)?;
    Ok(Written { folder: folder.to_path_buf(), files: written })
}

fn there(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", path, &error)),
    }
}

fn is_marked(text: &[u8], marker: &str) -> bool {
    String::from_utf8_lossy(text).lines().take(HEAD).any(|line| line.contains(marker))
}

fn in_the_way(folder: &Path, names: &[&str]) -> Error {
    let paths: Vec<String> = names.iter().map(|name| folder.join(name).display().to_string()).collect();
    let (they, have) = if paths.len() == 1 { ("it was", "it") } else { ("they were", "them") };
    Error::new(format!("{}: {they} not written by this export, and nothing is written", paths.join(", ")))
        .help(format!("name another place with -o, or move {have} away"))
}

/// The folders that the files are in.
fn folders(folder: &Path, files: &[File]) -> BTreeSet<PathBuf> {
    let parents = files.iter().filter_map(|file| folder.join(&file.name).parent().map(Path::to_path_buf));
    parents.chain([folder.to_path_buf()]).collect()
}

/// Files beside the new ones that an earlier export to this language wrote.
fn left_over(folder: &Path, files: &[File], marker: &str) -> Result<Vec<String>, Error> {
    let mut left = Vec::new();
    for parent in folders(folder, files) {
        let Ok(entries) = parent.read_dir() else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()) {
            let Some(name) = path.strip_prefix(folder).ok().and_then(Path::to_str) else { continue };
            let is_new = files.iter().any(|file| file.name == name);
            if !is_new && there(&path)?.is_some_and(|text| is_marked(&text, marker)) {
                left.push(name.to_string());
            }
        }
    }
    left.sort();
    Ok(left)
}

impl Written {
    pub fn text(&self) -> String {
        let line = |(name, what): &(String, What)| {
            let path = self.folder.join(name).display().to_string();
            match what {
                What::Created => format!("{path}: written\n"),
                What::Replaced => format!("{path}: replaced\n"),
                What::Unchanged => format!("{path}: as it was\n"),
                What::Removed => format!("{path}: removed, nothing is in it any more\n"),
            }
        };
        self.files.iter().map(line).collect()
    }

    pub fn json(&self) -> Value {
        let files = self.files.iter().map(|(name, what)| json!({ "path": self.folder.join(name), "what": what }));
        json!({ "files": files.collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        File { name: name.into(), text: format!("# {}\n{text}\n", marker("terraform")) }
    }

    fn whats(written: &Written) -> Vec<(&str, What)> {
        written.files.iter().map(|(name, what)| (name.as_str(), *what)).collect()
    }

    #[test]
    fn files_of_ours_are_replaced_and_taken_away_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        let first = write(&path, "terraform", &[file("a.tf", "1"), file("sub/b.tf", "1")]).unwrap();
        assert_eq!(whats(&first), [("a.tf", What::Created), ("sub/b.tf", What::Created)]);
        fs::write(path.join("own.tf"), "resource {}\n").unwrap();
        fs::write(path.join("table.sql"), format!("-- {}\n", marker("athena"))).unwrap();
        let second = write(&path, "terraform", &[file("a.tf", "1"), file("c.tf", "1")]).unwrap();
        assert_eq!(whats(&second), [("a.tf", What::Unchanged), ("c.tf", What::Created)]);
        let third = write(&path, "terraform", &[file("a.tf", "2"), file("sub/d.tf", "1")]).unwrap();
        let expected = [("a.tf", What::Replaced), ("sub/d.tf", What::Created), ("c.tf", What::Removed)];
        assert_eq!(whats(&third)[..2], expected[..2]);
        assert!(whats(&third).contains(&expected[2]));
        assert!(path.join("own.tf").is_file() && path.join("table.sql").is_file());
    }

    #[test]
    fn a_file_of_somebody_else_keeps_everything_from_being_written() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b.tf"), "mine\n").unwrap();
        let error = write(folder.path(), "terraform", &[file("a.tf", "1"), file("b.tf", "1")]).unwrap_err().to_string();
        assert!(error.contains("b.tf: it was not written by this export"), "{error}");
        assert!(!folder.path().join("a.tf").exists());
        assert_eq!(fs::read_to_string(folder.path().join("b.tf")).unwrap(), "mine\n");
    }

    #[test]
    fn the_same_file_without_a_marker_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let file = File { name: "dashboard.json".into(), text: "{}\n".into() };
        write(folder.path(), "athena", std::slice::from_ref(&file)).unwrap();
        assert_eq!(whats(&write(folder.path(), "athena", &[file]).unwrap()), [("dashboard.json", What::Unchanged)]);
    }
}
