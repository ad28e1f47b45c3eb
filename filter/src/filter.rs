//! One record through the filter, from Fluent Bit's JSON to what is returned.
use crate::program::{Kind, Program};
use alloc::vec::Vec;

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
}

impl Filter {
    pub fn new(program: Program) -> Filter {
        Filter { program }
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Filters one record of Fluent Bit (a JSON object, any bytes whatever are fine). `out` is emptied first.
    pub fn filter(&mut self, tag: &[u8], record: &[u8], out: &mut Vec<u8>) -> Outcome {
        let _ = (tag, record, out);
        Outcome::Unchanged
    }

    /// The route (index into the program's) that the last record took; `None` without routes.
    pub fn last_route(&self) -> Option<usize> {
        None
    }

    /// The kind of the last record.
    pub fn last_kind(&self) -> Kind {
        Kind::Unparsed
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub format: usize,
    pub matched: bool,
    /// Where it failed that got farthest: (pattern, op, byte offset in the line's canonical JSON text).
    pub furthest: Option<(usize, usize, usize)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionResult {
    pub route: usize,
    pub alternative: usize,
    pub condition: usize,
    pub held: bool,
}

impl Filter {
    /// What [`Filter::filter`] does with this record, and why.
    pub fn explain(&mut self, tag: &[u8], record: &[u8]) -> Explanation {
        let _ = (tag, record);
        Explanation::default()
    }
}
