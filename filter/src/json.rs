//! JSON text: what is strict, where values end, and how text is written into strings.
//! <https://www.rfc-editor.org/rfc/rfc8259>
mod text;

use crate::swar;
use alloc::vec::Vec;

pub use text::{decode, push_ascii, push_byte_as_text, push_char, push_text};

/// The deepest nesting of what the filter returns, the record's own object included.
pub const MAX_DEPTH: usize = 32;

/// What stands inside of a string, beyond ASCII as it is and `\"`.
pub mod flags {
    /// `\\`.
    pub const BACKSLASH: u8 = 1;
    /// `\/` or `\uXXXX`: there is another way to write it.
    pub const RESPELLED: u8 = 2;
    /// An escape of any kind.
    pub const ESCAPED: u8 = 4;
    /// The value is a string.
    pub const STRING: u8 = 8;
    /// The member's key has an escape.
    pub const KEY_ESCAPED: u8 = 16;
}

/// Why text is not what the filter may return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not strict JSON.
    Syntax,
    /// Nested deeper than [`MAX_DEPTH`].
    Deep,
}

/// A member of an object: offsets into the text it was read from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Member {
    /// The quote that opens the key.
    pub start: u32,
    /// The quote that closes the key.
    pub key_end: u32,
    /// The value's first byte.
    pub value: u32,
    /// The byte behind the value.
    pub end: u32,
    /// [`flags`] of the value and of the key.
    pub flags: u8,
}

impl Member {
    /// The key's text between its quotes, escapes and all.
    #[inline(always)]
    pub fn key<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        text.get(self.start as usize + 1..self.key_end as usize).unwrap_or_default()
    }

    /// Key and value as they stand.
    pub fn whole<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// The value as it stands.
    pub fn value_text<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        text.get(self.value as usize..self.end as usize).unwrap_or_default()
    }

    /// Whether the value is a string.
    pub fn is_string(&self) -> bool {
        self.flags & flags::STRING != 0
    }
}

