//! Times: read in parts, written as RFC 3339 in UTC.
mod civil;

use crate::program::TimePart;
use crate::swar;
use alloc::vec::Vec;
use civil::{civil, days_from_civil, month_days};

/// Length of `22/Nov/2026:07:38:32 +0000`.
pub(crate) const CLF_LEN: usize = 26;
/// Length of `2026-11-22T07:38:32Z`.
pub(crate) const RENDERED_LEN: usize = 20;

const MONTHS: [&[u8]; 12] = [
    b"January",
    b"February",
    b"March",
    b"April",
    b"May",
    b"June",
    b"July",
    b"August",
    b"September",
    b"October",
    b"November",
    b"December",
];
const DAYS: [&[u8]; 7] = [b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday", b"Sunday"];

/// The last `%t` that was read, and what it is in RFC 3339: most lines share their second with the line before.
#[derive(Clone)]
pub(crate) struct Clock {
    text: [u8; CLF_LEN],
    rendered: [u8; RENDERED_LEN],
}

impl Default for Clock {
    fn default() -> Clock {
        Clock { text: [0; CLF_LEN], rendered: [0; RENDERED_LEN] }
    }
}

impl Clock {
    /// Whether a `%t` stands at `at`; it is remembered then.
    #[inline(always)]
    pub(crate) fn read(&mut self, text: &[u8], at: usize) -> bool {
        if self.is(text, at) {
            return true;
        }
        let Some(clf) = text.get(at..at + CLF_LEN) else { return false };
        if self.is_of_same_minute(clf) {
            return true;
        }
        match render_clf(clf) {
            Some(rendered) => {
                self.text.copy_from_slice(clf);
                self.rendered = rendered;
                true
            }
            None => false,
        }
    }

    /// The `%t` at an address, in RFC 3339.
    ///
    /// # Safety
    /// There is a zero in the text, and 16 bytes can be read behind it.
    #[cfg(firelens_module)]
    #[inline(never)]
    pub(crate) unsafe fn read_at(&mut self, clf: *const u8) -> Option<&[u8; RENDERED_LEN]> {
        let mut text = [0; CLF_LEN];
        for at in [0, 8, 16, CLF_LEN - 8] {
            // SAFETY: the caller's promise: up to the zero, and 16 bytes behind it.
            let word = u64::from_le(unsafe { clf.add(at).cast::<u64>().read_unaligned() });
            // There is nothing to read behind a zero. (The lowest byte that is flagged is one.)
            if word.wrapping_sub(swar::LOW) & !word & swar::HIGH != 0 {
                return None;
            }
            text[at..at + 8].copy_from_slice(&word.to_le_bytes());
        }
        self.read(&text, 0).then_some(&self.rendered)
    }

    /// Whether a `%t` differs from the last one by its second only; it is remembered then.
    fn is_of_same_minute(&mut self, clf: &[u8]) -> bool {
        const SECOND: usize = 18;
        let differs =
            |at: usize, mask: u64| (swar::word(clf, at).unwrap_or(0) ^ swar::word(&self.text, at).unwrap_or(1)) & mask;
        let others = differs(0, u64::MAX) | differs(8, u64::MAX) | differs(16, 0xffff) | differs(SECOND, !0xffff);
        let digits = [clf[SECOND], clf[SECOND + 1]];
        // A leap second was rendered in the next minute.
        let ([b'0'..=b'5', b'0'..=b'9'], b'0'..=b'5', 0) = (digits, self.text[SECOND], others) else { return false };
        self.text[SECOND..SECOND + 2].copy_from_slice(&digits);
        self.rendered[RENDERED_LEN - 3..RENDERED_LEN - 1].copy_from_slice(&digits);
        true
    }

    #[inline(always)]
    fn is(&self, text: &[u8], at: usize) -> bool {
        let Some(clf) = text.get(at..at + CLF_LEN) else { return false };
        let differs = |i| swar::word(clf, i).unwrap_or(0) ^ swar::word(&self.text, i).unwrap_or(1);
        differs(18) | differs(0) | differs(8) | differs(16) == 0
    }

    /// The `%t` at `at`, which [`Clock::read`] has accepted, in RFC 3339.
    #[inline(always)]
    pub(crate) fn rendered(&mut self, text: &[u8], at: usize) -> &[u8] {
        self.read(text, at);
        &self.rendered
    }
}

fn two(text: &[u8], at: usize) -> Option<u8> {
    match (text.get(at)?, text.get(at + 1)?) {
        (a @ b'0'..=b'9', b @ b'0'..=b'9') => Some((a - b'0') * 10 + (b - b'0')),
        _ => None,
    }
}

fn short_month(text: &[u8]) -> Option<u8> {
    const NAMES: [[u8; 3]; 12] =
        [*b"Jan", *b"Feb", *b"Mar", *b"Apr", *b"May", *b"Jun", *b"Jul", *b"Aug", *b"Sep", *b"Oct", *b"Nov", *b"Dec"];
    let number = |name: [u8; 3]| u32::from_le_bytes([name[0], name[1], name[2], 0]);
    let wanted = number(text.try_into().ok()?);
    NAMES.iter().position(|name| number(*name) == wanted).map(|n| n as u8 + 1)
}

fn render_clf(clf: &[u8]) -> Option<[u8; RENDERED_LEN]> {
    let separators = clf[2] == b'/' && clf[6] == b'/' && clf[11] == b':' && clf[14] == b':' && clf[17] == b':';
    if !separators || clf[20] != b' ' {
        return None;
    }
    let mut time = Time {
        year: Some(two(clf, 7)? as i32 * 100 + two(clf, 9)? as i32),
        month: Some(short_month(&clf[3..6])?),
        day: Some(two(clf, 0)?),
        hour: two(clf, 12)?,
        minute: two(clf, 15)?,
        second: two(clf, 18)?,
        ..Time::default()
    };
    time.offset = Some(offset(clf, 21)?.0);
    let mut out = [0; RENDERED_LEN];
    time.write(&[], &mut out).then_some(out)
}

/// The offset at `at` (`+hhmm`, `+hh:mm`, `Z`) in seconds, and its length.
fn offset(text: &[u8], at: usize) -> Option<(i32, usize)> {
    let sign = match text.get(at)? {
        b'Z' => return Some((0, 1)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = two(text, at + 1)?;
    let colon = (text.get(at + 3) == Some(&b':')) as usize;
    let minutes = two(text, at + 3 + colon)?;
    (hours < 24 && minutes < 60).then_some((sign * (hours as i32 * 3600 + minutes as i32 * 60), 5 + colon))
}

/// The parts of one time, as far as they were read.
#[derive(Clone, Default)]
pub(crate) struct Time {
    /// Where a `%t` stands, plus one.
    pub clf: u32,
    year: Option<i32>,
    year2: Option<u8>,
    century: Option<u8>,
    month: Option<u8>,
    day: Option<u8>,
    year_day: Option<u16>,
    hour: u8,
    pm: Option<bool>,
    minute: u8,
    second: u8,
    offset: Option<i32>,
    epoch: Option<i64>,
    /// Digits behind the point, and how many.
    fraction: (u64, u8),
}

impl Time {
    /// Reads one part at `at` and says how long it is.
    pub(crate) fn read(&mut self, part: TimePart, text: &[u8], at: usize) -> Option<usize> {
        let length = 2;
        match part {
            // Read by the clock.
            TimePart::Clf => return None,
            TimePart::Year => {
                self.year = Some(number(text, at, 4)? as i32);
                return Some(4);
            }
            TimePart::Year2 => self.year2 = Some(two(text, at)?),
            TimePart::Century => self.century = Some(two(text, at)?),
            TimePart::Month => self.month = Some(two(text, at)?),
            TimePart::MonthName => {
                self.month = Some(short_month(text.get(at..at + 3)?)?);
                return Some(3);
            }
            TimePart::MonthFull => {
                let index = starts_with_any(text, at, &MONTHS)?;
                self.month = Some(index as u8 + 1);
                return Some(MONTHS[index].len());
            }
            TimePart::Day => self.day = Some(padded(text, at)?),
            TimePart::YearDay => {
                self.year_day = Some(number(text, at, 3)? as u16);
                return Some(3);
            }
            TimePart::Hour | TimePart::Hour12 => self.hour = padded(text, at)?,
            TimePart::AmPm => {
                let half = text.get(at..at + 2)?;
                if !half[1].eq_ignore_ascii_case(&b'm') {
                    return None;
                }
                self.pm = Some(match half[0] {
                    b'A' | b'a' => false,
                    b'P' | b'p' => true,
                    _ => return None,
                });
            }
            TimePart::Minute => self.minute = two(text, at)?,
            TimePart::Second => self.second = two(text, at)?,
            TimePart::Fraction(digits) => {
                self.fraction = (number(text, at, digits as usize)?, digits);
                return Some(digits as usize);
            }
            TimePart::Zone => {
                let (seconds, length) = offset(text, at)?;
                self.offset = Some(seconds);
                return Some(length);
            }
            TimePart::ZoneName => {
                let rest = text.get(at..)?;
                let length = rest.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
                if matches!(&rest[..length], b"UTC" | b"GMT" | b"Z") {
                    self.offset = Some(0);
                }
                return (length > 0).then_some(length);
            }
            TimePart::EpochSeconds => return self.epoch(text, at, 0),
            TimePart::EpochMillis => return self.epoch(text, at, 3),
            TimePart::EpochMicros => return self.epoch(text, at, 6),
            TimePart::WeekdayName => {
                let day = text.get(at..at + 3)?;
                return DAYS.iter().any(|name| name.starts_with(day)).then_some(3);
            }
            TimePart::WeekdayFull => return Some(DAYS[starts_with_any(text, at, &DAYS)?].len()),
            TimePart::Ignored(digits) => {
                number(text, at, digits as usize)?;
                return Some(digits as usize);
            }
        }
        Some(length)
    }

    fn epoch(&mut self, text: &[u8], at: usize, decimals: u8) -> Option<usize> {
        let rest = text.get(at..)?;
        let length = rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
        if !(1..=18).contains(&length) {
            return None;
        }
        let value = number(text, at, length)?;
        let unit = 10u64.pow(decimals as u32);
        self.epoch = Some((value / unit) as i64);
        if decimals > 0 {
            self.fraction = (value % unit, decimals);
        }
        Some(length)
    }

    /// No part of it was read.
    pub(crate) fn is_absent(&self) -> bool {
        let parts = [self.year2, self.century, self.month, self.day];
        self.clf == 0
            && self.epoch.is_none()
            && self.year.is_none()
            && parts.iter().all(Option::is_none)
            && (self.hour, self.minute, self.second) == (0, 0, 0)
    }

    /// Writes the time, or nothing (and says so) when its parts do not make a moment.
    pub(crate) fn render(&self, zone: &[(i64, i32)], out: &mut Vec<u8>) -> bool {
        let mut text = [0; RENDERED_LEN];
        if !self.write(zone, &mut text) {
            return false;
        }
        out.extend_from_slice(&text[..RENDERED_LEN - 1]);
        let (value, digits) = self.fraction;
        if digits > 0 {
            out.push(b'.');
            let from = out.len();
            let mut rest = value;
            for _ in 0..digits {
                out.push(b'0' + (rest % 10) as u8);
                rest /= 10;
            }
            out[from..].reverse();
        }
        out.push(b'Z');
        true
    }

    fn write(&self, zone: &[(i64, i32)], out: &mut [u8; RENDERED_LEN]) -> bool {
        let Some(seconds) = self.seconds(zone) else { return false };
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
        let (year, month, day) = civil(days);
        if !(0..=9999).contains(&year) {
            return false;
        }
        *out = *b"0000-00-00T00:00:00Z";
        let mut pair = |at: usize, value: u32| {
            out[at] = b'0' + (value / 10 % 10) as u8;
            out[at + 1] = b'0' + (value % 10) as u8;
        };
        pair(0, year as u32 / 100);
        pair(2, year as u32 % 100);
        pair(5, month);
        pair(8, day);
        pair(11, rest / 3600);
        pair(14, rest / 60 % 60);
        pair(17, rest % 60);
        true
    }

    /// Seconds since 1970.
    fn seconds(&self, zone: &[(i64, i32)]) -> Option<i64> {
        if let Some(epoch) = self.epoch {
            return Some(epoch);
        }
        let year = self.year.or(match (self.century, self.year2) {
            (Some(century), Some(year)) => Some(century as i32 * 100 + year as i32),
            (None, Some(year)) => Some(if year < 69 { 2000 } else { 1900 } + year as i32),
            _ => None,
        })?;
        let days = match (self.month, self.day, self.year_day) {
            (Some(month), Some(day), _)
                if (1..=12).contains(&month) && (1..=month_days(year, month)).contains(&day) =>
            {
                days_from_civil(year, month, day)
            }
            (None, None, Some(day)) if (1..=366).contains(&day) => days_from_civil(year, 1, 1) + day as i64 - 1,
            _ => return None,
        };
        let hour = match self.pm {
            None => self.hour,
            Some(pm) if (1..=12).contains(&self.hour) => self.hour % 12 + if pm { 12 } else { 0 },
            Some(_) => return None,
        };
        if hour > 23 || self.minute > 59 || self.second > 60 {
            return None;
        }
        let local = days * 86_400 + hour as i64 * 3600 + self.minute as i64 * 60 + self.second as i64;
        let offset = self.offset.unwrap_or_else(|| {
            let next = zone.partition_point(|(from, _)| *from <= local);
            next.checked_sub(1).or((!zone.is_empty()).then_some(0)).map_or(0, |i| zone[i].1)
        });
        Some(local - offset as i64)
    }
}

fn starts_with_any(text: &[u8], at: usize, names: &[&[u8]]) -> Option<usize> {
    let rest = text.get(at..)?;
    names.iter().position(|name| rest.starts_with(name))
}

/// Two digits, or a blank and one.
fn padded(text: &[u8], at: usize) -> Option<u8> {
    match text.get(at)? {
        b' ' => number(text, at + 1, 1).map(|n| n as u8),
        _ => two(text, at),
    }
}

fn number(text: &[u8], at: usize, digits: usize) -> Option<u64> {
    text.get(at..at + digits)?
        .iter()
        .try_fold(0u64, |n, b| b.is_ascii_digit().then(|| n.wrapping_mul(10).wrapping_add((b - b'0') as u64)))
}

#[cfg(test)]
mod tests;
