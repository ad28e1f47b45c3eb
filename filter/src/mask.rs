//! Masks what is private in canonical JSON text: addresses and the values of query parameters, wherever they can be
//! recognised.
//!
//! The text is searched as it is meant, without escapes (`plain`), from its start to its end once. What can be private has a
//! point, a colon or an equals sign in it: from there it is read, a few bytes back and as far as it goes. What was read is
//! not read again, so that no text takes more than so much for each of its bytes.
mod parameter;
mod pattern;
mod plain;
mod search;

use crate::ip::{Ip, v4_at};
use crate::program::{Look, Privacy};
use crate::swar;
use alloc::vec::Vec;
use plain::Copy;
use search::{Search, byte};

/// Copies `text[start..end]` with what is private in it masked. Bytes behind the end are read where there are some, and mean
/// nothing.
#[inline(always)]
pub(crate) fn push(out: &mut Vec<u8>, text: &[u8], span: (usize, usize), privacy: &Privacy, look: Look) {
    match look.needed(privacy).has(Look::PATTERNS) {
        true => push_patterns(out, text, span, privacy, look),
        false => push_named(out, text, span, privacy, look),
    }
}

/// [`push`] without patterns.
#[inline(never)]
#[cfg_attr(firelens_module, unsafe(export_name = "firelens_mask_names"))]
fn push_named(out: &mut Vec<u8>, text: &[u8], (start, end): (usize, usize), privacy: &Privacy, look: Look) {
    let end = end.min(text.len());
    let start = start.min(end);
    // A byte alone says nothing about anybody.
    if end - start < 2 {
        return out.extend_from_slice(text.get(start..end).unwrap_or_default());
    }
    let look = look.needed(privacy);
    // Most values have nothing in them that could be private, and most others are an address.
    let first = match look.has(Look::ADDRESSES | Look::PARAMETERS) {
        false => end,
        true if look.has(Look::WHOLE) => swar::find2(text, start, end, b'=', b'\\'),
        true => first_mark(text, start, end),
    };
    if first >= end {
        return out.extend_from_slice(text.get(start..end).unwrap_or_default());
    }
    if first - start < 4
        && look.has(Look::ADDRESSES)
        && let Some((address, length)) = v4_at(text.get(..end).unwrap_or_default(), start)
        && length == end
    {
        return push_v4(out, text, (start, end), address, privacy);
    }
    let escape = swar::find(text, first, end, b'\\');
    let whole = text.get(..end).unwrap_or_default();
    if escape == end {
        let copy = Copy::new(whole, start, start, end, out);
        return Search { text, start, end, privacy, look, floor: start, copy }.run();
    }
    let copy = Copy::new(whole, start, 0, escape, out);
    let mut decoded = Vec::with_capacity(end - start + PADDING);
    plain::decode(whole, start, &mut decoded);
    let end = decoded.len();
    decoded.extend_from_slice(&[0; PADDING]);
    Search { text: &decoded, start: 0, end, privacy, look, floor: 0, copy }.run();
}

/// [`push`] with patterns, which see what is left of the text.
#[inline(never)]
#[cfg_attr(firelens_module, unsafe(export_name = "firelens_mask_patterns"))]
fn push_patterns(out: &mut Vec<u8>, text: &[u8], span: (usize, usize), privacy: &Privacy, look: Look) {
    let mut masked = Vec::with_capacity(span.1.saturating_sub(span.0) + PADDING);
    push_named(&mut masked, text, span, privacy, look);
    pattern::push(out, masked, privacy, look.has(Look::HTTPD_ESCAPES));
}

/// [`push`] for an IPv4 address.
fn push_v4(out: &mut Vec<u8>, text: &[u8], (start, end): (usize, usize), address: u32, privacy: &Privacy) {
    match privacy.v4_bits {
        None => out.extend_from_slice(text.get(start..end).unwrap_or_default()),
        Some(bits) => match whole_numbers(text, (start, end), bits) {
            Some((kept, zeros)) => {
                out.extend_from_slice(text.get(start..kept).unwrap_or_default());
                out.extend_from_slice(zeros);
            }
            None => Ip::V4(address).keep(bits).push(out),
        },
    }
}

/// Where those numbers of an IPv4 address end that stay, and what follows, when whole numbers stay: as they are written.
#[inline(always)]
fn whole_numbers(text: &[u8], (start, end): (usize, usize), bits: u8) -> Option<(usize, &'static [u8])> {
    if !bits.is_multiple_of(8) || bits > 24 {
        return None;
    }
    let (mut kept, mut numbers) = (end, 4 - bits as usize / 8);
    let zeros = b"0.0.0.0".get(..2 * numbers - 1).unwrap_or_default();
    while numbers > 0 && kept > start {
        kept -= 1;
        numbers -= (byte(text, kept) == b'.') as usize;
    }
    Some((if numbers > 0 { start } else { kept + 1 }, zeros))
}

