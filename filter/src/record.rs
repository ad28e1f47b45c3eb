//! A record of Fluent Bit: its members, and which of them matter to the filter.
use crate::json::{self, Member, flags};
use crate::line::Line;
use crate::names::is_ours;
use crate::program::Container;
use crate::swar;
use crate::value;
use alloc::{borrow::Cow, vec::Vec};

/// Bytes behind a line that had to be rewritten, so that it is searched by words.
const PADDING: usize = 16;

/// Where a line was written to, as far as the record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Stdout,
    Stderr,
    Unknown,
}

impl Source {
    /// The formats of a container's lines from here; of all its lines when that is not known.
    pub(crate) fn formats<'a>(&self, container: &'a Container) -> impl Iterator<Item = &'a u8> + use<'a> {
        let (stdout, stderr): (&[u8], &[u8]) = match self {
            Source::Stdout => (&container.stdout, &[]),
            Source::Stderr => (&[], &container.stderr),
            Source::Unknown => (&container.stdout, &container.stderr),
        };
        stdout.iter().chain(stderr)
    }
}

/// A strict record. Bits in [`Record::ours`] name members whose key is `kind` or `route`.
pub(crate) struct Record<'a> {
    pub text: &'a [u8],
    /// The text as it came, without what was added: up to where that stands, both are the same.
    #[cfg(firelens_module)]
    pub given: &'a [u8],
    pub members: Vec<Member>,
    /// Index of the `log` member, if its value is a string.
    pub log: Option<usize>,
    pub source: Source,
    container: Option<Cow<'a, [u8]>>,
    /// A member's key is `kind` or `route`.
    pub has_ours: bool,
    /// Members beside the line are called `log`.
    pub has_other_logs: bool,
    /// The [`bit`]s of all members' keys.
    pub bits: u64,
}

impl<'a> Record<'a> {
    /// The line as canonical JSON text; `respelled` is room for it when it has to be rewritten.
    pub(crate) fn line<'b>(&self, respelled: &'b mut Vec<u8>) -> Option<Line<'b>>
    where
        'a: 'b,
    {
        self.line_of(self.log_member()?, respelled)
    }

    /// [`Record::line`] of any member that is a string.
    pub(crate) fn line_of<'b>(&self, log: Member, respelled: &'b mut Vec<u8>) -> Option<Line<'b>>
    where
        'a: 'b,
    {
        let (start, end) = (log.value as usize + 1, log.end as usize - 1);
        let plain = log.flags & json::flags::BACKSLASH == 0;
        if log.flags & json::flags::RESPELLED == 0 {
            return Some(Line { text: self.text, start, end, plain });
        }
        value::canonical(self.text.get(start..end)?, respelled);
        let end = respelled.len();
        respelled.extend_from_slice(&[0; PADDING]);
        let plain = plain && !respelled.windows(2).any(|pair| pair == b"\\\\");
        Some(Line { text: respelled, start: 0, end, plain })
    }

    pub(crate) fn new(text: &'a [u8], members: Vec<Member>, tag: &'a [u8], wants_container: bool) -> Record<'a> {
        let mut record = Record {
            text,
            #[cfg(firelens_module)]
            given: text,
            members,
            log: None,
            source: Source::Unknown,
            container: None,
            has_ours: false,
            has_other_logs: false,
            bits: 0,
        };
        for index in 0..record.members.len() {
            record.look_at(index);
        }
        if wants_container && let Some(name) = container_of_tag(tag) {
            record.container = Some(Cow::Borrowed(name));
        }
        record
    }

    #[inline(always)]
    fn look_at(&mut self, index: usize) {
        let text = self.text;
        let Some(member) = self.members.get(index).copied() else { return };
        let key = key(&member, text);
        self.bits |= bit(&key);
        match key.len() {
            3 if *key == *b"log" => match self.log {
                None if member.is_string() => self.log = Some(index),
                _ => self.has_other_logs = true,
            },
            4 | 5 if is_ours(&key) => self.has_ours = true,
            6 if *key == *b"source" => {
                self.source = match member.value_text(text) {
                    b"\"stdout\"" => Source::Stdout,
                    b"\"stderr\"" => Source::Stderr,
                    _ => Source::Unknown,
                }
            }
            14 if *key == *b"container_name" && member.is_string() => {
                let name = match string_value(&member, text) {
                    Cow::Borrowed(name) => Cow::Borrowed(name.strip_prefix(b"/").unwrap_or(name)),
                    owned => owned,
                };
                self.container = Some(name);
            }
            _ => {}
        }
    }

    pub(crate) fn log_member(&self) -> Option<Member> {
        self.members.get(self.log?).copied()
    }

    /// Whether this member is called `log`, too, but is not the line.
    pub(crate) fn is_other_log(&self, index: usize) -> bool {
        let is_log = |member: &Member| *key(member, self.text) == *b"log";
        self.log != Some(index) && self.members.get(index).is_some_and(is_log)
    }

    /// The container's name: from FireLens's tag (`<container>-firelens-<task>`), or the record's `container_name`.
    pub(crate) fn container_name(&self) -> Option<&[u8]> {
        self.container.as_deref()
    }

    /// Whether the record is from this container; one that does not say where it is from is from any. On EC2 the name is
    /// `ecs-<family>-<revision>-<container>-<hash>`.
    pub(crate) fn is_from(&self, name: &str) -> bool {
        let (Some(own), false) = (self.container_name(), name.is_empty()) else { return true };
        let name = name.as_bytes();
        if own == name {
            return true;
        }
        let Some((hash, rest)) =
            own.rsplitn(2, |b| *b == b'-').collect::<Vec<_>>().split_first().map(|(h, r)| (*h, r.first().copied()))
        else {
            return false;
        };
        own.starts_with(b"ecs-")
            && hash.len() >= 16
            && rest.is_some_and(|rest| rest.strip_suffix(name).is_some_and(|front| front.ends_with(b"-")))
    }

    /// The value of one of the record's own members, decoded.
    pub(crate) fn value(&self, name: &[u8]) -> Option<Cow<'_, [u8]>> {
        if is_ours(name) || name == b"log" {
            return None;
        }
        member_value(&self.members, self.text, name)
    }

    /// Whether a member is called so.
    pub(crate) fn has(&self, name: &[u8]) -> bool {
        self.bits & bit(name) != 0 && self.members.iter().any(|member| is_called(member, self.text, name))
    }
}

