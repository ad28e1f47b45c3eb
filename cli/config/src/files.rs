//! `tests = "*.test.toml"`: the expectation files of a configuration.
use super::{
    problem::Problem,
    reader::{Node, Problems, strings},
};
use crate::Error;
use std::path::{Path, PathBuf};

/// Paths relative to the configuration; `*` stands for any text in the last part.
pub fn patterns(value: Node, problems: &Problems) -> Vec<String> {
    let patterns = strings(value, problems);
    for pattern in &patterns {
        let (folder, name) = split(&pattern.text);
        if folder.contains('*') || name.is_empty() {
            let message = format!("`{}` does not name files", pattern.text);
            let problem = Problem::error("wrong-value", pattern.span.clone(), message).label("not a pattern for files");
            problems.add(problem.help("`*` can stand in the file's name only, as in `tests/*.test.toml`"));
        }
    }
    patterns.into_iter().map(|pattern| pattern.text).collect()
}

/// The folder, and the file's name.
fn split(pattern: &str) -> (&str, &str) {
    pattern.rsplit_once('/').unwrap_or(("", pattern))
}

/// The files that fit any of the patterns, sorted. A folder that is not there has none, but a file that is named without
/// `*` has to be there.
pub fn find(base: &Path, patterns: &[String]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for pattern in patterns {
        let (folder, name) = split(pattern);
        if !name.contains('*') {
            found.push(base.join(pattern));
            continue;
        }
        let folder = base.join(folder);
        let read = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
        let entries = match read.read_dir() {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::file("read", read, &error)),
        };
        for entry in entries {
            let file = entry.map_err(|error| Error::file("read", read, &error))?.file_name();
            if file.to_str().is_some_and(|file| fits(name, file)) {
                found.push(folder.join(file));
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// Whether a name fits a pattern with `*`.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => name.strip_prefix(head).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| fits(tail, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        assert!(fits("*.test.toml", "a.test.toml") && fits("a*b*c", "aXbYbc") && fits("a", "a"));
        assert!(!fits("*.test.toml", "a.toml") && !fits("a*b", "ab1") && !fits("a", "b"));
    }

    #[test]
    fn files_are_found_beside_the_configuration() {
        let base = tempfile::tempdir().unwrap();
        std::fs::create_dir(base.path().join("more")).unwrap();
        for name in ["b.test.toml", "a.test.toml", "firelens.toml", "more/c.test.toml"] {
            std::fs::write(base.path().join(name), "").unwrap();
        }
        let find = |patterns: &[&str]| {
            let found = find(base.path(), &patterns.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
            let names = found.iter().map(|path| path.strip_prefix(base.path()).unwrap().to_str().unwrap().to_string());
            names.collect::<Vec<_>>()
        };
        assert_eq!(find(&["*.test.toml"]), ["a.test.toml", "b.test.toml"]);
        assert_eq!(find(&["more/*", "b.test.toml"]), ["b.test.toml", "more/c.test.toml"]);
        assert_eq!(find(&["none/*"]), [""; 0]);
    }
}
