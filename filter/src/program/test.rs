//! What conditions ask of a value: each test with its bytes in the program, and with what passes it.
use super::{
    Dfa,
    codec::{Code, Reader, variants},
};
use crate::ip::Ip;
use crate::swar;
use alloc::{boxed::Box, string::String, vec::Vec};

/// A test on a value; an absent value fails every test.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The value is this text.
    Equals(String),
    /// The value starts with this text.
    Prefix(String),
    /// The value ends with this text.
    Suffix(String),
    /// This text is somewhere in the value.
    Contains(String),
    /// The regular expression matches somewhere in the value.
    Regex(Box<Dfa>),
    /// An integer from `0` to `1`, both included.
    Range(i64, i64),
    /// A level whose rank ([`level_rank`]) is from `0` to `1`, both included.
    Level(u8, u8),
    /// An address in this network; IPv4 is written as the last four bytes, with `v4`.
    Network {
        /// It is an IPv4 network.
        v4: bool,
        /// The network's address.
        address: [u8; 16],
        /// How many of its bits count.
        bits: u8,
    },
    /// There is a value.
    Present,
    /// So many bytes, from `0` to `1`, both included.
    Length(u32, u32),
}

variants! { Test {
    0 Equals(text), 1 Prefix(text), 2 Suffix(text), 3 Contains(text), 4 Regex(dfa), 5 Range(low, high), 6 Level(low, high),
    7 Network { v4, address, bits }, 8 Present, 9 Length(low, high)
} else Test::Present }

impl Test {
    /// Whether a value passes.
    #[inline(never)]
    pub fn passes(&self, value: &[u8]) -> bool {
        match self {
            Test::Equals(text) if value.len() != text.len() => false,
            Test::Equals(text) | Test::Prefix(text) => swar::starts_with(value, 0, text.as_bytes()),
            Test::Suffix(text) => value.ends_with(text.as_bytes()),
            Test::Contains(text) => contains(value, text.as_bytes()),
            Test::Regex(dfa) => dfa.is_match(value),
            Test::Range(low, high) => integer(value).is_some_and(|n| (*low..=*high).contains(&n)),
            Test::Level(low, high) => level_rank(value).is_some_and(|rank| (*low..=*high).contains(&rank)),
            Test::Network { v4, address, bits } => in_network(value, *v4, address, *bits),
            Test::Present => true,
            Test::Length(low, high) => (*low..=*high).contains(&(value.len() as u32)),
        }
    }

    /// What it points to is there.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Test::Regex(dfa) => dfa.is_sound(),
            _ => true,
        }
    }
}

fn contains(value: &[u8], part: &[u8]) -> bool {
    part.is_empty() || value.windows(part.len()).any(|window| window == part)
}

/// An integer of at most 18 digits and nothing else.
fn integer(text: &[u8]) -> Option<i64> {
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

/// The names of levels by their rank, the most severe first. <https://httpd.apache.org/docs/2.4/mod/core.html#loglevel>
pub const LEVELS: [&str; 16] = [
    "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug", "trace1", "trace2", "trace3", "trace4",
    "trace5", "trace6", "trace7", "trace8",
];

/// What others call them: Ruby's Logger, JSON loggers.
pub const OTHER_LEVELS: [(&str, u8); 5] = [("fatal", 2), ("unknown", 1), ("any", 1), ("warning", 4), ("trace", 8)];

/// The rank of a level's name, in any case: an index into [`LEVELS`].
pub fn level_rank(name: &[u8]) -> Option<u8> {
    let is = |known: &str| known.as_bytes().eq_ignore_ascii_case(name);
    let other = || OTHER_LEVELS.iter().find(|(known, _)| is(known)).map(|(_, rank)| *rank);
    LEVELS.iter().position(|known| is(known)).map(|rank| rank as u8).or_else(other)
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
            assert_eq!(network(net).passes(address.as_bytes()), inside, "{address} in {net}");
        }
    }

    #[test]
    fn numbers_levels_and_text() {
        assert!(Test::Range(500, 599).passes(b"503"));
        assert!(!Test::Range(500, 599).passes(b"5030"));
        assert!(!Test::Range(0, 10).passes(b""));
        assert!(Test::Range(-5, 5).passes(b"-5"));
        assert!(Test::Level(0, 4).passes(b"WARN"));
        assert!(!Test::Level(0, 4).passes(b"notice"));
        assert!(Test::Contains("b?".into()).passes(b"ab?c"));
        assert!(!Test::Suffix("abc".into()).passes(b"bc"));
        assert!(Test::Length(2, 3).passes(b"abc") && !Test::Length(2, 3).passes(b"abcd"));
        assert!(!Test::Length(2, 3).passes(b"a") && Test::Length(0, 0).passes(b""));
    }
}
