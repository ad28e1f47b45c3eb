//! The straight path: one pass over the record for the lines that make up most of a log.
//!
//! Interpreted by Fluent Bit, the general way (read the record, match, route, write) costs several times what is spent
//! here. This path looks at each byte once: the record's text is checked, cut into fields and copied to the output in the
//! same loop over words. It gives up at the first thing out of the ordinary (an escape other than the format's own
//! quotes, text that is not ASCII, a value that does not end where the format says), and the general way decides then.
//! Both ways give the same bytes.
//!
//! What surrounds the line is the same from record to record, so the last record's surroundings are remembered
//! ([`Frames`]) and only compared.
mod frame;
#[cfg(not(target_arch = "wasm32"))]
mod steps;

use crate::Outcome;
use crate::matcher::Captures;
use crate::program::{
    Body, Condition, Emit, FieldId, Format, Kind, Literal, Op, Output, Pattern, Program, Refine, Route, Subject,
    TimePart,
};
use crate::swar;
use crate::time::RENDERED_LEN;
use alloc::vec::Vec;
pub(crate) use frame::Frames;
use frame::{ROUTE_ROOM, decide};

/// Bytes that have to be readable behind a record.
pub const PADDING: usize = 16;
/// A pattern as steps.
pub struct Straight {
    /// Index of its format.
    format: usize,
    pub steps: Vec<Step>,
    /// The most bytes that keys and punctuation add to the values.
    overhead: usize,
}

/// One value and the text behind it.
pub struct Step {
    pub scan: Scan,
    pub field: FieldId,
    /// The output's key, up to the value; none when the value is not written.
    pub key: Key,
    pub then: Text,
    /// `-` says that there is no value.
    pub optional: bool,
    /// A condition looks at the field.
    pub watched: bool,
}

/// How a value ends.
#[derive(Clone, Copy, PartialEq)]
pub enum Scan {
    /// At a blank.
    Blank,
    /// At this byte.
    Byte(u8),
    /// At the quote (`\"` in JSON).
    Quote,
    /// Behind its digits.
    Number,
    /// It is httpd's `%t`.
    Clf,
    /// A request's path: at a blank, with a query of its own key behind a question mark.
    Path(FieldId),
    /// `HTTP/1.1`.
    Protocol,
    /// There is no value, only text.
    Nothing,
}

/// Up to eight bytes that have to follow.
#[derive(Clone, Copy)]
pub struct Text {
    pub word: u64,
    pub mask: u64,
    pub len: usize,
}

/// Text of up to 32 bytes that is written.
#[derive(Clone, Copy, Default)]
pub struct Key {
    /// For a path, the last two are the key of its query.
    pub words: [u64; 4],
    pub len: usize,
    /// The length of the query's key, for a path.
    pub query: usize,
}

impl Straight {
    /// The straight patterns of a program. Privacy and kept lines are for the general way.
    pub fn all(program: &Program) -> Vec<Straight> {
        if !program.privacy.is_off() || program.keep_log {
            return Vec::new();
        }
        let formats = program.formats.iter().enumerate();
        formats.filter_map(|(index, format)| Straight::new(index, format, &program.routes)).collect()
    }

    /// The first pattern of a format as steps, if it has only such ops.
    fn new(index: usize, format: &Format, routes: &[Route]) -> Option<Straight> {
        let Body::Patterns(patterns) = &format.body else { return None };
        let pattern = patterns.first().filter(|_| format.httpd_escapes)?;
        let (last, ops) = pattern.ops.split_last()?;
        if *last != Op::End || !pattern.refine.iter().all(|step| matches!(step, Refine::Request { .. })) {
            return None;
        }
        let timed = |c: &Condition| pattern.outputs.iter().any(|output| output.time_subject() == Some(c.subject));
        if format.kind != Kind::Access || conditions(routes).any(timed) {
            return None;
        }
        let mut steps = Vec::with_capacity(ops.len() + 2);
        for op in ops {
            push_steps(pattern, op, &mut steps)?;
        }
        // Where the line says something twice, one value counts and is written.
        let same = |(at, step): (usize, &Step)| steps[..at].iter().any(|other| step.key.is(&other.key));
        if steps.iter().enumerate().any(same) {
            return None;
        }
        for step in &mut steps {
            let query = if let Scan::Path(query) = step.scan { query } else { step.field };
            step.watched = conditions(routes).any(|c| [step.field, query].map(Subject::Field).contains(&c.subject));
        }
        let overhead = steps.iter().map(|step| step.key.len + step.key.query + 2 * RENDERED_LEN).sum();
        Some(Straight { format: index, steps, overhead })
    }
}

