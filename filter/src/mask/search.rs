//! The search of a text for what is private.
use super::plain::Copy;
use super::{marks, masked, parameter, push_replacement, whole_numbers};
use crate::ip::{Found, Ip, in_word, v4_at, v6_at};
use crate::program::{Look, Privacy};
use crate::swar;

/// A search through decoded text.
pub(super) struct Search<'a> {
    /// The text, and bytes behind its end, which may be read and mean nothing.
    pub text: &'a [u8],
    pub start: usize,
    pub end: usize,
    pub privacy: &'a Privacy,
    pub look: Look,
    /// Where what was replaced last ends: nothing reaches back over it.
    pub floor: usize,
    pub copy: Copy<'a>,
}

/// The byte at this place; 0 outside of the text.
#[inline(always)]
pub(super) fn byte(text: &[u8], at: usize) -> u8 {
    if at < text.len() { text[at] } else { 0 }
}

#[inline(always)]
fn is_digit(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10
}

impl<'a> Search<'a> {
    pub(super) fn run(mut self) {
        let (text, start, end, look) = (self.text, self.start, self.end, self.look);
        let (mut word_at, mut at) = (start, start);
        while let Some(word) = swar::word(text, word_at) {
            let mut hit = marks(word);
            while hit != 0 {
                let next = swar::first(hit, word_at);
                hit &= hit - 1;
                if next >= at && next < end {
                    at = self.at(text, start, next, look);
                }
            }
            word_at += 8;
            if at > word_at {
                word_at = at;
            }
            if word_at >= end {
                return self.copy.rest();
            }
        }
        while word_at < end {
            word_at = self.at(text, start, word_at, look);
        }
        self.copy.rest();
    }

    /// Looks at a byte that may be in something private, and says where to go on.
    #[inline(always)]
    fn at(&mut self, text: &'a [u8], start: usize, at: usize, look: Look) -> usize {
        match byte(text, at) {
            // Most points are those of fractions: of an address another one follows.
            b'.' if look.has(Look::ADDRESSES)
                && at > start
                && is_digit(byte(text, at - 1))
                && is_digit(byte(text, at + 1))
                && (byte(text, at + 2) == b'.' || byte(text, at + 3) == b'.' || byte(text, at + 4) == b'.') =>
            {
                self.address_at_point(at)
            }
            b':' if !look.has(Look::WHOLE) => self.at_colon(at),
            b'=' if look.has(Look::PARAMETERS) => self.parameter(at),
            _ => at + 1,
        }
    }

