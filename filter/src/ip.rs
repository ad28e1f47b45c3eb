//! IP addresses as text, read and printed as `std::net` does, in a fraction of its code.
//!
//! The text of IPv6 addresses is that of RFC 4291, section 2.2, the printed form that of RFC 5952.
use crate::json::digit_value;
use alloc::vec::Vec;

/// An address as a number, its first byte the highest: to shift it takes less than to turn its bytes around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ip {
    V4(u32),
    V6(u128),
}

/// An address in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub ip: Ip,
    pub start: usize,
    pub end: usize,
}

impl Ip {
    /// The address that is all of `text`.
    pub(crate) fn parse(text: &[u8]) -> Option<Ip> {
        let found = match v4_at(text, 0) {
            Some((address, end)) => Found { ip: Ip::V4(address), start: 0, end },
            None => v6_at(text, 0).ok()?,
        };
        (found.start == 0 && found.end == text.len()).then_some(found.ip)
    }

    /// An IPv4 address that is mapped into IPv6 (RFC 4291, section 2.5.5.2) as itself, any other address as it is.
    #[inline(always)]
    pub(crate) fn canonical(self) -> Ip {
        match self {
            Ip::V6(address) if address >> 64 == 0 && address as u64 >> 32 == 0xffff => Ip::V4(address as u32),
            other => other,
        }
    }

    /// The address with all but its first `bits` bits cleared.
    pub(crate) fn keep(self, bits: u8) -> Ip {
        let left = |all: u32| all.saturating_sub(bits as u32);
        match self {
            Ip::V4(address) => Ip::V4(address & u32::MAX.checked_shl(left(32)).unwrap_or(0)),
            Ip::V6(address) => Ip::V6(address & u128::MAX.checked_shl(left(128)).unwrap_or(0)),
        }
    }

    /// Prints the address.
    pub(crate) fn push(self, out: &mut Vec<u8>) {
        match (self, self.canonical()) {
            (Ip::V4(address), _) => push_v4(out, address),
            (_, Ip::V4(address)) => {
                out.extend_from_slice(b"::ffff:");
                push_v4(out, address);
            }
            (_, Ip::V6(address)) => push_v6(out, address),
        }
    }
}

/// A byte that makes what stands beside it a part of a word.
#[inline(always)]
pub(crate) fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The byte at this place; 0 outside of the text.
#[inline(always)]
fn byte(text: &[u8], at: usize) -> u8 {
    if at < text.len() { text[at] } else { 0 }
}

/// Four decimal numbers up to 255 without leading zeros, and where they end: not inside of a word, nor in front of another
/// part behind a point.
pub(crate) fn v4_at(text: &[u8], start: usize) -> Option<(u32, usize)> {
    let (mut bits, mut at, mut numbers) = (0u32, start, 0);
    let digit = |at: usize| byte(text, at).wrapping_sub(b'0') as u32;
    loop {
        let first = digit(at);
        if first > 9 {
            return None;
        }
        let mut value = first;
        at += 1;
        let second = digit(at);
        if second < 10 {
            if first == 0 {
                return None;
            }
            value = value * 10 + second;
            at += 1;
            let third = digit(at);
            if third < 10 {
                value = value * 10 + third;
                at += 1;
            }
        }
        bits = bits << 8 | value;
        numbers += 1;
        if value > 255 || byte(text, at) != b'.' || numbers == 4 {
            if numbers < 4 || value > 255 {
                return None;
            }
            break;
        }
        at += 1;
    }
    let after = byte(text, at);
    let goes_on = in_word(after) || (after == b'.' && in_word(byte(text, at + 1)));
    (!goes_on).then_some((bits, at))
}

/// The address of IPv6 that starts at `start`, as far as it goes, or else the place up to which no address starts. Eight
/// groups of one to four hexadecimal digits, where `::` stands for one or more groups of zeros and an IPv4 address can
/// stand for the last two groups.
pub(crate) fn v6_at(text: &[u8], start: usize) -> Result<Found, usize> {
    let mut groups = Groups { front: (0, 0), back: (0, 0), len: 0, gap: None };
    let (mut at, mut end) = (start, start);
    if byte(text, at) == b':' && byte(text, at + 1) == b':' {
        groups.skip();
        (at, end) = (start + 2, start + 2);
    }
    while groups.len < groups.room() {
        let (value, after) = group(text, at);
        if after == at || after > at + 4 {
            break;
        }
        let next = byte(text, after);
        if next == b'.'
            && groups.len + 2 <= groups.room()
            && (groups.gap.is_some() || groups.len == 6)
            && let Some((v4, after)) = v4_at(text, at)
        {
            groups.add((v4 >> 16) as u16);
            groups.add(v4 as u16);
            end = after;
            break;
        }
        if in_word(next) {
            break;
        }
        groups.add(value);
        (at, end) = (after, after);
        if next != b':' || groups.len == groups.room() {
            break;
        }
        at += 1;
        if byte(text, at) == b':' {
            if groups.gap.is_some() {
                break;
            }
            groups.skip();
            at += 1;
            end = at;
        }
    }
    match groups.filled() {
        Some(address) if !in_word(byte(text, end)) => Ok(Found { ip: Ip::V6(address), start, end }),
        _ => Err(at),
    }
}

