//! Values of a line: from canonical JSON text to what the log meant, and back.
use crate::json;
use crate::program::Emit;
use crate::swar;
use alloc::{borrow::Cow, vec::Vec};

/// Rewrites the inside of a JSON string into canonical JSON text: what can stand as it is does, the rest is escaped the
/// shortest way.
pub(crate) fn canonical(json: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < json.len() {
        let escape = swar::find_apart(json, at, json.len(), b'\\');
        out.extend_from_slice(json.get(at..escape).unwrap_or_default());
        at = escape;
        match json.get(at + 1) {
            None => return,
            Some(b'/') => {
                out.push(b'/');
                at += 2;
            }
            Some(b'u') => match json::unicode_escape(json, at) {
                Some((c, length)) => {
                    json::push_char(out, c);
                    at += length;
                }
                None => return,
            },
            Some(&kind) => {
                out.extend_from_slice(&[b'\\', kind]);
                at += 2;
            }
        }
    }
}

/// The bytes that canonical JSON text stands for, with httpd's escapes undone where the format has them: those of
/// `ap_escape_logitem`, `\xhh`, `\n \r \t \v \b`, `\"`, `\\`; any other backslash stays.
/// <https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats>
pub(crate) fn decode(json: &[u8], httpd_escapes: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(json.len());
    if !httpd_escapes {
        json::decode(json, &mut text);
        return text;
    }
    let mut at = 0;
    while at < json.len() {
        let next = swar::copy_unquoted(&mut text, json, at);
        let byte = |at: usize| json.get(next + at).copied().unwrap_or(0);
        let (decoded, length) = match (byte(1), byte(2)) {
            // A backslash is two in JSON, and what it escapes can need one of its own.
            (b'\\', b'x') => match (json::digit_value(byte(3)), json::digit_value(byte(4))) {
                (high @ 0..=15, low @ 0..=15) => ((high << 4 | low) as u8, 5),
                _ => (b'\\', 2),
            },
            (b'\\', b'n') => (b'\n', 3),
            (b'\\', b'r') => (b'\r', 3),
            (b'\\', b't') => (b'\t', 3),
            (b'\\', b'v') => (0x0b, 3),
            (b'\\', b'b') => (0x08, 3),
            (b'\\', b'\\') if matches!(byte(3), b'"' | b'\\') => (byte(3), 4),
            (same @ (b'\\' | b'"'), _) => (same, 2),
            _ => {
                let length = if byte(1) == b'u' { 6 } else { 2 };
                let escape = json.get(next..json.len().min(next + length)).unwrap_or_default();
                json::decode(escape, &mut text);
                at = next + length;
                continue;
            }
        };
        text.push(decoded);
        at = next + length;
    }
    text
}

/// Writes a value into a JSON string. Says whether its decoded form can be turned back into what the log said.
pub(crate) fn push(out: &mut Vec<u8>, json: &[u8], httpd_escapes: bool) -> bool {
    if !httpd_escapes || !swar::has_escape(json) {
        out.extend_from_slice(json);
        return true;
    }
    json::push_text(out, &decode(json, true))
}

/// Whether a captured span says that there is no value. No number is written without digits.
#[inline(always)]
pub(crate) fn is_absent(text: &[u8], emit: Emit, httpd_escapes: bool) -> bool {
    matches!(text, [b'-'])
        && match emit {
            Emit::Message | Emit::Verbatim => false,
            Emit::Number | Emit::Scaled(_) => true,
            _ => httpd_escapes,
        }
}

/// A value of `""` is the empty string.
#[inline(always)]
pub(crate) fn unquoted(text: &[u8], emit: Emit) -> &[u8] {
    if text == b"\\\"\\\"" && emit == Emit::Value { &[] } else { text }
}

/// What is written for a captured span, as a condition sees it: without JSON's escapes.
pub(crate) fn printed(text: &[u8], emit: Emit, httpd_escapes: bool) -> Option<Cow<'_, [u8]>> {
    if is_absent(text, emit, httpd_escapes) {
        return None;
    }
    let mut printed = Vec::new();
    match emit {
        Emit::Number if is_plain(text) => return Some(Cow::Borrowed(text)),
        Emit::Number => push_number(text, &mut printed),
        Emit::Scaled(power) => push_scaled(text, power, &mut printed),
        Emit::Lower => push_lower(text, &mut printed),
        _ => {
            let text = unquoted(text, emit);
            if !swar::has_escape(text) {
                return Some(Cow::Borrowed(text));
            }
            printed = decode(text, httpd_escapes);
        }
    }
    Some(Cow::Owned(printed))
}

/// Writes text in lower case, and a level's letter as its word.
pub(crate) fn push_lower(text: &[u8], out: &mut Vec<u8>) {
    let word: &[u8] = match text {
        b"T" => b"trace",
        b"D" => b"debug",
        b"I" => b"info",
        b"W" => b"warn",
        b"E" => b"error",
        b"F" => b"fatal",
        _ => text,
    };
    out.extend(word.iter().map(u8::to_ascii_lowercase));
}

/// The number is written as it stands.
fn is_plain(number: &[u8]) -> bool {
    matches!(number, [b'1'..=b'9', ..] | [_])
}

/// A number as JSON wants it: no plus, no zeros in front.
pub(crate) fn push_number(text: &[u8], out: &mut Vec<u8>) {
    let digits = match text.split_first() {
        Some((b'-', rest)) => {
            out.push(b'-');
            rest
        }
        Some((b'+', rest)) => rest,
        _ => text,
    };
    let zeros = digits.iter().take_while(|b| **b == b'0').count().min(digits.len().saturating_sub(1));
    out.extend_from_slice(&digits[zeros..]);
}

/// A decimal number times ten to the power, truncated.
pub(crate) fn push_scaled(text: &[u8], power: u8, out: &mut Vec<u8>) {
    let point = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
    let (whole, fraction) = (&text[..point], text.get(point + 1..).unwrap_or_default());
    let mut digits = [b'0'; 32];
    let mut length = 0;
    let shifted = (0..power as usize).map(|i| fraction.get(i).copied().unwrap_or(b'0'));
    for digit in whole.iter().copied().chain(shifted) {
        if let Some(slot) = digits.get_mut(length) {
            *slot = digit;
            length += 1;
        }
    }
    push_number(&digits[..length.max(1)], out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(text: &str) -> Vec<u8> {
        let mut json = Vec::new();
        json::push_text(&mut json, text.as_bytes());
        decode(&json, true)
    }

    #[test]
    fn httpd_escapes_are_undone() {
        assert_eq!(unescaped(r#"GET /a\"b\\c\n\x80\xC3"#), b"GET /a\"b\\c\n\x80\xc3");
        assert_eq!(unescaped(r"\v\b\t\r\q\x4\x4g\"), b"\x0b\x08\t\r\\q\\x4\\x4g\\");
    }

    #[test]
    fn canonical_text_has_one_spelling() {
        let mut out = Vec::new();
        canonical(br#"\u0041\/\u0022\u005c\u000a\u0001\u00e9\ud83d\ude00\n\"\\"#, &mut out);
        assert_eq!(out, "A/\\\"\\\\\\n\\u0001é😀\\n\\\"\\\\".as_bytes());
    }

    #[test]
    fn bytes_that_are_not_utf8_stay_as_httpd_wrote_them() {
        let mut out = Vec::new();
        assert!(push(&mut out, br"a\\xc3\\xa9", true));
        assert_eq!(out, "aé".as_bytes());
        out.clear();
        assert!(!push(&mut out, br"a\\xc3b", true));
        assert_eq!(out, br"a\\xc3b");
    }
}
