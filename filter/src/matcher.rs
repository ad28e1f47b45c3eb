//! Runs a pattern over a line: a small backtracking matcher without recursion, since the stack that Fluent Bit gives to a
//! module is 8 KiB.
mod captures;
mod ends;
mod refine;

use crate::line::Line;
use crate::program::{Literal, Op, Pattern, TIME_SETS, TimePart};
use crate::time::CLF_LEN;
pub(crate) use captures::Captures;
use core::mem::MaybeUninit;
use ends::{
    CODE, decimal_end, ends_at_blank, fits, is_code, last_end, next_end, number_end, quote, read_tags, token_end,
    word_end,
};
pub(crate) use refine::refine;

/// What a pattern says of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It reads all of it.
    Yes,
    /// It does not, in whatever way the line is cut into values.
    No,
    /// There are more ways to cut the line into values than may be tried. One of the others could fit.
    GaveUp,
}

/// A place to go back to when the rest of the line does not fit.
#[derive(Clone, Copy)]
struct Choice {
    op: u16,
    /// Where the op's value starts.
    start: u32,
    /// Where to look for the op's literal again; `ALTERNATIVE` for a `Try`.
    next: u32,
}

/// Steps back that a line may take for each of its bytes.
const BUDGET: usize = 2;

/// Bytes that are searched in what a step takes.
const STEP: usize = 32;

const ALTERNATIVE: u32 = u32::MAX;

const CHOICES: usize = 64;

/// Where a value ends that is not there.
const NOWHERE: usize = usize::MAX;

/// The choices that are open. When there are too many, the match only gives up earlier.
struct Choices {
    list: [MaybeUninit<Choice>; CHOICES],
    depth: usize,
    /// There was no room for one.
    lost: bool,
}

impl Choices {
    #[inline(always)]
    fn push(&mut self, op: usize, start: usize, next: usize) {
        if let Some(slot) = self.list.get_mut(self.depth) {
            slot.write(Choice { op: op as u16, start: start as u32, next: next as u32 });
            self.depth += 1;
        } else {
            self.lost = true;
        }
    }

    fn pop(&mut self) -> Option<Choice> {
        self.depth = self.depth.checked_sub(1)?;
        // SAFETY: all below `depth` were written.
        Some(unsafe { self.list.get(self.depth)?.assume_init() })
    }
}

