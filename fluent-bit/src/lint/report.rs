//! Findings as text, JSON, SARIF and GitHub's annotations, all from one list.
use super::{Finding, Severity};
use crate::conf::Span;
use std::ops::Range;

mod github;
mod json;
mod sarif;
mod text;

pub use github::github;
pub use json::{json, rules};
pub use sarif::sarif;
pub use text::{explain, summary, text};

/// A file that findings point into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// As the user wrote it.
    pub path: String,
    pub text: String,
}

/// A place for people: lines and columns begin with 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Source {
    fn position(&self, at: usize) -> Position {
        let before = &self.text[..floor(&self.text, at)];
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line..].chars().count() + 1 }
    }

    /// Start and end of a span that may be wrong by a few bytes.
    fn range(&self, span: &Span) -> Range<Position> {
        self.position(span.start)..self.position(span.end.max(span.start))
    }

    /// A span within the text, on borders of characters, and without the line's end.
    fn clip(&self, span: &Span) -> Span {
        let start = floor(&self.text, span.start);
        let end = floor(&self.text, span.end.max(start));
        start..start + self.text[start..end].trim_end().len()
    }
}

/// The nearest border of a character at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// How many findings there are of a severity.
pub fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}
