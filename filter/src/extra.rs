//! Fields that a line brings under its own names: JSON objects, and Lograge's `key=value` pairs made into one.
use crate::json::{self, Member};
use crate::names::is_reserved;
use crate::record;
use crate::swar;
use alloc::{borrow::Cow, vec::Vec};

/// A JSON object that was in the line.
pub(crate) struct Extra {
    pub text: Vec<u8>,
    pub members: Vec<Member>,
    /// The line had pairs; the object was made of them.
    pub pairs: bool,
}

/// Values that Lograge writes as numbers. <https://github.com/roidrage/lograge>
pub const NUMBERS: [&[u8]; 6] = [b"status", b"duration", b"view", b"db", b"allocations", b"gc_time"];

/// How Lograge's pairs begin.
pub(crate) const FIRST: &[u8] = b"method=";

/// The name of what stands in front of the first pair.
pub(crate) const PREFIX: &[u8] = b"prefix";

impl Extra {
    /// The value of a field that the line may bring.
    pub(crate) fn value(&self, name: &[u8]) -> Option<Cow<'_, [u8]>> {
        if is_reserved(name) {
            return None;
        }
        record::member_value(&self.members, &self.text, name)
    }

    /// Reads `key=value key=value …`. A value ends where a blank and another `key=` follow; text in front of the first
    /// key becomes `prefix`.
    pub(crate) fn key_values(line: &[u8]) -> Option<Extra> {
        let mut first = 0;
        loop {
            first = swar::find_apart(line, first, line.len(), b'm');
            if first == line.len() {
                return None;
            }
            if swar::starts_with(line, first, FIRST) && (first == 0 || line[first - 1] == b' ') {
                break;
            }
            first += 1;
        }
        let mut extra = Extra {
            text: Vec::with_capacity(line.len() + line.len() / 2),
            members: Vec::with_capacity(16),
            pairs: true,
        };
        if first > 0 {
            extra.push_pair(PREFIX, line[..first].trim_ascii_end());
        }
        let (mut at, mut key) = (first, key_at(line, first));
        while let Some(name) = key {
            let start = at + name + 1;
            let mut end = start;
            loop {
                end = swar::find(line, end, line.len(), b' ');
                key = key_at(line, end + 1);
                if end == line.len() || key.is_some() {
                    break;
                }
                end += 1;
            }
            extra.push_pair(&line[at..at + name], &line[start..end]);
            at = end + 1;
        }
        *extra.text.first_mut()? = b'{';
        extra.text.push(b'}');
        Some(extra)
    }

    /// Writes `,"name":value` and notes the member.
    #[inline(never)]
    fn push_pair(&mut self, name: &[u8], value: &[u8]) {
        let out = &mut self.text;
        out.extend_from_slice(b",\"");
        let start = out.len() - 1;
        // Of what a name can hold nothing has an escape.
        out.extend_from_slice(name);
        let key_end = out.len();
        out.extend_from_slice(b"\":");
        let from = out.len();
        let mut flags = 0;
        if is_number(name, value) {
            out.extend_from_slice(value);
        } else {
            out.push(b'"');
            json::push_text(out, value);
            flags = json::flags::STRING;
            if out.len() - from > value.len() + 1 {
                flags |= json::flags::ESCAPED | json::flags::BACKSLASH;
            }
            out.push(b'"');
        }
        let (end, value) = (out.len() as u32, from as u32);
        self.members.push(Member { start: start as u32, key_end: key_end as u32, value, end, flags });
    }
}

/// Whether Lograge wrote this value as a number.
#[inline(always)]
fn is_number(name: &[u8], value: &[u8]) -> bool {
    value.first().is_some_and(|byte| matches!(byte, b'-' | b'0'..=b'9'))
        && NUMBERS.contains(&name)
        && json::number_end(value, 0) == Some(value.len())
}

/// The length of the key in front of a `=` at `at`.
#[inline(never)]
fn key_at(line: &[u8], at: usize) -> Option<usize> {
    let rest = line.get(at..)?;
    let length =
        rest.iter().position(|b| !(b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.')))?;
    (length > 0 && rest[length] == b'=').then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lograge_pairs() {
        let extra = Extra::key_values(
            b"I, [2026-11-22T07:38:32 #7]  INFO -- : method=GET path=/a?b=c d format=*/* status=200 duration=12.5 error='A: b c' location=",
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(extra.text).unwrap(),
            r#"{"prefix":"I, [2026-11-22T07:38:32 #7]  INFO -- :","method":"GET","path":"/a?b=c d","format":"*/*","status":200,"duration":12.5,"error":"'A: b c'","location":""}"#
        );
        assert!(Extra::key_values(b"no pairs here").is_none());
    }
}
