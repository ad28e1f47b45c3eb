//! What a pattern found in a line.
use crate::program::{FieldId, TIME_SETS};
use crate::time::{Clock, Time};
use alloc::vec::Vec;

/// A part of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// No text is here: nothing can be read from it. All its bytes are the same, so that many are cleared at once.
    const ABSENT: Span = Span { start: u32::MAX, end: u32::MAX };
}

/// What a pattern found.
pub(crate) struct Captures {
    pub(super) spans: [Span; FIELDS],
    pub times: [Time; TIME_SETS],
    /// A time was read in parts since the captures were cleared.
    pub(super) parts: bool,
    pub clock: Clock,
    /// How far the match got that got farthest: (op, offset).
    pub furthest: (usize, usize),
    /// How much may still be searched to go back to open choices in this line.
    pub(super) budget: usize,
    /// For each op, where its value was found not to end.
    failed: Vec<Failed>,
}

/// From no stop in this range does the rest of the line match. It reaches to the end of all that such a value can be.
#[derive(Clone, Copy)]
struct Failed {
    from: usize,
    to: usize,
}

impl Failed {
    /// None. All its bytes are the same, so that many are written at once.
    const NONE: Failed = Failed { from: usize::MAX, to: usize::MAX };
}

/// As many as a [`FieldId`] can tell apart.
const FIELDS: usize = FieldId::MAX as usize + 1;

impl Default for Captures {
    fn default() -> Captures {
        Captures {
            spans: [Span::ABSENT; FIELDS],
            times: [Time::default(), Time::default()],
            parts: false,
            clock: Clock::default(),
            furthest: (0, 0),
            budget: 0,
            failed: Vec::new(),
        }
    }
}

impl Captures {
    /// Begins a line of this length: what all formats together may search to go back to open choices grows with it, so
    /// that no line takes more than so much for each of its bytes.
    #[inline(always)]
    pub(crate) fn begin(&mut self, length: usize) {
        self.budget = 4096 + super::BUDGET * length;
    }

    /// Begins a pattern.
    #[inline(always)]
    pub(super) fn restart(&mut self, start: usize) {
        self.furthest = (0, start);
        // A new one: in the module, nothing that is allocated outlives a call.
        self.failed = Vec::new();
    }

    /// Where a search for the end of a value that starts at `at` can stop, since no stop from there on is any good.
    #[inline(always)]
    pub(super) fn limit(&self, op: usize, at: usize) -> usize {
        match self.failed.get(op) {
            Some(failed) if at <= failed.to => failed.from,
            _ => usize::MAX,
        }
    }

    /// Whether no value of an op that starts at `start` or behind it ends in front of the line's end.
    #[inline(always)]
    pub(super) fn ends_nowhere(&self, op: usize, start: usize, end: usize) -> bool {
        self.failed.get(op).is_some_and(|failed| failed.from <= start && failed.to == end)
    }

    /// Notes that a value from `from` on cannot end at any place up to `to`.
    #[inline(never)]
    pub(super) fn fail(&mut self, ops: usize, op: usize, from: usize, to: usize) {
        if self.failed.len() != ops {
            self.failed.resize(ops, Failed::NONE);
        }
        let Some(failed) = self.failed.get_mut(op) else { return };
        *failed = match *failed {
            known if from <= known.to && known.from <= to => {
                Failed { from: from.min(known.from), to: to.max(known.to) }
            }
            _ => Failed { from, to },
        };
    }

    /// Forgets all of the first `names` fields.
    #[inline(always)]
    pub(crate) fn clear(&mut self, names: usize) {
        // SAFETY: a span is two integers, for which all bytes are fine, and there are `FIELDS` of them.
        unsafe { self.spans.as_mut_ptr().write_bytes(0xff, names.min(FIELDS)) };
        for time in &mut self.times {
            time.clf = 0;
        }
        if self.parts {
            self.parts = false;
            self.times = Default::default();
        }
    }

    /// The text of a field.
    #[inline(always)]
    pub(crate) fn get<'a>(&self, field: FieldId, text: &'a [u8]) -> Option<&'a [u8]> {
        let span = self.spans[field as usize];
        text.get(span.start as usize..span.end as usize)
    }

    /// The time of a set in RFC 3339, if its parts make one.
    pub(crate) fn time(&self, set: u8, zone: &[(i64, i32)], text: &[u8]) -> Option<Vec<u8>> {
        let time = &self.times[set as usize % TIME_SETS];
        if time.clf > 0 {
            return Some(self.clock.clone().rendered(text, time.clf as usize - 1).to_vec());
        }
        let mut rendered = Vec::new();
        time.render(zone, &mut rendered).then_some(rendered)
    }

    /// Where a field stands.
    #[inline(always)]
    pub(crate) fn span(&self, field: FieldId) -> Option<Span> {
        let span = self.spans[field as usize];
        (span != Span::ABSENT).then_some(span)
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, field: FieldId, start: usize, end: usize) {
        self.spans[field as usize] = Span { start: start as u32, end: end as u32 };
    }

    #[inline(always)]
    pub(crate) fn forget(&mut self, field: FieldId) {
        self.spans[field as usize] = Span::ABSENT;
    }
}
