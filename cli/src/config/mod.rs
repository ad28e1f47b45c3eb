//! `firelens.toml` on disk: reads the file for `firelens-config`, and finds the files that it names.
use crate::{Error, Ui};
pub use firelens_config::*;
use firelens_pipeline::Image;
use problem::{Code, Problem};
use std::path::{Path, PathBuf};

pub mod problem;

/// Reads a file; its warnings are printed.
///
/// # Errors
/// Everything that is wrong with it, rendered.
pub fn load(path: &Path, ui: &Ui) -> Result<Config, Error> {
    load_on(path, None, ui)
}

/// Reads a file, with another image in place of the one that `[router]` names.
///
/// # Errors
/// Everything that is wrong with it, rendered.
pub fn load_on(path: &Path, base: Option<&Image>, ui: &Ui) -> Result<Config, Error> {
    let (config, warnings) = read_on(path, base, ui)?;
    ui.eprint(&warnings);
    Ok(config)
}

/// The same, with its warnings rendered.
///
/// # Errors
/// Those of [`load_on`].
pub fn read_on(path: &Path, base: Option<&Image>, ui: &Ui) -> Result<(Config, String), Error> {
    let source = read_source(path)?;
    let (config, problems) = parse_on(path, &source, base);
    let rendered = problem::render(&path.display().to_string(), &source, &problems, ui.stderr_color);
    match config {
        Some(config) => Ok((config, rendered)),
        None => Err(Error::Rendered(rendered)),
    }
}

/// Checks a file as far as that can be done without the release of Fluent Bit that it is for.
///
/// # Errors
/// Everything that is wrong with it, rendered, if some of it is wrong in any release.
pub fn check_without_release(path: &Path, ui: &Ui) -> Result<(), Error> {
    let source = read_source(path)?;
    let (_, problems) = parse(path, &source);
    let by_release = |problem: &Problem| BY_RELEASE.contains(&problem.code);
    match problems.iter().any(|problem| problem.is_error && !by_release(problem)) {
        true => Err(Error::Rendered(problem::render(&path.display().to_string(), &source, &problems, ui.stderr_color))),
        false => Ok(()),
    }
}

/// What Fluent Bit has differs from release to release.
const BY_RELEASE: [Code; 2] = [Code::Option, Code::Plugin];

/// The image that `[router]` names, whatever else the file says.
///
/// # Errors
/// When the file cannot be read.
pub fn router_image(path: &Path) -> Result<Option<String>, Error> {
    let table: Option<toml::Table> = read_source(path)?.parse().ok();
    let image = table.as_ref().and_then(|table| table.get("router")?.get("image")?.as_str());
    Ok(image.map(str::to_string))
}

fn read_source(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|error| Error::file("read", path, &error))?;
    String::from_utf8(bytes).map_err(|error| not_utf8(path, &error.utf8_error()))
}

fn not_utf8(path: &Path, error: &std::str::Utf8Error) -> Error {
    Error::new(format!("{} is not UTF-8 (at byte {})", path.display(), error.valid_up_to()))
}

/// The files with expectations, sorted.
///
/// # Errors
/// When a folder cannot be read.
pub fn test_files(config: &Config) -> Result<Vec<PathBuf>, Error> {
    find(config.path.parent().unwrap_or(Path::new("")), &config.tests)
}

/// The files that fit any of the patterns, sorted. A folder that is not there has none, but a file that is named without
/// `*` has to be there.
fn find(base: &Path, patterns: &[String]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for pattern in patterns {
        let (folder, name) = files::split(pattern);
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
