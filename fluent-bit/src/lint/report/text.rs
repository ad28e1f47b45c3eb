//! For the terminal, as a compiler shows it.
use super::{Source, count};
use crate::lint::{Finding, Rule, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// All findings.
pub fn text(sources: &[Source], findings: &[Finding], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for finding in findings {
        out.push_str(&renderer.render(&groups(sources, finding)));
        out.push_str("\n\n");
    }
    out
}

fn groups<'a>(sources: &'a [Source], finding: &'a Finding) -> Vec<Group<'a>> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info | Severity::Remark => Level::INFO,
    };
    let source = &sources[finding.place.file];
    let place = AnnotationKind::Primary.span(source.clip(&finding.place.span())).label(finding.label.as_str());
    let mut snippet = Snippet::source(source.text.as_str()).path(source.path.as_str()).annotation(place);
    let mut elsewhere = None;
    if let Some((place, label)) = &finding.related {
        let other = &sources[place.file];
        let mark = AnnotationKind::Context.span(other.clip(&place.span())).label(label.as_str());
        match place.file == finding.place.file {
            true => snippet = snippet.annotation(mark),
            false => elsewhere = Some(Snippet::source(other.text.as_str()).path(other.path.as_str()).annotation(mark)),
        }
    }
    let mut group = level.primary_title(finding.message.as_str()).id(finding.rule.code).element(snippet);
    if let Some(snippet) = elsewhere {
        group = group.element(snippet);
    }
    let help = finding.help.iter().map(|help| Level::HELP.message(help.as_str()));
    let fix = finding.fix.iter().map(|fix| Level::NOTE.message(format!("--fix: {}", fix.title)));
    vec![help.chain(fix).fold(group, Group::element)]
}

/// `2 errors, 1 warning`
pub fn summary(findings: &[Finding]) -> String {
    let part = |severity: Severity, one: &str, many: &str| match count(findings, severity) {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let parts = [
        part(Severity::Error, "error", "errors"),
        part(Severity::Warning, "warning", "warnings"),
        part(Severity::Info, "note", "notes"),
        part(Severity::Remark, "remark", "remarks"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "nothing found".to_string() } else { parts.join(", ") }
}

/// A rule's page.
pub fn explain(rule: &Rule) -> String {
    format!("{}\n\nSeverity: {}. Name: {}.\n", rule.page.trim_end(), rule.severity.name(), rule.name)
}
