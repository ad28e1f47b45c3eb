//! A state machine of regular expressions, as Fluent Bit has it: a line begins a record, or continues the one before it.
use super::Language;

/// What a list of rules is put together from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// The stack traces of a language.
    Language(&'static Language),
    /// Rules of the user's own.
    Own {
        /// What they are called.
        name: &'a str,
        /// Fits the first line of a record.
        start: &'a str,
        /// Fits the lines that belong to it; without it, all that are not a first line do.
        continues: Option<&'a str>,
    },
}

/// The rules for a stream, as one parser of Fluent Bit: with several, one would not see what another one holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The parser's name.
    pub name: String,
    pub(super) steps: Vec<Step>,
}

/// In this state, such a line leads to another state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub from: String,
    pub line: Line,
    pub to: String,
}

/// Which lines a step takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Fits(String),
    FitsNot(String),
}

/// The state of Fluent Bit's in which no record was begun.
pub(super) const START: &str = "start_state";

impl Rules {
    /// The rules of all parts; where several fit a line, the first one counts.
    pub fn new(parts: &[Part]) -> Rules {
        let mut name = "firelens_kit".to_string();
        let mut steps = Vec::new();
        for part in parts {
            match *part {
                Part::Language(language) => {
                    let state = |state: &str| match state {
                        START => START.to_string(),
                        other => format!("{}_{other}", language.name),
                    };
                    name.push_str(&format!("_{}", language.name));
                    steps.extend(language.steps.iter().map(|(from, pattern, to)| Step {
                        from: state(from),
                        line: Line::Fits(pattern.to_string()),
                        to: state(to),
                    }));
                }
                Part::Own { name: own, start, continues } => {
                    // A language's states have names of this form, too.
                    let inside = format!("own_{own}");
                    name.push_str(&format!("_{own}"));
                    let first = Line::Fits(start.to_string());
                    let next = continues.map_or(Line::FitsNot(start.to_string()), |next| Line::Fits(next.to_string()));
                    steps.push(Step { from: START.to_string(), line: first, to: inside.clone() });
                    steps.push(Step { from: inside.clone(), line: next, to: inside });
                }
            }
        }
        Rules { name, steps }
    }

    /// Each as the value of a `rule` of Fluent Bit's.
    pub(crate) fn rendered(&self) -> impl Iterator<Item = String> {
        self.steps.iter().map(|Step { from, line, to }| format!("\"{from}\" \"/{}/\" \"{to}\"", line.rendered()))
    }
}

impl Line {
    /// As it stands between quotes and slashes.
    fn rendered(&self) -> String {
        match self {
            Line::Fits(pattern) => quoted(pattern),
            Line::FitsNot(pattern) => format!("^(?!.*(?:{}))", quoted(pattern)),
        }
    }
}

/// A pattern without what Fluent Bit's configuration would take for something else: the end of a quoted text, a variable.
fn quoted(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern.chars();
    while let Some(next) = rest.next() {
        match next {
            '\\' => match rest.next() {
                Some('"') => out.push_str(r"\x22"),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '"' => out.push_str(r"\x22"),
            '{' if out.ends_with('$') => out.push_str(r"\x7b"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_pattern_ends_the_quotes_or_names_a_variable() {
        assert_eq!(quoted(r#"^"a\"\\"$"#), r"^\x22a\x22\\\x22$");
        assert_eq!(quoted(r"a\${b}"), r"a\$\x7bb}");
        assert_eq!(quoted(r"\d{4}/x"), r"\d{4}/x");
    }

    #[test]
    fn own_rules_take_all_that_is_no_start_unless_they_say_more() {
        let rules = |continues| {
            let own = Part::Own { name: "orders", start: "^[0-9]", continues };
            Rules::new(&[own]).rendered().collect::<Vec<_>>()
        };
        assert_eq!(
            rules(None),
            [r#""start_state" "/^[0-9]/" "own_orders""#, r#""own_orders" "/^(?!.*(?:^[0-9]))/" "own_orders""#]
        );
        assert_eq!(rules(Some("^ "))[1], r#""own_orders" "/^ /" "own_orders""#);
    }
}
