//! SARIF 2.1.0, for code scanning.
use super::{Source, floor};
use crate::lint::{Finding, Place, Rule, Severity};
use serde_json::{Value, json};
use std::ops::Range;

/// All findings, with the rules that they are of.
pub fn sarif(sources: &[Source], findings: &[Finding], version: &str) -> Value {
    let mut rules: Vec<&Rule> = findings.iter().map(|finding| finding.rule).collect();
    rules.sort_by_key(|rule| rule.code);
    rules.dedup();
    let index = |rule: &Rule| rules.iter().position(|known| *known == rule);
    let result = |finding: &Finding| {
        let mut result = json!({
            "ruleId": finding.rule.code,
            "ruleIndex": index(finding.rule),
            "level": level(finding.severity),
            "message": { "text": message(finding) },
            "locations": [location(sources, &finding.place, None)],
        });
        if let Some((place, label)) = &finding.related {
            result["relatedLocations"] = json!([location(sources, place, Some(label))]);
        }
        result
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "firelens-kit",
                "version": version,
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Remark => "note",
    }
}

/// Message and mend in one text.
fn message(finding: &Finding) -> String {
    match &finding.help {
        Some(help) => format!("{}: {help}", finding.message),
        None => finding.message.clone(),
    }
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.title() },
        "help": { "text": rule.page, "markdown": rule.page },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn location(sources: &[Source], place: &Place, message: Option<&str>) -> Value {
    let source = &sources[place.file];
    let span = source.clip(&place.span());
    let Range { start, end } = source.range(&span);
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&source.path) },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
                "byteOffset": floor(&source.text, span.start),
                "byteLength": span.len(),
            },
        },
    });
    if let Some(message) = message {
        location["message"] = json!({ "text": message });
    }
    location
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_string() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'\\' => uri.push('/'),
            byte if byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte) => uri.push(byte.into()),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(["a b/é.conf", "/etc/x.conf"].map(uri), ["a%20b/%C3%A9.conf", "file:///etc/x.conf"]);
    }
}
