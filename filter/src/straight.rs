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
use crate::filter::{View, first_format};
use crate::matcher::Captures;
use crate::program::{
    Action, Condition, Emit, FieldId, Format, Kind, Literal, Op, Output, Pattern, Program, Refine, Route, Subject,
    Test, TimePart,
};
use crate::record::Record;
use crate::route::{self, Facts};
use crate::swar;
use crate::time::{CLF_LEN, RENDERED_LEN};
use crate::{Outcome, emit};
use alloc::{borrow::Cow, vec::Vec};

/// Bytes that have to be readable behind a record.
pub const PADDING: usize = 16;
/// How many surroundings are remembered: Docker writes the four fields of a record in any order.
const FRAMES: usize = 24;
/// Room for what is in front of a line and behind it, for the output up to the line's fields, and for a tag.
const FRAME_ROOM: usize = 768;
const HEAD_ROOM: usize = 2048;
const TAG_ROOM: usize = 128;
/// How many conditions routes may have for this path.
const CONDITIONS: usize = 64;
/// Room for the route, the last brace and the host's zero.
const ROUTE_ROOM: usize = 256;

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

/// What surrounds a line.
struct Frame {
    tag: Vec<u8>,
    /// The record up to the line's opening quote, included.
    prefix: Vec<u8>,
    /// The record from the line's closing quote on, included.
    suffix: Vec<u8>,
    /// The output up to and including `kind`.
    head: Vec<u8>,
    /// Index into the straight patterns.
    straight: usize,
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
pub(crate) struct Frames {
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
        let crate::program::Body::Patterns(patterns) = &format.body else { return None };
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
    steps.push(Step { scan, field, key: key_of(output)?, then: Text::new(then)?, watched: false });
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
        watched: false,
    });
    let query_key = key_of(Some(output(query)?))?;
    let mut path_key = key_of(Some(output(path)?))?;
    path_key.query = query_key.len;
    path_key.words[2..].copy_from_slice(&query_key.words[..2]);
    if path_key.len > 16 || query_key.len > 16 {
        return None;
    }
    steps.push(Step { scan: Scan::Path(query), field: path, key: path_key, then: blank, watched: false });
    steps.push(Step {
        scan: Scan::Protocol,
        field: protocol,
        key: key_of(Some(output(protocol)?))?,
        then,
        watched: false,
    });
    Some(())
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
                    match condition.subject {
                        Subject::Field(field) if straight.captures(field) => self.checks.push(Check {
                            field,
                            not: condition.not,
                            quick: Quick::new(condition),
                            place: (r as u16, a as u16, c as u16),
                        }),
                        _ => possible &= route::holds(condition, &Surroundings(facts)),
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

impl Straight {
    fn captures(&self, field: FieldId) -> bool {
        self.steps.iter().any(|step| match step.scan {
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
    fn new(literal: &crate::program::Literal) -> Option<Text> {
        (literal.len <= 8).then_some(Text { word: literal.word, mask: literal.mask, len: literal.len as usize })
    }
}

/// Where reading and writing are. All reading stops at the zero behind the record, and room was made for all that a
/// record can become, so that neither is checked at each step.
#[derive(Clone, Copy)]
struct Cursor {
    from: *const u8,
    to: *mut u8,
}

impl Cursor {
    /// The next eight bytes.
    ///
    /// # Safety
    /// The cursor is not behind the record's end.
    #[inline(always)]
    unsafe fn word(&self) -> u64 {
        u64::from_le(unsafe { self.from.cast::<u64>().read_unaligned() })
    }

    /// The byte that is next.
    ///
    /// # Safety
    /// The cursor is not behind the record's end.
    #[inline(always)]
    unsafe fn byte(&self) -> u8 {
        unsafe { self.from.read() }
    }

    /// Writes eight bytes without moving on.
    ///
    /// # Safety
    /// There is room for `offset` and eight bytes.
    #[inline(always)]
    unsafe fn put(&self, offset: usize, word: u64) {
        unsafe { self.to.add(offset).cast::<u64>().write_unaligned(word.to_le()) }
    }

    /// # Safety
    /// There is room for 32 bytes.
    #[inline(always)]
    unsafe fn put_key(&mut self, key: &Key) {
        unsafe {
            self.put(0, key.words[0]);
            self.put(8, key.words[1]);
            if key.len > 16 {
                self.put(16, key.words[2]);
                self.put(24, key.words[3]);
            }
            self.to = self.to.add(key.len);
        }
    }

    /// # Safety
    /// There is room for a byte.
    #[inline(always)]
    unsafe fn put_quote(&mut self) {
        unsafe {
            self.to.write(b'"');
            self.to = self.to.add(1);
        }
    }

    /// Copies text up to the first byte that `hits` flags, or that is not ASCII.
    ///
    /// # Safety
    /// `hits` flags zero, the cursor is not behind the record's end, and there is room for the rest of the record.
    #[inline(always)]
    unsafe fn copy(&mut self, hits: impl Fn(u64) -> u64) {
        loop {
            let word = unsafe { self.word() };
            unsafe { self.put(0, word) };
            let hit = (hits(word) | word) & swar::HIGH;
            if hit != 0 {
                return unsafe { self.advance((hit.trailing_zeros() >> 3) as usize) };
            }
            unsafe { self.advance(8) };
        }
    }

    /// # Safety
    /// As much is left, and as much room.
    #[inline(always)]
    unsafe fn advance(&mut self, bytes: usize) {
        unsafe {
            self.from = self.from.add(bytes);
            self.to = self.to.add(bytes);
        }
    }

    /// Steps over text that has to be next.
    ///
    /// # Safety
    /// The cursor is not behind the record's end.
    #[inline(always)]
    unsafe fn expect(&mut self, text: &Text) -> Option<()> {
        if (unsafe { self.word() } ^ text.word) & text.mask != 0 {
            return None;
        }
        self.from = unsafe { self.from.add(text.len) };
        Some(())
    }
}

/// Control characters, `"` and `\`. A byte with its second bit turned is below 0x21 exactly for the first two.
#[inline(always)]
fn special(word: u64) -> u64 {
    (word ^ (swar::LOW * 2)).wrapping_sub(swar::LOW * 0x21) | swar::equal(word, b'\\')
}

/// The same, blanks, and `#`, which costs nothing here and is rare.
#[inline(always)]
fn special_or_blank(word: u64) -> u64 {
    (word ^ (swar::LOW * 2)).wrapping_sub(swar::LOW * 0x23) | swar::equal(word, b'\\')
}

/// What the straight path made of a record.
pub(crate) enum Way {
    /// It is done.
    Done(Outcome, Option<usize>),
    /// The general way has to be taken.
    General,
}

/// Takes the straight path, if the record looks like an earlier one. `padded` is the record, of `len` bytes, with a zero
/// and [`PADDING`] bytes behind it.
#[inline(always)]
pub(crate) fn run(
    program: &Program,
    straights: &[Straight],
    frames: &Frames,
    captures: &mut Captures,
    tag: &[u8],
    padded: &[u8],
    len: usize,
    out: &mut Vec<u8>,
) -> Way {
    assert!(padded.len() >= len + PADDING && padded[len] == 0);
    let by_tag = !program.containers.is_empty();
    for frame in &frames.list[..frames.known] {
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
            let mut cursor = Cursor { from: text.add(frame.prefix.len()), to: base.add(frame.head.len()) };
            if take(frame.straight, straight, text, captures, &mut cursor).is_none() {
                return Way::General;
            }
            out.set_len(cursor.to.offset_from_unsigned(base));
            cursor.from.offset_from_unsigned(text)
        };
        if end + frame.suffix.len() == len && swar::starts_with(padded, end, &frame.suffix) {
            return decide(program, frame, captures, &padded[frame.prefix.len()..end], padded, out);
        }
        out.clear();
    }
    Way::General
}

/// Chooses the route, as the general way does, and ends the record.
#[inline(always)]
fn decide(program: &Program, frame: &Frame, captures: &Captures, line: &[u8], padded: &[u8], out: &mut Vec<u8>) -> Way {
    let passes = |check: &Check| {
        let value = captures.get(check.field, padded).filter(|value| !matches!(value, [b'-']));
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

/// Takes the steps of a straight pattern. In a packaged module, code that was made for them stands in their place.
///
/// # Safety
/// As for [`steps`].
#[inline(always)]
unsafe fn take(
    which: usize,
    straight: &Straight,
    text: *const u8,
    captures: &mut Captures,
    cursor: &mut Cursor,
) -> Option<()> {
    #[cfg(target_arch = "wasm32")]
    {
        let _ = straight;
        let (spans, clock) = captures.parts();
        let ends = unsafe { crate::module::straight(which, text, cursor.from, cursor.to, spans, clock) };
        (cursor.from, cursor.to) = (ends as u32 as *const u8, (ends >> 32) as u32 as *mut u8);
        (ends != 0).then_some(())
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = which;
        unsafe { steps(&straight.steps, text, captures, cursor) }
    }
}

/// Takes all steps, up to the line's closing quote.
///
/// # Safety
/// The cursor is in the record that starts at `text` and has a zero and [`PADDING`] bytes behind it; there is room for
/// the whole record and all keys.
#[cfg(not(target_arch = "wasm32"))]
unsafe fn steps(steps: &[Step], text: *const u8, captures: &mut Captures, cursor: &mut Cursor) -> Option<()> {
    for step in steps {
        let Cursor { from: start, to: before } = *cursor;
        // SAFETY: all of these stop at the zero at the latest, and literals hold none, so that none leads over it.
        unsafe {
            cursor.put_key(&step.key);
            match step.scan {
                Scan::Blank => cursor.copy(special_or_blank),
                Scan::Quote => cursor.copy(special),
                Scan::Byte(byte) => cursor.copy(|word| special_or_blank(word) | swar::equal(word, byte)),
                Scan::Number => {
                    digits(cursor)?;
                    if step.watched {
                        captures.set_between(step.field, text, start, cursor.from);
                    }
                    if step.key.len == 0 || start.read() == b'-' {
                        cursor.to = before;
                    }
                    cursor.expect(&step.then)?;
                    continue;
                }
                Scan::Path(query) => {
                    cursor.copy(|word| special_or_blank(word) | swar::equal(word, b'?'));
                    if step.watched {
                        captures.set_between(step.field, text, start, cursor.from);
                        captures.forget(query);
                    }
                    // None, or a `-`, which is absent here as elsewhere: the general way knows.
                    if cursor.from == start || start.read() == b'-' {
                        return None;
                    }
                    if cursor.byte() == b'?' {
                        cursor.from = cursor.from.add(1);
                        cursor.put_quote();
                        cursor.put(0, step.key.words[2]);
                        cursor.put(8, step.key.words[3]);
                        cursor.to = cursor.to.add(step.key.query);
                        let start = cursor.from;
                        cursor.copy(special_or_blank);
                        if step.watched {
                            captures.set_between(query, text, start, cursor.from);
                        }
                        // A `-` is absent here as elsewhere: the general way knows.
                        if cursor.from == start.add(1) && start.read() == b'-' {
                            return None;
                        }
                    }
                }
                Scan::Protocol => {
                    let word = cursor.word();
                    if !is_protocol(word) {
                        return None;
                    }
                    cursor.put(0, word);
                    cursor.advance(8);
                }
                Scan::Clf => {
                    let [a, b, c] = captures.clock.rendered_words(start)?;
                    cursor.put(0, a);
                    cursor.put(8, b);
                    cursor.put(RENDERED_LEN - 8, c);
                    cursor.from = start.add(CLF_LEN);
                    cursor.to = cursor.to.add(RENDERED_LEN);
                    if step.key.len == 0 {
                        cursor.to = before;
                    } else {
                        cursor.put_quote();
                    }
                    cursor.expect(&step.then)?;
                    continue;
                }
                Scan::Nothing => {
                    cursor.expect(&step.then)?;
                    continue;
                }
            }
            let length = cursor.from.offset_from_unsigned(start);
            if step.watched && !matches!(step.scan, Scan::Path(_)) {
                captures.set_between(step.field, text, start, cursor.from);
            }
            if length <= 1 && (length == 1 && start.read() == b'-' || length == 0 && step.scan != Scan::Quote) {
                // Absent. (A value of no length is for the general way to judge, unless it stands in quotes.)
                if length == 0 {
                    return None;
                }
                cursor.to = before;
            } else if step.key.len == 0 {
                cursor.to = before;
            } else {
                cursor.put_quote();
            }
            cursor.expect(&step.then)?;
        }
    }
    (unsafe { cursor.byte() } == b'"').then_some(())
}

/// `HTTP/` and a version of two digits.
#[inline(always)]
fn is_protocol(word: u64) -> bool {
    const HTTP: u64 = u64::from_le_bytes(*b"HTTP/\0.\0");
    const KNOWN: u64 = 0x00ff_00ff_ffff_ffff;
    let digit = |byte: u64| (byte & 0xff).wrapping_sub(b'0' as u64) < 10;
    word & KNOWN == HTTP && digit(word >> 40) && digit(word >> 56)
}

/// Copies `-`, or 1 to 15 digits that JSON takes as they are.
///
/// # Safety
/// As for [`steps`].
#[inline(always)]
unsafe fn digits(cursor: &mut Cursor) -> Option<()> {
    let first = unsafe { cursor.byte() };
    let mut count = 0;
    loop {
        let word = unsafe { cursor.word() };
        unsafe { cursor.put(0, word) };
        // Turned, digits are 0 to 9: adding 0x76 sets the high bit of anything greater.
        let turned = word ^ (swar::LOW * b'0' as u64);
        let hit = (turned.wrapping_add(swar::LOW * 0x76) | turned) & swar::HIGH;
        let digits = if hit == 0 { 8 } else { (hit.trailing_zeros() >> 3) as usize };
        count += digits;
        unsafe { cursor.advance(digits) };
        if hit == 0 && count < 16 {
            continue;
        }
        return match (first, count) {
            (b'-', 0) => {
                unsafe { cursor.advance(1) };
                Some(())
            }
            (_, 0) => None,
            (b'0', 1) => Some(()),
            (b'0', _) => None,
            (_, count) => (count < 16).then_some(()),
        };
    }
}

impl Frames {
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
        emit::push_members(record, &mut head);
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
    let crate::program::Body::Patterns(patterns) = &format.body else { return true };
    let outputs = patterns.iter().flat_map(|pattern| &pattern.outputs);
    let plain =
        |output: &Output| program.names.get(output.field as usize).is_some_and(|name| record.has(name.as_bytes()));
    let has = |output: &Output| record.has(output.name().as_bytes()) || plain(output);
    record.members.len() > 1 && outputs.into_iter().any(has)
}
