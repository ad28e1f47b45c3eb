//! One record through the filter, from Fluent Bit's JSON to what is returned.
//!
//! The order is: read the record, find the formats of its container and stream, match the line, choose the route, and
//! only for a record that stays write the new one. No text is decoded unless a value or a condition needs it.
use crate::emit;
use crate::json;
use crate::json::Member;
use crate::matcher::Captures;
use crate::observe::{ConditionResult, Explanation, Observer};
use crate::parse::{self, Parsed};
use crate::program::{Kind, Program};
use crate::record::Record;
use crate::repair;
use crate::route;
#[cfg(firelens_module)]
use crate::time::RENDERED_LEN;
use crate::view::View;
use alloc::{boxed::Box, vec::Vec};

/// The longest record, in bytes of JSON as received, whose line is parsed; longer ones pass unchanged.
pub const MAX_RECORD: usize = 1 << 20;

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

impl Filter {
    /// A filter for a sound program ([`Program::is_sound`]).
    pub fn new(program: Program) -> Filter {
        Filter { program, captures: Box::default(), last_route: None, last_kind: Kind::Unparsed }
    }

    /// The program that decides.
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
        self.run(tag, record, out, &mut ())
    }

    /// What [`Filter::filter`] does with this record, and why.
    pub fn explain(&mut self, tag: &[u8], record: &[u8]) -> Explanation {
        let mut explanation = Explanation::default();
        self.run(tag, record, &mut Vec::new(), &mut explanation);
        explanation
    }

    /// The `%t` at an address in RFC 3339, for the code that is made for formats.
    ///
    /// # Safety
    /// As for `Clock::read_at`.
    #[cfg(firelens_module)]
    pub(crate) unsafe fn time_at(&mut self, clf: *const u8) -> Option<&[u8; RENDERED_LEN]> {
        // SAFETY: the caller's promise.
        unsafe { self.captures.clock.read_at(clf) }
    }

    /// [`Filter::filter`], observed.
    #[inline(never)]
    pub(crate) fn run(&mut self, tag: &[u8], text: &[u8], out: &mut Vec<u8>, observer: &mut impl Observer) -> Outcome {
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
            return self.run_strict(tag, strict, members, out, observer);
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
        observer: &mut impl Observer,
    ) -> Outcome {
        let Filter { program, captures, last_route, last_kind, .. } = self;
        let mut extended = Vec::new();
        let mut record = Record::new(text, members, tag, program.reads_tag());
        if program.adds() {
            record.add(program, tag, &mut extended);
        }
        let mut respelled = Vec::new();
        let line = record.line(&mut respelled);
        let parsed = match line {
            Some(line) => parse::parse(program, captures, &record, line, observer),
            None => Parsed::Not,
        };
        let kind = parsed.kind();
        let view = View { program, captures, record: &record, line, parsed: &parsed };
        observer.read(&view);
        let chosen = route::choose(&program.routes, &view, |route, alternative, condition, held| {
            observer.looked_at(ConditionResult { route, alternative, condition, held });
        });
        observer.chose(chosen);
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
