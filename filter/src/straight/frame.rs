//! What surrounds a line, and the routes as far as it decides them.
use super::{Straight, Way, conditions};
use crate::filter::{View, first_format};
use crate::matcher::Captures;
use crate::program::{Action, Body, Condition, FieldId, Format, Literal, Output, Program, Subject, Test};
use crate::record::Record;
use crate::route::{self, Facts};
use crate::swar;
use crate::{Outcome, emit};
use alloc::{borrow::Cow, vec::Vec};

/// How many surroundings are remembered: Docker writes the four fields of a record in any order.
const FRAMES: usize = 24;
/// Room for what is in front of a line and behind it, for the output up to the line's fields, and for a tag.
const FRAME_ROOM: usize = 768;
const HEAD_ROOM: usize = 2048;
const TAG_ROOM: usize = 128;
/// How many conditions routes may have for this path.
const CONDITIONS: usize = 64;
/// Room for the route, the last brace and the host's zero.
pub const ROUTE_ROOM: usize = 256;

/// What surrounds a line.
pub struct Frame {
    pub tag: Vec<u8>,
    /// The record up to the line's opening quote, included.
    pub prefix: Vec<u8>,
    /// The record from the line's closing quote on, included.
    pub suffix: Vec<u8>,
    /// The output up to and including `kind`.
    pub head: Vec<u8>,
    /// Index into the straight patterns.
    pub straight: usize,
    /// What is left of the routes' conditions where the surroundings decide the others.
    rules: Vec<Rule>,
    checks: Vec<Check>,
}

/// One alternative of a route: all of its checks have to pass.
struct Rule {
    route: u16,
    from: u16,
    to: u16,
}

/// A condition on a field of the line.
struct Check {
    field: FieldId,
    /// `-` says that there is no value.
    optional: bool,
    not: bool,
    quick: Quick,
    /// Its place: route, alternative, condition.
    place: (u16, u16, u16),
}

/// What can be said quickly about a value.
enum Quick {
    /// It is an integer in this range, or fails.
    Range(i64, i64),
    /// It starts with these bytes, or fails.
    Start {
        word: u64,
        mask: u64,
    },
    Nothing,
}

impl Quick {
    fn new(condition: &Condition) -> Quick {
        match &condition.any[..] {
            [Test::Range(low, high)] => Quick::Range(*low, *high),
            [Test::Prefix(text) | Test::Equals(text)] if !text.is_empty() => {
                let text = Literal::start_of(text.as_bytes());
                Quick::Start { word: text.0, mask: text.1 }
            }
            _ => Quick::Nothing,
        }
    }
}

/// What surrounded the lines that came the general way. All room is taken at once, since what is allocated later does
/// not outlive a call.
pub struct Frames {
    list: Vec<Frame>,
    known: usize,
    /// The one that is forgotten next.
    oldest: usize,
}

impl Default for Frames {
    fn default() -> Frames {
        let frame = || Frame {
            tag: Vec::with_capacity(TAG_ROOM),
            prefix: Vec::with_capacity(FRAME_ROOM),
            suffix: Vec::with_capacity(FRAME_ROOM),
            head: Vec::with_capacity(HEAD_ROOM),
            straight: 0,
            rules: Vec::with_capacity(CONDITIONS),
            checks: Vec::with_capacity(CONDITIONS),
        };
        Frames { list: (0..FRAMES).map(|_| frame()).collect(), known: 0, oldest: 0 }
    }
}

impl Frames {
    /// Those that were remembered.
    #[inline(always)]
    pub fn known(&self) -> &[Frame] {
        &self.list[..self.known]
    }

    /// Remembers what surrounds a line that was read the general way, if the next such line may go straight: the format
    /// is the one that is tried first, and none of the record's own fields is called like one of its.
    pub fn remember(&mut self, straights: &[Straight], facts: &View, tag: &[u8], format: &Format) {
        let View { program, record, .. } = *facts;
        let same = |straight: &Straight| core::ptr::eq(&program.formats[straight.format], format);
        let Some(index) = straights.iter().position(same) else { return };
        let Some(log) = record.log_member() else { return };
        let (prefix, suffix) = (&record.text[..log.value as usize + 1], &record.text[log.end as usize - 1..]);
        let fits = prefix.len() <= FRAME_ROOM && suffix.len() <= FRAME_ROOM && tag.len() <= TAG_ROOM;
        let known = |frame: &Frame| frame.prefix == prefix && frame.suffix == suffix && frame.tag == tag;
        if !fits
            || self.list[..self.known].iter().any(known)
            || first_format(program, record) != Some(straights[index].format)
            || clashes(program, record, format)
            || conditions(&program.routes).count() + program.routes.len() > CONDITIONS
            || program.routes.iter().map(|route| route.any_of.len()).sum::<usize>() > CONDITIONS / 2
            || program.routes.iter().any(|route| route.key.len() > ROUTE_ROOM - 64)
        {
            return;
        }
        let mut head = Vec::with_capacity(HEAD_ROOM);
        emit::push_members(record, false, &mut head);
        emit::push_kind(&mut head, format.kind);
        if head.len() > HEAD_ROOM {
            return;
        }
        head[0] = b'{';
        let frame = &mut self.list[self.oldest];
        let texts = [(&mut frame.tag, tag), (&mut frame.prefix, prefix), (&mut frame.suffix, suffix)];
        for (to, from) in texts.into_iter().chain([(&mut frame.head, &head[..])]) {
            to.clear();
            to.extend_from_slice(from);
        }
        frame.straight = index;
        frame.learn(&straights[index], facts);
        self.oldest = (self.oldest + 1) % FRAMES;
        self.known = FRAMES.min(self.known + 1);
    }
}

