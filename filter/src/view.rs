//! A record and its line as conditions see them.
use crate::line::Line;
use crate::matcher::Captures;
use crate::names;
use crate::parse::Parsed;
use crate::path;
use crate::program::{Emit, Program};
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
        match (self.parsed, self.line) {
            (Parsed::Pattern(format, pattern), Some(line)) => {
                let output = pattern.outputs.iter().find(|output| output.field == id);
                // The record's own field has the name then, and the line's another.
                if let Some(output) = output.filter(|output| self.record.has(output.name().as_bytes())) {
                    return self.record.value(output.name().as_bytes());
                }
                let emit = output.map_or(Emit::Value, |output| output.emit);
                if let Some(text) = self.captures.get(id, line.text) {
                    return value::printed(text, emit, format.httpd_escapes);
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

    fn path(&self, id: u8) -> Option<Cow<'_, [u8]>> {
        let path = self.program.names.get(id as usize)?.as_bytes();
        let Record { members, text, .. } = self.record;
        match self.parsed {
            Parsed::Extra(_, extra)
                if !path::is_of(path, &|name| self.record.has(name) || names::is_reserved(name)) =>
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