/// The value of the hexadecimal digits at `at`, of which five are looked at, and where they end.
fn group(text: &[u8], at: usize) -> (u16, usize) {
    let (mut value, mut end) = (0, at);
    while end < at + 5 {
        let digit = digit_value(byte(text, end));
        if digit > 15 {
            break;
        }
        value = value << 4 | digit;
        end += 1;
    }
    (value as u16, end)
}

/// The groups of an IPv6 address as far as they are read.
struct Groups {
    /// Those in front of the gap, and those behind it or all if there is none: the higher and the lower half of a number.
    front: (u64, u64),
    back: (u64, u64),
    len: usize,
    /// How many are in front of the groups of zeros.
    gap: Option<usize>,
}

impl Groups {
    /// How many there can be.
    fn room(&self) -> usize {
        if self.gap.is_some() { 7 } else { 8 }
    }

    fn add(&mut self, group: u16) {
        let (high, low) = self.back;
        self.back = (high << 16 | low >> 48, low << 16 | group as u64);
        self.len += 1;
    }

    /// The groups of zeros are here.
    fn skip(&mut self) {
        self.gap = Some(self.len);
        self.front = core::mem::take(&mut self.back);
    }

    /// The address, with zeros in the gap.
    fn filled(self) -> Option<u128> {
        let number = |(high, low): (u64, u64)| (high as u128) << 64 | low as u128;
        match self.gap {
            None => (self.len == 8).then_some(number(self.back)),
            Some(0) => Some(number(self.back)),
            Some(gap) => Some(number(self.front) << (128 - 16 * gap) | number(self.back)),
        }
    }
}

#[inline(never)]
fn push_v4(out: &mut Vec<u8>, address: u32) {
    for shift in [24, 16, 8, 0] {
        if shift < 24 {
            out.push(b'.');
        }
        push_decimal(out, (address >> shift) as u8);
    }
}

/// Prints groups without leading zeros; the longest run of two or more groups of zeros, and of equal ones the first, is
/// `::` (RFC 5952, section 4).
fn push_v6(out: &mut Vec<u8>, address: u128) {
    let (mut front, back) = ((address >> 64) as u64, address as u64);
    // Of a masked address the last half is zeros, and so the run at its end is the longest.
    if back == 0 {
        while front != 0 {
            push_hex(out, (front >> 48) as u16);
            front <<= 16;
            if front != 0 {
                out.push(b':');
            }
        }
        return out.extend_from_slice(b"::");
    }
    let half = |at: usize| if at < 4 { front } else { back };
    let group = |at: usize| (half(at) >> (48 - 16 * (at & 3))) as u16;
    let (mut gap, mut length, mut zeros) = (8, 2, 0);
    for at in (0..8).rev() {
        zeros = if group(at) == 0 { zeros + 1 } else { 0 };
        if zeros >= length {
            (gap, length) = (at, zeros);
        }
    }
    let mut at = 0;
    while at < 8 {
        if at == gap {
            out.extend_from_slice(b"::");
            at += length;
            continue;
        }
        if at > 0 && at != gap + length {
            out.push(b':');
        }
        push_hex(out, group(at));
        at += 1;
    }
}

/// Prints a group without leading zeros.
#[inline(never)]
fn push_hex(out: &mut Vec<u8>, group: u16) {
    let mut shift = 12;
    while shift > 0 && group >> shift == 0 {
        shift -= 4;
    }
    loop {
        let digit = (group >> shift & 15) as u8;
        out.push(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
        if shift == 0 {
            return;
        }
        shift -= 4;
    }
}

/// Prints a number up to 255 without leading zeros.
#[inline(always)]
fn push_decimal(out: &mut Vec<u8>, number: u8) {
    if number > 9 {
        if number > 99 {
            out.push(b'0' + number / 100);
        }
        out.push(b'0' + number / 10 % 10);
    }
    out.push(b'0' + number % 10);
}

#[cfg(test)]
mod tests;
