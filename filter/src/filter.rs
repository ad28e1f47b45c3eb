//! One record through the filter, from Fluent Bit's JSON to what is returned.
//!
//! The order is: read the record, find the formats of its container and stream, match the line, choose the route, and
//! only for a record that stays write the new one. No text is decoded unless a value or a condition needs it.
use crate::emit;
use crate::extra::Extra;
use crate::json::{self, Fault, Member};
use crate::matcher::{self, Captures, Line};
use crate::program::{Body, Emit, Format, Kind, Pattern, Program};
use crate::record::Record;
use crate::repair;
use crate::route::{self, Facts};
#[cfg(target_arch = "wasm32")]
use crate::time::RENDERED_LEN;
use crate::value;
use alloc::{borrow::Cow, boxed::Box, vec::Vec};

/// The longest record, in bytes of JSON as received, whose line is parsed; longer ones pass unchanged.
pub const MAX_RECORD: usize = 1 << 20;

/// Bytes behind a line that had to be rewritten, so that it is searched by words.
const PADDING: usize = 16;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It passes as it came.
    Unchanged,
    /// The new record is in the output buffer.
    Changed,
    /// A route dropped it.
    Dropped,
}

/// A filter with its program, for any number of records.
pub struct Filter {
    program: Program,
    captures: Box<Captures>,
    last_route: Option<usize>,
    last_kind: Kind,
}

/// How a line was read.
pub(crate) enum Parsed<'p> {
    Pattern(&'p Format, &'p Pattern),
    Extra(Kind, Extra),
    Not,
}

impl Parsed<'_> {
    fn kind(&self) -> Kind {
        match self {
            Parsed::Pattern(format, _) => format.kind,
            Parsed::Extra(kind, _) => *kind,
            Parsed::Not => Kind::Unparsed,
        }
    }
}

/// How the filter came to its decision about one record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// The formats that were tried, in order (indices into the program's).
    pub attempts: Vec<Attempt>,
    /// The conditions that were looked at, in order.
    pub conditions: Vec<ConditionResult>,
    /// The route that was taken.
    pub route: Option<usize>,
}

/// One format that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub format: usize,
    pub matched: bool,
    /// Where it failed that got farthest: (pattern, op, byte offset in the line's canonical JSON text).
    pub furthest: Option<(usize, usize, usize)>,
}

/// One condition that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionResult {
    pub route: usize,
    pub alternative: usize,
    pub condition: usize,
    pub held: bool,
}

