//! What a rule found: where, what, and the mend.
use super::{Rule, Severity};
use crate::conf::{Section, Span};

/// Bytes of one of the context's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub file: usize,
    pub start: usize,
    pub end: usize,
}

impl Place {
    pub fn new(file: usize, span: &Span) -> Place {
        Place { file, start: span.start, end: span.end }
    }

    pub fn span(&self) -> Span {
        self.start..self.end
    }
}

impl Section {
    /// A place in the section's file.
    pub fn place(&self, span: &Span) -> Place {
        Place::new(self.file, span)
    }

    /// The place of its title.
    pub fn title_place(&self) -> Place {
        self.place(&self.title.span)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub rule: &'static Rule,
    pub severity: Severity,
    pub place: Place,
    pub message: String,
    /// What stands beside the underlined text.
    pub label: String,
    /// Another place that matters.
    pub related: Option<(Place, String)>,
    /// How to fix it.
    pub help: Option<String>,
    /// What `--fix` does.
    pub fix: Option<Fix>,
}

/// A mend that needs no thought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does: `Name cloudwatch -> cloudwatch_logs`.
    pub title: String,
    pub edits: Vec<Edit>,
}

/// Another text at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub place: Place,
    pub text: String,
}

impl Finding {
    pub fn new(rule: &'static Rule, place: Place, message: String) -> Finding {
        let (label, related, help, fix) = (String::new(), None, None, None);
        Finding { rule, severity: rule.severity, place, message, label, related, help, fix }
    }

    pub fn label(mut self, label: impl Into<String>) -> Finding {
        self.label = label.into();
        self
    }

    pub fn related(mut self, place: Place, label: impl Into<String>) -> Finding {
        self.related = Some((place, label.into()));
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    pub fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }

    pub fn fix(mut self, title: impl Into<String>, edits: impl IntoIterator<Item = Edit>) -> Finding {
        let edits: Vec<Edit> = edits.into_iter().collect();
        self.fix = (!edits.is_empty()).then(|| Fix { title: title.into(), edits });
        self
    }
}

/// By place, then by rule; what was found twice stays once.
pub fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| (&a.place, a.rule.code, &a.message).cmp(&(&b.place, b.rule.code, &b.message)));
    findings.dedup();
}
