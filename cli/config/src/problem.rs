//! What is wrong with a configuration: the place, and the way out.
pub use crate::rules::Code;
pub use firelens_nearest::{nearest, suggestion};
use firelens_pipeline::{
    lint::secrets::{self, Cover, Secrets},
    task_definition,
};
use std::ops::Range;

/// Bytes of the configuration's text.
pub type Span = Range<usize>;

/// An error or a warning about one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub is_error: bool,
    pub code: Code,
    pub message: String,
    pub span: Span,
    /// What stands beside the underlined text.
    pub label: String,
    /// Another place that matters.
    pub related: Option<(Span, String)>,
    /// How to fix it.
    pub help: Option<String>,
    /// A secret, which is not shown: what is printed ends in logs.
    pub hidden: Option<Span>,
}

impl Problem {
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Problem {
        Problem {
            is_error: true,
            code,
            message: message.into(),
            span,
            label: String::new(),
            related: None,
            help: None,
            hidden: None,
        }
    }

    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Problem {
        Problem { is_error: false, ..Problem::error(code, span, message) }
    }

    pub fn label(mut self, label: impl Into<String>) -> Problem {
        self.label = label.into();
        self
    }

    pub fn related(mut self, span: Span, label: impl Into<String>) -> Problem {
        self.related = Some((span, label.into()));
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// Without the secrets in what is said.
    pub fn without(mut self, cover: &Cover) -> Problem {
        self.message = cover.message(&self.message);
        self.label = cover.message(&self.label);
        self.help = self.help.map(|help| cover.message(&help));
        self.related = self.related.map(|(span, label)| (span, cover.message(&label)));
        self
    }

    /// With the right name, where one is near, or else all of them.
    pub fn suggest<'a>(self, wrong: &str, right: impl IntoIterator<Item = &'a str>) -> Problem {
        let mut right: Vec<&str> = right.into_iter().collect();
        right.sort_unstable();
        match suggestion(wrong, &right) {
            Some(help) => self.help(help),
            None => self,
        }
    }
}

impl From<task_definition::Problem> for Problem {
    fn from(found: task_definition::Problem) -> Problem {
        Problem { help: found.help, ..Problem::error(Code::TaskDefinition, found.span, found.message) }
    }
}

/// What is a secret in the text, by a problem or by its looks.
pub fn secrets(source: &str, problems: &[Problem]) -> Secrets {
    let hidden = problems.iter().filter_map(|problem| Some(clip(source, problem.hidden.as_ref()?)));
    let mut secrets = Secrets::of(source);
    secrets.join(Secrets::at(source, &hidden.collect::<Vec<_>>()));
    secrets
}

/// The text with stars for secrets. Everything stays in its place.
pub fn without_secrets(source: &str, problems: &[Problem]) -> String {
    let mut bytes = secrets::covered(source).into_bytes();
    for hidden in problems.iter().filter_map(|problem| problem.hidden.as_ref()) {
        let secret = &mut bytes[clip(source, hidden)];
        secret
            .iter_mut()
            .filter(|byte| !byte.is_ascii_control() && !b"\"'".contains(byte))
            .for_each(|byte| *byte = b'*');
    }
    String::from_utf8(bytes).expect("stars take the place of whole characters")
}

/// A span that lies within the source, on character boundaries.
pub fn clip(source: &str, span: &Span) -> Span {
    let start = (0..=span.start.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let end = (span.end.clamp(start, source.len())..).find(|at| source.is_char_boundary(*at)).unwrap_or(start);
    start..end
}