impl Filter {
    /// A filter for a sound program ([`Program::is_sound`]).
    pub fn new(program: Program) -> Filter {
        Filter { program, captures: Box::default(), last_route: None, last_kind: Kind::Unparsed }
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The route (index into the program's) that the last record took; `None` without routes.
    pub fn last_route(&self) -> Option<usize> {
        self.last_route
    }

    /// The kind of the last record.
    pub fn last_kind(&self) -> Kind {
        self.last_kind
    }

    /// Filters one record of Fluent Bit (a JSON object; any bytes whatever are fine). `out` is emptied first.
    pub fn filter(&mut self, tag: &[u8], record: &[u8], out: &mut Vec<u8>) -> Outcome {
        self.run(tag, record, out, None)
    }

    /// The `%t` at an address in RFC 3339, for the code that is made for formats.
    ///
    /// # Safety
    /// As for `Clock::read_at`.
    #[cfg(target_arch = "wasm32")]
    pub(crate) unsafe fn time_at(&mut self, clf: *const u8) -> Option<&[u8; RENDERED_LEN]> {
        unsafe { self.captures.clock.read_at(clf) }
    }

    /// What [`Filter::filter`] does with this record, and why.
    pub fn explain(&mut self, tag: &[u8], record: &[u8]) -> Explanation {
        let mut explanation = Explanation::default();
        self.run(tag, record, &mut Vec::new(), Some(&mut explanation));
        explanation
    }

    #[inline(never)]
    fn run(&mut self, tag: &[u8], text: &[u8], out: &mut Vec<u8>, trace: Option<&mut Explanation>) -> Outcome {
        out.clear();
        self.last_route = None;
        self.last_kind = Kind::Unparsed;
        let mut members = Vec::with_capacity(16);
        let mut repaired = Vec::new();
        let mut strict = text;
        if json::object(text, &mut members).is_err() {
            repaired.reserve(2 * text.len());
            repair::repair(text, &mut repaired);
            strict = &repaired;
            members.clear();
            // Cannot fail: this is what repair is for. If it did, the record would pass with what members were found.
            let _ = json::object(strict, &mut members);
        }
        if text.len() <= MAX_RECORD {
            return self.run_strict(tag, strict, members, out, trace);
        }
        // Too long to be parsed; what claims to be the filter's own is renamed all the same.
        let record = Record::new(strict, members, tag, false);
        if record.has_ours {
            emit::unparsed(&record, out);
        } else if strict.len() == text.len() && repaired.is_empty() {
            return Outcome::Unchanged;
        } else {
            out.append(&mut repaired);
        }
        Outcome::Changed
    }

    fn run_strict(
        &mut self,
        tag: &[u8],
        text: &[u8],
        members: Vec<Member>,
        out: &mut Vec<u8>,
        mut trace: Option<&mut Explanation>,
    ) -> Outcome {
        let Filter { program, captures, last_route, last_kind, .. } = self;
        let record = Record::new(text, members, tag, !program.containers.is_empty());
        let mut respelled = Vec::new();
        let line = record.line(&mut respelled);
        let parsed = match line {
            Some(line) => parse(program, captures, &record, line, trace.as_deref_mut()),
            None => Parsed::Not,
        };
        let kind = parsed.kind();
        let view = View { program, captures, record: &record, line, parsed: &parsed };
        #[cfg(target_arch = "wasm32")]
        if let Parsed::Pattern(format, _) = &parsed {
            crate::module::remember(&view, tag, format);
        }
        let mut conditions = trace.as_deref_mut().map(|trace| &mut trace.conditions);
        let chosen = route::choose(&program.routes, &view, |route, alternative, condition, held| {
            if let Some(list) = &mut conditions {
                list.push(ConditionResult { route, alternative, condition, held });
            }
        });
        if let Some(trace) = trace {
            trace.route = chosen;
        }
        let route = chosen.and_then(|index| program.routes.get(index));
        let keep = route.is_none_or(|route| route::keeps(route.action, &view));
        *last_route = chosen;
        *last_kind = kind;
        if !keep {
            return Outcome::Dropped;
        }
        let route_key = route.map_or(&[][..], |route| route.key.as_bytes());
        emit::record(program, captures, &record, line, &parsed, route_key, out);
        Outcome::Changed
    }
}

/// The format that is tried first for such a record.
#[cfg(target_arch = "wasm32")]
pub(crate) fn first_format(program: &Program, record: &Record) -> Option<usize> {
    if program.containers.is_empty() {
        return (!program.formats.is_empty()).then_some(0);
    }
    let containers = program.containers.iter().filter(|c| record.is_from(&c.name));
    containers.flat_map(|container| record.source.formats(container)).next().map(|index| *index as usize)
}

/// Tries the formats of the record's container and stream, in order.
pub(crate) fn parse<'p>(
    program: &'p Program,
    captures: &mut Captures,
    record: &Record,
    line: Line,
    mut trace: Option<&mut Explanation>,
) -> Parsed<'p> {
    captures.begin(line.end - line.start);
    let mut text = Text::default();
    let mut attempt = |index: u8| -> Option<Parsed<'p>> {
        let format = program.formats.get(index as usize)?;
        let (parsed, furthest) = try_format(format, program.names.len(), captures, line, &mut text);
        if let Some(trace) = trace.as_deref_mut() {
            trace.attempts.push(Attempt { format: index as usize, matched: parsed.is_some(), furthest });
        }
        parsed
    };
    if program.containers.is_empty() {
        return (0..program.formats.len() as u8).find_map(attempt).unwrap_or(Parsed::Not);
    }
    for container in program.containers.iter().filter(|c| record.is_from(&c.name)) {
        for index in record.source.formats(container) {
            if let Some(parsed) = attempt(*index) {
                return parsed;
            }
        }
    }
    Parsed::Not
}

type Furthest = Option<(usize, usize, usize)>;

fn try_format<'p>(
    format: &'p Format,
    names: usize,
    captures: &mut Captures,
    line: Line,
    text: &mut Text,
) -> (Option<Parsed<'p>>, Furthest) {
    let mut furthest: Furthest = None;
    match &format.body {
        Body::Patterns(patterns) => {
            let line = Line { plain: line.plain || !format.httpd_escapes, ..line };
            for (index, pattern) in patterns.iter().enumerate() {
                captures.clear(names);
                if matcher::run(pattern, line, captures) {
                    matcher::refine(&pattern.refine, line.text, captures);
                    return (Some(Parsed::Pattern(format, pattern)), None);
                }
                let (op, at) = captures.furthest;
                let offset = at.saturating_sub(line.start);
                if furthest.is_none_or(|(_, _, best)| offset > best) {
                    furthest = Some((index, op, offset));
                }
            }
            captures.clear(names);
            (None, furthest)
        }
        Body::Json => (text.json(line).map(|extra| Parsed::Extra(format.kind, extra)), None),
        Body::Lograge => (text.lograge(line).map(|extra| Parsed::Extra(format.kind, extra)), None),
    }
}

