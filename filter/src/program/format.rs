//! How a line is read, and what is written of it.
use super::{FieldId, Kind};
use crate::json;
use alloc::{string::String, vec::Vec};

/// One way in which a line can be written.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledFormat {
    /// The value of `kind` in records that it reads.
    pub kind: Kind,
    /// How a line is read: the first pattern that matches the whole line decides.
    pub patterns: Vec<Pattern>,
    /// The text of values has httpd's escapes (`\xhh`, `\"`, `\\`, `\n` …), which are undone.
    pub httpd_escapes: bool,
    /// The zone of times that carry none: from each local second on (counted as if it were UTC), the offset east of UTC
    /// in seconds. Sorted; empty is UTC.
    pub zone: Vec<(i64, i32)>,
}

impl CompiledFormat {
    /// All fields that its patterns write. Members of an object have their own names.
    pub fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.patterns.iter().flat_map(|pattern| &pattern.outputs)
    }

    /// Whether it has lines with such an object.
    pub fn holds(&self, form: Form) -> bool {
        self.patterns.iter().any(|pattern| matches!(pattern.object, Some(object) if object.form == form))
    }

    /// Whether it has lines with an object, whose members only the line knows.
    pub fn brings_members(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.object.is_some())
    }
}

/// A value that is an object: its members become fields of the record. What is none does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Object {
    /// The value. It reaches to the line's end.
    pub field: FieldId,
    /// How it is written.
    pub form: Form,
    /// Other text can stand in front of pairs: it becomes `prefix`.
    pub prefix: bool,
}

/// How an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A JSON object.
    Json,
    /// Lograge: `key=value` pairs or a JSON object, with at least `method`, `path` and `status`.
    Lograge,
}

/// A sequence of steps that a line must satisfy from its first to its last byte.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pattern {
    /// From the line's first byte to its last; the last one is [`Op::End`].
    pub ops: Vec<Op>,
    /// What is done to captured values before they are looked at or written.
    pub refine: Vec<Refine>,
    /// The fields that are written, in this order (the line's), where they were captured.
    pub outputs: Vec<Output>,
    /// The object in the line.
    pub object: Option<Object>,
    /// The fields that are not masked as free text where the line itself is kept, written or not, in the line's order.
    pub private: Vec<(FieldId, Mask)>,
    /// What each op stands for in the user's format (`%h`, `" "`), for explanations. Not part of the module.
    pub labels: Vec<String>,
}

/// One step. Value ops capture a span of the line into a field, and then `then` has to follow (an empty literal always
/// does). `Token` and `Text` end at the first place from where the rest of the pattern matches.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "what `field` and `then` are is said above")]
pub enum Op {
    /// This text.
    Lit(Literal),
    /// At least one byte, no blanks.
    Token { field: FieldId, then: Literal },
    /// Any text, also none. With an empty `then`: the rest of the line.
    Text { field: FieldId, then: Literal },
    /// Text inside quotes: up to the first `"` that no httpd escape precedes. `then` starts with that quote.
    Quoted { field: FieldId, then: Literal },
    /// `-`, or an optional sign and 1 to 18 digits.
    Number { field: FieldId, then: Literal },
    /// 1 to 15 digits, optionally with a fraction: a duration for [`Emit::Scaled`]; or `-`.
    Decimal { field: FieldId, then: Literal },
    /// One part of a time. Parts of one time share `set` (0 or 1).
    Time { part: TimePart, set: u8, then: Literal },
    /// Exactly one byte that is no blank (`%X`).
    Byte { field: FieldId, then: Literal },
    /// Try the ops that follow; if the line cannot be matched that way, forget the fields in `clear` and go on at op
    /// `otherwise` (an index into the pattern's ops, always a later one).
    Try { otherwise: u16, clear: Vec<FieldId> },
    /// Go on at this op (always a later one).
    Jump(u16),
    /// `[tag] [tag] ` of Rails' tagged logging: none or more. A tag that is a UUID becomes `request_id`; `tags` is the
    /// text of the others, from the first to the last. `wants_id`: one has to be a UUID.
    Tags { tags: FieldId, request_id: FieldId, wants_id: bool },
    /// One of these words (Rails' severities, months …) of canonical JSON text.
    OneOf { field: FieldId, words: Vec<String>, then: Literal },
    /// The number of one of httpd's messages: `AH` and five digits.
    Code { field: FieldId, then: Literal },
    /// The line ends here.
    End,
}

/// Text that has to stand in the line, as canonical JSON text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Literal {
    /// The first eight bytes, little endian.
    pub word: u64,
    /// Which bits of `word` count.
    pub mask: u64,
    /// Length in bytes.
    pub len: u32,
    /// All of it, when it is longer than eight bytes.
    pub long: Vec<u8>,
}

impl Literal {
    /// No text.
    pub const EMPTY: Literal = Literal { word: 0, mask: 0, len: 0, long: Vec::new() };

    /// The literal for `text` as a person reads it.
    pub fn new(text: &[u8]) -> Literal {
        let mut text_of_json = Vec::new();
        text.iter().for_each(|byte| json::push_ascii(&mut text_of_json, *byte));
        Literal::of_json(&text_of_json)
    }