/// The first place from `at` on that is no blank between values.
#[inline(always)]
pub fn blank(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// Reads the text as one object and nothing else, and notes its members.
///
/// # Errors
/// The text is not strict JSON, or an object that is nested too deep.
pub fn object(text: &[u8], members: &mut Vec<Member>) -> Result<(), Fault> {
    let mut at = blank(text, 0);
    if text.get(at) != Some(&b'{') {
        return Err(Fault::Syntax);
    }
    at = blank(text, at + 1);
    let mut deep = false;
    if text.get(at) == Some(&b'}') {
        at += 1;
    } else {
        loop {
            if text.get(at) != Some(&b'"') {
                return Err(Fault::Syntax);
            }
            let start = at;
            let (key_end, key_flags) = string(text, at + 1)?;
            at = blank(text, key_end + 1);
            if text.get(at) != Some(&b':') {
                return Err(Fault::Syntax);
            }
            let value = blank(text, at + 1);
            let mut info = if key_flags & flags::ESCAPED != 0 { flags::KEY_ESCAPED } else { 0 };
            let end = if text.get(value) == Some(&b'"') {
                let (quote, value_flags) = string(text, value + 1)?;
                info |= value_flags | flags::STRING;
                quote + 1
            } else {
                let (end, depth) = value_end(text, value)?;
                deep |= depth >= MAX_DEPTH;
                end
            };
            members.push(Member {
                start: start as u32,
                key_end: key_end as u32,
                value: value as u32,
                end: end as u32,
                flags: info,
            });
            at = blank(text, end);
            match text.get(at) {
                Some(b',') => at = blank(text, at + 1),
                Some(b'}') => {
                    at += 1;
                    break;
                }
                _ => return Err(Fault::Syntax),
            }
        }
    }
    match (blank(text, at) == text.len(), deep) {
        (false, _) => Err(Fault::Syntax),
        (true, true) => Err(Fault::Deep),
        (true, false) => Ok(()),
    }
}

/// What `swar::special` looks for.
#[inline(always)]
pub fn is_special(byte: u8) -> bool {
    !(0x20..0x80).contains(&byte) || byte == b'"' || byte == b'\\'
}

/// The end (its closing quote) of the string whose first byte is at `at`, and its flags.
#[inline(always)]
pub fn string(text: &[u8], mut at: usize) -> Result<(usize, u8), Fault> {
    let mut found = 0;
    loop {
        // Escapes often follow each other.
        if text.get(at).is_some_and(|byte| !is_special(*byte)) {
            at = swar::special(text, at);
        }
        match text.get(at) {
            Some(b'"') => return Ok((at, found)),
            Some(b'\\') => {
                let (length, flag) = escape(text, at).ok_or(Fault::Syntax)?;
                found |= flag;
                at += length;
            }
            Some(0x80..) => at += valid_utf8(text, at).ok_or(Fault::Syntax)?,
            _ => return Err(Fault::Syntax),
        }
    }
}

/// [`string`], where its code is not worth a copy.
#[inline(never)]
pub fn string_apart(text: &[u8], at: usize) -> Result<(usize, u8), Fault> {
    string(text, at)
}

/// Length and flags of the escape at `at`; a surrogate counts only as a pair.
#[inline(always)]
fn escape(text: &[u8], at: usize) -> Option<(usize, u8)> {
    match text.get(at + 1)? {
        b'"' => Some((2, flags::ESCAPED)),
        b'\\' => Some((2, flags::ESCAPED | flags::BACKSLASH)),
        b'b' | b'f' | b'n' | b'r' | b't' => Some((2, flags::ESCAPED)),
        b'/' => Some((2, flags::ESCAPED | flags::RESPELLED)),
        b'u' if is_control(text, at) => Some((6, flags::ESCAPED)),
        b'u' => Some((unicode_escape(text, at)?.1, flags::ESCAPED | flags::RESPELLED)),
        _ => None,
    }
}

/// Whether the `\uXXXX` at `at` is a control character in its only spelling.
#[inline(never)]
pub fn is_control(text: &[u8], at: usize) -> bool {
    match text.get(at + 2..at + 6) {
        Some([b'0', b'0', b'1', b'0'..=b'9' | b'a'..=b'f']) => true,
        Some([b'0', b'0', b'0', digit]) => matches!(digit, b'0'..=b'7' | b'b' | b'e' | b'f'),
        _ => false,
    }
}

fn hex4(text: &[u8], at: usize) -> Option<u32> {
    let digits: &[u8; 4] = text.get(at..at + 4)?.try_into().ok()?;
    let number = digits.iter().fold(0, |number, digit| number << 8 | digit_value(*digit));
    // Each digit has a byte of its own.
    (number & 0xf0f0_f0f0 == 0)
        .then_some(number & 15 | number >> 4 & 0xf0 | number >> 8 & 0xf00 | number >> 12 & 0xf000)
}

/// The character of such an escape.
#[inline(never)]
pub fn control(text: &[u8], at: usize) -> u8 {
    let digit = |at: usize| text.get(at).map_or(0, |digit| digit_value(*digit) as u8);
    digit(at + 4) << 4 | digit(at + 5) & 15
}

/// The value of a hexadecimal digit; more than 15 of anything else.
#[inline(always)]
pub fn digit_value(digit: u8) -> u32 {
    let decimal = (digit as u32).wrapping_sub('0' as u32);
    if decimal < 10 {
        return decimal;
    }
    let letter = ((digit | 0x20) as u32).wrapping_sub('a' as u32);
    if letter < 6 { letter + 10 } else { 0xff }
}

/// The character of the `\uXXXX` (or pair of them) at `at`, and the length of the escape; `None` for half a pair.
pub fn unicode_escape(text: &[u8], at: usize) -> Option<(char, usize)> {
    let first = hex4(text, at + 2)?;
    if !(0xd800..0xe000).contains(&first) {
        return Some((char::from_u32(first)?, 6));
    }
    if first >= 0xdc00 || text.get(at + 6..at + 8) != Some(b"\\u") {
        return None;
    }
    let second = hex4(text, at + 8)?;
    if !(0xdc00..0xe000).contains(&second) {
        return None;
    }
    Some((char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?, 12))
}

/// The length of the valid UTF-8 sequence that starts at `at` (Unicode, table 3-7).
pub fn valid_utf8(text: &[u8], at: usize) -> Option<usize> {
    let follows = |offset: usize, low: u8, high: u8| text.get(at + offset).is_some_and(|b| (low..=high).contains(b));
    let (length, low, high) = match text.get(at)? {
        0..=0x7f => return Some(1),
        0xc2..=0xdf => (2, 0x80, 0xbf),
        0xe0 => (3, 0xa0, 0xbf),
        0xed => (3, 0x80, 0x9f),
        0xe1..=0xef => (3, 0x80, 0xbf),
        0xf0 => (4, 0x90, 0xbf),
        0xf1..=0xf3 => (4, 0x80, 0xbf),
        0xf4 => (4, 0x80, 0x8f),
        _ => return None,
    };
    let valid =
        follows(1, low, high) && (length < 3 || follows(2, 0x80, 0xbf)) && (length < 4 || follows(3, 0x80, 0xbf));
    valid.then_some(length)
}

/// The end of the number, `true`, `false` or `null` at `at`.
fn scalar_end(text: &[u8], at: usize) -> Option<usize> {
    for word in [&b"true"[..], b"false", b"null"] {
        if text.get(at..)?.starts_with(word) {
            return Some(at + word.len());
        }
    }
    number_end(text, at)
}

fn digits(text: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = text.get(at) {
        at += 1;
    }
    at
}

/// The end of the number at `at`.
pub fn number_end(text: &[u8], mut at: usize) -> Option<usize> {
    if text.get(at) == Some(&b'-') {
        at += 1;
    }
    at = match text.get(at)? {
        b'0' => at + 1,
        b'1'..=b'9' => digits(text, at),
        _ => return None,
    };
    if text.get(at) == Some(&b'.') {
        let end = digits(text, at + 1);
        if end == at + 1 {
            return None;
        }
        at = end;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        let from = if let Some(b'+' | b'-') = text.get(at + 1) { at + 2 } else { at + 1 };
        let end = digits(text, from);
        if end == from {
            return None;
        }
        at = end;
    }
    Some(at)
}

/// The end of the value at `at`, and how many levels of nesting it has. Nothing recurses; beyond 64 levels of nesting
/// the kind of bracket is no longer followed, which is fine since such a value is taken apart in any case.
pub fn value_end(text: &[u8], mut at: usize) -> Result<(usize, usize), Fault> {
    let (mut depth, mut deepest, mut objects) = (0usize, 0usize, 0u64);
    loop {
        match text.get(at) {
            Some(open @ (b'{' | b'[')) => {
                depth += 1;
                deepest = deepest.max(depth);
                objects = objects << 1 | (*open == b'{') as u64;
                at = blank(text, at + 1);
                let close = if *open == b'{' { b'}' } else { b']' };
                if text.get(at) != Some(&close) {
                    if *open == b'{' {
                        at = key(text, at)?;
                    }
                    continue;
                }
            }
            Some(b'"') => at = string_apart(text, at + 1)?.0 + 1,
            _ => at = scalar_end(text, at).ok_or(Fault::Syntax)?,
        }
        // Behind a value, or at the bracket that closes an empty container.
        loop {
            if depth == 0 {
                return Ok((at, deepest));
            }
            at = blank(text, at);
            let known = depth <= 64 && deepest <= 64;
            match text.get(at) {
                Some(b',') => {
                    at = blank(text, at + 1);
                    if if known { objects & 1 == 1 } else { member_follows(text, at) } {
                        at = key(text, at)?;
                    }
                    break;
                }
                Some(close @ (b'}' | b']')) => {
                    if known && (*close == b'}') != (objects & 1 == 1) {
                        return Err(Fault::Syntax);
                    }
                    objects >>= 1;
                    depth -= 1;
                    at += 1;
                }
                _ => return Err(Fault::Syntax),
            }
        }
    }
}

/// Whether a string and a colon follow.
fn member_follows(text: &[u8], at: usize) -> bool {
    text.get(at) == Some(&b'"')
        && string_apart(text, at + 1).is_ok_and(|(end, _)| text.get(blank(text, end + 1)) == Some(&b':'))
}

/// From a key to its value.
fn key(text: &[u8], at: usize) -> Result<usize, Fault> {
    if text.get(at) != Some(&b'"') {
        return Err(Fault::Syntax);
    }
    let colon = blank(text, string_apart(text, at + 1)?.0 + 1);
    if text.get(colon) != Some(&b':') {
        return Err(Fault::Syntax);
    }
    Ok(blank(text, colon + 1))
}

#[cfg(test)]
mod tests;