/// A bit for a key, to see quickly that two sets of keys have none in common.
#[inline(always)]
pub(crate) fn bit(key: &[u8]) -> u64 {
    let (Some(first), Some(last)) = (key.first(), key.last()) else { return 1 };
    1 << ((key.len() as u32 ^ (*first as u32).wrapping_mul(5) ^ (*last as u32).wrapping_mul(11)) & 63)
}

/// Whether a member has this key.
#[inline(always)]
fn is_called(member: &Member, text: &[u8], name: &[u8]) -> bool {
    // With the quote in front of it.
    let length = (member.key_end - member.start) as usize;
    (length == name.len() + 1 || member.flags & flags::KEY_ESCAPED != 0) && *key(member, text) == *name
}

/// A member's key, decoded.
#[inline(always)]
pub(crate) fn key<'a>(member: &Member, text: &'a [u8]) -> Cow<'a, [u8]> {
    let raw = member.key(text);
    if member.flags & flags::KEY_ESCAPED == 0 {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(decoded(raw))
}

#[cold]
#[inline(never)]
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    json::decode(text, &mut decoded);
    decoded
}

/// A string's text, decoded.
fn string_value<'a>(member: &Member, text: &'a [u8]) -> Cow<'a, [u8]> {
    let whole = member.value_text(text);
    let inside = whole.get(1..whole.len().max(2) - 1).unwrap_or_default();
    if member.flags & flags::ESCAPED == 0 {
        return Cow::Borrowed(inside);
    }
    Cow::Owned(decoded(inside))
}

/// The value of the last member of this name, as [`value_of`] has it.
pub(crate) fn member_value<'a>(members: &[Member], text: &'a [u8], name: &[u8]) -> Option<Cow<'a, [u8]>> {
    value_of(find(members, text, name)?, text)
}

/// The last member of this name, as readers of JSON mostly have it.
pub(crate) fn find<'m>(members: &'m [Member], text: &[u8], name: &[u8]) -> Option<&'m Member> {
    members.iter().rfind(|member| is_called(member, text, name))
}

/// A value: a string's text, or the JSON of anything else but `null`.
pub(crate) fn value_of<'a>(member: &Member, text: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    if member.is_string() {
        return Some(string_value(member, text));
    }
    let value = member.value_text(text);
    (value != b"null").then_some(Cow::Borrowed(value))
}

/// `httpd` of `httpd-firelens-0123abcd`, and of `parsed.httpd-firelens-0123abcd`, as an emitter may have named it: the
/// names of containers have no dots.
fn container_of_tag(tag: &[u8]) -> Option<&[u8]> {
    let dash = mark_of_tag(tag)?;
    let from = tag[..dash].iter().rposition(|b| *b == b'.').map_or(0, |dot| dot + 1);
    (from < dash).then(|| &tag[from..dash])
}

pub(crate) const MARK: &[u8] = b"-firelens-";

/// Where FireLens's mark stands in a tag.
pub(crate) fn mark_of_tag(tag: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let dash = swar::find_apart(tag, from, tag.len(), b'-');
        if dash >= tag.len() {
            return None;
        }
        if tag[dash..].starts_with(MARK) && dash > 0 {
            return Some(dash);
        }
        from = dash + 1;
    }
}
