//! The steps, taken one by one: what the code that is made for a format does, for every other machine.
use super::{Key, Scan, Step, Text};
use crate::matcher::Captures;
use crate::swar;
use crate::time::{CLF_LEN, RENDERED_LEN};

/// Where reading and writing are. All reading stops at the zero behind the record, and room was made for all that a
/// record can become, so that neither is checked at each step.
#[derive(Clone, Copy)]
pub struct Cursor {
    pub from: *const u8,
    pub to: *mut u8,
}

impl Cursor {
    /// The next eight bytes.
    ///
    /// # Safety
    /// The cursor is not behind the record's end.
    #[inline(always)]
    unsafe fn word(&self) -> u64 {
        u64::from_le(unsafe { self.from.cast::<u64>().read_unaligned() })
    }

    /// The byte that is next.
    ///
    /// # Safety
    /// The cursor is not behind the record's end.
    #[inline(always)]
    unsafe fn byte(&self) -> u8 {
        unsafe { self.from.read() }
    }

    /// Writes eight bytes without moving on.
    ///
    /// # Safety
    /// There is room for `offset` and eight bytes.
    #[inline(always)]
    unsafe fn put(&self, offset: usize, word: u64) {
        unsafe { self.to.add(offset).cast::<u64>().write_unaligned(word.to_le()) }
    }

    /// # Safety
    /// There is room for 32 bytes.
    #[inline(always)]
    unsafe fn put_key(&mut self, key: &Key) {
        unsafe {
            self.put(0, key.words[0]);
            self.put(8, key.words[1]);
            if key.len > 16 {
                self.put(16, key.words[2]);
                self.put(24, key.words[3]);
            }
            self.to = self.to.add(key.len);
        }
    }

    /// # Safety
    /// There is room for a byte.
    #[inline(always)]
    unsafe fn put_quote(&mut self) {
        unsafe {
            self.to.write(b'"');
            self.to = self.to.add(1);
        }
    }

    /// Copies text up to the first byte that `hits` flags, or that is not ASCII.
    ///
    /// # Safety
    /// `hits` flags zero, the cursor is not behind the record's end, and there is room for the rest of the record.
    #[inline(always)]
    unsafe fn copy(&mut self, hits: impl Fn(u64) -> u64) {
        loop {
            let word = unsafe { self.word() };
            unsafe { self.put(0, word) };
            let hit = (hits(word) | word) & swar::HIGH;
            if hit != 0 {
                return unsafe { self.advance((hit.trailing_zeros() >> 3) as usize) };
            }
            unsafe { self.advance(8) };
        }
    }

    /// # Safety
    /// As much is left, and as much room.
    #[inline(always)]
    unsafe fn advance(&mut self, bytes: usize) {
        unsafe {
            self.from = self.from.add(bytes);
            self.to = self.to.add(bytes);
        }
    }

    /// Steps over text that has to be next.
    ///
    /// # Safety
    /// The cursor is not behind the record's end.
    #[inline(always)]
    unsafe fn expect(&mut self, text: &Text) -> Option<()> {
        if (unsafe { self.word() } ^ text.word) & text.mask != 0 {
            return None;
        }
        self.from = unsafe { self.from.add(text.len) };
        Some(())
    }
}

/// Control characters, `"` and `\`. A byte with its second bit turned is below 0x21 exactly for the first two.
#[inline(always)]
fn special(word: u64) -> u64 {
    (word ^ (swar::LOW * 2)).wrapping_sub(swar::LOW * 0x21) | swar::equal(word, b'\\')
}

/// The same, blanks, and `#`, which costs nothing here and is rare.
#[inline(always)]
fn special_or_blank(word: u64) -> u64 {
    (word ^ (swar::LOW * 2)).wrapping_sub(swar::LOW * 0x23) | swar::equal(word, b'\\')
}

