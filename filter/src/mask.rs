//! Masks what is private in canonical JSON text: addresses and the values of query parameters, wherever they can be
//! recognised.
//!
//! The text is searched as it is meant, without escapes (`plain`), from its start to its end once. What can be private has a
//! point, a colon or an equals sign in it: from there it is read, a few bytes back and as far as it goes. What was read is
//! not read again, so that no text takes more than so much for each of its bytes.
mod parameter;
mod pattern;
mod plain;

use crate::ip::{Found, Ip, in_word, v4_at, v6_at};
#[cfg(test)]
use crate::json;
use crate::program::{Mask, Privacy};
use crate::swar;
use alloc::vec::Vec;
#[cfg(all(test, feature = "compile"))]
pub(crate) use pattern::find;
use plain::Copy;

/// What to look for in a text, as flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look(pub u8);

impl Look {
    pub const ADDRESSES: u8 = 1;
    /// Parameters, and members of JSON in the text.
    pub const PARAMETERS: u8 = 2;
    pub const PATTERNS: u8 = 4;
    /// The text is a URL or a query string: a value ends with it, or where another parameter starts.
    pub const WHOLE: u8 = 8;
    /// The text is a query string, so that its first parameter follows no `?`.
    pub const QUERY: u8 = 16;
    /// Backslashes in the text are httpd's, which are undone later.
    pub const HTTPD_ESCAPES: u8 = 32;
    /// What the text is, which no setting changes.
    const NATURE: u8 = Self::WHOLE | Self::QUERY | Self::HTTPD_ESCAPES;

    pub const FREE_TEXT: Look = Look(Self::ADDRESSES | Self::PARAMETERS | Self::PATTERNS);

    /// What is looked for in a field.
    pub fn of(mask: Mask, httpd_escapes: bool) -> Look {
        let flags = match mask {
            Mask::Address => Self::ADDRESSES,
            Mask::Url => Self::PARAMETERS | Self::PATTERNS | Self::WHOLE,
            Mask::Query => Self::PARAMETERS | Self::PATTERNS | Self::WHOLE | Self::QUERY,
            Mask::FreeText => Self::FREE_TEXT.0,
            _ => 0,
        };
        Look(flags | if httpd_escapes { Self::HTTPD_ESCAPES } else { 0 })
    }

    /// What the settings look for in any text.
    pub fn of_settings(privacy: &Privacy) -> Look {
        let names = !(privacy.parameters.is_empty() && privacy.remove.is_empty() && privacy.replace.is_empty());
        let flag = |flag: u8, is_set: bool| if is_set { flag } else { 0 };
        Look(
            flag(Self::ADDRESSES, privacy.v4_bits.is_some() || privacy.v6_bits.is_some())
                | flag(Self::PARAMETERS, names)
                | flag(Self::PATTERNS, privacy.has_patterns()),
        )
    }

    /// What is looked for in a text of a JSON line; one called `query` is a query.
    pub fn of_member(name: &[u8]) -> Look {
        match name {
            b"query" => Look(Self::FREE_TEXT.0 | Self::WHOLE | Self::QUERY),
            _ => Self::FREE_TEXT,
        }
    }

    /// What of it is to be masked at all.
    #[inline(always)]
    fn needed(self, privacy: &Privacy) -> Look {
        Look(self.0 & (privacy.look.0 | Self::NATURE))
    }

    #[inline(always)]
    fn has(self, flags: u8) -> bool {
        self.0 & flags != 0
    }
}

/// Copies `text[start..end]` with what is private in it masked. Bytes behind the end are read where there are some, and mean
/// nothing.
#[inline(always)]
pub fn push(out: &mut Vec<u8>, text: &[u8], span: (usize, usize), privacy: &Privacy, look: Look) {
    match look.needed(privacy).has(Look::PATTERNS) {
        true => push_patterns(out, text, span, privacy, look),
        false => push_named(out, text, span, privacy, look),
    }
}

/// [`push`] without patterns.
#[inline(never)]
fn push_named(out: &mut Vec<u8>, text: &[u8], (start, end): (usize, usize), privacy: &Privacy, look: Look) {
    let end = end.min(text.len());
    let start = start.min(end);
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

/// Bytes behind decoded text, so that it is searched by words.
const PADDING: usize = 8;

/// Whether the value of a member is not written as it is, and then, whether something else stands there.
#[inline(never)]
pub fn hides(privacy: &Privacy, text: &[u8], (start, end): (usize, usize)) -> Option<bool> {
    let parameter = || parameter::is_private(text, (start, end), privacy).then_some(true);
    privacy.hides(text.get(start..end).unwrap_or_default()).or_else(parameter)
}

/// A search through decoded text.
struct Search<'a> {
    /// The text, and bytes behind its end, which may be read and mean nothing.
    text: &'a [u8],
    start: usize,
    end: usize,
    privacy: &'a Privacy,
    look: Look,
    /// Where what was replaced last ends: nothing reaches back over it.
    floor: usize,
    copy: Copy<'a>,
}

/// The byte at this place; 0 outside of the text.
#[inline(always)]
fn byte(text: &[u8], at: usize) -> u8 {
    if at < text.len() { text[at] } else { 0 }
}

#[inline(always)]
fn is_digit(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10
}

impl<'a> Search<'a> {
    fn run(mut self) {
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
        if self.look.has(Look::PARAMETERS)
            && (parameter::is_quote(before) || before == b' ' && parameter::is_quote(byte(text, colon.wrapping_sub(2))))
            && let Some(end) = self.member(colon, colon + 1)
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
            return match self.look.has(Look::WHOLE) {
                true => equals + 2,
                false => self.member(equals, equals + 2).unwrap_or(equals + 2),
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

    /// A member of JSON or of a Ruby hash, whose colon or arrow ends in front of `after`.
    fn member(&mut self, mark: usize, after: usize) -> Option<usize> {
        let (name, close) = parameter::key(self.text, self.floor, mark)?;
        hides(self.privacy, self.text, (name, close))?;
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
        let quote = self.copy.out.get(from..).unwrap_or_default().to_vec();
        self.copy.up_to(start);
        self.copy.out.extend_from_slice(&quote);
        self.replace(start, end);
        self.copy.out.extend_from_slice(&quote);
        Some(end)
    }

    fn replace(&mut self, start: usize, end: usize) {
        self.copy.up_to(start);
        push_replacement(self.privacy, self.look.has(Look::HTTPD_ESCAPES), self.copy.out);
        self.copy.skip_to(end);
        self.floor = end;
    }
}

/// Writes what stands in a replaced value's place into a JSON string, with httpd's escapes where they are undone later.
pub fn push_replacement(privacy: &Privacy, httpd_escapes: bool, out: &mut Vec<u8>) {
    let [plain, httpd] = &privacy.replacement;
    out.extend_from_slice(if httpd_escapes { httpd } else { plain }.as_bytes());
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

    fn masked(text: &str, query: bool) -> String {
        let privacy = Privacy {
            v4_bits: Some(24),
            v6_bits: Some(48),
            remove_user: true,
            parameters: vec!["token".into(), "pass[word]".into()],
            replacement: ["***".into(), "***".into()],
            ..Privacy::default()
        }
        .settled();
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
