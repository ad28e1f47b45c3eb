//! Where values end.
use super::{Captures, NOWHERE};
use crate::program::{FieldId, Literal};
use crate::swar;
use alloc::string::String;

/// The end of the first of these words that stands at `at`.
pub(super) fn word_end(text: &[u8], at: usize, end: usize, words: &[String]) -> usize {
    let rest = text.get(at..end).unwrap_or_default();
    words.iter().find(|word| rest.starts_with(word.as_bytes())).map_or(NOWHERE, |word| at + word.len())
}

/// The length of `AH01234`.
pub(super) const CODE: usize = 7;

/// Whether the number of one of httpd's messages stands at `at`.
pub(super) fn is_code(text: &[u8], at: usize) -> bool {
    matches!(text.get(at..at + CODE), Some([b'A', b'H', digits @ ..]) if digits.iter().all(u8::is_ascii_digit))
}

/// Whether the literal stands at `at`.
#[inline(always)]
pub(super) fn fits(text: &[u8], at: usize, end: usize, literal: &Literal) -> bool {
    let stop = at + literal.len as usize;
    if stop > end {
        return false;
    }
    match swar::word(text, at) {
        Some(word) if (word ^ literal.word) & literal.mask != 0 => false,
        Some(_) => literal.len <= 8 || text.get(at..stop) == Some(&literal.long[..]),
        None => text.get(at..stop) == Some(literal.bytes(&mut [0; 8])),
    }
}

/// The first place from `from` on where `then` stands, with no blank between `at` and it. The value has to end before the
/// second of the places; the first one is the line's end. `seen` is how far the search went.
#[inline(always)]
pub(super) fn token_end(
    text: &[u8],
    at: usize,
    mut from: usize,
    (end, limit): (usize, usize),
    then: &Literal,
    plain: bool,
    seen: &mut usize,
) -> usize {
    if ends_at_blank(then) {
        let blank = swar::find(text, at, end, b' ');
        *seen = blank;
        return if blank == at || from > blank { NOWHERE } else { blank };
    }
    if at >= end || text.get(at) == Some(&b' ') {
        return NOWHERE;
    }
    loop {
        let stop = swar::find2(text, from, end, then.word as u8, b' ');
        *seen = stop;
        if stop >= end || stop >= limit || text.get(stop) == Some(&b' ') {
            return NOWHERE;
        }
        if fits(text, stop, end, then) && (plain || !is_escaped(text, at, stop, then)) {
            return stop;
        }
        from = stop + 1;
    }
}

/// [`text_end`] or [`token_end`] from another place on.
#[inline(never)]
pub(super) fn next_end(
    blanks: bool,
    text: &[u8],
    (at, from): (usize, usize),
    places: (usize, usize),
    then: &Literal,
    plain: bool,
    seen: &mut usize,
) -> usize {
    match blanks {
        true => text_end(text, at, from, places, then, plain, seen),
        false => token_end(text, at, from, places, then, plain, seen),
    }
}

/// A token in front of this literal can end in one place only.
#[inline(always)]
pub(super) fn ends_at_blank(then: &Literal) -> bool {
    then.is_empty() || then.word as u8 == b' '
}

/// The first place from `from` on where `then` stands; see [`token_end`].
#[inline(always)]
fn text_end(
    text: &[u8],
    at: usize,
    mut from: usize,
    (end, limit): (usize, usize),
    then: &Literal,
    plain: bool,
    seen: &mut usize,
) -> usize {
    if then.is_empty() {
        return if from <= end { end } else { NOWHERE };
    }
    let last = end.min(limit);
    loop {
        let stop = swar::find(text, from, last, then.word as u8);
        *seen = stop;
        if stop >= last {
            return NOWHERE;
        }
        if fits(text, stop, end, then) && (plain || !is_escaped(text, at, stop, then)) {
            return stop;
        }
        from = stop + 1;
    }
}

/// Where a text ends that `then` and the line's end follow.
#[inline(always)]
pub(super) fn last_end(text: &[u8], at: usize, end: usize, then: &Literal, plain: bool) -> usize {
    match end.checked_sub(then.len as usize) {
        Some(stop) if stop >= at && (plain || !is_escaped(text, at, stop, then)) => stop,
        _ => NOWHERE,
    }
}

/// Whether an escape at `stop`, in a value that starts at `at`, is a part of one of httpd's. Httpd's backslash is `\\` in
/// JSON text, and one in front of another makes that one a plain character.
fn is_escaped(text: &[u8], at: usize, stop: usize, then: &Literal) -> bool {
    if then.word as u8 != b'\\' {
        return false;
    }
    let value = text.get(at..stop).unwrap_or_default();
    value.iter().rev().take_while(|byte| **byte == b'\\').count() % 4 != 0
}

/// The first quote from `at` on that none of httpd's escapes hides. In JSON text a quote is `\"`, and httpd's backslash
/// in front of an escaped character is `\\`.
#[inline(always)]
pub(super) fn quote(text: &[u8], mut at: usize, end: usize) -> usize {
    loop {
        at = swar::find(text, at, end, b'\\');
        if at >= end {
            return end;
        }
        match text.get(at + 1) {
            Some(b'"') => return at,
            Some(b'\\') => at += if text.get(at + 2) == Some(&b'\\') { 4 } else { 3 },
            _ => at += 2,
        }
    }
}

/// The end of `-` or of an integer of up to 18 digits.
#[inline(always)]
pub(super) fn number_end(text: &[u8], at: usize, end: usize) -> usize {
    let mut stop = at;
    if let Some(b'-' | b'+') = text.get(at) {
        stop += 1;
    }
    let first = stop;
    while stop - first <= 18
        && let Some(b'0'..=b'9') = text.get(stop)
    {
        stop += 1;
    }
    let alone = stop == first && text.get(at) == Some(&b'-');
    if stop <= end && stop - first <= 18 && (stop > first || alone) { stop } else { NOWHERE }
}

/// The end of `-` or of a decimal number.
pub(super) fn decimal_end(text: &[u8], at: usize, end: usize) -> usize {
    let count = |from: usize| {
        let rest = text.get(from..end).unwrap_or_default();
        from + rest.iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let whole = count(at);
    if whole == at {
        return if at < end && text.get(at) == Some(&b'-') { at + 1 } else { NOWHERE };
    }
    if whole - at > 15 {
        return NOWHERE;
    }
    let fraction = count(whole + 1);
    if text.get(whole) == Some(&b'.') && fraction > whole + 1 { fraction } else { whole }
}

/// Reads Rails' `[tag] ` prefixes and says where they end, and whether one is a request's.
pub(super) fn read_tags(
    text: &[u8],
    start: usize,
    end: usize,
    tags: FieldId,
    request_id: FieldId,
    captures: &mut Captures,
) -> (usize, bool) {
    let mut at = start;
    let mut others: Option<(usize, usize)> = None;
    let mut id = None;
    while at < end && text.get(at) == Some(&b'[') {
        let close = swar::find_apart(text, at, end, b']');
        if close + 1 >= end || text.get(close + 1) != Some(&b' ') {
            break;
        }
        if id.is_none() && is_uuid(&text[at + 1..close]) {
            id = Some((at + 1, close));
        } else {
            others = Some((others.map_or(at, |(from, _)| from), close + 1));
        }
        at = close + 2;
    }
    if let Some((from, to)) = id {
        captures.set(request_id, from, to);
    }
    if let Some((from, to)) = others {
        captures.set(tags, from, to);
    }
    (at, id.is_some())
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}
