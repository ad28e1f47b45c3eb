//! Text as it is meant: without the escapes of JSON, and without those that JSON, httpd, C or Ruby have left in it.
//!
//! How often text was escaped cannot be told from a line: `\u0026` can be an ampersand in JSON that somebody logged, and
//! httpd doubles its backslash. So a run of backslashes, of whatever length, counts as one, and what follows is decoded if
//! it is an escape anywhere. What is found in the decoded text is replaced in the text as it stands.
use crate::json::{self, digit_value};
use crate::swar;
use alloc::vec::Vec;

/// What an escaped quote becomes, so that it is told from a bare one: with one literal backslash in front of it, and with
/// more.
pub(super) const ESCAPED_QUOTE: u8 = 0x1f;
pub(super) const DEEP_QUOTE: u8 = 0x1e;
const ESCAPE: u8 = 0x1b;

/// An escape: how long it is, and what it stands for.
struct Unit {
    len: usize,
    bytes: [u8; 4],
    count: usize,
}

/// The escape that begins with the backslash at `at` of canonical JSON text.
#[inline(always)]
fn unit(text: &[u8], at: usize) -> Unit {
    let one = |len: usize, byte: u8| Unit { len, bytes: [byte, 0, 0, 0], count: 1 };
    match text.get(at + 1) {
        Some(b'"') => one(2, b'"'),
        Some(b'n') => one(2, b'\n'),
        Some(b't') => one(2, b'\t'),
        Some(b'r') => one(2, b'\r'),
        Some(b'\\') if !may_escape(text, at + 2) => one(2, b'\\'),
        _ => rare_unit(text, at),
    }
}

/// Whether a backslash in front of this place can begin an escape of some language.
#[inline(always)]
fn may_escape(text: &[u8], at: usize) -> bool {
    match text.get(at) {
        Some(b'x') => text.get(at + 1).is_some_and(u8::is_ascii_hexdigit),
        Some(byte) => {
            matches!(byte, b'\\' | b'"' | b'n' | b'r' | b't' | b'b' | b'f' | b'u' | b'v' | b'a' | b'0' | b'e')
        }
        None => false,
    }
}

/// [`unit`] of any kind.
#[inline(never)]
fn rare_unit(text: &[u8], at: usize) -> Unit {
    let mut to = at;
    while text.get(to) == Some(&b'\\') {
        to += 1;
    }
    let run = to - at;
    // JSON's own escape has an odd number of backslashes; an even number is half as many that are text.
    let (of_json, byte) = (run % 2 == 1, text.get(to).copied().unwrap_or(0));
    let one = |len: usize, byte: u8| Unit { len: run + len, bytes: [byte, 0, 0, 0], count: 1 };
    match byte {
        b'"' => one(1, quote(run)),
        b'n' => one(1, b'\n'),
        b'r' => one(1, b'\r'),
        b't' => one(1, b'\t'),
        b'b' | b'f' => one(1, b'\x0c'),
        // What follows is no hexadecimal digit: text like any other.
        b'u' if text.get(to + 1).is_none_or(|digit| !digit.is_ascii_hexdigit()) => one(0, b'\\'),
        b'u' => match json::unicode_escape(text, to - 1) {
            Some((ESCAPE_CHAR, _)) => one(5 + colors(text, to + 5), ESCAPE),
            Some(('"', _)) => one(5, DEEP_QUOTE),
            Some((c, len)) => {
                let mut bytes = [0; 4];
                let count = c.encode_utf8(&mut bytes).len();
                Unit { len: run + len - 1, bytes, count }
            }
            // Half of a pair whose other half has more backslashes than one.
            None if text.get(to + 1..to + 5).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => one(5, b'?'),
            None => one(0, b'\\'),
        },
        _ if of_json => one(0, b'\\'),
        b'v' | b'a' => one(1, b'\x0b'),
        b'0' => one(1, 0),
        b'e' => one(1 + colors(text, to + 1), ESCAPE),
        b'x' => {
            let digit = |at: usize| text.get(at).map_or(u32::MAX, |digit| digit_value(*digit));
            let (high, low) = (digit(to + 1), digit(to + 2));
            if high > 15 || low > 15 {
                return one(0, b'\\');
            }
            match (high << 4 | low) as u8 {
                ESCAPE => one(3 + colors(text, to + 3), ESCAPE),
                b'"' => one(3, DEEP_QUOTE),
                byte => one(3, byte),
            }
        }
        _ => one(0, b'\\'),
    }
}

