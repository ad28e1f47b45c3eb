//! Regular expressions become tables here, so that the module compiles nothing.
use super::Fault;
use firelens_filter::program::{DEAD, Dfa, MATCHED};
use regex_automata::{
    Anchored, MatchKind,
    dfa::{Automaton, StartKind, dense},
    nfa::thompson,
    util::{primitives::StateID, start, syntax},
};
use regex_syntax::Error;
use std::collections::HashMap;

/// The most bytes that a DFA may take before its states are merged.
const DENSE_LIMIT: usize = 1 << 20;
/// The most bytes that one regex may add to the module.
const LIMIT: usize = 256 << 10;
/// The most transitions that are looked at to find equal states: enough for all but long repetitions of many classes.
const MERGE_LIMIT: usize = 1 << 26;

/// The automaton of a regex, which finds it anywhere.
pub(crate) fn compile(pattern: &str) -> Result<Dfa, Fault> {
    syntax::parse(pattern).map_err(|error| invalid(&error))?;
    // Unicode's classes are large, and its word boundaries need more than a DFA: where the regex names no other
    // characters, `\w`, `\d`, `\s` and `\b` mean ASCII, and `.` is a byte.
    let ascii = pattern.is_ascii().then(|| build(pattern, false)).flatten();
    ascii.or_else(|| build(pattern, true)).ok_or_else(too_large)
}

/// Two automata that find all places of a regex in a text in a few passes: one says where matches end, and one, from such a
/// place backwards, where they start.
pub(crate) fn compile_search(pattern: &str) -> Result<(Dfa, Dfa), Fault> {
    let parsed = syntax::parse(pattern).map_err(|error| invalid(&error))?;
    let properties = parsed.properties();
    if !properties.look_set().is_empty() {
        return Err(Fault::new("a pattern is looked for anywhere in a text: it cannot have `^`, `$` or `\\b`")
            .help("leave it out, or name what stands beside the match"));
    }
    if properties.minimum_len().is_none_or(|length| length == 0) {
        return Err(Fault::new("this pattern matches nothing, or an empty text").help("write `+` instead of `*`"));
    }
    let both = |unicode| {
        let build = |backwards| {
            let dfa = dense_search(pattern, unicode, backwards)?;
            let mut table = Table::all(&dfa, if backwards { Anchored::Yes } else { Anchored::No })?;
            table.merge_states();
            table.merge_classes();
            table.finish().filter(|dfa| dfa.size() <= LIMIT)
        };
        Some((build(false)?, build(true)?))
    };
    let ascii = pattern.is_ascii().then(|| both(false)).flatten();
    ascii.or_else(|| both(true)).ok_or_else(too_large)
}

/// An automaton for all matches, not only the first one.
fn dense_search(pattern: &str, unicode: bool, backwards: bool) -> Option<dense::DFA<Vec<u32>>> {
    let config = dense::Config::new()
        .accelerate(false)
        .match_kind(MatchKind::All)
        .start_kind(if backwards { StartKind::Anchored } else { StartKind::Unanchored })
        .dfa_size_limit(Some(DENSE_LIMIT))
        .determinize_size_limit(Some(2 * DENSE_LIMIT));
    let nfa = thompson::Config::new().utf8(false).reverse(backwards).nfa_size_limit(Some(DENSE_LIMIT));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().unicode(unicode).utf8(false))
        .thompson(nfa)
        .build(pattern)
        .ok()
}

fn build(pattern: &str, unicode: bool) -> Option<Dfa> {
    let mut table = Table::new(&dense(pattern, unicode)?)?;
    table.merge_states();
    table.merge_classes();
    table.finish().filter(|dfa| dfa.size() <= LIMIT)
}

fn dense(pattern: &str, unicode: bool) -> Option<dense::DFA<Vec<u32>>> {
    let config = dense::Config::new()
        .accelerate(false)
        .start_kind(StartKind::Unanchored)
        .dfa_size_limit(Some(DENSE_LIMIT))
        .determinize_size_limit(Some(2 * DENSE_LIMIT));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().unicode(unicode).utf8(false))
        .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(DENSE_LIMIT)))
        .build(pattern)
        .ok()
}