    /// The literal for canonical JSON text.
    pub(super) fn of_json(json: &[u8]) -> Literal {
        let (word, mask) = Literal::start_of(json);
        let long = if json.len() > 8 { json.to_vec() } else { Vec::new() };
        Literal { word, mask, len: json.len() as u32, long }
    }

    /// The first eight bytes of some text as a little endian number, and which bits of it count.
    pub fn start_of(text: &[u8]) -> (u64, u64) {
        let mut word = [0; 8];
        let head = text.len().min(8);
        word[..head].copy_from_slice(&text[..head]);
        (u64::from_le_bytes(word), if head == 0 { 0 } else { u64::MAX >> (64 - 8 * head) })
    }

    /// The literal's bytes; a short one needs room to be unpacked.
    pub fn bytes<'a>(&'a self, room: &'a mut [u8; 8]) -> &'a [u8] {
        if self.len > 8 {
            return &self.long;
        }
        *room = self.word.to_le_bytes();
        &room[..self.len as usize]
    }

    /// Nothing has to follow.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// A piece of a time, of a shape of its own, so that its end needs no literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimePart {
    /// `22/Nov/2026:07:38:32 +0000`, httpd's `%t` without its brackets.
    Clf,
    /// Four digits.
    Year,
    /// Two digits: 69 to 99 are 19xx, 00 to 68 are 20xx.
    Year2,
    /// The first two digits of the year (`%C`).
    Century,
    /// 01 to 12.
    Month,
    /// `Jan` … `Dec`.
    MonthName,
    /// `January` … `December`.
    MonthFull,
    /// 01 to 31; a leading blank is fine (`%e`).
    Day,
    /// 001 to 366.
    YearDay,
    /// 00 to 23; a leading blank is fine (`%k`).
    Hour,
    /// 01 to 12; a leading blank is fine (`%l`).
    Hour12,
    /// `AM`, `PM`, in either case.
    AmPm,
    /// 00 to 59.
    Minute,
    /// 00 to 60.
    Second,
    /// `.` is not part of it: this many digits.
    Fraction(u8),
    /// `+hhmm`, `-hhmm`, `+hh:mm`, `Z`.
    Zone,
    /// A zone's letters (`%Z`): `UTC`, `GMT` and `Z` are known, others are taken as the format's zone.
    ZoneName,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
    /// Microseconds since 1970.
    EpochMicros,
    /// `Mon` … `Sun`, not used.
    WeekdayName,
    /// `Monday` … `Sunday`, not used.
    WeekdayFull,
    /// This many digits that are not used (week numbers, weekday numbers).
    Ignored(u8),
}

/// The number of time sets in a pattern (`begin:` and `end:`).
pub const TIME_SETS: usize = 2;

/// A change to captured values, after the whole pattern has matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "its parts are fields: `from` is what is split")]
pub enum Refine {
    /// Splits a request line (`GET /a?b=c HTTP/1.1`, or without protocol as in HTTP/0.9); when it cannot be split, all
    /// but `from` stay absent, and when it can, `from` goes.
    Request { from: FieldId, method: FieldId, path: FieldId, query: FieldId, protocol: FieldId },
    /// `path?query`.
    Path { from: FieldId, query: FieldId },
    /// `%q`: the `?` goes; nothing at all, or `-` without it, is absent.
    Query { from: FieldId },
    /// `address:port`, also IPv6 without brackets (the last colon) or with; an address alone stays as it is.
    Address { from: FieldId, port: FieldId },
    /// `AH01234: ` in front of a message.
    Code { from: FieldId, code: FieldId },
    /// `from` goes as far as `last` does: words with blanks between them that are one value.
    Join { from: FieldId, last: FieldId },
}

/// A field of the output.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The field that is written.
    pub field: FieldId,
    /// `,"name":` with the name that is printed (presets rename).
    pub key: String,
    /// How it is written.
    pub emit: Emit,
    /// What privacy settings do to it.
    pub mask: Mask,
}

impl Output {
    /// The name that is printed.
    pub fn name(&self) -> &str {
        self.key.get(2..self.key.len().saturating_sub(2)).unwrap_or_default()
    }
}

/// How a captured span becomes a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emit {
    /// A string; `-` is absent; `""` is the empty string.
    Value,
    /// A string, whatever it holds.
    Message,
    /// A string in lower case (levels).
    Lower,
    /// An integer; `-` is absent.
    Number,
    /// A duration in microseconds: the decimal number times ten to this power, truncated.
    Scaled(u8),
    /// RFC 3339 in UTC, from the time parts of this set; `field` is not captured then.
    Time(u8),
    /// `+` and `X` and `-` as they are (`%X`): a string, never absent.
    Verbatim,
}

/// What privacy settings do to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// It is written as it is.
    None,
    /// Addresses in it are shortened to their network.
    Address,
    /// It is a user's name.
    User,
    /// It can hold a query string.
    Url,
    /// It is a query string itself.
    Query,
    /// Free text: addresses and query parameters, as far as they can be recognised.
    FreeText,
    /// It is not written.
    Removed,
    /// Something else stands there.
    Replaced,
}
