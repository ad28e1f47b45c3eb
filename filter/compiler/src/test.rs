//! What conditions ask of a value: each test as the user means it, which values it makes sense for, what it is in the
//! program, and in words.
use crate::{Fault, regex};
use firelens_filter::{
    json,
    program::{self, Kind, LEVELS},
};
use std::{fmt, net::IpAddr};

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
    /// In the syntax of the `regex` crate; found anywhere in the value.
    Regex(String),
    /// An integer in this range, both ends included.
    Range(i64, i64),
    /// A level at least this severe and at most that severe: ranks of [`firelens_filter::program::level_rank`], from the severest.
    Level(u8, u8),
    /// An address in this network.
    Network {
        /// The network's address.
        address: IpAddr,
        /// How many bits of the address are the network's.
        bits: u8,
    },
    /// The field is there.
    Present,
    /// So many bytes, both ends included.
    Length(u32, u32),
    /// The record's kind.
    Kind(Kind),
}

/// What a condition looks at, with what is known of its values.
pub(crate) enum Values {
    Kind,
    /// Text of any kind, or unknown.
    Text,
    Level,
    Integer,
    Address,
    /// Text that cannot be an address.
    Words,
    Time,
}

impl Test {
    /// The test of a program, if it makes sense for such values of a field.
    pub(crate) fn compile(&self, values: &Values, field: &str) -> Result<program::Test, Fault> {
        self.applies(values, field)?;
        Ok(match self {
            Test::Equals(text) => program::Test::Equals(text.clone()),
            Test::Prefix(text) => program::Test::Prefix(text.clone()),
            Test::Suffix(text) => program::Test::Suffix(text.clone()),
            Test::Contains(text) => program::Test::Contains(text.clone()),
            Test::Regex(pattern) => program::Test::Regex(Box::new(regex::compile(pattern)?)),
            Test::Range(low, high) if low > high => {
                return Err(
                    Fault::new(format!("no number is from {low} to {high}")).help("write the smaller one first")
                );
            }
            Test::Range(low, high) => program::Test::Range(*low, *high),
            Test::Level(low, high) if low > high || *high > 15 => {
                return Err(Fault::new("no level is in this range").help("write the more severe level first"));
            }
            Test::Level(low, high) => program::Test::Level(*low, *high),
            Test::Network { address, bits } => network(*address, *bits)?,
            Test::Present => program::Test::Present,
            Test::Length(low, high) => program::Test::Length(*low, *high),
            Test::Kind(kind) => program::Test::Equals(kind.as_str().to_string()),
        })
    }

    fn applies(&self, values: &Values, field: &str) -> Result<(), Fault> {
        let wrong = |what: &str, help: &str| Err(Fault::new(format!("`{field}` {what}")).help(help));
        match (self, values) {
            (Test::Kind(_), Values::Kind) | (Test::Present, _) => Ok(()),
            (Test::Kind(_), _) => wrong("is not the record's kind", "ask for the field `kind`"),
            (Test::Equals(kind), Values::Kind) if Kind::ALL.iter().any(|known| known.as_str() == kind) => Ok(()),
            (_, Values::Kind) => wrong(
                "can only be one of the kinds",
                &format!("the kinds are {}", Kind::ALL.map(Kind::as_str).join(", ")),
            ),
            (Test::Level(..), Values::Level | Values::Text) => Ok(()),
            (Test::Level(..), _) => wrong("has no severities", "ask for the field `level`"),
            (Test::Range(..), Values::Integer | Values::Text) => Ok(()),
            (Test::Range(..), _) => wrong("is no number", "compare it as text"),
            (Test::Network { .. }, Values::Address | Values::Text) => Ok(()),
            (Test::Network { .. }, _) => {
                wrong("is no address", "addresses are in `client`, `peer` and `x_forwarded_for`")
            }
            (Test::Equals(number), Values::Integer) if number.parse::<i64>().is_err() => {
                wrong(&format!("is a number, and `{number}` is none"), "write a number or a range of numbers")
            }
            (_, Values::Time) => wrong("is a time, which cannot be compared as text", "leave this condition out"),
            _ => Ok(()),
        }
    }
}

/// In words, for explanations: `is from 500 to 599`.
impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = |rank: u8| LEVELS.get(usize::from(rank)).copied().unwrap_or("unknown");
        match self {
            Test::Equals(text) => write!(f, "is {}", Quoted(text)),
            Test::Prefix(text) => write!(f, "starts with {}", Quoted(text)),
            Test::Suffix(text) => write!(f, "ends with {}", Quoted(text)),
            Test::Contains(text) => write!(f, "contains {}", Quoted(text)),
            Test::Regex(regex) => write!(f, "matches /{regex}/"),
            Test::Range(low, high) if low == high => write!(f, "is {low}"),
            Test::Range(i64::MIN, high) => write!(f, "is at most {high}"),
            Test::Range(low, i64::MAX) => write!(f, "is at least {low}"),
            Test::Range(low, high) => write!(f, "is from {low} to {high}"),
            Test::Level(severest, mildest) if severest == mildest => write!(f, "is {}", level(*severest)),
            Test::Level(0, mildest) => write!(f, "is {} or more severe", level(*mildest)),
            Test::Level(severest, mildest) => write!(f, "is from {} to {}", level(*severest), level(*mildest)),
            Test::Network { address, bits } => write!(f, "is in {address}/{bits}"),
            Test::Present => f.write_str("is there"),
            Test::Length(low, u32::MAX) => write!(f, "has at least {low} bytes"),
            Test::Length(0, high) => write!(f, "has at most {high} bytes"),
            Test::Length(low, high) => write!(f, "has {low} to {high} bytes"),
            Test::Kind(kind) => write!(f, "is {}", kind.as_str()),
        }
    }
}

/// A text in JSON's quotes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        json::push_text(&mut text, self.0.as_bytes());
        write!(f, "\"{}\"", String::from_utf8_lossy(&text))
    }
}

fn network(address: IpAddr, bits: u8) -> Result<program::Test, Fault> {
    let mut bytes = [0; 16];
    let (v4, bits, most) = match address {
        IpAddr::V4(v4) => {
            bytes[12..].copy_from_slice(&v4.octets());
            (true, bits, 32)
        }
        // A mapped address, `::ffff:192.0.2.0/120`, is what it maps.
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) if bits >= 96 => return network(IpAddr::V4(v4), bits - 96),
            _ => {
                bytes = v6.octets();
                (false, bits, 128)
            }
        },
    };
    if bits > most {
        return Err(Fault::new(format!("an address like {address} has {most} bits, not {bits}"))
            .help(format!("write a prefix length from 0 to {most}")));
    }
    Ok(program::Test::Network { v4, address: bytes, bits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_networks_are_ipv4() {
        let mapped = network("::ffff:192.0.2.0".parse().unwrap(), 120).unwrap();
        assert_eq!(mapped, network("192.0.2.0".parse().unwrap(), 24).unwrap());
    }

    #[test]
    fn a_test_in_words() {
        for (test, words) in [
            (Test::Equals("a\"b".into()), r#"is "a\"b""#),
            (Test::Range(404, 404), "is 404"),
            (Test::Range(i64::MIN, 5), "is at most 5"),
            (Test::Level(0, 4), "is warn or more severe"),
            (Test::Level(9, 9), "is trace2"),
            (Test::Network { address: [10, 0, 0, 0].into(), bits: 8 }, "is in 10.0.0.0/8"),
        ] {
            assert_eq!(test.to_string(), words);
        }
    }
}
