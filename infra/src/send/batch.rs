//! Records, gathered into batches that an API takes.
use super::Refusal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A place in the inputs: between two lines. The offset is in bytes of the unpacked text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(u32, u64)", into = "(u32, u64)")]
pub struct Position {
    pub input: u32,
    pub offset: u64,
}

impl From<(u32, u64)> for Position {
    fn from((input, offset): (u32, u64)) -> Position {
        Position { input, offset }
    }
}

impl From<Position> for (u32, u64) {
    fn from(position: Position) -> (u32, u64) {
        (position.input, position.offset)
    }
}

/// A record on its way to one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where its line begins, and where the next one does.
    pub from: Position,
    pub to: Position,
    /// The line's number in its input, from 1.
    pub line: u64,
    /// Milliseconds since 1970.
    pub time: i64,
    /// Fluent Bit's tag.
    pub tag: Arc<str>,
    /// The bytes as they are sent.
    pub body: Vec<u8>,
    /// Known not to be sendable.
    pub refusal: Option<Refusal>,
}

/// What an API takes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub records: usize,
    /// The sum of all bodies, each with its [`Limits::overhead`].
    pub bytes: usize,
    /// The largest body.
    pub record_bytes: usize,
    pub overhead: usize,
    /// Between the earliest and the latest record, in milliseconds.
    pub span: Option<i64>,
    /// How many batches are on their way at the same time: what an end in the middle can double.
    pub parallel: usize,
}

impl Limits {
    /// The record is larger than the API takes.
    pub fn refuses(&self, event: &Event) -> Option<Refusal> {
        (event.body.len() > self.record_bytes).then_some(Refusal::TooBig)
    }
}

/// Records that follow each other in a destination's input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Where the batch before it ended.
    pub from: Position,
    pub to: Position,
    /// The time of the last record.
    pub time: i64,
    pub events: Vec<Event>,
    /// Those that are not sent. They belong to the batch, so that they are written down once.
    pub refused: Vec<(Event, Refusal)>,
}

/// Gathers records, in their order.
#[derive(Debug)]
pub struct Batcher {
    limits: Limits,
    open: Batch,
    bytes: usize,
    refused_bytes: usize,
    earliest: i64,
    latest: i64,
}

impl Batcher {
    /// The first batch begins at the beginning of the inputs.
    pub fn new(limits: Limits) -> Batcher {
        let open = Batch::default();
        Batcher { limits, open, bytes: 0, refused_bytes: 0, earliest: i64::MAX, latest: i64::MIN }
    }

    /// Adds a record, or what is known not to be taken. Returns the batch before it, when this one has no room in it.
    pub fn push(&mut self, event: Event, refusal: Option<Refusal>) -> Option<Batch> {
        let full = if refusal.is_some() { self.refused_has_no_room(&event) } else { self.has_no_room(&event) };
        let before = if full { self.take() } else { None };
        self.open.to = event.to;
        self.open.time = event.time;
        match refusal {
            Some(refusal) => {
                self.refused_bytes += event.body.len();
                self.open.refused.push((event, refusal));
            }
            None => {
                self.bytes += event.body.len() + self.limits.overhead;
                self.earliest = self.earliest.min(event.time);
                self.latest = self.latest.max(event.time);
                self.open.events.push(event);
            }
        }
        before
    }

    /// Ends the open batch; the next one begins there.
    pub fn skip_to(&mut self, position: Position) -> Option<Batch> {
        let before = self.take();
        self.open.from = position;
        self.open.to = position;
        before
    }

    /// The open batch, when there is anything in it.
    pub fn take(&mut self) -> Option<Batch> {
        if self.open.events.is_empty() && self.open.refused.is_empty() {
            return None;
        }
        let to = self.open.to;
        (self.bytes, self.refused_bytes, self.earliest, self.latest) = (0, 0, i64::MAX, i64::MIN);
        Some(std::mem::replace(&mut self.open, Batch { from: to, to, ..Batch::default() }))
    }

    fn has_no_room(&self, event: &Event) -> bool {
        let events = &self.open.events;
        let span = self.latest.max(event.time) - self.earliest.min(event.time);
        !events.is_empty()
            && (events.len() >= self.limits.records
                || self.bytes + event.body.len() + self.limits.overhead > self.limits.bytes
                || self.limits.span.is_some_and(|limit| span > limit))
    }

    /// What is refused is kept until its batch is confirmed, and must not fill the memory either.
    fn refused_has_no_room(&self, event: &Event) -> bool {
        let refused = &self.open.refused;
        !refused.is_empty()
            && (refused.len() >= self.limits.records || self.refused_bytes + event.body.len() > self.limits.bytes)
    }
}
