//! The program: what the filter does with a line, in the form in which it becomes part of the module.
//!
//! The matcher reads the line as it stands in the record, in *canonical JSON text*: `"`, `\` and control characters are
//! escaped the shortest way (`\"`, `\\`, `\n`, `\u0001`), everything else is plain UTF-8. So every literal here is in
//! that form too (see [`Literal::new`]), and a value that holds no escape can be copied from input to output as it is.
mod codec;
mod dfa;

use crate::mask::Look;
use alloc::{boxed::Box, string::String, vec::Vec};
use codec::{Code, Reader};
pub use dfa::Dfa;
#[cfg(feature = "compile")]
pub(crate) use dfa::{DEAD, MATCHED};

/// Index into [`Program::names`].
pub type FieldId = u8;

/// The most names that a program can know.
pub const MAX_NAMES: usize = 250;

/// Everything that the module knows about its user's logs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Program {
    /// Keep `log` in records whose line was parsed.
    pub keep_log: bool,
    /// The plain names of all fields that formats capture or routes ask for.
    pub names: Vec<String>,
    /// The containers whose lines are parsed. None: every record's line is tried with every format, in order.
    pub containers: Vec<Container>,
    /// The formats that the containers point to.
    pub formats: Vec<Format>,
    /// The routes, in order; the last one is unconditional. None: records get no `route`.
    pub routes: Vec<Route>,
    /// What is masked before a record leaves the filter.
    pub privacy: Privacy,
    /// The formats for which packaging writes code, in its order.
    pub outlines: Vec<Outline>,
}

/// What the module has to know of the code that is made for a format ([`crate::straight`]).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outline {
    /// Index of the format.
    pub format: u8,
    /// What is written in front of the first value, whatever the line.
    pub opening: Vec<u8>,
    /// The fields that the line alone decides about.
    pub decides: Vec<FieldId>,
}

/// A container, and the formats (indices into [`Program::formats`]) of its two streams, tried in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Container {
    pub name: String,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// The value of the `kind` field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Access,
    Error,
    Rails,
    Json,
    Unparsed,
}

impl Kind {
    /// The kind's name in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Access => "access",
            Kind::Error => "error",
            Kind::Rails => "rails",
            Kind::Json => "json",
            Kind::Unparsed => "unparsed",
        }
    }
}

/// One way in which a line can be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Format {
    pub kind: Kind,
    pub body: Body,
    /// The text of values has httpd's escapes (`\xhh`, `\"`, `\\`, `\n` …), which are undone.
    pub httpd_escapes: bool,
    /// The zone of times that carry none: from each local second on (counted as if it were UTC), the offset east of UTC
    /// in seconds. Sorted; empty is UTC.
    pub zone: Vec<(i64, i32)>,
}

#[cfg(feature = "compile")]
impl Format {
    /// Gives outputs whose names are hidden their masks, and puts each pattern's outputs in the order in which the line has
    /// them.
    pub fn settle_outputs(&mut self, privacy: &Privacy) {
        if let Body::Patterns(patterns) = &mut self.body {
            for pattern in patterns {
                for output in &mut pattern.outputs {
                    match privacy.hides(output.name().as_bytes()) {
                        Some(true) => output.mask = Mask::Replaced,
                        Some(false) => output.mask = Mask::Removed,
                        None => {}
                    }
                }
                pattern.order_outputs();
            }
        }
    }
}

/// How a format is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// The first pattern that matches the whole line decides.
    Patterns(Vec<Pattern>),
    /// The line is a JSON object; its fields join the record.
    Json,
    /// Lograge: `key=value` pairs or a JSON object, with at least `method`, `path` and `status`.
    Lograge,
}

/// A sequence of steps that a line must satisfy from its first to its last byte.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pattern {
    pub ops: Vec<Op>,
    /// What is done to captured values before they are looked at or written.
    pub refine: Vec<Refine>,
    /// The fields that are written, in this order (the line's), where they were captured.
    pub outputs: Vec<Output>,
    /// The fields that are not masked as free text where the line itself is kept, written or not, in the line's order.
    pub private: Vec<(FieldId, Mask)>,
    /// What each op stands for in the user's format (`%h`, `" "`), for explanations. Not part of the module.
    pub labels: Vec<String>,
}

/// One step. Value ops capture a span of the line into a field, and then `then` has to follow (an empty literal always
/// does). `Token` and `Text` end at the first place from where the rest of the pattern matches.
#[derive(Debug, Clone, PartialEq)]
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
        let mut json = Vec::new();
        for &byte in text {
            match byte {
                b'"' => json.extend_from_slice(b"\\\""),
                b'\\' => json.extend_from_slice(b"\\\\"),
                b'\n' => json.extend_from_slice(b"\\n"),
                b'\r' => json.extend_from_slice(b"\\r"),
                b'\t' => json.extend_from_slice(b"\\t"),
                8 => json.extend_from_slice(b"\\b"),
                12 => json.extend_from_slice(b"\\f"),
                0..=0x1f => {
                    json.extend_from_slice(b"\\u00");
                    json.push(b'0' + (byte >> 4));
                    json.push(b"0123456789abcdef"[(byte & 15) as usize]);
                }
                _ => json.push(byte),
            }
        }
        Literal::of_json(&json)
    }

    /// The literal for canonical JSON text.
    fn of_json(json: &[u8]) -> Literal {
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
}

