//! What is wrong with a configuration, as the page's editor takes it.
use firelens_config::problem::{self, Problem, Span};
use serde_json::{Value, json};

/// The problems, in the order of their places. Columns and lines are those of `firelens-kit test`, from 1; `from` and `to`
/// count UTF-16 units from 0, as JavaScript's strings do.
pub fn to_json(source: &str, problems: &[Problem]) -> Value {
    let cover = problem::secrets(source, problems).cover();
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| (problem.span.start, problem.span.end));
    sorted.dedup();
    sorted.into_iter().map(|problem| one(source, &problem.clone().without(&cover))).collect()
}

fn one(source: &str, problem: &Problem) -> Value {
    let Place { from, to, line, column } = Place::of(source, &problem.span);
    let related = problem.related.as_ref().map(|(span, label)| {
        let Place { from, to, line, .. } = Place::of(source, span);
        json!({ "from": from, "to": to, "line": line, "label": label })
    });
    json!({
        "severity": if problem.is_error { "error" } else { "warning" },
        "code": problem.code.name(),
        "message": problem.message,
        "label": problem.label,
        "help": problem.help,
        "from": from,
        "to": to,
        "line": line,
        "column": column,
        "related": related,
    })
}

/// A place in a text.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    from: usize,
    to: usize,
    line: usize,
    column: usize,
}

impl Place {
    fn of(source: &str, span: &Span) -> Place {
        let span = problem::clip(source, span);
        let before = &source[..span.start];
        let from = utf16(before);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            from,
            to: from + utf16(&source[span]),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// The length of a text in JavaScript.
pub(crate) fn utf16(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn places_are_those_of_javascript() {
        let source = "# é😀\nname = '😀' # x";
        let place = Place::of(source, &(source.find("'").unwrap()..source.find(" # x").unwrap()));
        assert_eq!(place, Place { from: 13, to: 17, line: 2, column: 8 });
        assert_eq!(Place::of("ab", &(1..90)), Place { from: 1, to: 2, line: 1, column: 2 });
    }

    #[test]
    fn a_problem_has_its_place_and_its_help() {
        let source = "[[container]]\nname = \"a\"\nstdout = \"combind\"";
        let (_, problems) = firelens_config::parse(Path::new("firelens.toml"), source);
        let found = &to_json(source, &problems)[0];
        assert_eq!((&found["line"], &found["column"]), (&json!(3), &json!(10)));
        assert_eq!((&found["from"], &found["to"]), (&json!(34), &json!(43)));
        assert_eq!(found["help"], "did you mean `combined`?");
    }
}
