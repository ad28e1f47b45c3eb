//! Searching text eight bytes at a time.
//!
//! Fluent Bit interprets the module, so each instruction costs about the same: a loop over words does in one step what a
//! loop over bytes does in eight. All functions look at `text[at..end]`, and may read, never interpret, bytes behind it.

use alloc::vec::Vec;

pub(crate) const LOW: u64 = 0x0101_0101_0101_0101;
pub(crate) const HIGH: u64 = 0x8080_8080_8080_8080;

/// The eight bytes at `at`, little endian.
#[inline(always)]
pub(crate) fn word(text: &[u8], at: usize) -> Option<u64> {
    if at + 8 <= text.len() {
        // SAFETY: the eight bytes are inside of the slice.
        Some(u64::from_le(unsafe { text.as_ptr().add(at).cast::<u64>().read_unaligned() }))
    } else {
        None
    }
}

/// The place of the first byte that is flagged in its high bit.
#[inline(always)]
pub(crate) fn first(hit: u64, at: usize) -> usize {
    at + (hit.trailing_zeros() >> 3) as usize
}

/// Whether `start` stands at `at`.
#[inline(always)]
pub(crate) fn starts_with(text: &[u8], at: usize, start: &[u8]) -> bool {
    text.get(at..at + start.len()).is_some_and(|part| same(part, start))
}

/// Whether two texts are the same.
#[inline(always)]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at + 8 <= a.len() {
        if word(a, at) != word(b, at) {
            return false;
        }
        at += 8;
    }
    if a.len() >= 8 {
        return word(a, a.len() - 8) == word(b, a.len() - 8);
    }
    match (a, b) {
        ([a0, a1, a2, a3, ..], [b0, b1, b2, b3, ..]) => {
            let half = |text: &[u8]| u32::from_le_bytes([text[0], text[1], text[2], text[3]]);
            let (a_end, b_end) = (&a[a.len() - 4..], &b[b.len() - 4..]);
            [a0, a1, a2, a3] == [b0, b1, b2, b3] && half(a_end) == half(b_end)
        }
        _ => a.iter().zip(b).all(|(x, y)| x == y),
    }
}

/// Flags of the bytes that a JSON string cannot hold as they are, or that start an escape or are not ASCII. One behind the
/// first can be wrong.
#[inline(always)]
fn specials(word: u64) -> u64 {
    // For bytes below 0x80 each difference sets the high bit exactly where its test holds; a borrow only reaches bytes
    // behind a hit.
    (word.wrapping_sub(LOW * 0x20)
        | (word ^ (LOW * b'"' as u64)).wrapping_sub(LOW)
        | (word ^ (LOW * b'\\' as u64)).wrapping_sub(LOW)
        | word)
        & HIGH
}

/// Flags of the bytes that are this one. One behind the first can be wrong.
#[inline(always)]
pub(crate) fn equals(word: u64, byte: u8) -> u64 {
    let x = word ^ (LOW * byte as u64);
    x.wrapping_sub(LOW) & !x & HIGH
}

/// Copies all from `at` on that comes before the next byte of [`specials`], and says where that is.
#[inline(never)]
pub(crate) fn copy_plain(out: &mut Vec<u8>, text: &[u8], at: usize) -> usize {
    copy(out, text, at, specials)
}

/// Copies all from `at` on that comes before the next escape, and says where that is. An escaped quote, the most common one
/// by far, becomes a quote.
#[inline(always)]
pub(crate) fn copy_unquoted(out: &mut Vec<u8>, text: &[u8], at: usize) -> usize {
    // Escapes often follow each other, or a byte apart.
    match text.get(at..at + 3) {
        Some([b'\\', next, _]) if *next != b'"' => return at,
        Some([byte, b'\\', next]) if *byte != b'\\' && *next != b'"' => {
            out.push(*byte);
            return at + 1;
        }
        _ => {}
    }
    copy_unquoted_apart(out, text, at)
}

#[inline(never)]
fn copy_unquoted_apart(out: &mut Vec<u8>, text: &[u8], at: usize) -> usize {
    let mut at = at.min(text.len());
    let rest = text.len() - at;
    if out.capacity() - out.len() < rest + 8 {
        out.reserve(rest + 8);
    }
    // SAFETY: there is room for the text and eight bytes; what is read of the text is never behind what is written of it, and
    // as many bytes as count are kept.
    unsafe {
        let start = out.as_mut_ptr();
        let mut to = start.add(out.len());
        loop {
            let (word, end) = match word(text, at) {
                Some(word) => (word, at + 8),
                None => (last_word(text, at), text.len()),
            };
            to.cast::<u64>().write_unaligned(word.to_le());
            let hit = equals(word, b'\\');
            let next = if hit == 0 { end } else { first(hit, at) };
            to = to.add(next - at);
            at = next;
            if hit == 0 {
                if at < text.len() {
                    continue;
                }
                break;
            }
            if at + 1 >= text.len() || text[at + 1] != b'"' {
                break;
            }
            to.write(b'"');
            to = to.add(1);
            at += 2;
        }
        out.set_len(to.offset_from_unsigned(start));
    }
    at
}

