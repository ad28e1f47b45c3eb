//! Which formats a line was tried with and where they failed, and which conditions held.
use crate::{
    fields::Names,
    judge::Verdict,
    scan::{self, Members},
};
use firelens_compiler::spec::{Condition, Format, Spec};
use firelens_filter::{
    Filter, Fit, Program,
    observe::Attempt,
    program::{Form, Kind, Op},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// How many characters of a line are shown before and after the place where a format failed.
const BEFORE: usize = 60;
const BEHIND: usize = 30;
/// What a format expects at its own end.
pub const LINE_END: &str = "the line's end";

/// Explains lines.
pub struct Explainer {
    filter: Filter,
    tag: Vec<u8>,
    names: Arc<Names>,
    spec: Arc<Spec>,
    formats: Vec<Named>,
}

/// A format as the user knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    pub format: String,
    /// The container and the stream that it is bound to.
    pub place: Option<(String, &'static str)>,
}

/// How the filter came to its decision about a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub formats: Vec<Tried>,
    pub routes: Vec<Considered>,
    /// The name of the route that took the line.
    pub route: Option<String>,
}

/// A format that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    pub format: Named,
    pub failed: Option<Failed>,
}

/// Where a format failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failed {
    /// What was expected, in the user's own words; empty where nothing can be said.
    pub expected: String,
    /// Counted from 1.
    pub column: usize,
    /// The line around that place, and the same up to the place.
    pub excerpt: String,
    pub up_to: String,
    /// Not all ways to cut the line into values were tried: one of the others could fit.
    pub gave_up: bool,
}

/// A condition that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    pub route: String,
    pub condition: String,
    pub value: Option<String>,
    pub held: bool,
}

impl Explainer {
    /// For a program and the specification that it was made from.
    pub fn new(program: &Program, spec: Arc<Spec>, names: Arc<Names>, tag: &str) -> Explainer {
        let formats = format_names(program, &spec);
        Explainer { filter: Filter::new(program.clone()), tag: tag.into(), names, spec, formats }
    }

    /// Why the line of this verdict became what it did.
    pub fn explain(&mut self, verdict: &Verdict) -> Explanation {
        let found = self.filter.explain(&self.tag, verdict.input);
        let program = self.filter.program();
        let route_name = |route: usize| program.routes.get(route).map_or(String::new(), |route| route.name.clone());
        let conditions = found.conditions.iter().filter_map(|result| {
            let alternatives = &self.spec.routes.get(result.route)?.any_of;
            let condition = alternatives.get(result.alternative)?.get(result.condition)?;
            Some(Considered {
                route: route_name(result.route),
                condition: describe(condition),
                value: value_of(verdict.record, self.names.printed(&condition.field))
                    .or_else(|| value_at(verdict.record, &condition.field)),
                held: result.held,
            })
        });
        let routes = conditions.collect();
        Explanation {
            formats: found.attempts.iter().map(|attempt| self.tried(attempt, verdict.input)).collect(),
            routes,
            route: found.route.map(route_name),
        }
    }

    fn tried(&self, attempt: &Attempt, input: &[u8]) -> Tried {
        let format = self.formats.get(attempt.format).cloned().unwrap_or_default();
        let failed = match (attempt.fit, attempt.furthest) {
            (Fit::Yes, _) => None,
            (_, None) => Some(Failed::default()),
            (fit, Some((pattern, op, offset))) => {
                let label = label(self.filter.program(), attempt.format, pattern, op);
                Some(Failed { gave_up: fit == Fit::GaveUp, ..failure(&log_of(input), offset, label) })
            }
        };
        Tried { format, failed }
    }
}

/// What the op stands for in the user's format.
fn label(program: &Program, format: usize, pattern: usize, op: usize) -> String {
    let format = program.formats.get(format);
    let Some(pattern) = format.and_then(|format| format.patterns.get(pattern)) else { return String::new() };
    match pattern.ops.get(op) {
        Some(Op::End) => LINE_END.into(),
        _ => pattern.labels.get(op).cloned().unwrap_or_default(),
    }
}

/// Where the format that came furthest in this record's line failed.
pub fn furthest(filter: &mut Filter, tag: &[u8], record: &[u8]) -> Option<Failed> {
    let found = filter.explain(tag, record);
    let failed = found.attempts.iter().filter(|attempt| attempt.fit != Fit::Yes);
    let (attempt, (pattern, op, offset)) =
        failed.filter_map(|attempt| Some((attempt, attempt.furthest?))).max_by_key(|(_, (_, _, offset))| *offset)?;
    Some(failure(&log_of(record), offset, label(filter.program(), attempt.format, pattern, op)))
}

/// The text of a record's `log`.
fn log_of(record: &[u8]) -> String {
    let log = Members::new(record).find(|(key, _)| *key == b"log");
    log.map_or(String::new(), |(_, value)| scan::text(value).into_owned())
}

