//! Writes a pattern value by value: what is read, and under which name it comes out.
use super::{
    Fault,
    output::{HIDDEN, Outputs, UNUSED},
    pattern::{Builder, Shape},
    strftime::Piece,
};
use firelens_filter::program::{Emit, FieldId, Kind, Mask, Pattern, Refine};

/// A pattern that is being written.
pub(crate) struct Writer<'a> {
    pub(crate) builder: Builder,
    pub(crate) out: &'a mut Outputs,
    refine: Vec<Refine>,
    private: Vec<(FieldId, Mask)>,
    /// A message begins with the number of one of httpd's.
    pub(crate) coded_message: bool,
}

impl<'a> Writer<'a> {
    /// Begins a pattern for lines of this kind.
    pub(crate) fn new(kind: Kind, out: &'a mut Outputs) -> Writer<'a> {
        out.start(kind);
        Writer { builder: Builder::default(), out, refine: Vec::new(), private: Vec::new(), coded_message: false }
    }

    /// Adds a value.
    pub(crate) fn value(&mut self, name: &str, shape: Shape, emit: Emit, label: &str) {
        let field = self.out.id(name);
        if name.starts_with(HIDDEN) {
            self.private.push((field, Mask::User));
        } else if name != UNUSED {
            self.out.add(name, emit);
        }
        // Quotes are escaped in the access log only.
        let shape = if shape == Shape::Text { Shape::Bare } else { shape };
        self.builder.value(field, shape, label);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.builder.text(text.as_bytes());
    }

    /// What `inside` writes can be missing as a whole; `label` is what it is.
    pub(crate) fn optional(&mut self, label: &str, inside: impl FnOnce(&mut Writer)) {
        let none = self.builder.attempt(label);
        inside(self);
        self.builder.here(none);
    }

    /// Adds the parts of a time.
    pub(crate) fn time(&mut self, pieces: &[Piece], set: u8, label: &str) {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.builder.text(text),
                Piece::Part(part) => self.builder.value(0, Shape::Time { part: *part, set }, label),
            }
        }
    }

    /// Has this done to captured values, once.
    pub(crate) fn refine_once(&mut self, step: Refine) {
        if !self.refine.contains(&step) {
            self.refine.push(step);
        }
    }

    pub(crate) fn finish(self) -> Result<Pattern, Fault> {
        let Writer { builder, out, refine, private, .. } = self;
        Ok(Pattern { refine, outputs: out.finish()?, private, ..builder.finish() })
    }
}
