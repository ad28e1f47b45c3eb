//! Decides the route of a record: the first whose conditions hold.
use crate::ip::Ip;
use crate::program::{Action, Condition, FieldId, Route, Subject, Test, level_rank};
use crate::swar;
use alloc::borrow::Cow;

/// What conditions can look at.
pub(crate) trait Facts {
    fn kind(&self) -> &'static str;
    fn container(&self) -> Option<&[u8]>;
    /// A field's value as the log meant it, all escapes undone.
    fn field(&self, id: FieldId) -> Option<Cow<'_, [u8]>>;
    /// A number decided by the line alone, evenly spread.
    fn hash(&self) -> u32;
}

/// The index of the first route that takes the record; `seen` hears each condition's result.
pub(crate) fn choose(
    routes: &[Route],
    facts: &impl Facts,
    mut seen: impl FnMut(usize, usize, usize, bool),
) -> Option<usize> {
    routes.iter().enumerate().position(|(r, route)| {
        route.any_of.is_empty()
            || route.any_of.iter().enumerate().any(|(a, all)| {
                all.iter().enumerate().all(|(c, condition)| {
                    let held = holds(condition, facts);
                    seen(r, a, c, held);
                    held
                })
            })
    })
}

/// Whether a record that took this route is kept.
pub(crate) fn keeps(action: Action, facts: &impl Facts) -> bool {
    match action {
        Action::Keep => true,
        Action::Drop => false,
        Action::Sample(share) => facts.hash() < share,
    }
}

/// Whether the condition holds.
pub(crate) fn holds(condition: &Condition, facts: &impl Facts) -> bool {
    let any = |value: Option<&[u8]>| value.is_some_and(|value| condition.any.iter().any(|test| passes(test, value)));
    let passed = match condition.subject {
        Subject::Kind => any(Some(facts.kind().as_bytes())),
        Subject::Container => any(facts.container()),
        Subject::Field(id) => any(facts.field(id).as_deref()),
    };
    passed != condition.not
}

/// Whether a value passes a test.
#[inline(never)]
pub(crate) fn passes(test: &Test, value: &[u8]) -> bool {
    match test {
        Test::Equals(text) if value.len() != text.len() => false,
        Test::Equals(text) | Test::Prefix(text) => swar::starts_with(value, 0, text.as_bytes()),
        Test::Suffix(text) => value.ends_with(text.as_bytes()),
        Test::Contains(text) => contains(value, text.as_bytes()),
        Test::Regex(dfa) => dfa.is_match(value),
        Test::Range(low, high) => integer(value).is_some_and(|n| (*low..=*high).contains(&n)),
        Test::Level(low, high) => level_rank(value).is_some_and(|rank| (*low..=*high).contains(&rank)),
        Test::Network { v4, address, bits } => in_network(value, *v4, address, *bits),
        Test::Present => true,
    }
}

fn contains(value: &[u8], part: &[u8]) -> bool {
    part.is_empty() || value.windows(part.len()).any(|window| window == part)
}

/// An integer of at most 18 digits and nothing else.
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let value = digits.iter().try_fold(0i64, |n, b| b.is_ascii_digit().then(|| n * 10 + (b - b'0') as i64))?;
    Some(if negative { -value } else { value })
}

/// Whether the address (the first of a list, as in `X-Forwarded-For`) is in the network.
fn in_network(value: &[u8], v4: bool, network: &[u8; 16], bits: u8) -> bool {
    let first = value.split(|b| *b == b',').next().unwrap_or_default().trim_ascii();
    let network = u128::from_be_bytes(*network);
    let network = if v4 { Ip::V4(network as u32) } else { Ip::V6(network) };
    Ip::parse(first).is_some_and(|address| address.canonical().keep(bits) == network.keep(bits))
}

/// A hash that spreads similar lines evenly.
pub(crate) fn hash(text: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = text.len() as u64;
    for chunk in text.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR).rotate_left(29);
    }
    state ^= state >> 32;
    (state.wrapping_mul(FACTOR) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn network(text: &str) -> Test {
        let (address, bits) = text.split_once('/').unwrap();
        let mut bytes = [0; 16];
        let v4 = match address.parse().unwrap() {
            IpAddr::V4(a) => {
                bytes[12..].copy_from_slice(&a.octets());
                true
            }
            IpAddr::V6(a) => {
                bytes = a.octets();
                false
            }
        };
        Test::Network { v4, address: bytes, bits: bits.parse().unwrap() }
    }

    #[test]
    fn networks() {
        for (net, address, inside) in [
            ("10.0.0.0/8", "10.255.1.2", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "10.1.2.3, 192.0.2.1", true),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("192.0.2.128/25", "192.0.2.129", true),
            ("192.0.2.128/25", "192.0.2.127", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("0.0.0.0/0", "host.example", false),
            ("1.2.3.4/32", "1.2.3.4", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
        ] {
            assert_eq!(passes(&network(net), address.as_bytes()), inside, "{address} in {net}");
        }
    }

    #[test]
    fn numbers_levels_and_text() {
        assert!(passes(&Test::Range(500, 599), b"503"));
        assert!(!passes(&Test::Range(500, 599), b"5030"));
        assert!(!passes(&Test::Range(0, 10), b""));
        assert!(passes(&Test::Range(-5, 5), b"-5"));
        assert!(passes(&Test::Level(0, 4), b"WARN"));
        assert!(!passes(&Test::Level(0, 4), b"notice"));
        assert!(passes(&Test::Contains("b?".into()), b"ab?c"));
        assert!(!passes(&Test::Suffix("abc".into()), b"bc"));
    }
}
