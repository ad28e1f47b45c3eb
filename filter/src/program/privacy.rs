//! What is masked before a record leaves the filter.
use super::{Dfa, Mask};
use alloc::{string::String, vec::Vec};

/// Privacy: what is masked in every record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Privacy {
    /// Bits of an IPv4 address that stay.
    pub v4_bits: Option<u8>,
    /// Bits of an IPv6 address that stay.
    pub v6_bits: Option<u8>,
    /// User names are removed.
    pub remove_user: bool,
    /// Query parameters whose values are replaced, in lower case.
    pub parameters: Vec<String>,
    /// Members of records that are not written.
    pub remove: Vec<String>,
    /// Members of records whose values are replaced.
    pub replace: Vec<String>,
    /// What is replaced in texts: for each pattern, automata that say where it ends, and from there where it starts.
    pub patterns: Vec<(Dfa, Dfa)>,
    /// Numbers of payment cards are replaced in texts.
    pub cards: bool,
    /// What stands in a replaced value's place, as canonical JSON text, and with httpd's escapes.
    pub replacement: [String; 2],
    /// What of this is looked for in texts.
    pub look: Look,
    /// The first letters of parameters: for each, the bit of its lowest five bits.
    pub initials: u32,
    /// Members of members that are hidden.
    pub paths: Vec<HiddenPath>,
}

/// A member of a member that is hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenPath {
    /// The names on the way to it, with a zero byte between them.
    pub path: String,
    /// Its value is replaced; else it is not written.
    pub replace: bool,
}

impl Privacy {
    /// There are patterns to look for in texts.
    pub fn has_patterns(&self) -> bool {
        self.cards || !self.patterns.is_empty()
    }

    /// Nothing is masked.
    pub fn is_off(&self) -> bool {
        self.look == Look::default() && !self.remove_user
    }

    /// Whether a member of this name is not written as it came, and then, whether something else stands there.
    pub fn hides(&self, name: &[u8]) -> Option<bool> {
        if self.remove.is_empty() && self.replace.is_empty() {
            return None;
        }
        let has = |list: &[String]| list.iter().any(|known| known.as_bytes() == name);
        match has(&self.remove) {
            true => Some(false),
            false => has(&self.replace).then_some(true),
        }
    }
}

/// What to look for in a text, as flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Look(pub u8);

impl Look {
    /// IP addresses.
    pub const ADDRESSES: u8 = 1;
    /// Parameters, and members of JSON in the text.
    pub const PARAMETERS: u8 = 2;
    /// The user's own patterns, and numbers of payment cards.
    pub const PATTERNS: u8 = 4;
    /// The text is a URL or a query string: a value ends with it, or where another parameter starts.
    pub const WHOLE: u8 = 8;
    /// The text is a query string, so that its first parameter follows no `?`.
    pub const QUERY: u8 = 16;
    /// Backslashes in the text are httpd's, which are undone later.
    pub const HTTPD_ESCAPES: u8 = 32;
    /// What the text is, which no setting changes.
    const NATURE: u8 = Self::WHOLE | Self::QUERY | Self::HTTPD_ESCAPES;

    /// What is looked for in text of which nothing is known.
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

    /// What is looked for in a text of a JSON line; one called `query` is a query.
    pub fn of_member(name: &[u8]) -> Look {
        match name {
            b"query" => Look(Self::FREE_TEXT.0 | Self::WHOLE | Self::QUERY),
            _ => Self::FREE_TEXT,
        }
    }

    /// What of it is to be masked at all.
    #[inline(always)]
    pub(crate) fn needed(self, privacy: &Privacy) -> Look {
        Look(self.0 & (privacy.look.0 | Self::NATURE))
    }

    #[inline(always)]
    pub(crate) fn has(self, flags: u8) -> bool {
        self.0 & flags != 0
    }
}
