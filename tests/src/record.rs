//! Records as FireLens hands them to the filter, and what may come back.
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The deepest nesting that the filter may return; the host loses more.
pub const MAX_DEPTH: usize = 32;

/// FireLens' tag for the container `httpd`.
pub const TAG: &[u8] = b"httpd-firelens-6f2f0e2ba0d142f2a2c6a1a0bb1e1c11";

/// What FireLens adds to each record, as text of members.
const BEFORE: &str =
    r#""container_id":"6f2f0e2ba0d142f2a2c6a1a0bb1e1c11-527074092","container_name":"httpd","source":"#;
const AFTER: &str = r#""ecs_cluster":"shop","ecs_task_arn":"arn:aws:ecs:eu-central-1:123456789012:task/shop/6f2f0e2b","ecs_task_definition":"shop-httpd:7""#;

/// The record for a line of the container `httpd`.
pub fn firelens(source: &str, line: &[u8]) -> Vec<u8> {
    let mut record = format!("{{{BEFORE}\"{source}\",\"log\":").into_bytes();
    push_string(&mut record, line);
    record.extend_from_slice(format!(",{AFTER}}}").as_bytes());
    record
}

/// The members that FireLens adds, as the filter has to return them.
pub fn firelens_fields(source: &str) -> Map<String, Value> {
    serde_json::from_str(&format!("{{{BEFORE}\"{source}\",{AFTER}}}")).expect("an object")
}

/// A JSON string as Fluent Bit writes it, apart from bytes that are not UTF-8: these stay.
pub fn push_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        let string = serde_json::to_string(chunk.valid()).expect("text");
        out.extend_from_slice(string[1..string.len() - 1].replace('\u{7f}', "\\u007f").as_bytes());
        out.extend_from_slice(chunk.invalid());
    }
    out.push(b'"');
}

/// Checks what the filter returned, as strictly as the host's safety asks for: one shallow object of JSON.
///
/// # Errors
/// What is wrong with it.
pub fn check(text: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(text).map_err(|error| format!("not UTF-8: {error}"))?;
    if text.contains('\0') {
        return Err("a zero byte".into());
    }
    // Not as values: numbers may be of any size.
    let read = serde_json::from_str::<BTreeMap<String, IgnoredAny>>(text);
    read.map_err(|error| format!("not strict JSON: {error}"))?;
    if let Some(string) = strings(text).find(|string| serde_json::from_str::<String>(string).is_err()) {
        return Err(format!("not strict JSON: {string}"));
    }
    let depth = depth(text);
    if depth > MAX_DEPTH { Err(format!("{depth} levels deep")) } else { Ok(text) }
}

/// [`check`]s what the filter returned, and reads it.
///
/// # Errors
/// What is wrong with it.
pub fn strict(text: &[u8]) -> Result<Map<String, Value>, String> {
    serde_json::from_str(check(text)?).map_err(|error| format!("no values: {error}"))
}

/// The strings in JSON text, with their quotes. What skips values does not look for half a surrogate pair.
fn strings(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find('"')?;
        at = string_end(text.as_bytes(), start);
        Some(&text[start..at])
    })
}

/// The depth of strict JSON text.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut inside, mut escaped) = (0, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => inside = !inside,
            b'{' | b'[' if !inside => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !inside => depth -= 1,
            _ => {}
        }
    }
    deepest
}

/// The text of each member of a strict object: the key as it is spelled, and key and value as they stand.
pub fn members(text: &str) -> Vec<(&str, &str)> {
    let bytes = text.as_bytes();
    let (mut found, mut at) = (Vec::new(), text.find('{').expect("an object") + 1);
    loop {
        at += bytes[at..].iter().take_while(|byte| b" \t\r\n,".contains(byte)).count();
        if bytes[at] == b'}' {
            return found;
        }
        let start = at;
        at = string_end(bytes, at);
        let key = &text[start + 1..at - 1];
        at = value_end(bytes, at + text[at..].find(':').expect("a colon") + 1);
        found.push((key, text[start..at].trim_end()));
    }
}

/// The end of the string that opens at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    at += 1;
    while bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// The place of the comma or bracket behind the value at `at`.
fn value_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    loop {
        match bytes[at] {
            b'"' => at = string_end(bytes, at) - 1,
            b'{' | b'[' => depth += 1,
            b',' if depth == 0 => return at,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_would_choke_on_is_not_strict() {
        assert!(strict(br#"{"a":[1,{"b":"[[[["}]}"#).is_ok());
        for text in
            [&b""[..], b"[]", b"{\"a\":nan}", b"{\"a\":\"\xff\"}", b"{\"a\":\"\0\"}", b"{} {}", br#"{"a":["\ud83d"]}"#]
        {
            assert!(strict(text).is_err(), "{}", text.escape_ascii());
        }
        let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(strict(nested(31).as_bytes()).is_ok());
        assert!(strict(nested(32).as_bytes()).is_err());
    }

    #[test]
    fn members_are_found_as_they_stand() {
        let text = r#"{ "a" : [1, {"x":","}] ,"b\"":"}\\", "c":-1.50e3 }"#;
        let expected = [("a", r#""a" : [1, {"x":","}]"#), (r#"b\""#, r#""b\"":"}\\""#), ("c", r#""c":-1.50e3"#)];
        assert_eq!(members(text), expected);
    }

    #[test]
    fn numbers_may_be_of_any_size() {
        assert_eq!(check(b"{\"a\":1e999}"), Ok("{\"a\":1e999}"));
    }

    #[test]
    fn a_record_carries_any_bytes() {
        let record = firelens("stdout", b"a\"\n\xffz");
        let text = String::from_utf8_lossy(&record).into_owned();
        assert!(text.contains("\"log\":\"a\\\"\\n\u{fffd}z\",\"ecs_cluster\""), "{text}");
    }
}
