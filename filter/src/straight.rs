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
use crate::filter::{Parsed, View, first_format};
use crate::matcher::{Captures, Line};
use crate::program::{Emit, FieldId, Format, Op, Output, Pattern, Program, Refine, TimePart};
use crate::record::Record;
use crate::route;
use crate::swar;
use crate::time::{CLF_LEN, RENDERED_LEN};
use crate::{Outcome, emit};
use alloc::vec::Vec;

/// Bytes that have to be readable behind a record.
pub const PADDING: usize = 16;
/// How many surroundings are remembered: Docker writes the four fields of a record in any order.
const FRAMES: usize = 24;
/// Room for what is in front of a line and behind it, for the output up to the line's fields, and for a tag.
const FRAME_ROOM: usize = 768;
const HEAD_ROOM: usize = 2048;
const TAG_ROOM: usize = 128;

/// A pattern as steps.
pub struct Straight {
    format: usize,
    steps: Vec<Step>,
    /// The most bytes that keys and punctuation add to the values.
    overhead: usize,
}

/// One value and the text behind it.
struct Step {
    scan: Scan,
    field: FieldId,
    /// The output's key, up to the value; none when the value is not written.
    key: Key,
    then: Text,
}

/// How a value ends.
#[derive(Clone, Copy, PartialEq)]
enum Scan {
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
struct Text {
    word: u64,
    mask: u64,
    len: usize,
}

/// Text of up to 32 bytes that is written.
#[derive(Clone, Copy, Default)]
struct Key {
    words: [u64; 4],
    len: usize,
    /// The key of the query, for a path.
    query: usize,
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
        };
        Frames { list: (0..FRAMES).map(|_| frame()).collect(), known: 0, oldest: 0 }
    }
}

