//! Reads a line: tries the formats of its container and stream, in order.
use crate::extra::Extra;
use crate::json::{self, Fault};
use crate::line::Line;
use crate::matcher::{self, Captures, Fit};
use crate::observe::{Attempt, Observer};
use crate::program::{Body, CompiledFormat, Kind, Pattern, Program};
use crate::record::Record;
use crate::repair;
use crate::value;
use alloc::vec::Vec;

/// How a line was read.
pub(crate) enum Parsed<'p> {
    Pattern(&'p CompiledFormat, &'p Pattern),
    Extra(Kind, Extra),
    Not,
}

impl Parsed<'_> {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Parsed::Pattern(format, _) => format.kind,
            Parsed::Extra(kind, _) => *kind,
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
    let extra = |extra: Option<Extra>| match extra {
        Some(extra) => (Some(Parsed::Extra(format.kind, extra)), Fit::Yes, None),
        None => (None, Fit::No, None),
    };
    match &format.body {
        Body::Patterns(patterns) => {
            let (mut fit, mut furthest) = (Fit::No, None);
            let line = Line { plain: line.plain || !format.httpd_escapes, ..line };
            for (index, pattern) in patterns.iter().enumerate() {
                captures.clear(names);
                match matcher::run(pattern, line, captures) {
                    Fit::Yes => {
                        matcher::refine(&pattern.refine, line.text, captures);
                        return (Some(Parsed::Pattern(format, pattern)), Fit::Yes, None);
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
        Body::Json => extra(text.json(line)),
        Body::Lograge => extra(text.lograge(line)),
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