/// Where escapes follow each other, what is between them is short: eight bytes are copied before it is known how many of
/// them count.
#[inline(always)]
fn copy(out: &mut Vec<u8>, text: &[u8], mut at: usize, flags: impl Fn(u64) -> u64) -> usize {
    let rest = text.len().saturating_sub(at);
    if out.capacity() - out.len() < rest + 8 {
        out.reserve(rest + 8);
    }
    let from = at;
    // SAFETY: there is room for the text and eight bytes, of which as many as count are kept.
    unsafe {
        let to = out.as_mut_ptr().add(out.len());
        while let Some(word) = word(text, at) {
            to.add(at - from).cast::<u64>().write_unaligned(word.to_le());
            let hit = flags(word);
            if hit != 0 {
                at = first(hit, at);
                out.set_len(out.len() + at - from);
                return at;
            }
            at += 8;
        }
        let word = last_word(text, at);
        to.add(at - from).cast::<u64>().write_unaligned(word.to_le());
        let hit = flags(word);
        at = if hit == 0 { text.len() } else { first(hit, at).min(text.len()) };
        out.set_len(out.len() + at - from);
    }
    at
}

/// The less than eight bytes from `at` on, and zeros.
#[inline(never)]
fn last_word(text: &[u8], at: usize) -> u64 {
    let rest = text.len().wrapping_sub(at);
    if rest.wrapping_sub(1) < 7
        && text.len() >= 8
        && let Some(word) = word(text, text.len() - 8)
    {
        return word >> (64 - 8 * rest);
    }
    text.get(at..).unwrap_or_default().iter().rev().fold(0, |word, byte| word << 8 | *byte as u64)
}

/// The first byte from `at` on that a JSON string cannot hold as it is, or that starts an escape or is not ASCII.
#[inline(always)]
pub(crate) fn special(text: &[u8], mut at: usize) -> usize {
    while let Some(w) = word(text, at) {
        let hit = specials(w);
        if hit != 0 {
            return first(hit, at);
        }
        at += 8;
    }
    while let Some(&byte) = text.get(at) {
        if !(0x20..0x80).contains(&byte) || byte == b'"' || byte == b'\\' {
            break;
        }
        at += 1;
    }
    at
}

/// The first `byte`, or `end`.
#[inline(always)]
pub(crate) fn find(text: &[u8], mut at: usize, end: usize, byte: u8) -> usize {
    while at < end {
        let Some(w) = word(text, at) else {
            while at < end && text.get(at) != Some(&byte) {
                at += 1;
            }
            return at;
        };
        let hit = equals(w, byte);
        if hit != 0 {
            return first(hit, at).min(end);
        }
        at += 8;
    }
    end
}

/// [`find`] in all of a text, where its code is not worth a copy.
#[inline(never)]
pub(crate) fn find_apart(text: &[u8], at: usize, end: usize, byte: u8) -> usize {
    find(text, at, end, byte)
}

/// Whether there is a backslash.
pub(crate) fn has_escape(text: &[u8]) -> bool {
    find_apart(text, 0, text.len(), b'\\') < text.len()
}

/// The first of two bytes, or `end`.
#[inline(always)]
pub(crate) fn find2(text: &[u8], mut at: usize, end: usize, a: u8, b: u8) -> usize {
    let (pa, pb) = (LOW * a as u64, LOW * b as u64);
    while at < end {
        let Some(w) = word(text, at) else {
            while at < end && text.get(at).is_some_and(|&byte| byte != a && byte != b) {
                at += 1;
            }
            return at;
        };
        let (x, y) = (w ^ pa, w ^ pb);
        let hit = ((x.wrapping_sub(LOW) & !x) | (y.wrapping_sub(LOW) & !y)) & HIGH;
        if hit != 0 {
            return first(hit, at).min(end);
        }
        at += 8;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_place() {
        for lead in 0..20 {
            for byte in 0..=255u8 {
                let mut text = vec![b'a'; lead];
                text.push(byte);
                text.extend_from_slice(b"\x01\xff\"tail of it");
                let special_byte = !(0x20..0x80).contains(&byte) || byte == b'"' || byte == b'\\';
                assert_eq!(special(&text, 0), if special_byte { lead } else { lead + 1 }, "{byte:#x} after {lead}");
                let expected = text.iter().position(|b| *b == byte).unwrap();
                assert_eq!(find(&text, 0, text.len(), byte), expected);
                assert_eq!(find(&text, 0, expected, byte), expected);
                assert_eq!(find2(&text, 0, text.len(), byte, byte), expected);
            }
        }
        assert_eq!(find(b"abc", 0, 3, b'x'), 3);
        assert_eq!(find2(b"abcxdefghijy", 0, 12, b'y', b'x'), 3);
    }
}