impl Refine {
    /// The captured field that this one is made of.
    #[cfg(feature = "compile")]
    fn source_of(&self, field: FieldId) -> Option<FieldId> {
        match *self {
            Refine::Request { from, method, path, query, protocol } => {
                [method, path, query, protocol].contains(&field).then_some(from)
            }
            Refine::Path { from, query } => (query == field).then_some(from),
            Refine::Query { .. } => None,
            Refine::Address { from, port } => (port == field).then_some(from),
            Refine::Code { from, code } => (code == field).then_some(from),
        }
    }
}

/// A field of the output.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    pub field: FieldId,
    /// `,"name":` with the name that is printed (presets rename).
    pub key: String,
    pub emit: Emit,
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

/// A route: the first whose conditions hold decides about a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    pub name: String,
    /// `,"route":"name"`.
    pub key: String,
    /// Any of these; in each, all of it. Empty: every record.
    pub any_of: Vec<Vec<Condition>>,
    pub action: Action,
}

/// What becomes of a record that took a route.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    Keep,
    Drop,
    /// Kept when the record's hash is below this share of 2^32.
    Sample(u32),
}

/// A condition on one field: at least one of the tests holds (or, with `not`, none of them).
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub subject: Subject,
    pub not: bool,
    pub any: Vec<Test>,
}

/// What a condition looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The filter's own `kind`.
    Kind,
    /// The container's name, from the tag or the record's `container_name`.
    Container,
    /// A field of the line, or else one of the record's own.
    Field(FieldId),
}

/// A test on a value; an absent value fails every test.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    Equals(String),
    Prefix(String),
    Suffix(String),
    Contains(String),
    Regex(Box<Dfa>),
    /// An integer from `0` to `1`, both included.
    Range(i64, i64),
    /// A level whose rank ([`level_rank`]) is from `0` to `1`, both included.
    Level(u8, u8),
    /// An address in this network; IPv4 is written as the last four bytes, with `v4`.
    Network {
        v4: bool,
        address: [u8; 16],
        bits: u8,
    },
    /// There is a value.
    Present,
}

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
}

impl Privacy {
    /// There are patterns to look for in texts.
    pub fn has_patterns(&self) -> bool {
        self.cards || !self.patterns.is_empty()
    }

    /// The settings, with what follows from them.
    #[cfg(feature = "compile")]
    pub fn settled(self) -> Privacy {
        let first = |name: &String| name.as_bytes().first().map_or(0, |first| 1 << (first & 31));
        let initials = self.parameters.iter().map(first).fold(0, |all, one| all | one);
        Privacy { look: Look::of_settings(&self), initials, ..self }
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

/// Severity of a level's name, in any case: 0 is `emerg`, 7 `debug`, 8 to 15 `trace1` to `trace8`; Rails' names too.
/// <https://httpd.apache.org/docs/2.4/mod/core.html#loglevel>
pub fn level_rank(name: &[u8]) -> Option<u8> {
    const NAMES: [(&[u8], u8); 20] = [
        (b"emerg", 0),
        (b"alert", 1),
        (b"crit", 2),
        (b"error", 3),
        (b"warn", 4),
        (b"notice", 5),
        (b"info", 6),
        (b"debug", 7),
        (b"trace1", 8),
        (b"trace2", 9),
        (b"trace3", 10),
        (b"trace4", 11),
        (b"trace5", 12),
        (b"trace6", 13),
        (b"trace7", 14),
        (b"trace8", 15),
        (b"fatal", 2),
        (b"unknown", 1),
        (b"any", 1),
        (b"warning", 4),
    ];
    NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, rank)| *rank)
}

impl Program {
    /// The program as it becomes part of the module.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    /// Reads [`Program::to_bytes`]' bytes; `None` when they are not a program, or one that points outside of itself.
    pub fn from_bytes(bytes: &[u8]) -> Option<Program> {
        let mut input = Reader::new(bytes);
        let program = Program::read(&mut input);
        (input.is_done() && program.is_sound()).then_some(program)
    }

