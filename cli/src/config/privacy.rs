//! `[privacy]`: what is masked before a record leaves the task.
use super::problem::Problem;
use super::reader::{Entry, Node, Problems, Section, boolean, integer, strings};
use firelens_filter::spec::Privacy;
use toml::de::DeValue;

/// The networks that clients are shortened to unless the file says otherwise.
const V4_BITS: u8 = 24;
const V6_BITS: u8 = 48;

pub fn read(entry: Entry, problems: &Problems) -> Privacy {
    let mut privacy = Privacy::default();
    let Some(mut section) = Section::of("[privacy]", entry.value, problems) else { return privacy };
    if let Some(entry) = section.take("mask_clients") {
        (privacy.v4_bits, privacy.v6_bits) = mask_clients(entry.value, problems);
    }
    if let Some(entry) = section.take("remove_users") {
        privacy.remove_user = boolean(entry.value, problems).unwrap_or(true);
    }
    if let Some(entry) = section.take("query_parameters") {
        privacy.parameters = parameters(entry.value, problems);
    }
    if let Some(text) = section.string("replacement") {
        if text.text.is_empty() || text.text.contains(['&', '#', ';', ' ', '"']) {
            let message = "the replacement has to be a text that can stand in a query string";
            let problem = Problem::error("wrong-value", text.span, message);
            problems.add(problem.label("empty, or with one of `&`, `#`, `;`, `\"` or a blank"));
        } else {
            privacy.replacement = text.text;
        }
    }
    section.finish();
    privacy
}

/// `true`, or `{ ipv4 = 24, ipv6 = 48 }`: what is not given has its usual value.
fn mask_clients(value: Node, problems: &Problems) -> (Option<u8>, Option<u8>) {
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        let on = boolean(value, problems).unwrap_or(true);
        return (on.then_some(V4_BITS), on.then_some(V6_BITS));
    }
    let Some(mut section) = Section::of("`mask_clients`", value, problems) else { return (None, None) };
    let mut bits = |key, usual: u8, most: i64| {
        let given = section.take(key).and_then(|entry| integer(entry.value, 0, most, problems));
        Some(given.map_or(usual, |bits| bits as u8))
    };
    let bits = (bits("ipv4", V4_BITS, 32), bits("ipv6", V6_BITS, 128));
    section.finish();
    bits
}

/// Names of query parameters.
fn parameters(value: Node, problems: &Problems) -> Vec<String> {
    let mut names = Vec::new();
    for name in strings(value, problems) {
        if name.text.is_empty() || name.text.contains(['&', '=', '?', '#', ' ']) {
            let message = format!("`{}` is no name of a query parameter", name.text);
            problems.add(Problem::error("wrong-value", name.span, message).label("a bare name is needed"));
        } else {
            names.push(name.text);
        }
    }
    names
}