impl Straight {
    /// The first pattern of a format as steps, if it has only such ops.
    pub fn new(index: usize, format: &Format) -> Option<Straight> {
        let crate::program::Body::Patterns(patterns) = &format.body else { return None };
        let pattern = patterns.first().filter(|_| format.httpd_escapes)?;
        let (last, ops) = pattern.ops.split_last()?;
        if *last != Op::End || !pattern.refine.iter().all(|step| matches!(step, Refine::Request { .. })) {
            return None;
        }
        let mut steps = Vec::with_capacity(ops.len() + 2);
        for op in ops {
            push_steps(pattern, op, &mut steps)?;
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
            steps.push(Step { scan: Scan::Clf, field: 0, key: key_of(output)?, then: Text::new(then)? });
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
    steps.push(Step { scan, field, key: key_of(output)?, then: Text::new(then)? });
    Some(())
}

/// A request line in its parts.
fn push_request(pattern: &Pattern, step: Refine, then: Text, steps: &mut Vec<Step>) -> Option<()> {
    let Refine::Request { method, path, query, protocol, .. } = step else { return None };
    let output = |field: FieldId| pattern.outputs.iter().find(|output| output.field == field);
    let blank = Text { word: b' ' as u64, mask: 0xff, len: 1 };
    steps.push(Step { scan: Scan::Blank, field: method, key: key_of(Some(output(method)?))?, then: blank });
    let query_key = key_of(Some(output(query)?))?;
    let mut path_key = key_of(Some(output(path)?))?;
    path_key.query = query_key.len;
    path_key.words[2..].copy_from_slice(&query_key.words[..2]);
    if path_key.len > 16 || query_key.len > 16 {
        return None;
    }
    steps.push(Step { scan: Scan::Path(query), field: path, key: path_key, then: blank });
    steps.push(Step { scan: Scan::Protocol, field: protocol, key: key_of(Some(output(protocol)?))?, then });
    Some(())
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

impl Text {
    fn new(literal: &crate::program::Literal) -> Option<Text> {
        (literal.len <= 8).then_some(Text { word: literal.word, mask: literal.mask, len: literal.len as usize })
    }

    #[inline(always)]
    fn stands(&self, text: &[u8], at: usize) -> bool {
        swar::word(text, at).is_some_and(|word| (word ^ self.word) & self.mask == 0)
    }
}

/// Where output goes. Room was made for all that a record can become.
struct Pen {
    at: *mut u8,
}

impl Pen {
    /// # Safety
    /// There is room for eight bytes.
    #[inline(always)]
    unsafe fn word(&self, offset: usize, word: u64) {
        unsafe { self.at.add(offset).cast::<u64>().write_unaligned(word.to_le()) }
    }

    /// # Safety
    /// There is room for 32 bytes.
    #[inline(always)]
    unsafe fn key(&mut self, key: &Key) {
        unsafe {
            self.word(0, key.words[0]);
            self.word(8, key.words[1]);
            if key.len > 16 {
                self.word(16, key.words[2]);
                self.word(24, key.words[3]);
            }
            self.at = self.at.add(key.len);
        }
    }

    /// # Safety
    /// There is room for a byte.
    #[inline(always)]
    unsafe fn quote(&mut self) {
        unsafe {
            self.at.write(b'"');
            self.at = self.at.add(1);
        }
    }

    /// Copies text up to the first byte that `hits` flags, or that is out of the ordinary, and says where that is.
    ///
    /// # Safety
    /// There is room for all of the text and a word more.
    #[inline(always)]
    unsafe fn copy(&mut self, text: &[u8], start: usize, hits: impl Fn(u64) -> u64) -> Option<usize> {
        let mut at = start;
        loop {
            let word = swar::word(text, at)?;
            unsafe { self.word(at - start, word) };
            let hit = (hits(word) | word) & swar::HIGH;
            if hit != 0 {
                let stop = swar::first(hit, at);
                self.at = unsafe { self.at.add(stop - start) };
                return Some(stop);
            }
            at += 8;
        }
    }
}

/// Control characters, `"` and `\`. A byte with its second bit turned is below 0x21 exactly for the first two.
#[inline(always)]
fn special(word: u64) -> u64 {
    (word ^ swar::LOW * 2).wrapping_sub(swar::LOW * 0x21) | swar::equal(word, b'\\')
}

/// The same, blanks, and `#`, which costs nothing here and is rare.
#[inline(always)]
fn special_or_blank(word: u64) -> u64 {
    (word ^ swar::LOW * 2).wrapping_sub(swar::LOW * 0x23) | swar::equal(word, b'\\')
}

/// What the straight path made of a record.
pub enum Way {
    /// It is done.
    Done(Outcome, Option<usize>),
    /// The general way has to be taken.
    General,
}

/// Takes the straight path, if the record looks like an earlier one. `padded` is the record, of `len` bytes, with
/// [`PADDING`] bytes behind it.
#[inline(always)]
pub fn run(
    program: &Program,
    straights: &[Straight],
    frames: &Frames,
    captures: &mut Captures,
    tag: &[u8],
    padded: &[u8],
    len: usize,
    out: &mut Vec<u8>,
) -> Way {
    let by_tag = !program.containers.is_empty();
    for frame in &frames.list[..frames.known] {
        if !swar::starts_with(padded, 0, &frame.prefix) || (by_tag && !swar::same(tag, &frame.tag)) {
            continue;
        }
        let Some(straight) = straights.get(frame.straight) else { continue };
        let Some(format) = program.formats.get(straight.format) else { continue };
        captures.clear(program.names.len());
        out.reserve(frame.head.len() + straight.overhead + len + 128);
        // SAFETY: the buffer takes the head, each value at most once, all keys and punctuation, and a word more.
        let end = unsafe {
            let base = out.as_mut_ptr();
            base.copy_from_nonoverlapping(frame.head.as_ptr(), frame.head.len());
            let mut pen = Pen { at: base.add(frame.head.len()) };
            match steps(&straight.steps, padded, frame.prefix.len(), captures, &mut pen) {
                Some(end) if end <= len => {
                    out.set_len(pen.at.offset_from_unsigned(base));
                    end
                }
                _ => return Way::General,
            }
        };
        if len - end == frame.suffix.len() && swar::starts_with(padded, end, &frame.suffix) {
            let line = Line { text: padded, start: frame.prefix.len(), end, plain: true, bare: true };
            return decide(program, format, captures, line, out);
        }
        out.clear();
    }
    Way::General
}

/// Chooses the route, as the general way does.
fn decide(program: &Program, format: &Format, captures: &mut Captures, line: Line, out: &mut Vec<u8>) -> Way {
    let crate::program::Body::Patterns(patterns) = &format.body else { return Way::General };
    let Some(pattern) = patterns.first() else { return Way::General };
    let parsed = Parsed::Pattern(format, pattern);
    let record = Record::bare(line.text);
    let view = View { program, captures, record: &record, line: Some(line), parsed: &parsed };
    let chosen = route::choose(&program.routes, &view, |_, _, _, _| {});
    if let Some(route) = chosen.and_then(|index| program.routes.get(index)) {
        if !route::keeps(route.action, &view) {
            return Way::Done(Outcome::Dropped, chosen);
        }
        out.extend_from_slice(route.key.as_bytes());
    }
    out.push(b'}');
    Way::Done(Outcome::Changed, chosen)
}

/// Takes all steps and says where the line ends: at its closing quote.
///
/// # Safety
/// There is room for the whole text and all keys behind the pen.
#[inline(always)]
unsafe fn steps(steps: &[Step], text: &[u8], mut at: usize, captures: &mut Captures, pen: &mut Pen) -> Option<usize> {
    for step in steps {
        let before = pen.at;
        unsafe { pen.key(&step.key) };
        let value = pen.at;
        let stop = match step.scan {
            Scan::Blank => unsafe { pen.copy(text, at, special_or_blank) }?,
            Scan::Quote => unsafe { pen.copy(text, at, special) }?,
            Scan::Byte(byte) => unsafe { pen.copy(text, at, |w| special_or_blank(w) | swar::equal(w, byte)) }?,
            Scan::Path(query) => {
                let hits = |w| special_or_blank(w) | swar::equal(w, b'?');
                let mut stop = unsafe { pen.copy(text, at, hits) }?;
                captures.set(step.field, at, stop);
                if stop == at {
                    return None;
                }
                if text.get(stop) == Some(&b'?') {
                    let start = stop + 1;
                    unsafe {
                        pen.quote();
                        pen.word(0, step.key.words[2]);
                        pen.word(8, step.key.words[3]);
                        pen.at = pen.at.add(step.key.query);
                        stop = pen.copy(text, start, special_or_blank)?;
                    }
                    captures.set(query, start, stop);
                    // A `-` is absent here as elsewhere.
                    if stop == start + 1 && text.get(start) == Some(&b'-') {
                        return None;
                    }
                }
                if !step.then.stands(text, stop) {
                    return None;
                }
                unsafe { pen.quote() };
                at = stop + step.then.len;
                continue;
            }
            Scan::Protocol => {
                let word = swar::word(text, at)?;
                unsafe { pen.word(0, word) };
                if !is_protocol(word) {
                    return None;
                }
                pen.at = unsafe { pen.at.add(8) };
                at + 8
            }
            Scan::Number => {
                let stop = unsafe { digits(text, at, pen) }?;
                if !step.then.stands(text, stop) {
                    return None;
                }
                if step.key.len == 0 || stop == at + 1 && text.get(at) == Some(&b'-') {
                    pen.at = before;
                }
                captures.set(step.field, at, stop);
                at = stop + step.then.len;
                continue;
            }
            Scan::Clf => {
                if !captures.clock.read(text, at) || !step.then.stands(text, at + CLF_LEN) {
                    return None;
                }
                let [a, b, c] = captures.clock.words();
                unsafe {
                    pen.word(0, a);
                    pen.word(8, b);
                    pen.word(RENDERED_LEN - 8, c);
                    pen.at = pen.at.add(RENDERED_LEN);
                    pen.quote();
                }
                at += CLF_LEN + step.then.len;
                continue;
            }
            Scan::Nothing => at,
        };
        if !step.then.stands(text, stop) {
            return None;
        }
        captures.set(step.field, at, stop);
        if stop == at && step.scan != Scan::Quote && step.scan != Scan::Nothing {
            return None;
        }
        if step.key.len == 0 || stop == at + 1 && text.get(at) == Some(&b'-') {
            pen.at = before;
        } else {
            debug_assert!(value >= before);
            unsafe { pen.quote() };
        }
        at = stop + step.then.len;
    }
    (text.get(at) == Some(&b'"')).then_some(at)
}

/// `HTTP/` and a version of two digits.
#[inline(always)]
fn is_protocol(word: u64) -> bool {
    const HTTP: u64 = u64::from_le_bytes(*b"HTTP/\0.\0");
    const KNOWN: u64 = 0x00ff_00ff_ffff_ffff;
    let digit = |byte: u64| (byte & 0xff).wrapping_sub(b'0' as u64) < 10;
    word & KNOWN == HTTP && digit(word >> 40) && digit(word >> 56)
}

/// Copies `-` or 1 to 18 digits that JSON takes as they are.
///
/// # Safety
/// There is room for 24 bytes.
#[inline(always)]
unsafe fn digits(text: &[u8], start: usize, pen: &mut Pen) -> Option<usize> {
    let mut at = start;
    loop {
        let word = swar::word(text, at)?;
        unsafe { pen.word(at - start, word) };
        // Turned, digits are 0 to 9: adding 0x76 sets the high bit of anything greater.
        let turned = word ^ (swar::LOW * b'0' as u64);
        let hit = (turned.wrapping_add(swar::LOW * 0x76) | turned) & swar::HIGH;
        if hit == 0 {
            at += 8;
            if at - start > 16 {
                return None;
            }
            continue;
        }
        let stop = swar::first(hit, at);
        let count = stop - start;
        let first = text.get(start)?;
        if count == 0 {
            return (*first == b'-').then_some(start + 1);
        }
        if count > 18 || (*first == b'0' && count > 1) {
            return None;
        }
        pen.at = unsafe { pen.at.add(count) };
        return Some(stop);
    }
}

impl Frames {
    /// Remembers what surrounds a line that was read the general way, if the next such line may go straight: the format
    /// is the one that is tried first, and none of the record's own fields is called like one of its.
    pub fn remember(
        &mut self,
        straights: &[Straight],
        program: &Program,
        record: &Record,
        tag: &[u8],
        format: &Format,
    ) {
        let same = |straight: &Straight| core::ptr::eq(&program.formats[straight.format], format);
        let Some(index) = straights.iter().position(same) else { return };
        let Some(log) = record.log_member() else { return };
        let (prefix, suffix) = (&record.text[..log.value as usize + 1], &record.text[log.end as usize - 1..]);
        let fits = prefix.len() <= FRAME_ROOM && suffix.len() <= FRAME_ROOM && tag.len() <= TAG_ROOM;
        let known = |frame: &Frame| frame.prefix == prefix && frame.suffix == suffix && frame.tag == tag;
        if !fits
            || self.list[..self.known].iter().any(known)
            || first_format(program, record) != Some(straights[index].format)
            || clashes(record, format)
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
        self.oldest = (self.oldest + 1) % FRAMES;
        self.known = FRAMES.min(self.known + 1);
    }
}

/// Whether one of the record's own fields has the name of one of the format's.
fn clashes(record: &Record, format: &Format) -> bool {
    let crate::program::Body::Patterns(patterns) = &format.body else { return true };
    let outputs = patterns.iter().flat_map(|pattern| &pattern.outputs);
    record.members.len() > 1 && outputs.map(Output::name).any(|name| record.has(name.as_bytes()))
}