const ESCAPE_CHAR: char = '\x1b';

fn quote(run: usize) -> u8 {
    match run {
        1 => b'"',
        3 => ESCAPED_QUOTE,
        _ => DEEP_QUOTE,
    }
}

/// The length of a terminal's sequence behind its first character, `[1;31m`: its letter is no part of a word.
fn colors(text: &[u8], at: usize) -> usize {
    if text.get(at) != Some(&b'[') {
        return 0;
    }
    let parameters = text.get(at + 1..).unwrap_or_default().iter().take(16);
    let length = parameters.take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
    match text.get(at + 1 + length) {
        Some(letter) if letter.is_ascii_alphabetic() => length + 2,
        _ => 0,
    }
}

/// Writes what canonical JSON text means, from `at` on.
pub(super) fn decode(text: &[u8], mut at: usize, out: &mut Vec<u8>) {
    loop {
        let next = swar::copy_unquoted(out, text, at);
        if next >= text.len() {
            return;
        }
        let unit = unit(text, next);
        at = next + unit.len;
        match unit.bytes.get(..unit.count) {
            Some([byte]) => out.push(*byte),
            bytes => out.extend_from_slice(bytes.unwrap_or_default()),
        }
    }
}

/// Copies canonical JSON text, with parts replaced that are known by their place in the decoded text. From one place to the
/// next it only goes on.
pub(super) struct Copy<'a> {
    pub text: &'a [u8],
    pub out: &'a mut Vec<u8>,
    /// How far it is in the text and in the decoded text.
    at: usize,
    plain: usize,
    /// The next escape, or the text's end.
    escape: usize,
}

impl<'a> Copy<'a> {
    /// Begins at these places of the text and of the decoded text; `escape` is the place of the first backslash.
    #[inline(always)]
    pub(super) fn new(text: &'a [u8], at: usize, plain: usize, escape: usize, out: &'a mut Vec<u8>) -> Copy<'a> {
        Copy { text, out, at, plain, escape }
    }

    /// Copies all in front of this place of the decoded text.
    pub(super) fn up_to(&mut self, plain: usize) {
        let from = self.at;
        self.skip_to(plain);
        self.out.extend_from_slice(self.text.get(from..self.at).unwrap_or_default());
    }

    /// Leaves out all in front of this place of the decoded text.
    #[inline(always)]
    pub(super) fn skip_to(&mut self, plain: usize) {
        let step = plain.wrapping_sub(self.plain);
        if step <= self.escape - self.at {
            self.at += step;
            self.plain = plain;
        } else {
            self.skip_escapes(plain);
        }
    }

    #[inline(never)]
    fn skip_escapes(&mut self, plain: usize) {
        loop {
            let step = (self.escape - self.at).min(plain.saturating_sub(self.plain));
            self.at += step;
            self.plain += step;
            if self.plain >= plain || self.at >= self.text.len() {
                return;
            }
            let unit = unit(self.text, self.at);
            self.at = (self.at + unit.len).min(self.text.len());
            self.plain += unit.count;
            self.escape = match (self.text.get(self.at), self.text.get(self.at + 1)) {
                (Some(b'\\'), _) => self.at,
                (_, Some(b'\\')) => self.at + 1,
                _ => swar::find_apart(self.text, self.at, self.text.len(), b'\\'),
            };
        }
    }

    /// Copies the rest.
    pub(super) fn rest(self) {
        self.out.extend_from_slice(self.text.get(self.at..).unwrap_or_default());
    }
}