fn push_steps(pattern: &Pattern, op: &Op, steps: &mut Vec<Step>) -> Option<()> {
    let (scan, field, then) = match op {
        Op::Lit(then) => (Scan::Nothing, 0, then),
        Op::Token { field, then } | Op::Text { field, then } => {
            let scan = match (then.word as u8, op) {
                (b' ', _) | (b'\\', Op::Token { .. }) => Scan::Blank,
                (b'\\', _) => Scan::Quote,
                (byte, Op::Token { .. }) if !then.is_empty() => Scan::Byte(byte),
                _ => return None,
            };
            (scan, *field, then)
        }
        Op::Quoted { field, then } => {
            if let Some(request) = pattern.refine.iter().find(|step| step.splits(*field)) {
                return push_request(pattern, *request, Text::new(then)?, steps);
            }
            (Scan::Quote, *field, then)
        }
        Op::Number { field, then } => (Scan::Number, *field, then),
        Op::Time { part: TimePart::Clf, set, then } => {
            let output = pattern.outputs.iter().find(|output| output.emit == Emit::Time(*set));
            steps.push(Step {
                scan: Scan::Clf,
                field: 0,
                key: key_of(output)?,
                then: Text::new(then)?,
                optional: false,
                watched: false,
            });
            return Some(());
        }
        _ => return None,
    };
    let output = pattern.outputs.iter().find(|output| output.field == field && scan != Scan::Nothing);
    let numeric = matches!(output, Some(Output { emit: Emit::Number | Emit::Scaled(0), .. }));
    let textual = matches!(output, None | Some(Output { emit: Emit::Value, .. }));
    if !(if scan == Scan::Number { numeric || output.is_none() } else { textual }) {
        return None;
    }
    steps.push(Step { scan, field, key: key_of(output)?, then: Text::new(then)?, optional: true, watched: false });
    Some(())
}

/// A request line in its parts.
fn push_request(pattern: &Pattern, step: Refine, then: Text, steps: &mut Vec<Step>) -> Option<()> {
    let Refine::Request { method, path, query, protocol, .. } = step else { return None };
    let output = |field: FieldId| pattern.outputs.iter().find(|output| output.field == field);
    let blank = Text { word: b' ' as u64, mask: 0xff, len: 1 };
    steps.push(Step {
        scan: Scan::Blank,
        field: method,
        key: key_of(Some(output(method)?))?,
        then: blank,
        optional: false,
        watched: false,
    });
    let query_key = key_of(Some(output(query)?))?;
    let mut path_key = key_of(Some(output(path)?))?;
    path_key.query = query_key.len;
    path_key.words[2..].copy_from_slice(&query_key.words[..2]);
    if path_key.len > 16 || query_key.len > 16 {
        return None;
    }
    steps.push(Step {
        scan: Scan::Path(query),
        field: path,
        key: path_key,
        then: blank,
        optional: false,
        watched: false,
    });
    steps.push(Step {
        scan: Scan::Protocol,
        field: protocol,
        key: key_of(Some(output(protocol)?))?,
        then,
        optional: false,
        watched: false,
    });
    Some(())
}

impl Straight {
    /// The step that captures a field.
    fn step(&self, field: FieldId) -> Option<&Step> {
        self.steps.iter().find(|step| match step.scan {
            Scan::Path(query) => step.field == field || query == field,
            Scan::Nothing | Scan::Clf => false,
            _ => step.field == field,
        })
    }
}

/// All conditions, in order.
fn conditions(routes: &[Route]) -> impl Iterator<Item = &Condition> {
    routes.iter().flat_map(|route| &route.any_of).flatten()
}

impl Refine {
    fn splits(&self, field: FieldId) -> bool {
        matches!(self, Refine::Request { from, .. } if *from == field)
    }
}

