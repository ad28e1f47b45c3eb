//! Problems of a configuration, shown as a compiler shows them: the line, the place, and the way out.
use crate::ui;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
pub use firelens_config::problem::*;

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
    let group = level.primary_title(ui::plain(&problem.message)).id(problem.code.name()).element(snippet);
    match &problem.help {
        Some(help) => group.element(Level::HELP.message(ui::plain(help))),
        None => group,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let problem = Problem { hidden: Some(5..12), ..Problem::error(Code::Name, 0..1, "wrong") };
        let text = render("f", "a = 'sécr3t' # x", &[problem], false);
        assert!(text.contains("a = '*******' # x"), "{text}");
    }

    #[test]
    fn a_span_outside_of_the_source_is_clipped() {
        let problem = Problem::error(Code::Name, 3..90, "wrong");
        assert!(render("f", "abcé", &[problem], false).contains("f:1:4"));
    }
}
