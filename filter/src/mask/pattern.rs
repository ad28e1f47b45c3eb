//! Patterns in texts: regular expressions, and the numbers of payment cards.
use super::plain::{self, Copy};
use super::push_replacement;
use crate::program::{Dfa, Privacy};
use crate::swar;
use alloc::vec::Vec;

/// Writes canonical JSON text with all that the patterns find replaced.
pub fn push(out: &mut Vec<u8>, mut text: Vec<u8>, privacy: &Privacy, httpd_escapes: bool) {
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
            Some((ends, start)) => find(ends, start, plain, &mut matches),
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

/// Finds matches that do not overlap, the last one first.
///
/// From each end that is not inside of a match, the text is read back to where the longest one starts. That can go on over
/// the same bytes for many ends; a text for which it takes more than a few passes is a match up to there.
pub(crate) fn find(ends: &Dfa, start: &Dfa, text: &[u8], matches: &mut Vec<(usize, usize)>) {
    let mut found = Vec::new();
    ends.ends(text, &mut found);
    let (mut left, mut before) = (4 * text.len() + 64, text.len());
    while let Some(end) = found.pop() {
        let end = end as usize;
        if end > before {
            continue;
        }
        let from = start.start(text.get(..end).unwrap_or_default(), &mut left);
        if from < end {
            matches.push((from, end));
            before = from;
        }
    }
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
