//! Joins lines as Fluent Bit's `multiline` filter does in the mode `parser`: `flb_ml_append_object` in
//! `src/multiline/flb_ml.c` and `flb_ml_rule_process` in `flb_ml_rule.c`, without the clock.
use super::{
    LONGEST, Rules,
    rules::{Line, START},
};
use regex::bytes::{Regex, RegexBuilder};

/// Rules that are ready to be used.
#[derive(Debug, Clone)]
pub struct Joiner {
    steps: Vec<Compiled>,
}

#[derive(Debug, Clone)]
struct Compiled {
    starts: bool,
    pattern: Pattern,
    /// It takes the lines that do not fit.
    negated: bool,
    /// The steps from the state that it leads to.
    next: Vec<usize>,
}

/// A regular expression for a line.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// A regular expression that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub String);

/// The lines of one stream, in order. `T` is what came with a record's first line.
#[derive(Debug)]
pub struct Stream<T> {
    /// The step that took the last line that any step took: it stays when a record is complete.
    last: Option<usize>,
    held: Option<(T, Vec<u8>)>,
}

impl<T> Default for Stream<T> {
    fn default() -> Stream<T> {
        Stream { last: None, held: None }
    }
}

impl Joiner {
    /// Compiles the rules.
    ///
    /// # Errors
    /// The first regular expression that is wrong.
    pub fn new(rules: &Rules) -> Result<Joiner, Invalid> {
        let compiled = rules.steps.iter().map(|step| {
            let (pattern, negated) = match &step.line {
                Line::Fits(pattern) => (pattern, false),
                Line::FitsNot(pattern) => (pattern, true),
            };
            let next = rules.steps.iter().enumerate().filter(|(_, next)| next.from == step.to && next.from != START);
            let next = next.map(|(index, _)| index).collect();
            Ok(Compiled { starts: step.from == START, pattern: Pattern::new(pattern)?, negated, next })
        });
        Ok(Joiner { steps: compiled.collect::<Result<_, _>>()? })
    }

    /// Takes a line of the stream. What is complete with it goes to `out`: the text, with what came with its first line.
    pub fn push<T>(&self, stream: &mut Stream<T>, line: &[u8], with: T, out: &mut Vec<(T, Vec<u8>)>) {
        let takes = |index: &usize| self.steps.get(*index).is_some_and(|step| step.takes(line));
        let next = stream.last.and_then(|last| self.steps.get(last));
        if let Some(step) = next.and_then(|step| step.next.iter().copied().find(|index| takes(index))) {
            let whole = append(&mut stream.held.get_or_insert_with(|| (with, Vec::new())).1, line);
            // One that is full goes on at once, and no line is added to it.
            stream.last = whole.then_some(step);
            if !whole {
                stream.flush(out);
            }
            return;
        }
        stream.flush(out);
        let starts = |index: &usize| self.steps.get(*index).is_some_and(|step| step.starts) && takes(index);
        match (0..self.steps.len()).find(starts) {
            Some(step) => {
                stream.last = Some(step);
                stream.held = Some((with, line[..line.len().min(LONGEST)].to_vec()));
            }
            None => out.push((with, line.to_vec())),
        }
    }
}

impl Compiled {
    fn takes(&self, line: &[u8]) -> bool {
        self.pattern.fits(line) != self.negated
    }
}

impl<T> Stream<T> {
    /// Passes on what is held.
    pub fn flush(&mut self, out: &mut Vec<(T, Vec<u8>)>) {
        out.extend(self.held.take());
    }
}

/// Appends a line to a text. Says whether there was room for all of it.
fn append(text: &mut Vec<u8>, line: &[u8]) -> bool {
    if text.last().is_some_and(|last| *last != b'\n') {
        text.push(b'\n');
    }
    if line.is_empty() {
        text.push(b'\n');
        return true;
    }
    let room = LONGEST.saturating_sub(text.len());
    text.extend_from_slice(&line[..line.len().min(room)]);
    line.len() <= room
}

impl Pattern {
    /// What Fluent Bit makes of the pattern: classes are of ASCII.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(pattern: &str) -> Result<Pattern, Invalid> {
        let built = RegexBuilder::new(pattern).unicode(false).build();
        built.map(Pattern).map_err(|error| Invalid(error.to_string()))
    }

    /// Whether a part of the line fits it.
    pub fn fits(&self, line: &[u8]) -> bool {
        self.0.is_match(line)
    }
}
