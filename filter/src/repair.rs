//! Records that are not strict JSON, made so without losing text.
//!
//! Fluent Bit itself hands over such records: `nan` and `inf` for floats, bare integers as keys, `\x01` in the text of
//! binary values. Bare words become strings, bad escapes and bytes that are not UTF-8 become text, and what is nested too
//! deep becomes the text of itself. A record whose structure cannot be followed becomes the `log` of a new one.
use crate::json::{self, MAX_DEPTH};
use crate::swar;
use alloc::vec::Vec;

/// Writes a strict object for any text.
pub(crate) fn repair(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    if follow(text, out).is_none() {
        out.clear();
        out.extend_from_slice(b"{\"log\":\"");
        json::push_text(out, text);
        out.extend_from_slice(b"\"}");
    }
}

#[derive(Clone, Copy)]
enum Expect {
    FirstKey,
    Key,
    FirstValue,
    Value,
    Next,
}

/// Copies the object, mending what can be mended in its place.
fn follow(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut at = blank(text, 0);
    if text.get(at) != Some(&b'{') {
        return None;
    }
    out.push(b'{');
    at += 1;
    let (mut depth, mut objects, mut expect) = (1, 1u64, Expect::FirstKey);
    while depth > 0 {
        at = blank(text, at);
        let byte = *text.get(at)?;
        expect = match (expect, byte) {
            (Expect::FirstKey, b'}') | (Expect::FirstValue, b']') | (Expect::Next, b'}' | b']') => {
                if (byte == b'}') != (objects & 1 == 1) {
                    return None;
                }
                out.push(byte);
                at += 1;
                depth -= 1;
                objects >>= 1;
                Expect::Next
            }
            (Expect::Next, b',') => {
                out.push(b',');
                at += 1;
                if objects & 1 == 1 { Expect::Key } else { Expect::Value }
            }
            (Expect::Next, _) => return None,
            (Expect::FirstKey | Expect::Key, _) => {
                at = if byte == b'"' { string(text, at, out)? } else { bare(text, at, false, out)? };
                at = blank(text, at);
                if text.get(at) != Some(&b':') {
                    return None;
                }
                out.push(b':');
                at += 1;
                Expect::Value
            }
            (_, b'{' | b'[') if depth < MAX_DEPTH => {
                out.push(byte);
                at += 1;
                depth += 1;
                objects = objects << 1 | (byte == b'{') as u64;
                if byte == b'{' { Expect::FirstKey } else { Expect::FirstValue }
            }
            (_, b'{' | b'[') => {
                let end = bracket_end(text, at)?;
                out.push(b'"');
                json::push_text(out, &text[at..end]);
                out.push(b'"');
                at = end;
                Expect::Next
            }
            (_, b'"') => {
                at = string(text, at, out)?;
                Expect::Next
            }
            _ => {
                at = bare(text, at, true, out)?;
                Expect::Next
            }
        };
    }
    (blank(text, at) == text.len()).then_some(())
}

fn blank(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// A word without quotes, up to where a key or a value ends: as it is where it is a JSON value, else as a string.
fn bare(text: &[u8], at: usize, value: bool, out: &mut Vec<u8>) -> Option<usize> {
    let mut end = at;
    loop {
        match (*text.get(end)?, value) {
            (b':', false) | (b',' | b'}' | b']', true) => break,
            (b'"' | b'{' | b'[' | b',' | b'}' | b']', _) => return None,
            _ => end += 1,
        }
    }
    let word = text.get(at..end)?.trim_ascii_end();
    if word.is_empty() {
        return None;
    }
    let strict =
        value && (matches!(word, b"true" | b"false" | b"null") || json::number_end(word, 0) == Some(word.len()));
    if strict {
        out.extend_from_slice(word);
    } else {
        out.push(b'"');
        json::push_text(out, word);
        out.push(b'"');
    }
    Some(end)
}

/// Copies the string whose opening quote is at `at`; what a strict one cannot hold becomes text.
fn string(text: &[u8], at: usize, out: &mut Vec<u8>) -> Option<usize> {
    out.push(b'"');
    let mut at = at + 1;
    loop {
        if !json::is_special(*text.get(at)?) {
            let plain = swar::special(text, at);
            out.extend_from_slice(&text[at..plain]);
            at = plain;
        }
        let byte = *text.get(at)?;
        let length = match byte {
            b'"' => {
                out.push(b'"');
                return Some(at + 1);
            }
            b'\\' => match *text.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                b'u' => json::unicode_escape(text, at).map_or(0, |(_, length)| length),
                _ => 0,
            },
            0x80.. => json::valid_utf8(text, at).unwrap_or(0),
            _ => 0,
        };
        if length > 0 {
            out.extend_from_slice(&text[at..at + length]);
            at += length;
        } else {
            if byte < 0x80 {
                json::push_ascii(out, byte);
            } else {
                json::push_byte_as_text(out, byte);
            }
            at += 1;
        }
    }
}

/// The end of the container at `at`, by counting brackets outside of strings.
fn bracket_end(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        match text.get(at)? {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b'"' => {
                at += 1;
                loop {
                    at = swar::find2(text, at, text.len(), b'"', b'\\');
                    match text.get(at)? {
                        b'"' => break,
                        _ => at += 2,
                    }
                }
            }
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(text: &[u8]) -> String {
        let mut out = Vec::new();
        repair(text, &mut out);
        let mut members = Vec::new();
        assert_eq!(json::object(&out, &mut members), Ok(()), "{}", String::from_utf8_lossy(&out));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_the_host_writes() {
        assert_eq!(repaired(br#"{"a":nan,"b":-inf,1:2}"#), r#"{"a":"nan","b":"-inf","1":2}"#);
        assert_eq!(repaired(br#"{"ext":"\x01\xff"}"#), r#"{"ext":"\\x01\\xff"}"#);
        assert_eq!(repaired(b"{\"a\":\"x\x00\xff\xc3\xa9\"}"), "{\"a\":\"x\\u0000\\\\xff\u{e9}\"}");
        assert_eq!(repaired(br#"{"a":"\ud800x\ud83d\ude00"}"#), r#"{"a":"\\ud800x\ud83d\ude00"}"#);
        assert_eq!(repaired(br#"{"a":[1.,01,{"b":nan}]}"#), r#"{"a":["1.","01",{"b":"nan"}]}"#);
    }

    #[test]
    fn what_cannot_be_followed_becomes_a_log() {
        for text in
            ["", "x", "[1]", "{", "{\"a\":1", "{\"a\":\"x}", "{\"a\":1}}", "{\"a\":[1}", "{\"a\":,}", "{\"a\" 1}"]
        {
            let mut json = Vec::new();
            json::push_text(&mut json, text.as_bytes());
            assert_eq!(repaired(text.as_bytes()), format!("{{\"log\":\"{}\"}}", String::from_utf8(json).unwrap()));
        }
    }

    #[test]
    fn deep_values_become_text() {
        for levels in [32usize, 33, 70, 5000] {
            let text = format!("{{\"a\":{}\"x\\n\"{},\"b\":2}}", "[".repeat(levels), "]".repeat(levels));
            let deep = format!("{}\"x\\n\"{}", "[".repeat(levels - 31), "]".repeat(levels - 31));
            let mut json = Vec::new();
            json::push_text(&mut json, deep.as_bytes());
            let inner = String::from_utf8(json).unwrap();
            assert_eq!(
                repaired(text.as_bytes()),
                format!("{{\"a\":{}\"{inner}\"{},\"b\":2}}", "[".repeat(31), "]".repeat(31))
            );
        }
    }
}
