//! Reads a line: tries the formats of its container and stream, in order.
use crate::extra::{self, Extra};
use crate::json::{self, Fault};
use crate::line::Line;
use crate::matcher::{self, Captures, Fit};
use crate::observe::{Attempt, Observer};
use crate::program::{CompiledFormat, Form, Kind, Object, Pattern, Program};
use crate::record::{self, Record};
use crate::repair;
use crate::value;
use alloc::vec::Vec;

/// How a line was read.
pub(crate) enum Parsed<'p> {
    /// By this pattern, with the object that it found.
    Read(&'p CompiledFormat, &'p Pattern, Option<Extra>),
    Not,
}

impl Parsed<'_> {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Parsed::Read(format, ..) => format.kind,
            Parsed::Not => Kind::Unparsed,
        }
    }
}

/// The format that is tried first for such a record.
#[cfg(firelens_module)]
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
    observer: &mut impl Observer,
) -> Parsed<'p> {
    captures.begin(line.end - line.start);
    let mut text = Text::default();
    let mut attempt = |index: u8| -> Option<Parsed<'p>> {
        let format = program.formats.get(index as usize)?;
        let (parsed, fit, furthest) = try_format(format, program.names.len(), captures, line, &mut text);
        observer.attempted(Attempt { format: index as usize, fit, furthest });
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
    format: &'p CompiledFormat,
    names: usize,
    captures: &mut Captures,
    line: Line,
    text: &mut Text,
) -> (Option<Parsed<'p>>, Fit, Furthest) {
    let (mut fit, mut furthest) = (Fit::No, None);
    let line = Line { plain: line.plain || !format.httpd_escapes, ..line };
    for (index, pattern) in format.patterns.iter().enumerate() {
        captures.clear(names);
        match matcher::run(pattern, line, captures) {
            Fit::Yes => {
                matcher::refine(&pattern.refine, line.text, captures);
                let Some(object) = pattern.object else {
                    return (Some(Parsed::Read(format, pattern, None)), Fit::Yes, None);
                };
                if let Some(extra) = text.read(object, line, captures) {
                    return (Some(Parsed::Read(format, pattern, Some(extra))), Fit::Yes, None);
                }
                // It failed at the value, which is the last one.
                let start = captures.span(object.field).map_or(0, |span| span.start as usize);
                captures.furthest = (pattern.ops.len().saturating_sub(2), start);
            }
            Fit::GaveUp => fit = Fit::GaveUp,
            Fit::No => {}
        }
        let (op, at) = captures.furthest;
        let offset = at.saturating_sub(line.start);
        if furthest.is_none_or(|(_, _, best): (usize, usize, usize)| offset > best) {
            furthest = Some((index, op, offset));
        }
    }
    captures.clear(names);
    (None, fit, furthest)
}

/// The end of a line without JSON's escapes, as far as it was read: for all formats with objects it is once.
#[derive(Default)]
struct Text {
    /// Where it begins.
    start: usize,
    value: Value,
}

#[derive(Default)]
enum Value {
    #[default]
    Unread,
    Object(Extra),
    /// It is no JSON object.
    Other(Vec<u8>),
}

impl Text {
    /// The object that a pattern found.
    fn read(&mut self, object: Object, line: Line, captures: &Captures) -> Option<Extra> {
        let start = captures.span(object.field)?.start as usize;
        let raw = line.text.get(start..line.end)?;
        let is_json = raw.trim_ascii_start().starts_with(b"{");
        let can_fit = is_json || object.form == Form::Lograge && (object.prefix || raw.starts_with(extra::FIRST));
        if !can_fit {
            return None;
        }
        if self.start != start || matches!(self.value, Value::Unread) {
            let text = value::decode(raw, false);
            *self = Text { start, value: if is_json { Value::object(text) } else { Value::Other(text) } };
        }
        let has = |Extra { members, text, .. }: &Extra, name: &[u8]| {
            record::find(members, text, name).is_some_and(|member| member.value_text(text) != b"null")
        };
        let fits = |extra: &Extra| {
            object.form == Form::Json || has(extra, b"method") && has(extra, b"path") && has(extra, b"status")
        };
        match &self.value {
            Value::Object(extra) if fits(extra) => match core::mem::take(&mut self.value) {
                Value::Object(extra) => Some(extra),
                _ => None,
            },
            Value::Other(text) if object.form == Form::Lograge => Extra::key_values(text).filter(fits),
            _ => None,
        }
    }
}

impl Value {
    fn object(text: Vec<u8>) -> Value {
        let mut members = Vec::with_capacity(16);
        match json::object(&text, &mut members) {
            Ok(()) => Value::Object(Extra { text, members, pairs: false }),
            Err(Fault::Syntax) => Value::Other(text),
            Err(Fault::Deep) => {
                let mut shallow = Vec::with_capacity(text.len() * 2);
                repair::repair(&text, &mut shallow);
                members.clear();
                match json::object(&shallow, &mut members) {
                    Ok(()) => Value::Object(Extra { text: shallow, members, pairs: false }),
                    Err(_) => Value::Other(text),
                }
            }
        }
    }
}