/// Whether the pattern reads the whole line; the captures are those of the match then. Earlier captures have to be cleared.
///
/// Whether the line matches from an op and a place on does not depend on how it came there. So no op's value is tried
/// twice with the same end: what was found to fail is remembered ([`Failed`]), and the line is searched a few times, not
/// once for each way to cut it into values.
pub(crate) fn run(pattern: &Pattern, line: Line, captures: &mut Captures) -> Fit {
    let Line { text, end, plain, .. } = line;
    let mut choices = Choices { list: [const { MaybeUninit::uninit() }; CHOICES], depth: 0, lost: false };
    let (mut pc, mut at, mut resumed) = (0, line.start, line.start);
    captures.restart(line.start);
    'forward: loop {
        // How far the op looked, and up to where its value cannot end if it did not find an end.
        let (mut seen, mut nowhere) = (at, None);
        let (field, stop, then) = match pattern.ops.get(pc) {
            Some(Op::Token { field, then }) => {
                let places = (end, captures.limit(pc, at));
                let blank = ends_at_blank(then);
                let stop = match at < places.1 {
                    true if blank => token_end(text, at, at + 1, places, then, plain, &mut seen),
                    true => next_end(false, text, (at, at + 1), places, then, plain, &mut seen),
                    false => NOWHERE,
                };
                if stop != NOWHERE && !blank {
                    choices.push(pc, at, stop + 1);
                }
                nowhere = Some(seen);
                (*field, stop, then)
            }
            Some(Op::Number { field, then }) => (*field, number_end(text, at, end), then),
            Some(Op::Quoted { field, then }) => {
                seen = quote(text, at, end);
                (*field, seen, then)
            }
            // The line's last text stands at its end.
            Some(Op::Text { field, then }) if matches!(pattern.ops.get(pc + 1), Some(Op::End)) => {
                (*field, last_end(text, at, end, then, plain), then)
            }
            Some(Op::Text { field, then }) => {
                let places = (end, captures.limit(pc, at));
                let stop = match at < places.1 {
                    true => next_end(true, text, (at, at), places, then, plain, &mut seen),
                    false => NOWHERE,
                };
                if stop != NOWHERE && !then.is_empty() {
                    choices.push(pc, at, stop + 1);
                }
                nowhere = Some(end);
                (*field, stop, then)
            }
            Some(Op::Decimal { field, then }) => (*field, decimal_end(text, at, end), then),
            Some(Op::Byte { field, then }) => {
                let any = at < end && !matches!(text.get(at), Some(b' ' | b'\\'));
                (*field, if any { at + 1 } else { NOWHERE }, then)
            }
            Some(Op::OneOf { field, words, then }) => (*field, word_end(text, at, end, words), then),
            Some(Op::Code { field, then }) => (*field, if is_code(text, at) { at + CODE } else { NOWHERE }, then),
            Some(Op::Time { part, set, then }) => {
                if let Some(stop) = captures.read_time(*part, *set, text, at)
                    && fits(text, stop, end, then)
                {
                    at = stop + then.len as usize;
                    pc += 1;
                    continue;
                }
                (0, NOWHERE, then)
            }
            Some(Op::Lit(literal)) => {
                if fits(text, at, end, literal) {
                    at += literal.len as usize;
                    pc += 1;
                    continue;
                }
                (0, NOWHERE, literal)
            }
            Some(Op::Try { .. }) => {
                choices.push(pc, at, ALTERNATIVE as usize);
                pc += 1;
                continue;
            }
            Some(Op::Jump(to)) => {
                pc = *to as usize;
                continue;
            }
            Some(Op::Tags { tags, request_id, wants_id }) => {
                let (stop, has_id) = read_tags(text, at, end, *tags, *request_id, captures);
                if has_id || !wants_id {
                    at = stop;
                    pc += 1;
                    continue;
                }
                seen = stop;
                (0, NOWHERE, const { &Literal::EMPTY })
            }
            Some(Op::End) if at == end => return Fit::Yes,
            Some(Op::End) | None => (0, NOWHERE, const { &Literal::EMPTY }),
        };
        if stop != NOWHERE && fits(text, stop, end, then) {
            captures.set(field, at, stop);
            at = stop + then.len as usize;
            pc += 1;
            continue;
        }
        // What never fits stands for nothing that the user wrote.
        let is_mark = matches!(pattern.ops.get(pc), Some(Op::OneOf { words, .. }) if words.is_empty());
        if at > captures.furthest.1 && !is_mark {
            captures.furthest = (pc, at);
        }
        let mut work = seen.max(at).saturating_sub(resumed);
        if stop == NOWHERE
            && let Some(last) = nowhere
        {
            captures.fail(pattern.ops.len(), pc, at, last);
        }
        // Back to the last choice that has another way.
        while let Some(choice) = choices.pop() {
            captures.budget = captures.budget.saturating_sub(1 + work / STEP);
            if captures.budget == 0 {
                return Fit::GaveUp;
            }
            (pc, at) = (choice.op as usize, choice.start as usize);
            let next = choice.next as usize;
            let places = (end, captures.limit(pc, at));
            let (field, then, last) = match pattern.ops.get(pc) {
                Some(Op::Token { field, then }) => (*field, then, None),
                Some(Op::Text { field, then }) => (*field, then, Some(end)),
                Some(Op::Try { otherwise, clear }) => {
                    clear.iter().for_each(|field| captures.forget(*field));
                    pc = *otherwise as usize;
                    resumed = at;
                    continue 'forward;
                }
                _ => continue,
            };
            // Where the next value ends nowhere, it does not from a later place on.
            if captures.ends_nowhere(pc + 1, next, end) {
                captures.fail(pattern.ops.len(), pc, at, last.unwrap_or(next));
                work = 0;
                continue;
            }
            // What is repeated stands there at once.
            let stop = next_end(last.is_some(), text, (at, next), places, then, plain, &mut seen);
            if stop != NOWHERE && fits(text, stop, end, then) {
                choices.push(pc, at, stop + 1);
                captures.set(field, at, stop);
                resumed = next.min(stop);
                at = stop + then.len as usize;
                pc += 1;
                continue 'forward;
            }
            work = seen.saturating_sub(next);
            captures.fail(pattern.ops.len(), pc, at, last.unwrap_or(seen));
        }
        return if choices.lost { Fit::GaveUp } else { Fit::No };
    }
}

impl Captures {
    /// Reads a part of a time and says where it ends.
    #[inline(always)]
    fn read_time(&mut self, part: TimePart, set: u8, text: &[u8], at: usize) -> Option<usize> {
        let time = &mut self.times[set as usize % TIME_SETS];
        if part == TimePart::Clf {
            time.clf = at as u32 + 1;
            return self.clock.read(text, at).then_some(at + CLF_LEN);
        }
        self.parts = true;
        Some(at + time.read(part, text, at)?)
    }
}
