//! `tests = "*.test.toml"`: the names of a configuration's expectation files.
use crate::{
    problem::{Code, Problem},
    reader::{Node, Problems, strings},
};

/// Paths relative to the configuration; `*` stands for any text in the last part.
pub fn patterns(value: Node, problems: &Problems) -> Vec<String> {
    let patterns = strings(value, problems);
    for pattern in &patterns {
        let (folder, name) = split(&pattern.text);
        if folder.contains('*') || name.is_empty() {
            let message = format!("`{}` does not name files", pattern.text);
            let problem =
                Problem::error(Code::WrongValue, pattern.span.clone(), message).label("not a pattern for files");
            problems.add(problem.help("`*` can stand in the file's name only, as in `tests/*.test.toml`"));
        }
    }
    patterns.into_iter().map(|pattern| pattern.text).collect()
}

/// The folder, and the file's name.
pub fn split(pattern: &str) -> (&str, &str) {
    pattern.rsplit_once('/').unwrap_or(("", pattern))
}
