//! Finding what loses logs in the configurations that others wrote: Fluent Bit's, and the task definition around it.
//!
//! [`Context`] holds the files and what they say together; each [`Rule`] looks at it and tells its [`Finding`]s;
//! [`allow`] takes away what was allowed with a reason; [`fix`] applies what is mechanical; [`report`] prints.
use std::fmt;

pub mod allow;
pub mod context;
pub mod finding;
pub mod fix;
pub mod report;
pub mod rules;
pub mod secrets;
mod tags;

pub use context::{Context, ReadError};
pub use finding::{Edit, Finding, Fix, Place};
pub use report::Source;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A matter of taste, shown only when asked for.
    Remark,
    /// Worth knowing; no exit code follows from it.
    Info,
    /// Records can be lost, or something is paid for twice.
    Warning,
    /// Fluent Bit or ECS refuses it, or records are lost.
    Error,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Remark => "remark",
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// A rule: what is wrong, how bad that is, and how it is found.
#[derive(Clone, Copy)]
pub struct Rule {
    /// `FLK012`
    pub code: &'static str,
    /// `unknown-property`
    pub name: &'static str,
    pub severity: Severity,
    /// Its page of documentation, `docs/rules/FLK012.md`.
    pub page: &'static str,
    pub check: Check,
}

/// How a rule's findings come about.
#[derive(Clone, Copy)]
pub enum Check {
    Context(fn(&Context, &mut Vec<Finding>)),
    /// Whoever reads the file finds them.
    Reader,
}

impl Rule {
    /// What is wrong, in one line: the heading of its page.
    pub fn title(&self) -> &'static str {
        let heading = self.page.lines().next().unwrap_or_default();
        heading.trim_start_matches(['#', ' ']).split_once(": ").map_or(heading, |(_, title)| title)
    }

    /// By its code or its name.
    pub fn is_called(&self, name: &str) -> bool {
        self.code.eq_ignore_ascii_case(name) || self.name.eq_ignore_ascii_case(name)
    }

    /// A finding of this rule.
    pub fn at(&'static self, place: Place, message: impl Into<String>) -> Finding {
        Finding::new(self, place, message.into())
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        self.code == other.code
    }
}

/// The findings of all rules, in the order of their places.
pub fn lint(context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules::ALL {
        if let Check::Context(check) = rule.check {
            check(context, &mut findings);
        }
    }
    secrets::hide(context, &mut findings);
    finding::sort(&mut findings);
    findings
}
