//! A filter with one format, to try it on lines.
use super::plausible;
use crate::offline::record::{Framer, Input};
use firelens_compiler::spec::{Container, Format, Spec};
use firelens_filter::{Filter, program::Kind};
use firelens_lines::explain::{self, Failed};
use serde_json::{Map, Value};

/// Tries formats, as if they were those of one stream.
pub struct Reader {
    filter: Filter,
    framer: Framer,
    buffer: Vec<u8>,
    out: Vec<u8>,
}

/// Why a format does not read a line.
pub enum Reason {
    /// It ends at this place.
    Ends(Failed),
    /// This field would get a value that is none of its kind.
    Misfit { field: String, value: String },
}

impl Reader {
    /// `None` when the format is wrong.
    pub fn new(format: &Format) -> Option<Reader> {
        Reader::of_all(vec![format.clone()])
    }

    /// For several, tried in this order.
    pub fn of_all(formats: Vec<Format>) -> Option<Reader> {
        let container = Container { name: String::new(), stdout: formats, stderr: Vec::new() };
        let program = firelens_compiler::compile(&Spec { containers: vec![container], ..Spec::default() }).ok()?;
        let framer = Framer::new(Input::Lines, None, Some("stdout"));
        let filter = Filter::new(program);
        Some(Reader { filter, framer, buffer: Vec::new(), out: Vec::new() })
    }

    pub fn reads(&mut self, line: &[u8]) -> bool {
        let record = self.framer.record(line, &mut self.buffer);
        self.filter.filter(b"", record, &mut self.out);
        self.filter.last_kind() != Kind::Unparsed
    }

    /// It reads the line, and the values make sense.
    pub fn fits(&mut self, line: &[u8]) -> bool {
        self.fitting(line).is_some()
    }

    /// The record of the line, if it reads the line and the values make sense.
    pub fn fitting(&mut self, line: &[u8]) -> Option<Map<String, Value>> {
        let fields = self.reads(line).then(|| self.fields())??;
        plausible::misfit(self.filter.last_kind(), &fields).is_none().then_some(fields)
    }

    /// The record of the line that was read last, without what is not of the line.
    fn fields(&self) -> Option<Map<String, Value>> {
        let mut fields: Map<String, Value> = serde_json::from_slice(&self.out).ok()?;
        fields.shift_remove("source");
        Some(fields)
    }

    /// Why it does not fit the line; `None` when it does.
    pub fn reason(&mut self, line: &[u8]) -> Option<Reason> {
        if self.reads(line) {
            let fields = self.fields()?;
            let field = plausible::misfit(self.filter.last_kind(), &fields)?;
            let value = fields.get(&field).map_or(String::new(), |value| match value.as_str() {
                Some(text) => text.to_string(),
                None => value.to_string(),
            });
            return Some(Reason::Misfit { field, value });
        }
        let record = self.framer.record(line, &mut self.buffer);
        explain::furthest(&mut self.filter, b"", record).map(Reason::Ends)
    }
}
