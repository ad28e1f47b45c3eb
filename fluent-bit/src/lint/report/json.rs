//! For programs.
use super::{Position, Source, count};
use crate::lint::{Finding, Place, Rule, Severity};
use serde_json::{Value, json};
use std::ops::Range;

/// All findings, and how many of each severity.
pub fn json(sources: &[Source], findings: &[Finding]) -> Value {
    json!({
        "findings": findings.iter().map(|finding| one(sources, finding)).collect::<Vec<_>>(),
        "errors": count(findings, Severity::Error),
        "warnings": count(findings, Severity::Warning),
        "notes": count(findings, Severity::Info),
        "remarks": count(findings, Severity::Remark),
    })
}

fn one(sources: &[Source], finding: &Finding) -> Value {
    json!({
        "rule": finding.rule.code,
        "name": finding.rule.name,
        "severity": finding.severity.name(),
        "message": finding.message,
        "label": (!finding.label.is_empty()).then_some(&finding.label),
        "place": place(sources, &finding.place),
        "related": finding.related.as_ref().map(|(at, label)| json!({ "label": label, "place": place(sources, at) })),
        "help": finding.help,
        "fix": finding.fix.as_ref().map(|fix| &fix.title),
    })
}

fn place(sources: &[Source], place: &Place) -> Value {
    let source = &sources[place.file];
    let Range { start, end } = source.range(&source.clip(&place.span()));
    let position = |at: Position| json!({ "line": at.line, "column": at.column });
    json!({ "file": source.path, "start": position(start), "end": position(end) })
}

/// The rules, for `lint --list`.
pub fn rules<'a>(rules: impl Iterator<Item = &'a Rule>) -> Value {
    let one = |rule: &Rule| json!({ "rule": rule.code, "name": rule.name, "severity": rule.severity.name(), "title": rule.title() });
    rules.map(one).collect()
}