fn value_of(record: &[u8], key: &[u8]) -> Option<String> {
    let key = if key == b"container" { b"container_name" } else { key };
    let (_, value) = Members::new(record).find(|(name, _)| *name == key)?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// The value at the end of a path.
fn value_at(record: &[u8], field: &str) -> Option<String> {
    let path = firelens_compiler::path(field)?;
    let record: Value = serde_json::from_slice(record).ok()?;
    let value = path.iter().try_fold(&record, |value, name| value.as_object()?.get(name))?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_string))
}

/// Shows the place in the line; `offset` counts bytes of its canonical JSON text.
fn failure(line: &str, offset: usize, expected: String) -> Failed {
    let mut canonical = 0;
    let mut at = 0usize;
    let shown: Vec<String> = line.chars().map(harmless).collect();
    for character in line.chars() {
        if canonical >= offset {
            break;
        }
        canonical += canonical_length(character);
        at += 1;
    }
    let start = at.saturating_sub(BEFORE);
    let end = shown.len().min(at + BEHIND);
    let dots = |cut: bool| if cut { "…" } else { "" };
    let up_to = format!("{}{}", dots(start > 0), shown[start..at].concat());
    let excerpt = format!("{up_to}{}{}", shown[at..end].concat(), dots(end < shown.len()));
    Failed { expected, column: at + 1, excerpt, up_to, gave_up: false }
}

fn canonical_length(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        _ => character.len_utf8(),
    }
}

fn harmless(character: char) -> String {
    if character.is_control() { character.escape_default().to_string() } else { character.to_string() }
}

/// What the program's formats are called where the user wrote them.
fn format_names(program: &Program, spec: &Spec) -> Vec<Named> {
    let mut names = vec![Named::default(); program.formats.len()];
    for (container, said) in program.containers.iter().zip(&spec.containers) {
        let streams = [("stdout", &container.stdout, &said.stdout), ("stderr", &container.stderr, &said.stderr)];
        for (stream, ids, formats) in streams {
            let place = (!said.name.is_empty()).then(|| (said.name.clone(), stream));
            for (id, format) in ids.iter().zip(formats) {
                let name = &mut names[*id as usize];
                if name.format.is_empty() {
                    *name = Named { format: format_name(format), place: place.clone() };
                }
            }
        }
    }
    for (name, format) in names.iter_mut().zip(&program.formats).filter(|(name, _)| name.format.is_empty()) {
        name.format = built_in_name(format);
    }
    names
}

fn format_name(format: &Format) -> String {
    match format {
        Format::Access { format, .. } => format.clone(),
        Format::HttpdError { format: Some(format), .. } => format.clone(),
        Format::HttpdError { format: None, .. } => "httpd_error".into(),
        Format::Rails { .. } => "rails".into(),
        Format::Lograge { .. } => "lograge".into(),
        Format::Json { .. } => "json".into(),
        Format::Library { library, .. } => library.word().into(),
        Format::Exception { languages } => format!("stack traces of {}", languages.join(", ")),
    }
}

/// The name of a format that nobody wrote down.
fn built_in_name(format: &firelens_filter::program::CompiledFormat) -> String {
    match format.kind {
        Kind::Error => "httpd_error".into(),
        _ if format.holds(Form::Json) => "json".into(),
        _ if format.holds(Form::Lograge) => "lograge".into(),
        _ => format.patterns.first().map_or(String::new(), |pattern| pattern.labels.concat()),
    }
}

/// The condition in words.
fn describe(condition: &Condition) -> String {
    let tests: Vec<String> = condition.any.iter().map(ToString::to_string).collect();
    let not = if condition.not { "not: " } else { "" };
    format!("{not}{} {}", condition.field, tests.join(" or "))
}

impl Failed {
    /// How many characters of the line the format read.
    pub fn read(&self) -> usize {
        self.column.saturating_sub(1)
    }
}

impl Explanation {
    /// As an object.
    pub fn to_json(&self) -> Value {
        let formats: Vec<Value> = self.formats.iter().map(Tried::to_json).collect();
        let conditions: Vec<Value> = self.routes.iter().map(Considered::to_json).collect();
        json!({ "formats": formats, "conditions": conditions, "route": self.route })
    }
}

impl Tried {
    fn to_json(&self) -> Value {
        let mut object = json!({ "format": self.format.format, "fits": self.failed.is_none() });
        if let Some((container, stream)) = &self.format.place {
            object["container"] = json!(container);
            object["stream"] = json!(stream);
        }
        if let Some(failed) = self.failed.as_ref().filter(|failed| failed.column > 0) {
            object["column"] = json!(failed.column);
            object["expected"] = json!(failed.expected);
            if failed.gave_up {
                object["gave_up"] = json!(true);
            }
        }
        object
    }
}

impl Considered {
    fn to_json(&self) -> Value {
        let value = self.value.as_deref().map(|value| serde_json::from_str(value).unwrap_or_else(|_| json!(value)));
        json!({ "route": self.route, "condition": self.condition, "value": value, "held": self.held })
    }
}

#[cfg(test)]
mod tests;
