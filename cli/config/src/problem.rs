//! What is wrong with a configuration, shown as a compiler shows it: the line, the place, and the way out.
use crate::ui;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
pub use firelens_pipeline::plugin::nearest;
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
    /// A short name for the rule, the same for all problems of one sort.
    pub rule: &'static str,
    pub message: String,
    pub span: Span,
    /// What stands beside the underlined text.
    pub label: String,
    /// Another place that matters.
    pub related: Option<(Span, String)>,
    /// How to mend it.
    pub help: Option<String>,
    /// A secret, which is not shown: what is printed ends in logs.
    pub hidden: Option<Span>,
}

impl Problem {
    pub fn error(rule: &'static str, span: Span, message: impl Into<String>) -> Problem {
        Problem {
            is_error: true,
            rule,
            message: message.into(),
            span,
            label: String::new(),
            related: None,
            help: None,
            hidden: None,
        }
    }

    pub fn warning(rule: &'static str, span: Span, message: impl Into<String>) -> Problem {
        Problem { is_error: false, ..Problem::error(rule, span, message) }
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
        if let Some(near) = nearest(wrong, &right) {
            return self.help(format!("did you mean `{near}`?"));
        }
        right.sort_unstable();
        match right.len() {
            0 => self,
            1..=20 => self.help(format!("known are: {}", right.join(", "))),
            _ => self,
        }
    }
}

impl From<task_definition::Problem> for Problem {
    fn from(found: task_definition::Problem) -> Problem {
        Problem { help: found.help, ..Problem::error("task-definition", found.span, found.message) }
    }
}

/// All problems, in the order of their places, as they are printed.
pub fn render(path: &str, source: &str, problems: &[Problem], colour: bool) -> String {
    let cover = secrets(source, problems).cover();
    let source = &cover.text(&without_secrets(source, problems));
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| (problem.span.start, problem.span.end));
    sorted.dedup();
    let mut text = String::new();
    for problem in sorted {
        text.push_str(&renderer.render(&[group(path, source, &problem.clone().without(&cover))]));
        text.push_str("\n\n");
    }
    ui::rendered(&text)
}

fn group<'a>(path: &'a str, source: &'a str, problem: &Problem) -> Group<'a> {
    let level = if problem.is_error { Level::ERROR } else { Level::WARNING };
    // The renderer makes the source harmless, and nothing else.
    let place = AnnotationKind::Primary.span(clip(source, &problem.span)).label(ui::plain(&problem.label));
    let mut snippet = Snippet::source(source).path(ui::harmless(path)).annotation(place);
    if let Some((span, label)) = &problem.related {
        snippet = snippet.annotation(AnnotationKind::Context.span(clip(source, span)).label(ui::plain(label)));
    }
    let group = level.primary_title(ui::plain(&problem.message)).id(problem.rule).element(snippet);
    match &problem.help {
        Some(help) => group.element(Level::HELP.message(ui::plain(help))),
        None => group,
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
fn clip(source: &str, span: &Span) -> Span {
    let start = (0..=span.start.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let end = (span.end.clamp(start, source.len())..).find(|at| source.is_char_boundary(*at)).unwrap_or(start);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let problem = Problem { hidden: Some(5..12), ..Problem::error("rule", 0..1, "wrong") };
        let text = render("f", "a = 'sécr3t' # x", &[problem], false);
        assert!(text.contains("a = '*******' # x"), "{text}");
    }

    #[test]
    fn a_span_outside_of_the_source_is_clipped() {
        let problem = Problem::error("rule", 3..90, "wrong");
        assert!(render("f", "abcé", &[problem], false).contains("f:1:4"));
    }
}