/// Whether one of the record's own fields has the name of one of the format's, as it is printed or in conditions.
fn clashes(program: &Program, record: &Record, format: &Format) -> bool {
    let Body::Patterns(patterns) = &format.body else { return true };
    let outputs = patterns.iter().flat_map(|pattern| &pattern.outputs);
    let plain =
        |output: &Output| program.names.get(output.field as usize).is_some_and(|name| record.has(name.as_bytes()));
    let has = |output: &Output| record.has(output.name().as_bytes()) || plain(output);
    record.members.len() > 1 && outputs.into_iter().any(has)
}

impl Frame {
    /// Works out what the surroundings decide of the routes' conditions.
    fn learn(&mut self, straight: &Straight, facts: &View) {
        self.rules.clear();
        self.checks.clear();
        for (r, route) in facts.program.routes.iter().enumerate() {
            if route.any_of.is_empty() {
                let at = self.checks.len() as u16;
                self.rules.push(Rule { route: r as u16, from: at, to: at });
            }
            for (a, all) in route.any_of.iter().enumerate() {
                let from = self.checks.len();
                let mut possible = true;
                for (c, condition) in all.iter().enumerate() {
                    let step = match condition.subject {
                        Subject::Field(field) => straight.step(field).map(|step| (field, step.optional)),
                        _ => None,
                    };
                    match step {
                        Some((field, optional)) => self.checks.push(Check {
                            field,
                            optional,
                            not: condition.not,
                            quick: Quick::new(condition),
                            place: (r as u16, a as u16, c as u16),
                        }),
                        None => possible &= route::holds(condition, &Surroundings(facts)),
                    }
                }
                if possible {
                    self.rules.push(Rule { route: r as u16, from: from as u16, to: self.checks.len() as u16 });
                } else {
                    self.checks.truncate(from);
                }
            }
        }
    }
}

/// What conditions see of a record when its line has no such field.
struct Surroundings<'a>(&'a View<'a>);

impl Facts for Surroundings<'_> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    fn container(&self) -> Option<&[u8]> {
        self.0.container()
    }

    fn field(&self, id: FieldId) -> Option<Cow<'_, [u8]>> {
        self.0.record.value(self.0.program.names.get(id as usize)?.as_bytes())
    }

    fn hash(&self) -> u32 {
        self.0.hash()
    }
}

/// Chooses the route, as the general way does, and ends the record.
#[inline(always)]
pub fn decide(
    program: &Program,
    frame: &Frame,
    captures: &Captures,
    line: &[u8],
    padded: &[u8],
    out: &mut Vec<u8>,
) -> Way {
    let passes = |check: &Check| {
        let value = captures.get(check.field, padded).filter(|value| !check.optional || !matches!(value, [b'-']));
        let passed = value.is_some_and(|value| match check.quick {
            Quick::Range(low, high) => small_number(value).is_some_and(|n| (low..=high).contains(&n)),
            // What is behind a short value is never part of the start that is looked for.
            Quick::Start { word, mask } if starts_otherwise(value, padded, word, mask) => false,
            _ => check.passes(program, value),
        });
        passed != check.not
    };
    for rule in &frame.rules {
        let checks = frame.checks.get(rule.from as usize..rule.to as usize).unwrap_or_default();
        if !checks.iter().all(passes) {
            continue;
        }
        let Some(route) = program.routes.get(rule.route as usize) else { continue };
        let kept = match route.action {
            Action::Keep => true,
            Action::Drop => false,
            Action::Sample(share) => route::hash(line) < share,
        };
        if !kept {
            return Way::Done(Outcome::Dropped, Some(rule.route as usize));
        }
        // SAFETY: `ROUTE_ROOM` is free, and keys are shorter.
        unsafe {
            let end = out.as_mut_ptr().add(out.len());
            end.copy_from_nonoverlapping(route.key.as_ptr(), route.key.len());
            end.add(route.key.len()).write(b'}');
            out.set_len(out.len() + route.key.len() + 1);
        }
        return Way::Done(Outcome::Changed, Some(rule.route as usize));
    }
    out.push(b'}');
    Way::Done(Outcome::Changed, None)
}

/// Whether the value, which stands in the padded record, surely has another start.
#[inline(always)]
fn starts_otherwise(value: &[u8], padded: &[u8], word: u64, mask: u64) -> bool {
    let at = value.as_ptr() as usize - padded.as_ptr() as usize;
    swar::word(padded, at).is_some_and(|start| (start ^ word) & mask != 0)
}

impl Check {
    /// The condition's own tests.
    fn passes(&self, program: &Program, value: &[u8]) -> bool {
        let (route, alternative, condition) = self.place;
        let route = program.routes.get(route as usize);
        let all = route.and_then(|route| route.any_of.get(alternative as usize));
        let condition = all.and_then(|all| all.get(condition as usize));
        condition.is_some_and(|condition| condition.any.iter().any(|test| route::passes(test, value)))
    }
}

/// [`route::integer`], quickly for 1 to 9 digits.
#[inline(always)]
fn small_number(digits: &[u8]) -> Option<i64> {
    if !(1..=9).contains(&digits.len()) {
        return route::integer(digits);
    }
    let mut value = 0u32;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return route::integer(digits);
        }
        value = value * 10 + digit as u32;
    }
    Some(value as i64)
}
