//! A record and its line as conditions see them.
use crate::line::Line;
use crate::matcher::Captures;
use crate::names;
use crate::parse::Parsed;
use crate::path;
use crate::program::{CompiledFormat, Emit, Pattern, Program};
use crate::record::Record;
use crate::route::{self, Facts};
use crate::value;
use alloc::borrow::Cow;

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
        if let (Parsed::Read(format, pattern, extra), Some(line)) = (self.parsed, self.line) {
            let output = pattern.outputs.iter().find(|output| output.field == id);
            // The record's own field has the name then, and the line's another.
            if let Some(output) = output.filter(|output| self.record.has(output.name().as_bytes())) {
                return self.record.value(output.name().as_bytes());
            }
            // Of what is captured of a line with an object, only what is written has a name.
            let (is_of_line, value) = match output {
                None if extra.is_some() => (false, None),
                _ => self.captured(format, id, output.map_or(Emit::Value, |output| output.emit), line),
            };
            if value.is_some() || is_of_line && extra.is_none() {
                return value;
            }
            let name = self.program.names.get(id as usize)?.as_bytes();
            if let Some(extra) = extra
                && !self.record.has(name)
                && let Some(value) = extra.value(name)
            {
                return Some(value);
            }
        }
        self.record.value(self.program.names.get(id as usize)?.as_bytes())
    }

    fn path(&self, id: u8) -> Option<Cow<'_, [u8]>> {
        let path = self.program.names.get(id as usize)?.as_bytes();
        let Record { members, text, .. } = self.record;
        match self.parsed {
            Parsed::Read(format, pattern, Some(extra))
                if !path::is_of(path, &|name| {
                    self.record.has(name) || names::is_reserved(name) || self.has_in_front(format, pattern, name)
                }) =>
            {
                path::value(&extra.members, &extra.text, path)
            }
            _ => path::value(members, text, path),
        }
    }

    fn hash(&self) -> u32 {
        let text = match self.line {
            Some(line) => &line.text[line.start..line.end],
            None => self.record.text,
        };
        route::hash(text)
    }
}

impl<'a> View<'a> {
    /// Whether a pattern found this field in the line, and what is written for it.
    fn captured(&self, format: &CompiledFormat, id: u8, emit: Emit, line: Line<'a>) -> (bool, Option<Cow<'a, [u8]>>) {
        match (self.captures.get(id, line.text), emit) {
            (Some(text), _) => (true, value::printed(text, emit, format.httpd_escapes)),
            (None, Emit::Time(set)) => (true, self.captures.time(set, &format.zone, line.text).map(Cow::Owned)),
            _ => (false, None),
        }
    }

    /// Whether what stands in front of the line's object has a field of this name.
    fn has_in_front(&self, format: &CompiledFormat, pattern: &Pattern, name: &[u8]) -> bool {
        let Some(line) = self.line else { return false };
        let mut named = pattern.outputs.iter().filter(|output| output.name().as_bytes() == name);
        named.any(|output| self.captured(format, output.field, output.emit, line).1.is_some())
    }
}
