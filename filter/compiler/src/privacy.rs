//! Checks the privacy settings.
use super::{
    Error, Fault, Part, fields,
    paths::{self, Name},
    printed, regex,
};
use crate::{
    settle,
    spec::{self, TextPattern},
};
use firelens_filter::{
    json,
    program::{self, Emit, HiddenPath, Mask},
};
use std::collections::BTreeSet;

/// `%40` is an encoded `@`.
const EMAIL: &str = r"[A-Za-z0-9._%+\-]+(?:@|%40)[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+";
/// <https://www.rfc-editor.org/rfc/rfc6750#section-2.1>
const BEARER_TOKEN: &str = r"(?i:bearer)(?: |\+|%20)+[A-Za-z0-9._~+/=\-]+";
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
const AWS_KEY_ID: &str = "A[KS]IA[A-Z0-9]{16}";
const AWS_SECRET_KEY: &str = "(?i:secret_?access_?key)[\"' :=>]+[A-Za-z0-9/+=]+";
/// Members that no setting can take away.
const KEPT: [&str; 3] = ["kind", "route", "log"];

pub(crate) fn compile(
    spec: &spec::Spec,
    formats: &[program::CompiledFormat],
    errors: &mut Vec<Error>,
) -> program::Privacy {
    let privacy = &spec.privacy;
    for (bits, most, version) in [(privacy.v4_bits, 32, 4), (privacy.v6_bits, 128, 6)] {
        if let Some(bits) = bits.filter(|bits| *bits > most) {
            let fault = Fault::new(format!("an IPv{version} address has {most} bits, not {bits}"));
            errors.push(fault.help(format!("write a number from 0 to {most}")).in_place(Part::Privacy));
        }
    }
    if privacy.parameters.iter().any(String::is_empty) {
        let fault = Fault::new("a query parameter has an empty name").help("leave it out");
        errors.push(fault.in_place(Part::Privacy));
    }
    let mut hidden = program::Privacy::default();
    for (name, replace) in names(&privacy.remove, false).chain(names(&privacy.replace, true)) {
        if let Err(fault) = hide(name, replace, spec, formats, &mut hidden) {
            errors.push(fault.in_place(Part::Member(name.clone())));
        }
    }
    settle::privacy(program::Privacy {
        patterns: patterns(&privacy.patterns, errors),
        cards: privacy.patterns.contains(&TextPattern::CardNumber),
        v4_bits: privacy.v4_bits,
        v6_bits: privacy.v6_bits,
        remove_user: privacy.remove_user,
        parameters: parameters(&privacy.parameters),
        replacement: replacement(&privacy.replacement),
        ..hidden
    })
}

fn names(list: &[String], replace: bool) -> impl Iterator<Item = (&String, bool)> {
    list.iter().map(move |name| (name, replace))
}

/// Hides a member, or a member of a member. The latter can also be one whose own name has the dots.
fn hide(
    text: &str,
    replace: bool,
    spec: &spec::Spec,
    formats: &[program::CompiledFormat],
    hidden: &mut program::Privacy,
) -> Result<(), Fault> {
    let table = fields::fields().iter().map(|field| field.printed(spec.names));
    let added = spec.added.iter().map(|field| field.name.as_str());
    let name = match paths::read(text, table.chain(added).chain(printed(formats)))? {
        Name::Member(name) => name,
        Name::Path(path) => {
            let dotted = path.replace('\0', ".");
            hidden.paths.push(HiddenPath { path, replace });
            dotted
        }
    };
    if KEPT.contains(&name.as_str()) {
        return Err(Fault::new(format!("`{name}` is the filter's own and stays")).help("leave it out of the list"));
    }
    if replace { &mut hidden.replace } else { &mut hidden.remove }.push(name);
    Ok(())
}

/// What stands in a value's place, `***` unless it is set: as JSON text, and for a place where httpd's escapes are undone later.
fn replacement(text: &str) -> [String; 2] {
    let text = if text.is_empty() { "***" } else { text };
    [text.to_string(), text.replace('\\', r"\\")].map(|text| {
        let mut json = Vec::new();
        json::push_text(&mut json, text.as_bytes());
        String::from_utf8(json).expect("JSON text of UTF-8 is UTF-8")
    })
}

/// The automata of all patterns but card numbers, whose check digit is more than an automaton can see.
fn patterns(patterns: &[TextPattern], errors: &mut Vec<Error>) -> Vec<(program::Dfa, program::Dfa)> {
    let mut compiled = Vec::new();
    for (at, pattern) in patterns.iter().enumerate() {
        let regexes = match pattern {
            TextPattern::CardNumber => vec![],
            TextPattern::Email => vec![EMAIL],
            TextPattern::BearerToken => vec![BEARER_TOKEN],
            TextPattern::AwsKey => vec![AWS_KEY_ID, AWS_SECRET_KEY],
            TextPattern::Regex(regex) => vec![regex.as_str()],
        };
        for regex in regexes {
            match regex::compile_search(regex) {
                Ok(automata) => compiled.push(automata),
                Err(fault) => errors.push(fault.in_place(Part::Pattern(at))),
            }
        }
    }
    compiled
}

/// What is replaced has to be text: a column of numbers cannot hold another value.
pub(crate) fn check_replaced(formats: &[program::CompiledFormat], errors: &mut Vec<Error>) {
    let mut names = BTreeSet::new();
    for format in formats {
        let replaced = format.outputs().filter(|o| o.mask == Mask::Replaced);
        let other = replaced.filter(|o| matches!(o.emit, Emit::Number | Emit::Scaled(_) | Emit::Time(_)));
        names.extend(other.map(|output| output.name().to_string()));
    }
    for name in names {
        let fault = Fault::new(format!("`{name}` is a number or a time, and cannot become another text"));
        errors.push(fault.help("remove it instead").in_place(Part::Member(name)));
    }
}

/// Each name in the cases that its letters are written in: letters beyond ASCII are compared as they are.
fn parameters(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        for case in [name.to_lowercase(), name.to_uppercase(), name.clone()] {
            let case = case.to_ascii_lowercase();
            if !all.contains(&case) {
                all.push(case);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_and_filled_in() {
        let mut errors = Vec::new();
        let mut spec = spec::Spec::default();
        spec.privacy = spec::Privacy { v4_bits: Some(24), parameters: vec!["Token".to_string()], ..Default::default() };
        let privacy = compile(&spec, &[], &mut errors);
        assert_eq!(
            (privacy.parameters, privacy.replacement),
            (vec!["token".to_string()], ["***", "***"].map(String::from))
        );
        assert!(errors.is_empty());
        spec.privacy = spec::Privacy { v4_bits: Some(33), v6_bits: Some(129), ..spec.privacy };
        compile(&spec, &[], &mut errors);
        assert_eq!(errors.len(), 2);
    }
}