/// Flags in the high bits of a word: the marks that something private has. A byte behind one can be flagged wrongly.
#[inline(always)]
fn marks(word: u64) -> u64 {
    let equal = |byte: u8| (word ^ (swar::LOW * byte as u64)).wrapping_sub(swar::LOW);
    (equal(b'.') | equal(b':') | equal(b'=')) & !word & swar::HIGH
}

/// The first place of a mark or a backslash, or of the last bytes when the text cannot be searched by words up to its end.
#[inline(always)]
fn first_mark(text: &[u8], mut at: usize, end: usize) -> usize {
    while at < end
        && let Some(word) = swar::word(text, at)
    {
        let hit = marks(word) | swar::equals(word, b'\\');
        if hit != 0 {
            return swar::first(hit, at);
        }
        at += 8;
    }
    at
}

/// Whether a text has no byte in it that something private has, whatever it is.
#[inline(always)]
pub(crate) fn is_quiet(text: &[u8], (start, end): (usize, usize), privacy: &Privacy) -> bool {
    if privacy.look.has(Look::PATTERNS) {
        return false;
    }
    let last = first_mark(text, start, end);
    // The last bytes of all are no whole word.
    last >= end
        || end - last < 8
            && !text.get(last..end).unwrap_or_default().iter().any(|byte| matches!(byte, b'.' | b':' | b'=' | b'\\'))
}

/// Bytes behind decoded text, so that it is searched by words.
const PADDING: usize = 8;

/// Whether the value of a member is not written as it is, and then, whether something else stands there.
#[inline(never)]
pub(crate) fn hides(privacy: &Privacy, text: &[u8], (start, end): (usize, usize)) -> Option<bool> {
    let parameter = || parameter::is_private(text, (start, end), privacy).then_some(true);
    privacy.hides(text.get(start..end).unwrap_or_default()).or_else(parameter)
}

/// Writes what stands in a replaced value's place into a JSON string, with httpd's escapes where they are undone later.
pub(crate) fn push_replacement(privacy: &Privacy, httpd_escapes: bool, out: &mut Vec<u8>) {
    let [plain, httpd] = &privacy.replacement;
    out.extend_from_slice(if httpd_escapes { httpd } else { plain }.as_bytes());
}

/// What stays of an address; `None` when all of it does.
fn masked(address: Ip, privacy: &Privacy) -> Option<Ip> {
    let Ip::V6(_) = address else { return Some(address.keep(privacy.v4_bits?)) };
    // A mapped IPv4 address is masked as one, and stays mapped.
    let mapped = matches!(address.canonical(), Ip::V4(_));
    let bits = if mapped { privacy.v4_bits.map(|bits| 96 + bits) } else { privacy.v6_bits };
    let Ip::V6(kept) = address.keep(bits?) else { return None };
    // An IPv4 address stands in one of 6to4 (RFC 3056) and of NAT64 (RFC 6052).
    let shift = match (kept >> 96) as u32 {
        0x2002_0000..=0x2002_ffff => 80,
        0x0064_ff9b => 0,
        _ => return Some(Ip::V6(kept)),
    };
    let v4 = (kept >> shift) as u32;
    let Ip::V4(masked) = Ip::V4(v4).keep(privacy.v4_bits.unwrap_or(32)) else { return None };
    Some(Ip::V6(kept ^ ((v4 ^ masked) as u128) << shift))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn masked(text: &str, query: bool) -> String {
        let initial = |letter: u8| 1 << (letter & 31);
        let privacy = Privacy {
            v4_bits: Some(24),
            v6_bits: Some(48),
            remove_user: true,
            parameters: vec!["token".into(), "pass[word]".into()],
            replacement: ["***".into(), "***".into()],
            look: Look(Look::ADDRESSES | Look::PARAMETERS),
            initials: initial(b't') | initial(b'p'),
            ..Privacy::default()
        };
        let (mut json, mut out) = (Vec::new(), Vec::new());
        json::push_text(&mut json, text.as_bytes());
        let look = Look::of_member(if query { b"query" } else { b"" });
        push(&mut out, &json, (0, json.len()), &privacy, look);
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
            ("=>x", false, "=>x"),
            (" =>x", false, " =>x"),
        ] {
            assert_eq!(masked(text, query), expected);
        }
    }
}
