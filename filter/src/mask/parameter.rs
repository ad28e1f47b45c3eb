//! Query parameters, and members of JSON that are called like one.
use super::plain::{DEEP_QUOTE, ESCAPED_QUOTE};
use crate::json::digit_value;
use crate::program::Privacy;
use crate::swar;
use alloc::string::String;

pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | ESCAPED_QUOTE | DEEP_QUOTE)
}

/// What a parameter's name can follow: beside what separates parameters, a quote, as in `"query":"a=1"`.
pub(super) fn separates(byte: u8) -> bool {
    matches!(byte, b'?' | b'&' | b';' | b'#') || is_quote(byte)
}

/// What can stand in a parameter's name.
pub(super) fn in_name(byte: u8) -> bool {
    byte > b' ' && !matches!(byte, b'?' | b'&' | b';' | b'#' | b'=' | b'"' | b'<' | b'>')
}

/// The name's byte at `at`, percent-decoded, and its length; the length is 0 behind the end.
fn decoded(name: &[u8], at: usize) -> (u8, usize) {
    let Some(byte) = name.get(at) else { return (0, 0) };
    let digit = |at: usize| name.get(at).map_or(u32::MAX, |digit| digit_value(*digit));
    if *byte == b'%' {
        let (high, low) = (digit(at + 1), digit(at + 2));
        if high < 16 && low < 16 {
            return ((high << 4 | low) as u8, 3);
        }
    }
    (*byte, 1)
}

/// Whether a name as it is written, perhaps percent-encoded, is one of these in any case, or has one of them as a part:
/// `token`, `token[]`, `token[a]`, `user[token]`.
#[inline(always)]
pub(super) fn is_private(text: &[u8], (start, end): (usize, usize), privacy: &Privacy) -> bool {
    let has_parts = match end - start {
        ..3 => text.get(start..end).unwrap_or_default().iter().any(begins_part),
        _ => swar::find2(text, start, end, b'[', b'%') < end,
    };
    is_private_name(text.get(start..end).unwrap_or_default(), has_parts, privacy)
}

/// Whether a name that holds this byte is encoded or can have parts.
fn begins_part(byte: &u8) -> bool {
    matches!(byte, b'[' | b'%')
}

/// [`is_private`] of a name of which it is known whether it is encoded or can have parts.
#[inline(always)]
pub(super) fn is_private_name(name: &[u8], has_parts: bool, privacy: &Privacy) -> bool {
    if has_parts {
        return has_private_part(name, &privacy.parameters);
    }
    let first = name.first().copied().unwrap_or(0);
    privacy.initials >> (first & 31) & 1 != 0
        && privacy.parameters.iter().any(|one| one.as_bytes().eq_ignore_ascii_case(name))
}

/// [`is_private`] of a name that is encoded or has parts.
#[inline(never)]
fn has_private_part(name: &[u8], parameters: &[String]) -> bool {
    let is_first = |first: u8| move |one: &&String| one.as_bytes().first() == Some(&first);
    let mut at = 0;
    loop {
        let first = decoded(name, at).0.to_ascii_lowercase();
        if parameters.iter().filter(is_first(first)).any(|one| starts_with(name, at, one.as_bytes())) {
            return true;
        }
        // The next part.
        loop {
            let (byte, length) = decoded(name, at);
            if length == 0 {
                return false;
            }
            at += length;
            if byte == b'[' {
                break;
            }
        }
    }
}

/// Whether the part at `at` is this name.
fn starts_with(written: &[u8], mut at: usize, name: &[u8]) -> bool {
    for expected in name {
        let (byte, length) = decoded(written, at);
        if length == 0 || byte.to_ascii_lowercase() != *expected {
            return false;
        }
        at += length;
    }
    let (byte, length) = decoded(written, at);
    length == 0 || matches!(byte, b'[' | b']')
}

/// The end of a parameter's value. In text that is no URL as a whole, spaces, angle brackets and quotes end it as well;
/// escaped quotes belong to it.
pub(super) fn value_end(text: &[u8], mut at: usize, whole: bool) -> usize {
    while let Some(byte) = text.get(at) {
        match byte {
            b'&' | b'#' => break,
            b' ' | b'\t'..=b'\r' | b'<' | b'>' | b'"' if !whole => break,
            _ => at += 1,
        }
    }
    at
}

/// Where the name starts whose last quote this is, and whether it is encoded or can have parts.
#[inline(always)]
pub(super) fn key(text: &[u8], floor: usize, close: usize) -> Option<(usize, bool)> {
    let quote = text.get(close)?;
    let (mut start, mut has_parts) = (close, false);
    while start > floor {
        let byte = text.get(start - 1)?;
        if is_quote(*byte) {
            return (byte == quote).then_some((start, has_parts));
        }
        has_parts |= begins_part(byte);
        start -= 1;
    }
    None
}

/// The value behind a member's colon or arrow, without its quotes, and whether it has them.
pub(super) fn member_value(text: &[u8], mut at: usize) -> (usize, usize, bool) {
    let mut blanks = 0;
    while text.get(at) == Some(&b' ') && blanks < 8 {
        (at, blanks) = (at + 1, blanks + 1);
    }
    let rest = text.get(at..).unwrap_or_default();
    let length = match rest.first() {
        Some(quote) if is_quote(*quote) => {
            let inside = rest.get(1..).unwrap_or_default();
            let length = inside.iter().position(|byte| byte == quote).unwrap_or(inside.len());
            return (at + 1, at + 1 + length, true);
        }
        Some(b'{' | b'[') => nested(rest),
        _ => rest
            .iter()
            .position(|byte| matches!(byte, 0..=b' ' | b',' | b'}' | b']' | b')' | b'"'))
            .unwrap_or(rest.len()),
    };
    (at, at + length, false)
}

/// The length of the object or array that the text begins with.
fn nested(text: &[u8]) -> usize {
    let (mut depth, mut quote) = (0usize, None);
    for (at, byte) in text.iter().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, byte) if is_quote(*byte) => quote = Some(*byte),
            (None, b'{' | b'[') => depth += 1,
            (None, b'}' | b']') if depth == 1 => return at + 1,
            (None, b'}' | b']') => depth -= 1,
            _ => {}
        }
    }
    text.len()
}
