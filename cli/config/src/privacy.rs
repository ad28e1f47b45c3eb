//! `[privacy]`: what is masked before a record leaves the task.
use crate::keys;
use crate::problem::{Code, Problem, Span};
use crate::reader::{Entry, Node, Problems, Section, Text, boolean, number, one_of, one_or_many, strings};
use firelens_compiler::spec::{Privacy, TextPattern};
use toml::de::DeValue;

/// The networks that clients are shortened to unless the file says otherwise.
const V4_BITS: u8 = 24;
const V6_BITS: u8 = 48;

/// Where the parts of `[privacy]` were written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    pub section: Span,
    /// The names of members that are removed or replaced.
    pub members: Vec<Text>,
    pub patterns: Vec<Span>,
}

/// A pattern by its name.
type Named = (&'static str, fn() -> TextPattern);

const PATTERNS: [Named; 4] = [
    ("email", || TextPattern::Email),
    ("card_number", || TextPattern::CardNumber),
    ("bearer_token", || TextPattern::BearerToken),
    ("aws_key", || TextPattern::AwsKey),
];

pub(crate) fn read(entry: Entry, problems: &Problems) -> (Privacy, Places) {
    let mut privacy = Privacy::default();
    let mut places = Places { section: entry.key.span(), ..Places::default() };
    let Some(mut section) = Section::of(&keys::PRIVACY, entry.value, problems) else { return (privacy, places) };
    if let Some(entry) = section.take("mask_clients") {
        (privacy.v4_bits, privacy.v6_bits) = mask_clients(entry.value, problems);
    }
    if let Some(entry) = section.take("remove_users") {
        privacy.remove_user = boolean(entry.value, problems).unwrap_or(true);
    }
    if let Some(entry) = section.take("query_parameters") {
        privacy.parameters = parameters(entry.value, problems);
    }
    for (key, list) in [("remove_members", &mut privacy.remove), ("replace_members", &mut privacy.replace)] {
        let names = section.take(key).map(|entry| strings(entry.value, problems)).unwrap_or_default();
        list.extend(names.iter().map(|name| name.text.clone()));
        places.members.extend(names);
    }
    if let Some(entry) = section.take("patterns") {
        for node in one_or_many(entry.value) {
            if let Some((pattern, place)) = pattern(node, problems) {
                privacy.patterns.push(pattern);
                places.patterns.push(place);
            }
        }
    }
    if let Some(text) = section.string("replacement") {
        if text.text.is_empty() || text.text.contains(['&', '#', ';', ' ', '"']) {
            let message = "the replacement has to be a text that can stand in a query string";
            let problem = Problem::error(Code::WrongValue, text.span, message);
            problems.add(problem.label("empty, or with one of `&`, `#`, `;`, `\"` or a blank"));
        } else {
            privacy.replacement = text.text;
        }
    }
    section.finish();
    (privacy, places)
}

/// The name of a pattern, or `{ regex = '…' }`; and where it was written.
fn pattern(node: Node, problems: &Problems) -> Option<(TextPattern, Span)> {
    if !matches!(node.get_ref(), DeValue::Table(_)) {
        return one_of(node, &PATTERNS, problems).map(|pattern| (pattern(), node.span()));
    }
    let mut section = Section::of(&keys::PATTERN, node, problems)?;
    let regex = section.string("regex");
    section.finish();
    regex.map(|regex| (TextPattern::Regex(regex.text), regex.span))
}

/// `true`, or `{ ipv4 = 24, ipv6 = 48 }`: what is not given has its usual value.
fn mask_clients(value: Node, problems: &Problems) -> (Option<u8>, Option<u8>) {
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        let on = boolean(value, problems).unwrap_or(true);
        return (on.then_some(V4_BITS), on.then_some(V6_BITS));
    }
    let Some(mut section) = Section::of(&keys::MASK_CLIENTS, value, problems) else { return (None, None) };
    let mut bits = |key, usual: u8| {
        let given = number(section.take(key), problems);
        Some(given.map_or(usual, |bits| bits as u8))
    };
    let bits = (bits("ipv4", V4_BITS), bits("ipv6", V6_BITS));
    section.finish();
    bits
}

/// Names of query parameters.
fn parameters(value: Node, problems: &Problems) -> Vec<String> {
    let mut names = Vec::new();
    for name in strings(value, problems) {
        if name.text.is_empty() || name.text.contains(['&', '=', '?', '#', ' ']) {
            let message = format!("`{}` is no name of a query parameter", name.text);
            problems.add(Problem::error(Code::WrongValue, name.span, message).label("a bare name is needed"));
        } else {
            names.push(name.text);
        }
    }
    names
}