    /// Every index points to something, and jumps lead forward: the filter relies on it.
    #[inline(never)]
    pub fn is_sound(&self) -> bool {
        let name = |id: &FieldId| (*id as usize) < self.names.len();
        let formats = |list: &[u8]| list.iter().all(|id| (*id as usize) < self.formats.len());
        self.names.len() <= MAX_NAMES
            && self.outlines.iter().all(|outline| (outline.format as usize) < self.formats.len())
            && self.containers.iter().all(|c| formats(&c.stdout) && formats(&c.stderr))
            && self.formats.iter().all(|format| match &format.body {
                Body::Patterns(patterns) => patterns.iter().all(|pattern| pattern.is_sound(&name)),
                _ => true,
            })
            && self.privacy.patterns.iter().all(|(ends, start)| ends.is_sound() && start.is_sound())
            && self.routes.iter().flat_map(|r| &r.any_of).flatten().all(|condition| {
                let subject = match &condition.subject {
                    Subject::Field(id) => name(id),
                    _ => true,
                };
                subject && condition.any.iter().all(Test::is_sound)
            })
    }
}

impl Test {
    fn is_sound(&self) -> bool {
        match self {
            Test::Regex(dfa) => dfa.is_sound(),
            _ => true,
        }
    }
}

#[cfg(feature = "compile")]
impl Pattern {
    fn order_outputs(&mut self) {
        let mut ordered = Vec::with_capacity(self.outputs.len());
        for at in 0..=self.ops.len() {
            let place = |output: &Output| self.place(output) == at;
            ordered.extend(self.outputs.iter().filter(|output| place(output)).cloned());
        }
        self.outputs = ordered;
        let special = |mask: Mask| matches!(mask, Mask::User | Mask::Query | Mask::Removed | Mask::Replaced);
        let special = self.outputs.iter().filter(|output| special(output.mask));
        self.private.extend(special.map(|output| (output.field, output.mask)));
        let mut private = core::mem::take(&mut self.private);
        private.sort_by_key(|(field, _)| self.place_of(*field));
        self.private = private;
    }

    /// The op that an output comes from.
    fn place(&self, output: &Output) -> usize {
        let Emit::Time(wanted) = output.emit else { return self.place_of(output.field) };
        let from = |op: &Op| matches!(op, Op::Time { set, .. } if *set == wanted);
        self.ops.iter().position(from).unwrap_or(self.ops.len())
    }

    /// The op that captures a field, or what the field is made of.
    fn place_of(&self, field: FieldId) -> usize {
        let source = self.refine.iter().find_map(|step| step.source_of(field)).unwrap_or(field);
        let from = |op: &Op| match op {
            Op::Token { field, .. } | Op::Text { field, .. } | Op::Quoted { field, .. } => *field == source,
            Op::Number { field, .. } | Op::Decimal { field, .. } | Op::Byte { field, .. } => *field == source,
            Op::OneOf { field, .. } | Op::Code { field, .. } => *field == source,
            Op::Tags { tags, request_id, .. } => *tags == source || *request_id == source,
            _ => false,
        };
        self.ops.iter().position(from).unwrap_or(self.ops.len())
    }
}

impl Pattern {
    #[inline(never)]
    fn is_sound(&self, name: &dyn Fn(&FieldId) -> bool) -> bool {
        let literal = |l: &Literal| if l.len > 8 { l.long.len() == l.len as usize } else { l.long.is_empty() };
        let ops = self.ops.iter().enumerate().all(|(at, op)| match op {
            Op::Lit(l) => literal(l),
            Op::Token { field, then }
            | Op::Text { field, then }
            | Op::Quoted { field, then }
            | Op::Number { field, then }
            | Op::Decimal { field, then }
            | Op::Byte { field, then }
            | Op::Code { field, then }
            | Op::OneOf { field, then, .. } => name(field) && literal(then),
            Op::Time { set, then, .. } => (*set as usize) < TIME_SETS && literal(then),
            Op::Try { otherwise, clear } => {
                (*otherwise as usize) > at && (*otherwise as usize) < self.ops.len() && clear.iter().all(name)
            }
            Op::Jump(to) => (*to as usize) > at && (*to as usize) < self.ops.len(),
            Op::Tags { tags, request_id, .. } => name(tags) && name(request_id),
            Op::End => true,
        });
        let refine = self.refine.iter().all(|step| match step {
            Refine::Request { from, method, path, query, protocol } => {
                [from, method, path, query, protocol].into_iter().all(name)
            }
            Refine::Path { from, query } => name(from) && name(query),
            Refine::Query { from } => name(from),
            Refine::Address { from, port } => name(from) && name(port),
            Refine::Code { from, code } => name(from) && name(code),
        });
        let outputs = self.outputs.iter().all(|output| {
            let set = match output.emit {
                Emit::Time(set) => (set as usize) < TIME_SETS,
                Emit::Scaled(power) => power <= 6,
                _ => true,
            };
            set && name(&output.field) && output.key.len() > 4
        });
        let private = self.private.iter().all(|(field, _)| name(field));
        ops && refine && outputs && private && matches!(self.ops.last(), Some(Op::End))
    }
}
