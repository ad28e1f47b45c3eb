//! Who hears how the filter comes to its decision: explanations for people, and the module's memory of what surrounds
//! lines.
use crate::matcher::Fit;
use crate::view::View;
use alloc::vec::Vec;

/// Hears how the filter decides about a record, step by step. By default, nothing is made of it.
pub(crate) trait Observer {
    /// A format was tried.
    fn attempted(&mut self, _: Attempt) {}
    /// The line was read, or not; the route comes next.
    fn read(&mut self, _: &View) {}
    /// A condition was looked at.
    fn looked_at(&mut self, _: ConditionResult) {}
    /// A route was chosen.
    fn chose(&mut self, _: Option<usize>) {}
}

/// Nobody.
impl Observer for () {}

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

/// One format that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Index into the program's formats.
    pub format: usize,
    /// Whether it reads the line.
    pub fit: Fit,
    /// Where it failed that got farthest: (pattern, op, byte offset in the line's canonical JSON text).
    pub furthest: Option<(usize, usize, usize)>,
}

/// One condition that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionResult {
    /// Index into the program's routes.
    pub route: usize,
    /// Index into the route's alternatives.
    pub alternative: usize,
    /// Index into the alternative's conditions.
    pub condition: usize,
    /// Whether it held.
    pub held: bool,
}

impl Observer for Explanation {
    fn attempted(&mut self, attempt: Attempt) {
        self.attempts.push(attempt);
    }

    fn looked_at(&mut self, result: ConditionResult) {
        self.conditions.push(result);
    }

    fn chose(&mut self, route: Option<usize>) {
        self.route = route;
    }
}