    /// The text up to its end.
    #[inline(always)]
    fn whole(&self) -> &'a [u8] {
        self.text.get(..self.end).unwrap_or_default()
    }

    /// Whether an address can start at this place.
    #[inline(always)]
    fn can_start(&self, text: &[u8], start: usize) -> bool {
        if start <= self.start {
            return true;
        }
        let before = byte(text, start - 1);
        !(in_word(before) || before == b'.' || start < self.floor)
    }

    /// An IPv4 address whose first point this is, behind a digit.
    #[inline(always)]
    fn address_at_point(&mut self, point: usize) -> usize {
        let text = self.whole();
        let mut start = point - 1;
        while start > self.start && point - start < 3 && is_digit(byte(text, start - 1)) {
            start -= 1;
        }
        if !self.can_start(text, start) {
            return point + 1;
        }
        match v4_at(text, start) {
            Some((address, end)) => self.address(Found { ip: Ip::V4(address), start, end }),
            None => point + 1,
        }
    }

    /// An IPv6 address whose first colon this is, or a member of JSON.
    #[inline(never)]
    fn at_colon(&mut self, colon: usize) -> usize {
        let text = self.whole();
        let before = if colon > self.start { byte(text, colon - 1) } else { 0 };
        let after = byte(text, colon + 1);
        let close = if before == b' ' { colon.wrapping_sub(2) } else { colon.wrapping_sub(1) };
        if self.look.has(Look::PARAMETERS)
            && parameter::is_quote(byte(text, close))
            && let Some(end) = self.member(close, colon + 1)
        {
            return end;
        }
        if !self.look.has(Look::ADDRESSES) || after != b':' && !(is_hex(before) && is_hex(after)) {
            return colon + 1;
        }
        // Of three colons or more only the last two can begin an address.
        if byte(text, colon + 2) == b':' && after == b':' && !is_hex(before) {
            let mut next = colon + 1;
            while byte(text, next + 2) == b':' {
                next += 1;
            }
            return next;
        }
        if after != b':'
            && let Err(end) = may_be_v6(text, colon)
        {
            return end;
        }
        let mut start = colon;
        while start > self.start && colon - start < 5 && is_hex(byte(text, start - 1)) {
            start -= 1;
        }
        let colons = |from: usize| from > self.start && byte(text, from - 1) == b':';
        let starts = match colon - start {
            0 => after == b':' && byte(text, colon + 2) != b':',
            // Behind the `::` of `Foo::Bad::Cafe` only a number can be an address's first group.
            1..=4 if start > 2 && colons(start) && colons(start - 1) && !colons(start - 2) => {
                is_digit(byte(text, start))
            }
            1..=4 => true,
            _ => false,
        };
        if !starts || !self.can_start(text, start) {
            return colon + 1;
        }
        if start == colon
            && let Some(end) = in_last_group(text, colon + 2)
            && matches!(self.privacy.v6_bits, Some(0..=112))
        {
            self.copy.up_to(colon + 2);
            self.copy.skip_to(end);
            self.floor = end;
            return end;
        }
        match v6_at(text, start) {
            Ok(found) if byte(text, found.end) != b':' => self.address(found),
            Ok(found) => self.address(Found { end: with_rest(text, found), ..found }),
            Err(end) => end.max(colon + 1),
        }
    }

    fn address(&mut self, found: Found) -> usize {
        let Found { ip, start, end } = found;
        match (ip, self.privacy.v4_bits) {
            (Ip::V4(_), Some(bits)) if let Some((kept, zeros)) = whole_numbers(self.text, (start, end), bits) => {
                self.copy.up_to(kept);
                self.copy.out.extend_from_slice(zeros);
            }
            _ => {
                let Some(masked) = masked(ip, self.privacy) else { return end };
                self.copy.up_to(start);
                masked.push(self.copy.out);
            }
        }
        self.copy.skip_to(end);
        self.floor = end;
        end
    }

    /// A parameter whose `=` this is.
    #[inline(never)]
    fn parameter(&mut self, equals: usize) -> usize {
        let text = self.whole();
        if byte(text, equals + 1) == b'>' {
            let blank = equals > self.start && byte(text, equals - 1) == b' ';
            let close = equals.wrapping_sub(1 + blank as usize);
            return match self.look.has(Look::WHOLE) || !parameter::is_quote(byte(text, close)) {
                true => equals + 2,
                false => self.member(close, equals + 2).unwrap_or(equals + 2),
            };
        }
        let mut start = equals;
        while start > self.floor && parameter::in_name(byte(text, start - 1)) {
            start -= 1;
        }
        let first = match start <= self.start {
            true => self.look.has(Look::QUERY),
            false => parameter::separates(byte(text, start - 1)),
        };
        if !first || !parameter::is_private(self.text, (start, equals), self.privacy) {
            return equals + 1;
        }
        let end = parameter::value_end(text, equals + 1, self.look.has(Look::WHOLE));
        self.replace(equals + 1, end);
        end
    }

    /// A member of JSON or of a Ruby hash, whose name's last quote this is, and whose colon or arrow ends in front of `after`.
    fn member(&mut self, close: usize, after: usize) -> Option<usize> {
        let (name, has_parts) = parameter::key(self.text, self.floor, close)?;
        let name = self.text.get(name..close).unwrap_or_default();
        if !parameter::is_private_name(name, has_parts, self.privacy) && self.privacy.hides(name).is_none() {
            return None;
        }
        let (start, end, quoted) = parameter::member_value(self.whole(), after);
        if quoted {
            self.replace(start, end);
            return Some((end + 1).min(self.end));
        }
        if start == end {
            return None;
        }
        // A number or the like becomes text, with the quotes that the name has.
        self.copy.up_to(close);
        let from = self.copy.out.len();
        self.copy.up_to(close + 1);
        let quote = from..self.copy.out.len();
        self.copy.up_to(start);
        self.copy.out.extend_from_within(quote.clone());
        self.replace(start, end);
        self.copy.out.extend_from_within(quote);
        Some(end)
    }

    fn replace(&mut self, start: usize, end: usize) {
        self.copy.up_to(start);
        push_replacement(self.privacy, self.look.has(Look::HTTPD_ESCAPES), self.copy.out);
        self.copy.skip_to(end);
        self.floor = end;
    }
}

fn is_hex(byte: u8) -> bool {
    is_digit(byte) || (byte | 0x20).wrapping_sub(b'a') < 6
}

/// Whether an address of IPv6 can have this colon, or one behind it that groups lead to: it has seven, or two at once. Or
/// else the place up to which there is none.
fn may_be_v6(text: &[u8], colon: usize) -> Result<(), usize> {
    let (mut at, mut colons) = (colon, 0);
    while at < colon + 40 {
        let next = byte(text, at);
        if next == b':' {
            if byte(text, at + 1) == b':' {
                return Ok(());
            }
            colons += 1;
        } else if !is_hex(next) {
            break;
        }
        at += 1;
    }
    if colons >= 7 || colons == 6 && byte(text, at) == b'.' { Ok(()) } else { Err(at) }
}

/// The end of an address that begins with `::` and has nothing but its last group behind it, as `::1`.
#[inline(always)]
fn in_last_group(text: &[u8], group: usize) -> Option<usize> {
    let mut end = group;
    while end < group + 5 && is_hex(byte(text, end)) {
        end += 1;
    }
    let after = byte(text, end);
    (end < group + 5 && !(in_word(after) || matches!(after, b':' | b'.'))).then_some(end)
}

/// The end of an address of IPv6 that a colon follows, with the groups that follow its eight: all but a port (httpd's `[client 2001:db8:…:54321]`).
fn with_rest(text: &[u8], found: Found) -> usize {
    // A second `::` is in no address: all of it goes.
    if byte(text, found.end + 1) != b':' && !eight_groups(text, found) {
        return found.end;
    }
    let groups = text.get(found.end + 1..).unwrap_or_default();
    let digits = groups.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    // A group that is the beginning of a word is none.
    let (mut length, mut at) = (0, 0);
    while groups.get(at).is_some_and(|byte| byte.is_ascii_hexdigit() || *byte == b':') {
        at += 1;
        let last = groups.get(at - 1) != Some(&b':');
        if last && !in_word(byte(groups, at)) {
            length = at;
        }
    }
    match length {
        0 => found.end,
        1..=5 if digits == length => found.end,
        _ => found.end + 1 + length,
    }
}

fn eight_groups(text: &[u8], found: Found) -> bool {
    let address = text.get(found.start..found.end).unwrap_or_default();
    address.iter().filter(|byte| **byte == b':').count() == 7 && !address.windows(2).any(|pair| pair == b"::")
}