/// Takes all steps, up to the line's closing quote.
///
/// # Safety
/// The cursor is in the record that starts at `text` and has a zero and [`PADDING`] bytes behind it; there is room for
/// the whole record and all keys.
pub unsafe fn steps(steps: &[Step], text: *const u8, captures: &mut Captures, cursor: &mut Cursor) -> Option<()> {
    for step in steps {
        let Cursor { from: start, to: before } = *cursor;
        // SAFETY: all of these stop at the zero at the latest, and literals hold none, so that none leads over it.
        unsafe {
            cursor.put_key(&step.key);
            match step.scan {
                Scan::Blank => cursor.copy(special_or_blank),
                Scan::Quote => cursor.copy(special),
                Scan::Byte(byte) => cursor.copy(|word| special_or_blank(word) | swar::equal(word, byte)),
                Scan::Number => {
                    digits(cursor)?;
                    if step.watched {
                        captures.set_between(step.field, text, start, cursor.from);
                    }
                    if step.key.len == 0 || start.read() == b'-' {
                        cursor.to = before;
                    }
                    cursor.expect(&step.then)?;
                    continue;
                }
                Scan::Path(query) => {
                    cursor.copy(|word| special_or_blank(word) | swar::equal(word, b'?'));
                    if step.watched {
                        captures.set_between(step.field, text, start, cursor.from);
                        captures.forget(query);
                    }
                    // No path: the general way knows.
                    if cursor.from == start {
                        return None;
                    }
                    if cursor.byte() == b'?' {
                        cursor.from = cursor.from.add(1);
                        cursor.put_quote();
                        cursor.put(0, step.key.words[2]);
                        cursor.put(8, step.key.words[3]);
                        cursor.to = cursor.to.add(step.key.query);
                        let start = cursor.from;
                        cursor.copy(special_or_blank);
                        if step.watched {
                            captures.set_between(query, text, start, cursor.from);
                        }
                    }
                }
                Scan::Protocol => {
                    let word = cursor.word();
                    if !is_protocol(word) {
                        return None;
                    }
                    cursor.put(0, word);
                    cursor.advance(8);
                }
                Scan::Clf => {
                    let [a, b, c] = captures.clock.rendered_words(start)?;
                    cursor.put(0, a);
                    cursor.put(8, b);
                    cursor.put(RENDERED_LEN - 8, c);
                    cursor.from = start.add(CLF_LEN);
                    cursor.to = cursor.to.add(RENDERED_LEN);
                    if step.key.len == 0 {
                        cursor.to = before;
                    } else {
                        cursor.put_quote();
                    }
                    cursor.expect(&step.then)?;
                    continue;
                }
                Scan::Nothing => {
                    cursor.expect(&step.then)?;
                    continue;
                }
            }
            let length = cursor.from.offset_from_unsigned(start);
            if step.watched && !matches!(step.scan, Scan::Path(_)) {
                captures.set_between(step.field, text, start, cursor.from);
            }
            if length == 0 && !matches!(step.scan, Scan::Quote | Scan::Path(_)) {
                // The general way knows.
                return None;
            }
            let absent = length == 1 && step.optional && start.read() == b'-';
            if absent || step.key.len == 0 {
                cursor.to = before;
            } else {
                cursor.put_quote();
            }
            cursor.expect(&step.then)?;
        }
    }
    (unsafe { cursor.byte() } == b'"').then_some(())
}

/// `HTTP/` and a version of two digits.
#[inline(always)]
fn is_protocol(word: u64) -> bool {
    const HTTP: u64 = u64::from_le_bytes(*b"HTTP/\0.\0");
    const KNOWN: u64 = 0x00ff_00ff_ffff_ffff;
    let digit = |byte: u64| (byte & 0xff).wrapping_sub(b'0' as u64) < 10;
    word & KNOWN == HTTP && digit(word >> 40) && digit(word >> 56)
}

/// Copies `-`, or 1 to 15 digits that JSON takes as they are.
///
/// # Safety
/// As for [`steps`].
#[inline(always)]
unsafe fn digits(cursor: &mut Cursor) -> Option<()> {
    let first = unsafe { cursor.byte() };
    let mut count = 0;
    loop {
        let word = unsafe { cursor.word() };
        unsafe { cursor.put(0, word) };
        // Turned, digits are 0 to 9: adding 0x76 sets the high bit of anything greater.
        let turned = word ^ (swar::LOW * b'0' as u64);
        let hit = (turned.wrapping_add(swar::LOW * 0x76) | turned) & swar::HIGH;
        let digits = if hit == 0 { 8 } else { (hit.trailing_zeros() >> 3) as usize };
        count += digits;
        unsafe { cursor.advance(digits) };
        if hit == 0 && count < 16 {
            continue;
        }
        return match (first, count) {
            (b'-', 0) => {
                unsafe { cursor.advance(1) };
                Some(())
            }
            (_, 0) => None,
            (b'0', 1) => Some(()),
            (b'0', _) => None,
            (_, count) => (count < 16).then_some(()),
        };
    }
}