/// What conditions see of a record.
pub(crate) struct View<'a> {
    pub program: &'a Program,
    pub captures: &'a Captures,
    pub record: &'a Record<'a>,
    pub line: Option<Line<'a>>,
    pub parsed: &'a Parsed<'a>,
}

impl Facts for View<'_> {
    fn kind(&self) -> &'static str {
        self.parsed.kind().as_str()
    }

    fn container(&self) -> Option<&[u8]> {
        self.record.container_name()
    }

    fn field(&self, id: u8) -> Option<Cow<'_, [u8]>> {
        match (self.parsed, self.line) {
            (Parsed::Pattern(format, pattern), Some(line)) => {
                let output = pattern.outputs.iter().find(|output| output.field == id);
                // The record's own field has the name then, and the line's another.
                if let Some(output) = output.filter(|output| self.record.has(output.name().as_bytes())) {
                    return self.record.value(output.name().as_bytes());
                }
                let emit = output.map_or(Emit::Value, |output| output.emit);
                if let Some(text) = self.captures.get(id, line.text) {
                    return emit::printed(text, emit, format.httpd_escapes);
                }
                if let Emit::Time(set) = emit {
                    return self.captures.time(set, &format.zone, line.text).map(Cow::Owned);
                }
            }
            (Parsed::Extra(_, extra), _) => {
                let name = self.program.names.get(id as usize)?.as_bytes();
                if !self.record.has(name)
                    && let Some(value) = extra.value(name)
                {
                    return Some(value);
                }
            }
            _ => {}
        }
        self.record.value(self.program.names.get(id as usize)?.as_bytes())
    }

    fn hash(&self) -> u32 {
        let text = match self.line {
            Some(line) => &line.text[line.start..line.end],
            None => self.record.text,
        };
        route::hash(text)
    }
}

impl<'a> Record<'a> {
    /// The line as canonical JSON text; `respelled` is room for it when it has to be rewritten.
    fn line<'b>(&self, respelled: &'b mut Vec<u8>) -> Option<Line<'b>>
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
}

/// The line without JSON's escapes, as far as it was read: for the formats of JSON and of pairs it is once.
#[derive(Default)]
enum Text {
    #[default]
    Unread,
    Object(Extra),
    /// It is no JSON object.
    Other(Vec<u8>),
}

impl Text {
    fn read(&mut self, line: Line) {
        if !matches!(self, Text::Unread) {
            return;
        }
        let text = value::decode(line.text.get(line.start..line.end).unwrap_or_default(), false);
        *self = if text.trim_ascii_start().starts_with(b"{") { Text::object(text) } else { Text::Other(text) };
    }

    fn object(text: Vec<u8>) -> Text {
        let mut members = Vec::with_capacity(16);
        match json::object(&text, &mut members) {
            Ok(()) => Text::Object(Extra { text, members, pairs: false }),
            Err(Fault::Syntax) => Text::Other(text),
            Err(Fault::Deep) => {
                let mut shallow = Vec::with_capacity(text.len() * 2);
                repair::repair(&text, &mut shallow);
                members.clear();
                match json::object(&shallow, &mut members) {
                    Ok(()) => Text::Object(Extra { text: shallow, members, pairs: false }),
                    Err(_) => Text::Other(text),
                }
            }
        }
    }

    /// The line as a JSON object.
    fn json(&mut self, line: Line) -> Option<Extra> {
        if !line.text.get(line.start..line.end)?.trim_ascii_start().starts_with(b"{") {
            return None;
        }
        self.read(line);
        self.take()
    }

    /// The line as Lograge writes it: pairs, or an object.
    fn lograge(&mut self, line: Line) -> Option<Extra> {
        self.read(line);
        let has = |extra: &Extra, name: &[u8]| extra.value(name).is_some();
        let fits = |extra: &Extra| has(extra, b"method") && has(extra, b"path") && has(extra, b"status");
        match self {
            Text::Object(extra) if fits(extra) => self.take(),
            Text::Other(text) => Extra::key_values(text).filter(fits),
            _ => None,
        }
    }

    fn take(&mut self) -> Option<Extra> {
        match core::mem::take(self) {
            Text::Object(extra) => Some(extra),
            other => {
                *self = other;
                None
            }
        }
    }
}