/// An automaton in the making: states are rows, the first two are [`DEAD`] and [`MATCHED`].
struct Table {
    /// The class (column) of each byte.
    classes: Vec<u8>,
    rows: Vec<Row>,
    start: usize,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Row {
    /// The text may end here.
    at_end: bool,
    /// The next state for each class.
    next: Vec<usize>,
}

impl Table {
    /// The states that a search from the start of a text can be in. The first match ends it: what would come then, to
    /// find the longest or the best one, is left out.
    fn new(dfa: &dense::DFA<Vec<u32>>) -> Option<Table> {
        let (classes, bytes) = classes_of(dfa);
        let sink = |at_end, state: u16| Row { at_end, next: vec![state.into(); bytes.len()] };
        let mut states = States { dfa, found: Vec::new(), numbers: HashMap::new() };
        let start = states.number(dfa.start_state(&start::Config::new().anchored(Anchored::No)).ok()?)?;
        let mut rows = vec![sink(false, DEAD), sink(true, MATCHED)];
        while let Some(&state) = states.found.get(rows.len() - 2) {
            let next = bytes.iter().map(|byte| states.number(dfa.next_state(state, *byte))).collect::<Option<_>>()?;
            rows.push(Row { at_end: dfa.is_match_state(dfa.next_eoi_state(state)), next });
        }
        Some(Table { classes, rows, start })
    }

    /// All states, where a match does not end the search.
    fn all(dfa: &dense::DFA<Vec<u32>>, anchored: Anchored) -> Option<Table> {
        let (classes, bytes) = classes_of(dfa);
        let sink = |at_end, state: u16| Row { at_end, next: vec![state.into(); bytes.len()] };
        let mut states = States { dfa, found: Vec::new(), numbers: HashMap::new() };
        let start = states.number_of_any(dfa.start_state(&start::Config::new().anchored(anchored)).ok()?)?;
        let mut rows = vec![sink(false, DEAD), sink(true, MATCHED)];
        while let Some(&state) = states.found.get(rows.len() - 2) {
            let next =
                bytes.iter().map(|byte| states.number_of_any(dfa.next_state(state, *byte))).collect::<Option<_>>()?;
            rows.push(Row { at_end: dfa.is_match_state(dfa.next_eoi_state(state)), next });
        }
        Some(Table { classes, rows, start })
    }

    /// Makes one state of all that the same texts lead to a match from (Moore's algorithm: states are told apart by
    /// where they lead, as far as that is told apart, until nothing changes).
    fn merge_states(&mut self) {
        let mut groups: Vec<usize> = self.rows.iter().map(|row| row.at_end as usize).collect();
        let (mut count, mut work) = (2, 0);
        loop {
            let rows = self.rows.iter().zip(&groups);
            let seen = rows.map(|(row, group)| (*group, row.next.iter().map(|to| groups[*to]).collect::<Vec<_>>()));
            let (finer, finer_count) = numbered(seen);
            groups = finer;
            if finer_count == count {
                break;
            }
            count = finer_count;
            work += self.rows.len() * self.rows[0].next.len();
            if work > MERGE_LIMIT {
                return;
            }
        }
        let mut rows = vec![None; count];
        for (row, group) in self.rows.iter().zip(&groups) {
            rows[*group].get_or_insert_with(|| Row {
                at_end: row.at_end,
                next: row.next.iter().map(|to| groups[*to]).collect(),
            });
        }
        self.rows = rows.into_iter().flatten().collect();
        self.start = groups[self.start];
    }

    /// Makes one class of all that lead to the same states.
    fn merge_classes(&mut self) {
        let columns =
            (0..self.rows[0].next.len()).map(|at| self.rows.iter().map(|row| row.next[at]).collect::<Vec<_>>());
        let (merged, count) = numbered(columns);
        for class in &mut self.classes {
            *class = merged[*class as usize] as u8;
        }
        for row in &mut self.rows {
            row.next =
                (0..count).filter_map(|class| merged.iter().position(|m| *m == class)).map(|at| row.next[at]).collect();
        }
    }

