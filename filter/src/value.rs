//! Values of a line: from canonical JSON text to what the log meant, and back.
use crate::json;
use crate::swar;
use alloc::vec::Vec;

/// Rewrites the inside of a JSON string into canonical JSON text: what can stand as it is does, the rest is escaped the
/// shortest way.
pub fn canonical(json: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < json.len() {
        let next = swar::find(json, at, json.len(), b'\\');
        out.extend_from_slice(&json[at..next]);
        at = next;
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

/// The bytes that canonical JSON text stands for, with httpd's escapes undone where the format has them.
pub fn decode(json: &[u8], httpd_escapes: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(json.len());
    json::decode(json, &mut text);
    if httpd_escapes {
        undo_httpd_escapes(&mut text);
    }
    text
}

/// Undoes `ap_escape_logitem` in place: `\xhh`, `\n \r \t \v \b`, `\"`, `\\`; any other backslash stays.
/// <https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats>
fn undo_httpd_escapes(text: &mut Vec<u8>) {
    let (mut from, mut to) = (0, 0);
    while from < text.len() {
        let (byte, length) = match (text[from], text.get(from + 1)) {
            (b'\\', Some(b'x')) => match (digit(text.get(from + 2)), digit(text.get(from + 3))) {
                (Some(high), Some(low)) => (high << 4 | low, 4),
                _ => (b'\\', 1),
            },
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b'r')) => (b'\r', 2),
            (b'\\', Some(b't')) => (b'\t', 2),
            (b'\\', Some(b'v')) => (0x0b, 2),
            (b'\\', Some(b'b')) => (0x08, 2),
            (b'\\', Some(&same @ (b'"' | b'\\'))) => (same, 2),
            (byte, _) => (byte, 1),
        };
        text[to] = byte;
        to += 1;
        from += length;
    }
    text.truncate(to);
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    (*byte? as char).to_digit(16).map(|d| d as u8)
}

/// Writes a value into a JSON string. Says whether its decoded form can be turned back into what the log said.
pub fn push(out: &mut Vec<u8>, json: &[u8], httpd_escapes: bool) -> bool {
    if !httpd_escapes || swar::find(json, 0, json.len(), b'\\') == json.len() {
        out.extend_from_slice(json);
        return true;
    }
    json::push_text(out, &decode(json, true))
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
