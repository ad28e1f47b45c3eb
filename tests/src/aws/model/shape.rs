//! A value held against the shape of its member.
use super::Service;
use fancy_regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, Mutex};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub members: BTreeMap<String, Member>,
    #[serde(default)]
    pub required: Vec<String>,
    pub member: Option<Member>,
    key: Option<Member>,
    value: Option<Member>,
    min: Option<f64>,
    max: Option<f64>,
    pattern: Option<String>,
    #[serde(rename = "enum", default)]
    values: Vec<String>,
    /// The member that is the body.
    pub payload: Option<String>,
    #[serde(default)]
    pub flattened: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    pub shape: String,
    /// `uri`, `querystring`, `header`, `headers`; in the body else.
    pub location: Option<String>,
    pub location_name: Option<String>,
    pub query_name: Option<String>,
}

impl Service {
    /// What is wrong with a value goes to `faults`, with its path.
    pub(super) fn check_shape(&self, name: &str, value: &Value, path: &str, faults: &mut Vec<String>) {
        let shape = &self.shapes[name];
        let mut fault = |text: String| faults.push(format!("{path}: {text}"));
        let within =
            |amount: f64| shape.min.is_none_or(|min| amount >= min) && shape.max.is_none_or(|max| amount <= max);
        let allowed = || format!("allowed are {:?} to {:?}", shape.min.unwrap_or(0.0), shape.max.unwrap_or(f64::MAX));
        match (shape.kind.as_str(), value) {
            ("structure", Value::Object(members)) => {
                let missing = shape.required.iter().filter(|name| !members.contains_key(*name));
                missing.for_each(|name| fault(format!("{name} is missing")));
                for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                    let path = format!("{path}.{name}");
                    match shape.members.get(name) {
                        Some(member) => self.check_shape(&member.shape, value, &path, faults),
                        None => faults.push(format!("{path}: there is no such member")),
                    }
                }
            }
            ("list", Value::Array(items)) => {
                if !within(items.len() as f64) {
                    fault(format!("{} items, {}", items.len(), allowed()));
                }
                let Some(member) = &shape.member else { return };
                let each = items.iter().enumerate();
                each.for_each(|(at, item)| self.check_shape(&member.shape, item, &format!("{path}[{at}]"), faults));
            }
            ("map", Value::Object(members)) => {
                if !within(members.len() as f64) {
                    fault(format!("{} entries, {}", members.len(), allowed()));
                }
                for (key, value) in members {
                    let path = format!("{path}[{key}]");
                    if let Some(of) = &shape.key {
                        self.check_shape(&of.shape, &Value::String(key.clone()), &path, faults);
                    }
                    if let Some(of) = &shape.value {
                        self.check_shape(&of.shape, value, &path, faults);
                    }
                }
            }
            ("string", Value::String(text)) => {
                if !within(text.chars().count() as f64) {
                    fault(format!("{} characters, {}", text.chars().count(), allowed()));
                }
                if !shape.values.is_empty() && !shape.values.contains(text) {
                    fault(format!("{text:?} is none of {:?}", shape.values));
                }
                match shape.pattern.as_deref().map(|pattern| (pattern, fits(pattern, text))) {
                    None | Some((_, Ok(true))) => {}
                    Some((pattern, Ok(false))) => fault(format!("{text:?} does not fit {pattern}")),
                    Some((_, Err(error))) => fault(error),
                }
            }
            ("integer" | "long", Value::Number(number)) if number.as_i64().is_none() => {
                fault(format!("{number} is no whole number"));
            }
            ("integer" | "long" | "float" | "double", Value::Number(number)) => {
                if !number.as_f64().is_some_and(within) {
                    fault(format!("{number}, {}", allowed()));
                }
            }
            ("boolean", Value::Bool(_)) | ("blob", Value::String(_)) => {}
            // Seconds in JSON, text elsewhere.
            ("timestamp", Value::Number(_) | Value::String(_)) => {}
            (kind, value) => fault(format!("{value} is no {kind}")),
        }
    }
}

/// All of a text is as the pattern says. AWS's patterns are Java's, whose classes are ASCII's.
fn fits(pattern: &str, text: &str) -> Result<bool, String> {
    static PATTERNS: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut patterns = PATTERNS.lock().expect("no panic holds it");
    if !patterns.contains_key(pattern) {
        let ascii = pattern.replace(r"\w", "[0-9A-Za-z_]").replace(r"\d", "[0-9]").replace(r"\s", r"[ \t\n\x0B\f\r]");
        let whole = Regex::new(&format!(r"(?s)\A(?:{ascii})\z")).map_err(|error| format!("{pattern}: {error}"))?;
        patterns.insert(pattern.to_owned(), whole);
    }
    patterns[pattern].is_match(text).map_err(|error| format!("{pattern}: {error}"))
}
