//! Patterns in texts: regular expressions, and the numbers of payment cards.
use super::plain::{self, Copy};
use super::push_replacement;
use crate::program::{Privacy, find_matches};
use crate::swar;
use alloc::vec::Vec;

/// Writes canonical JSON text with all that the patterns find replaced.
pub(super) fn push(out: &mut Vec<u8>, mut text: Vec<u8>, privacy: &Privacy, httpd_escapes: bool) {
    let mut matches = Vec::new();
    for at in 0..=privacy.patterns.len() {
        let escape = swar::find(&text, 0, text.len(), b'\\');
        let mut decoded = Vec::new();
        let mut plain = &text;
        if escape < text.len() {
            decoded.reserve(text.len());
            plain::decode(&text, 0, &mut decoded);
            plain = &decoded;
        }
        matches.clear();
        match privacy.patterns.get(at) {
            Some((ends, start)) => find_matches(ends, start, plain, &mut matches),
            None if privacy.cards => find_cards(plain, &mut matches),
            None => {}
        }
        if matches.is_empty() {
            continue;
        }
        let mut replaced = Vec::with_capacity(text.len() + 64);
        let mut copy = Copy::new(&text, 0, 0, escape, &mut replaced);
        for (start, end) in matches.iter().rev() {
            copy.up_to(*start);
            push_replacement(privacy, httpd_escapes, copy.out);
            copy.skip_to(*end);
        }
        copy.rest();
        text = replaced;
    }
    out.extend_from_slice(&text);
}

/// The most digits of a card's number, and the fewest.
const MOST: usize = 19;
const FEWEST: usize = 13;

/// Finds numbers of cards, the last one first: digits, perhaps with blanks or hyphens between groups, whose check digit is
/// right (ISO/IEC 7812).
fn find_cards(text: &[u8], matches: &mut Vec<(usize, usize)>) {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = text.len();
    while end > 0 {
        // Groups end where no digit follows.
        if !digit(end - 1) || digit(end) {
            end -= 1;
            continue;
        }
        let (mut at, mut count, mut sum, mut start) = (end, 0, 0, None);
        while at > 0 && count < MOST && digit(at - 1) {
            let value = (text.get(at - 1).copied().unwrap_or(0) - b'0') as usize;
            // From the last digit on, each second one counts twice.
            sum += if count % 2 == 0 { value } else { 2 * value - if value > 4 { 9 } else { 0 } };
            count += 1;
            at -= 1;
            let group_starts = at == 0 || !digit(at - 1);
            if group_starts && count >= FEWEST && sum % 10 == 0 && sum > 0 {
                start = Some(at);
            }
            if group_starts && at > 1 && matches!(text.get(at - 1), Some(b' ' | b'-')) && digit(at - 2) {
                at -= 1;
            }
        }
        match start {
            Some(start) => {
                matches.push((start, end));
                end = start;
            }
            None => end -= 1,
        }
    }
}