    /// Puts the states in order: those that match at the end come last.
    fn finish(self) -> Option<Dfa> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order[2..].sort_by_key(|state| self.rows[*state].at_end);
        let mut places = vec![0; order.len()];
        for (place, state) in order.iter().enumerate() {
            places[*state] = u16::try_from(place).ok()?;
        }
        let at_end = order[2..].iter().position(|state| self.rows[*state].at_end).map_or(order.len(), |at| at + 2);
        let next: Vec<u16> = order.iter().flat_map(|state| &self.rows[*state].next).map(|to| places[*to]).collect();
        let stride = u16::try_from(self.rows[0].next.len()).ok()?;
        Dfa::new(self.classes, stride, places[self.start], u16::try_from(at_end).ok()?, next)
    }
}

/// The class of each byte, and a byte of each class.
fn classes_of(dfa: &dense::DFA<Vec<u32>>) -> (Vec<u8>, Vec<u8>) {
    let classes: Vec<u8> = (0..=255).map(|byte| dfa.byte_classes().get(byte)).collect();
    let columns = classes.iter().max().map_or(0, |class| *class as usize + 1);
    let of = |class| (0..=255u8).find(|byte| classes[*byte as usize] as usize == class);
    let bytes = (0..columns).filter_map(of).collect();
    (classes, bytes)
}

/// Numbers for items, the same for equal ones, in the order in which they are seen; and how many there are.
fn numbered<T: Eq + std::hash::Hash>(items: impl Iterator<Item = T>) -> (Vec<usize>, usize) {
    let mut numbers = HashMap::new();
    let list = items
        .map(|item| {
            let next = numbers.len();
            *numbers.entry(item).or_insert(next)
        })
        .collect();
    (list, numbers.len())
}

/// The states of a DFA that were found so far, numbered as in [`Table::rows`].
struct States<'d> {
    dfa: &'d dense::DFA<Vec<u32>>,
    found: Vec<StateID>,
    numbers: HashMap<StateID, usize>,
}

impl States<'_> {
    /// The number of a state; `None` for one in which the search would have to give up.
    fn number(&mut self, state: StateID) -> Option<usize> {
        if self.dfa.is_quit_state(state) {
            return None;
        }
        if self.dfa.is_dead_state(state) {
            return Some(DEAD.into());
        }
        // The DFA gets to a match state with the byte behind the match, so that whatever follows does not matter.
        if self.dfa.is_match_state(state) {
            return Some(MATCHED.into());
        }
        self.number_of_any(state)
    }

    /// The number of a state from which the search goes on.
    fn number_of_any(&mut self, state: StateID) -> Option<usize> {
        if self.dfa.is_quit_state(state) {
            return None;
        }
        if self.dfa.is_dead_state(state) {
            return Some(DEAD.into());
        }
        let number = *self.numbers.entry(state).or_insert(self.found.len() + 2);
        if number == self.found.len() + 2 {
            self.found.push(state);
        }
        Some(number)
    }
}

fn invalid(error: &Error) -> Fault {
    let (what, span) = match error {
        Error::Parse(error) => (error.kind().to_string(), *error.span()),
        Error::Translate(error) => (error.kind().to_string(), *error.span()),
        other => return Fault::new(format!("this is no regular expression: {other}")),
    };
    Fault::new(format!("this is no regular expression: {what}"))
        .at(span.start.offset..span.end.offset)
        .help("the syntax is <https://docs.rs/regex/latest/regex/#syntax>")
}

fn too_large() -> Fault {
    Fault::new("this regular expression becomes too large")
        .help("use smaller repetitions than `{1,1000}`, `[a-z]` for `\\p{…}`, or `prefix`, `suffix` and `contains`")
}

#[cfg(test)]
mod tests;
