//! Masks what is private in canonical JSON text: addresses and the values of query parameters, wherever they can be
//! recognised.
use crate::ip::{Ip, keep_bits};
use crate::json;
use crate::program::Privacy;
use crate::swar;
use alloc::vec::Vec;

/// What to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub addresses: bool,
    pub parameters: bool,
    /// The text is a query string, so that its first parameter follows no `?`.
    pub query: bool,
}

/// Copies text with what is private in it masked.
pub fn push(out: &mut Vec<u8>, text: &[u8], privacy: &Privacy, look: Look) {
    let addresses = look.addresses && (privacy.v4_bits.is_some() || privacy.v6_bits.is_some());
    let parameters = look.parameters && !privacy.parameters.is_empty();
    let mut at = 0;
    if parameters && look.query {
        at = parameter(out, text, 0, privacy);
    }
    while at < text.len() {
        if !addresses {
            // Only what is in front of parameters matters, if anything does.
            let next = match parameters {
                true => swar::find(text, at, swar::find2(text, at, text.len(), b'?', b'&'), b';'),
                false => text.len(),
            };
            out.extend_from_slice(&text[at..next]);
            at = next;
            if at == text.len() {
                return;
            }
        }
        let byte = text[at];
        if addresses && (byte.is_ascii_hexdigit() || byte == b':') && (at == 0 || !in_word(text[at - 1])) {
            let next = address(out, text, at, privacy);
            if next > at {
                at = next;
                continue;
            }
        }
        out.push(byte);
        at += 1;
        if parameters && matches!(byte, b'?' | b'&' | b';') {
            at = parameter(out, text, at, privacy);
        }
    }
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_')
}

/// Copies the masked address at `at` and says where it ends; `at` when there is none.
fn address(out: &mut Vec<u8>, text: &[u8], at: usize, privacy: &Privacy) -> usize {
    let run = text[at..].iter().take_while(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.')).count();
    let word = &text[at..at + run];
    if text.get(at + run).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
        return at;
    }
    // A sentence can end behind an address, and a port can follow it.
    let trimmed = word.len() - word.iter().rev().take_while(|b| matches!(b, b'.' | b':')).count();
    let colon = word.iter().position(|b| *b == b':').unwrap_or(trimmed);
    for length in [run, trimmed, colon] {
        if let Some(address) = Ip::parse(&word[..length]) {
            push_address(out, address, &word[..length], privacy);
            return at + length;
        }
    }
    at
}

#[inline(never)]
fn push_address(out: &mut Vec<u8>, address: Ip, text: &[u8], privacy: &Privacy) {
    match (masked(address, privacy), address) {
        // A mapped IPv4 address is masked as one, and stays mapped.
        (Some(Ip::V4(v4)), Ip::V6(mut bytes)) => {
            bytes[12..].copy_from_slice(&v4);
            Ip::V6(bytes).push(out);
        }
        (Some(masked), _) => masked.push(out),
        (None, _) => out.extend_from_slice(text),
    }
}

/// What stays of an address; `None` when all of it does.
fn masked(address: Ip, privacy: &Privacy) -> Option<Ip> {
    let mut masked = address.canonical();
    match &mut masked {
        Ip::V4(bytes) => keep_bits(bytes, privacy.v4_bits?),
        Ip::V6(bytes) => keep_bits(bytes, privacy.v6_bits?),
    }
    Some(masked)
}

/// Copies the query parameter at `at`, with its value replaced when its name is private, and says where it ends.
fn parameter(out: &mut Vec<u8>, text: &[u8], at: usize, privacy: &Privacy) -> usize {
    let name_end = text[at..].iter().position(|b| !is_name(*b)).map_or(text.len(), |n| at + n);
    if text.get(name_end) != Some(&b'=') || !privacy.parameters.iter().any(|p| same_name(&text[at..name_end], p)) {
        return at;
    }
    out.extend_from_slice(&text[at..=name_end]);
    json::push_text(out, if privacy.replacement.is_empty() { b"***" } else { privacy.replacement.as_bytes() });
    value_end(text, name_end + 1)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'.' | b'%' | b'[' | b']' | b'+' | b'~')
        || byte >= 0x80
}

