//! Records that a destination can never take.
use super::batch::{Event, Position};
use std::collections::BTreeMap;

/// Why a record cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    TooBig,
    /// Older than the API takes.
    TooOld,
    /// Older than what the destination keeps.
    Expired,
    /// Too far in the future.
    TooNew,
    /// There is nothing in it.
    Empty,
    /// It has not the field that is sent.
    NoLogKey,
    /// The filter lost it: a defect.
    Lost,
}

impl Refusal {
    /// For files: `too-big`.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::TooBig => "too-big",
            Refusal::TooOld => "too-old",
            Refusal::Expired => "expired",
            Refusal::TooNew => "too-new",
            Refusal::Empty => "empty",
            Refusal::NoLogKey => "no-log-key",
            Refusal::Lost => "lost",
        }
    }

    /// For people: what such a record is.
    pub fn text(self) -> &'static str {
        match self {
            Refusal::TooBig => "larger than the service takes",
            Refusal::TooOld => "older than the 14 days that CloudWatch Logs takes",
            Refusal::Expired => "older than the log group's retention",
            Refusal::TooNew => "more than two hours in the future",
            Refusal::Empty => "empty",
            Refusal::NoLogKey => "without the field that log_key names",
            Refusal::Lost => "lost by the filter, which is a defect to report",
        }
    }
}

/// How many there were of each, and where the first one was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejections(BTreeMap<Refusal, Rejected>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejected {
    pub count: u64,
    /// The first one's place, and its line's number.
    pub first: (Position, u64),
}

impl Rejections {
    pub fn of(rejected: &[(Event, Refusal)]) -> Rejections {
        let mut all = Rejections::default();
        for (event, refusal) in rejected {
            all.count(*refusal, Rejected { count: 1, first: (event.from, event.line) });
        }
        all
    }

    pub fn add(&mut self, others: Rejections) {
        others.0.into_iter().for_each(|(refusal, more)| self.count(refusal, more));
    }

    pub fn iter(&self) -> impl Iterator<Item = (Refusal, &Rejected)> {
        self.0.iter().map(|(refusal, rejected)| (*refusal, rejected))
    }

    pub fn total(&self) -> u64 {
        self.0.values().map(|rejected| rejected.count).sum()
    }

    fn count(&mut self, refusal: Refusal, more: Rejected) {
        let entry = self.0.entry(refusal).or_insert(Rejected { count: 0, first: more.first });
        entry.count += more.count;
        entry.first = entry.first.min(more.first);
    }
}
