//! Findings that someone allowed, with a reason.
//!
//! `# firelens-kit: allow FLK012 because …` silences a rule on the next line, in the whole section when that line begins
//! one, or in the whole file when it stands at its head.
use super::{Check, Context, Finding, Place, Rule, Severity, report::Source};
use crate::conf::{Section, Span};
use firelens_nearest::nearest;

/// What is wrong with an `allow` itself.
pub static NO_REASON: Rule = Rule {
    code: "FLK091",
    name: "allow-without-reason",
    severity: Severity::Warning,
    page: include_str!("../../../docs/rules/FLK091.md"),
    check: Check::Reader,
};

pub static SILENCES_NOTHING: Rule = Rule {
    code: "FLK092",
    name: "allow-silences-nothing",
    severity: Severity::Warning,
    page: include_str!("../../../docs/rules/FLK092.md"),
    check: Check::Reader,
};

/// One allowed rule, where it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// A code or a name.
    pub rule: String,
    /// Where that was said; nowhere for the command line.
    pub place: Option<Place>,
    /// The part of a file; everywhere without one.
    pub scope: Option<Place>,
}

const MARK: &str = "firelens-kit:";

/// The comments of all files. `known` are the rules that there are; what is wrong with a comment is added to the findings.
pub fn comments(context: &Context, sources: &[Source], known: &[&Rule], findings: &mut Vec<Finding>) -> Vec<Allow> {
    let extents = |file: usize| {
        let document = context.documents().find(|(number, _)| *number == file).map(|(_, document)| document);
        let sections = document.into_iter().flat_map(|document| document.sections());
        let extent = |section: &Section| {
            let ends = section.entries.iter().map(|entry| entry.value.span().end);
            section.title.span.start..ends.max().unwrap_or(section.title.span.end)
        };
        sections.map(extent).collect::<Vec<_>>()
    };
    let mut allows = Vec::new();
    for (file, source) in sources.iter().enumerate().filter(|(_, source)| !source.path.ends_with(".json")) {
        for comment in read(&source.text, &extents(file)) {
            comment.judge(file, known, &mut allows, findings);
        }
    }
    allows
}

/// A comment that allows something.
struct Comment {
    codes: Vec<(String, Span)>,
    reason: String,
    scope: Span,
}

impl Comment {
    fn judge(self, file: usize, known: &[&Rule], allows: &mut Vec<Allow>, findings: &mut Vec<Finding>) {
        for (code, span) in self.codes {
            let place = Place::new(file, &span);
            if !known.iter().any(|rule| rule.is_called(&code)) {
                findings.push(unknown(&code, place, known));
            } else if self.reason.is_empty() {
                let finding = NO_REASON.at(place, format!("`{code}` is allowed without a reason, so it is not"));
                findings.push(finding.help(format!("write: # firelens-kit: allow {code} because …")));
            } else {
                allows.push(Allow { rule: code, place: Some(place), scope: Some(Place::new(file, &self.scope)) });
            }
        }
    }
}

fn read(text: &str, sections: &[Span]) -> Vec<Comment> {
    let ends = text.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some(*at - line.len()..*at - line.len() + line.trim_end().len())
    });
    let lines: Vec<Span> = ends.collect();
    let blank = |line: &Span| matches!(text[line.clone()].trim_start().chars().next(), None | Some('#'));
    let first = lines.iter().position(|line| !blank(line)).unwrap_or(lines.len());
    let comment = |(number, line): (usize, &Span)| {
        let (codes, reason) = parse(&text[line.clone()], line.start)?;
        let next = lines[number..].iter().find(|line| !blank(line)).unwrap_or(line);
        let section = sections.iter().find(|section| next.contains(&section.start));
        let scope = match (number < first, section) {
            (true, _) => 0..text.len(),
            (false, Some(section)) => next.start..section.end,
            (false, None) => next.clone(),
        };
        Some(Comment { codes, reason, scope })
    };
    lines.iter().enumerate().filter_map(comment).collect()
}

fn unknown(code: &str, place: Place, known: &[&Rule]) -> Finding {
    let finding = SILENCES_NOTHING.at(place, format!("there is no rule `{code}`"));
    let names: Vec<&str> = known.iter().flat_map(|rule| [rule.code, rule.name]).collect();
    match nearest(code, &names) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding.help("`firelens-kit lint --list` prints the rules"),
    }
}

/// The codes of a comment with their places, and the reason.
fn parse(line: &str, at: usize) -> Option<(Vec<(String, Span)>, String)> {
    let comment = line.find('#')?;
    let mark = comment + line[comment..].find(MARK)?;
    if !line[comment + 1..mark].trim().is_empty() {
        return None;
    }
    let rest = line[mark + MARK.len()..].trim_start().strip_prefix("allow ")?;
    let (codes, reason) = rest.split_once(" because").unwrap_or((rest, ""));
    let start = at + line.len() - rest.len();
    let mut found = Vec::new();
    for part in codes.split([' ', ',']).filter(|part| !part.is_empty()) {
        let from = start + (part.as_ptr() as usize - codes.as_ptr() as usize);
        found.push((part.to_string(), from..from + part.len()));
    }
    Some((found, reason.trim().to_string()))
}

/// Takes the allowed findings away; an `allow` that did nothing is a finding.
pub fn filter(findings: &mut Vec<Finding>, allows: &[Allow]) {
    let silences = |allow: &Allow, finding: &Finding| {
        let within = |scope: &Place| {
            scope.file == finding.place.file && (scope.start..=scope.end).contains(&finding.place.start)
        };
        finding.rule.is_called(&allow.rule) && allow.scope.as_ref().is_none_or(within)
    };
    let idle: Vec<Finding> = allows
        .iter()
        .filter(|allow| !findings.iter().any(|finding| silences(allow, finding)))
        .filter_map(|allow| {
            let finding =
                SILENCES_NOTHING.at(allow.place.clone()?, format!("`{}` is not found here any more", allow.rule));
            Some(finding.label("silences nothing").help("take it away"))
        })
        .collect();
    findings.retain(|finding| !allows.iter().any(|allow| silences(allow, finding)));
    findings.extend(idle);
    super::finding::sort(findings);
}