/// Whether a parameter's name as it stands in a URL, perhaps percent-encoded, is this one in any case.
fn same_name(written: &[u8], name: &str) -> bool {
    let mut at = 0;
    let mut decoded = core::iter::from_fn(|| {
        let byte = *written.get(at)?;
        let hex = |i: usize| (*written.get(i)? as char).to_digit(16);
        at += 1;
        Some(match (byte, hex(at), hex(at + 1)) {
            (b'%', Some(high), Some(low)) => {
                at += 2;
                (high << 4 | low) as u8
            }
            _ => byte,
        })
    });
    name.bytes().all(|b| decoded.next().is_some_and(|d| d.eq_ignore_ascii_case(&b))) && decoded.next().is_none()
}

/// The end of a parameter's value. Escaped bytes belong to it; a bare quote ends it.
fn value_end(text: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = text.get(at) {
        match byte {
            b'&' | b'#' | b' ' | b'<' | b'>' => break,
            b'\\' if text.get(at + 1) == Some(&b'\\') => {
                // httpd's escape: the backslash and what it escapes, which may need an escape itself.
                at += if text.get(at + 2) == Some(&b'\\') { 4 } else { 2 };
            }
            b'\\' => break,
            _ => at += 1,
        }
    }
    at.min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str, query: bool) -> String {
        let privacy = Privacy {
            v4_bits: Some(24),
            v6_bits: Some(48),
            remove_user: true,
            parameters: vec!["token".into(), "pass[word]".into()],
            replacement: String::new(),
        };
        let (mut json, mut out) = (Vec::new(), Vec::new());
        json::push_text(&mut json, text.as_bytes());
        push(&mut out, &json, &privacy, Look { addresses: true, parameters: true, query });
        let mut back = Vec::new();
        json::decode(&out, &mut back);
        String::from_utf8(back).unwrap()
    }

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("192.0.2.77", "192.0.2.0"),
            ("192.0.2.77:8080", "192.0.2.0:8080"),
            ("from 192.0.2.77.", "from 192.0.2.0."),
            ("2001:db8:1:2::3", "2001:db8:1::"),
            ("[2001:db8:1:2::3]:443", "[2001:db8:1::]:443"),
            ("::ffff:192.0.2.77", "::ffff:192.0.2.0"),
            ("192.0.2.77, 198.51.100.9", "192.0.2.0, 198.51.100.0"),
            ("abc.1.2.3.4", "abc.1.2.3.4"),
            ("1.2.3.4.5", "1.2.3.4.5"),
            ("10:20:30", "10:20:30"),
            ("x:: y", "x:: y"),
            ("face", "face"),
        ] {
            assert_eq!(masked(text, false), expected);
        }
    }

    #[test]
    fn parameters() {
        for (text, query, expected) in [
            ("token=a&b=c", true, "token=***&b=c"),
            ("a=1&TOKEN=x%20y#z", true, "a=1&TOKEN=***#z"),
            ("GET /p?token=abc HTTP/1.1", false, "GET /p?token=*** HTTP/1.1"),
            ("/p?%74oken=abc", false, "/p?%74oken=***"),
            ("/p?a=1;token=abc", false, "/p?a=1;token=***"),
            ("/p?pass%5Bword%5D=abc&x", false, "/p?pass%5Bword%5D=***&x"),
            ("/p?mytoken=abc&tokens=d", false, "/p?mytoken=abc&tokens=d"),
            ("\"/p?token=a\\\"b\\xc3c\" x", false, "\"/p?token=***\" x"),
            ("/p?token=", false, "/p?token=***"),
            ("token=abc", false, "token=abc"),
        ] {
            assert_eq!(masked(text, query), expected);
        }
    }
}
