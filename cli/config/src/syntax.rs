//! What the errors of TOML's own grammar mean in a `firelens.toml`: what whoever comes from YAML or INI writes.
use crate::problem::{Code, Problem, Span};
use toml::de::Error;

/// What is written as `[[name]]`, a table for each.
const LISTS: [&str; 2] = ["container", "route"];

/// Words for booleans elsewhere, in lower case.
const TRUE: [&str; 4] = ["true", "yes", "on", "y"];
const FALSE: [&str; 4] = ["false", "no", "off", "n"];

/// The boolean that a word means elsewhere.
pub(crate) fn boolean(word: &str) -> Option<bool> {
    let word = word.to_lowercase();
    let is = |words: [&str; 4]| words.contains(&word.as_str());
    if is(TRUE) { Some(true) } else { is(FALSE).then_some(false) }
}

/// The errors, each said once: what follows from a table that should be a list is not said again.
pub(crate) fn problems(source: &str, errors: &[Error]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut lists: Vec<&str> = Vec::new();
    for error in errors {
        let span = error.span().unwrap_or_default();
        let duplicate = error.message() == "duplicate key";
        match (duplicate.then(|| list_of(source, &span)).flatten(), word(source, &span)) {
            (Some(name), _) if lists.contains(&name) => {}
            (Some(name), _) => {
                lists.push(name);
                problems.push(not_a_list(source, name, span));
            }
            (None, Some(word)) => problems.push(bare(word, span)),
            (None, None) => problems.push(Problem::error(Code::Syntax, span, error.message())),
        }
    }
    problems
}

/// The list that a place is in: the name in the header of its own line, or of the table that the line is in.
fn list_of<'a>(source: &'a str, span: &Span) -> Option<&'a str> {
    let end = span.end.min(source.len());
    let before = source.get(..end)?;
    let header = before.lines().rev().map(str::trim_start).find(|line| line.starts_with('['))?;
    let name = header.trim_start_matches('[').split(['.', ']', ' ']).next()?;
    LISTS.into_iter().find(|list| *list == name)
}

fn not_a_list(source: &str, name: &str, span: Span) -> Problem {
    let header = format!("[{name}]");
    let starts = source.match_indices(&header).map(|(at, _)| at);
    let first = starts.filter(|at| !source[..*at].ends_with('[')).map(|at| at + 1..at + 1 + name.len()).next();
    let problem = Problem::error(Code::WrongType, first.unwrap_or(span), format!("`{name}` is a list of tables"));
    problem.label("one table here").help(format!("write [[{name}]], each time"))
}

/// A value without quotes.
fn word<'a>(source: &'a str, span: &Span) -> Option<&'a str> {
    let word = source.get(span.clone())?.trim();
    let before = source[..span.start].trim_end_matches([' ', '\t']);
    let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic()) && !word.contains(['"', '\'', '\n', '=', ']']);
    (is_word && before.ends_with('=')).then_some(word)
}

fn bare(word: &str, span: Span) -> Problem {
    let (message, help) = match boolean(word) {
        Some(meant) => (format!("`{word}` is no boolean"), format!("write `{meant}`")),
        None => (format!("`{word}` is no value"), format!("text stands in quotes: \"{word}\"")),
    };
    Problem::error(Code::Syntax, span, message).label("not a value of TOML").help(help)
}
