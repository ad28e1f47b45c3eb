//! What holds for whatever the filter returns.
use crate::record::{self, members};

/// What the filter calls its own.
const OURS: [&str; 2] = ["kind", "route"];
const KINDS: [&str; 5] = ["access", "error", "rails", "json", "unparsed"];

/// A key as it is meant.
pub fn decoded(key: &str) -> String {
    serde_json::from_str(&format!("\"{key}\"")).expect("a strict key")
}

/// The value in a member's text.
pub fn value_of(member: &str) -> &str {
    let key_end = member[1..].char_indices().scan(false, |escaped, (at, c)| {
        let ends = c == '"' && !*escaped;
        *escaped = c == '\\' && !*escaped;
        Some((at, ends))
    });
    let (at, _) = key_end.into_iter().find(|(_, ends)| *ends).expect("a key's end");
    member[at + 2..].trim_start().strip_prefix(':').expect("a colon").trim_start()
}

/// What holds for every output: strict and shallow, and our two names are ours. `routes` are those that the program has.
///
/// # Panics
/// When it does not hold.
pub fn output(out: &[u8], routes: &[&str]) {
    let text = record::check(out).unwrap_or_else(|error| panic!("{error}: {}", out.escape_ascii()));
    let values = |name: &str| -> Vec<String> {
        let all = members(text).into_iter().filter(|(key, _)| decoded(key) == name);
        all.map(|(_, member)| decoded(value_of(member).trim_matches('"'))).collect()
    };
    let (kind, route) = (values("kind"), values("route"));
    assert!(kind.len() == 1 && KINDS.contains(&kind[0].as_str()), "kind {kind:?}: {text}");
    assert!(route.len() == usize::from(!routes.is_empty()), "route {route:?}: {text}");
    assert!(route.iter().all(|route| routes.contains(&route.as_str())), "route {route:?}: {text}");
}

/// What a strict, shallow record brought is there, byte for byte; what claimed our names is there under another one.
///
/// # Panics
/// When it is not.
pub fn foreign(record: &str, out: &str) {
    let got = members(out);
    let mut line_seen = false;
    for (key, member) in members(record) {
        let name = decoded(key);
        let is_line = name == "log" && value_of(member).starts_with('"') && !line_seen;
        line_seen |= is_line;
        let there = if OURS.contains(&name.as_str()) {
            let renamed = |key: &str| key.trim_start_matches("log_") == name && key.starts_with("log_");
            got.iter()
                .any(|(key, renamed_member)| renamed(&decoded(key)) && value_of(renamed_member) == value_of(member))
        } else {
            got.iter().any(|(_, other)| *other == member)
        };
        let parsed_away = is_line && !got.iter().any(|(_, other)| value_of(other) == "\"unparsed\"");
        assert!(there || parsed_away, "{member} is gone: {out}");
    }
}