/// The key as it is written, with a string's opening quote.
fn key_of(output: Option<&Output>) -> Option<Key> {
    let Some(output) = output else { return Some(Key::default()) };
    let quote: &[u8] = if matches!(output.emit, Emit::Number | Emit::Scaled(_)) { b"" } else { b"\"" };
    let mut bytes = [0; 32];
    let len = output.key.len() + quote.len();
    bytes.get_mut(..output.key.len())?.copy_from_slice(output.key.as_bytes());
    bytes.get_mut(output.key.len()..len)?.copy_from_slice(quote);
    let mut words = [0; 4];
    for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = u64::from_le_bytes(chunk.try_into().ok()?);
    }
    Some(Key { words, len, query: 0 })
}

impl Key {
    /// Whether both are keys of the same name.
    fn is(&self, other: &Key) -> bool {
        self.len > 0 && (self.len, self.words) == (other.len, other.words)
    }
}

impl Output {
    /// What conditions on a time are about.
    fn time_subject(&self) -> Option<Subject> {
        matches!(self.emit, Emit::Time(_)).then_some(Subject::Field(self.field))
    }
}

impl Text {
    fn new(literal: &Literal) -> Option<Text> {
        (literal.len <= 8).then_some(Text { word: literal.word, mask: literal.mask, len: literal.len as usize })
    }
}

/// What the straight path made of a record.
pub(crate) enum Way {
    /// It is done.
    Done(Outcome, Option<usize>),
    /// The general way has to be taken.
    General,
}

/// A record as the host gives it.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub tag: &'a [u8],
    /// The record with a zero and [`PADDING`] bytes behind it.
    pub padded: &'a [u8],
    /// Its length without these.
    pub len: usize,
}

/// Takes the straight path, if the record looks like an earlier one.
#[inline(always)]
pub(crate) fn run(
    program: &Program,
    straights: &[Straight],
    frames: &Frames,
    captures: &mut Captures,
    input: Input,
    out: &mut Vec<u8>,
) -> Way {
    let Input { tag, padded, len } = input;
    assert!(padded.len() >= len + PADDING && padded[len] == 0);
    let by_tag = !program.containers.is_empty();
    for frame in frames.known() {
        if !swar::starts_with(padded, 0, &frame.prefix) || (by_tag && !swar::same(tag, &frame.tag)) {
            continue;
        }
        let Some(straight) = straights.get(frame.straight) else { continue };
        let room = frame.head.len() + straight.overhead + len + ROUTE_ROOM;
        if out.capacity() < room {
            *out = Vec::with_capacity(room);
        }
        // SAFETY: the prefix is inside of the record, which ends with a zero and has bytes behind it. The buffer takes
        // the head, each value at most once, all keys and punctuation, and a word more.
        let end = unsafe {
            let (base, text) = (out.as_mut_ptr(), padded.as_ptr());
            base.copy_from_nonoverlapping(frame.head.as_ptr(), frame.head.len());
            let (from, to) = (text.add(frame.prefix.len()), base.add(frame.head.len()));
            let Some((from, to)) = take(frame.straight, straight, text, captures, from, to) else {
                return Way::General;
            };
            out.set_len(to.offset_from_unsigned(base));
            from.offset_from_unsigned(text)
        };
        if end + frame.suffix.len() == len && swar::starts_with(padded, end, &frame.suffix) {
            return decide(program, frame, captures, &padded[frame.prefix.len()..end], padded, out);
        }
        out.clear();
    }
    Way::General
}

/// Takes the steps of a straight pattern, reading at `from` and writing at `to`, and says where both ended. In a packaged
/// module, code that was made for the steps stands in their place.
///
/// # Safety
/// `from` is in the record that starts at `text` and has a zero and [`PADDING`] bytes behind it; at `to` there is room for
/// the whole record and all keys.
#[inline(always)]
unsafe fn take(
    which: usize,
    straight: &Straight,
    text: *const u8,
    captures: &mut Captures,
    from: *const u8,
    to: *mut u8,
) -> Option<(*const u8, *mut u8)> {
    #[cfg(target_arch = "wasm32")]
    {
        let _ = straight;
        let (spans, clock) = captures.parts();
        let ends = unsafe { crate::module::straight(which, text, from, to, spans, clock) };
        (ends != 0).then_some((ends as u32 as *const u8, (ends >> 32) as u32 as *mut u8))
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = which;
        let mut cursor = steps::Cursor { from, to };
        unsafe { steps::steps(&straight.steps, text, captures, &mut cursor)? };
        Some((cursor.from, cursor.to))
    }
}
