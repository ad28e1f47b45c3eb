//! Runs a pattern over a line: a small backtracking matcher without recursion, since the stack that Fluent Bit gives to a
//! module is 8 KiB.
use crate::program::{FieldId, Literal, Op, Pattern, Refine, TIME_SETS, TimePart};
use crate::swar;
use crate::time::{CLF_LEN, Clock, Time};
use alloc::{string::String, vec::Vec};
use core::mem::MaybeUninit;

/// A line: canonical JSON text inside of a larger buffer (searching is faster with bytes behind the line).
#[derive(Clone, Copy)]
pub struct Line<'a> {
    pub text: &'a [u8],
    pub start: usize,
    pub end: usize,
    /// There is no `\\` in it, or the format has none of httpd's escapes, so that no value can hold one.
    pub plain: bool,
}

/// A part of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// No text is here: nothing can be read from it. All its bytes are the same, so that many are cleared at once.
    const ABSENT: Span = Span { start: u32::MAX, end: u32::MAX };
}

/// What a pattern found.
pub struct Captures {
    spans: [Span; FIELDS],
    pub times: [Time; TIME_SETS],
    /// A time was read in parts since the captures were cleared.
    parts: bool,
    pub clock: Clock,
    /// How far the match got that got farthest: (op, offset).
    pub furthest: (usize, usize),
    /// How much may still be searched to go back to open choices in this line.
    budget: usize,
    /// For each op, where its value was found not to end.
    failed: Vec<Failed>,
}

/// From no stop in this range does the rest of the line match. It reaches to the end of all that such a value can be.
#[derive(Clone, Copy)]
struct Failed {
    from: usize,
    to: usize,
}

impl Failed {
    const NONE: Failed = Failed { from: usize::MAX, to: 0 };
}

/// As many as a [`FieldId`] can tell apart.
const FIELDS: usize = FieldId::MAX as usize + 1;

impl Default for Captures {
    fn default() -> Captures {
        Captures {
            spans: [Span::ABSENT; FIELDS],
            times: [Time::default(), Time::default()],
            parts: false,
            clock: Clock::default(),
            furthest: (0, 0),
            budget: 0,
            failed: Vec::new(),
        }
    }
}

impl Captures {
    /// Begins a line of this length: what all formats together may search to go back to open choices grows with it, so
    /// that no line takes more than so much for each of its bytes.
    #[inline(always)]
    pub fn begin(&mut self, length: usize) {
        self.budget = 4096 + BUDGET * length;
    }

    /// Where a search for the end of a value that starts at `at` can stop, since no stop from there on is any good.
    #[inline(always)]
    fn limit(&self, op: usize, at: usize) -> usize {
        match self.failed.get(op) {
            Some(failed) if at <= failed.to => failed.from,
            _ => usize::MAX,
        }
    }

    /// Notes that a value from `from` on cannot end at any place up to `to`.
    #[inline(never)]
    fn fail(&mut self, ops: usize, op: usize, from: usize, to: usize) {
        if self.failed.len() != ops {
            self.failed.resize(ops, Failed::NONE);
        }
        let Some(failed) = self.failed.get_mut(op) else { return };
        *failed = match *failed {
            known if from <= known.to && known.from <= to => {
                Failed { from: from.min(known.from), to: to.max(known.to) }
            }
            _ => Failed { from, to },
        };
    }

    /// Forgets all of the first `names` fields.
    #[inline(always)]
    pub fn clear(&mut self, names: usize) {
        // SAFETY: a span is two integers, for which all bytes are fine, and there are `FIELDS` of them.
        unsafe { self.spans.as_mut_ptr().write_bytes(0xff, names.min(FIELDS)) };
        for time in &mut self.times {
            time.clf = 0;
        }
        if self.parts {
            self.parts = false;
            self.times = Default::default();
        }
    }

    /// The text of a field.
    #[inline(always)]
    pub fn get<'a>(&self, field: FieldId, text: &'a [u8]) -> Option<&'a [u8]> {
        let span = self.spans[field as usize];
        text.get(span.start as usize..span.end as usize)
    }

    /// The time of a set in RFC 3339, if its parts make one.
    pub fn time(&self, set: u8, zone: &[(i64, i32)], text: &[u8]) -> Option<Vec<u8>> {
        let time = &self.times[set as usize % TIME_SETS];
        if time.clf > 0 {
            return Some(self.clock.clone().rendered(text, time.clf as usize - 1).to_vec());
        }
        let mut rendered = Vec::new();
        time.render(zone, &mut rendered).then_some(rendered)
    }

    /// Where a field stands.
    #[inline(always)]
    pub fn span(&self, field: FieldId) -> Option<Span> {
        let span = self.spans[field as usize];
        (span != Span::ABSENT).then_some(span)
    }

    #[inline(always)]
    pub fn set(&mut self, field: FieldId, start: usize, end: usize) {
        self.spans[field as usize] = Span { start: start as u32, end: end as u32 };
    }

    #[inline(always)]
    pub fn forget(&mut self, field: FieldId) {
        self.spans[field as usize] = Span::ABSENT;
    }
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
}

impl Choices {
    #[inline(always)]
    fn push(&mut self, op: usize, start: usize, next: usize) {
        if let Some(slot) = self.list.get_mut(self.depth) {
            slot.write(Choice { op: op as u16, start: start as u32, next: next as u32 });
            self.depth += 1;
        }
    }

    fn pop(&mut self) -> Option<Choice> {
        self.depth = self.depth.checked_sub(1)?;
        // SAFETY: all below `depth` were written.
        Some(unsafe { self.list.get(self.depth)?.assume_init() })
    }
}

/// Whether the whole line fits; the captures are those of the match then. Earlier captures have to be cleared.
///
/// Whether the line matches from an op and a place on does not depend on how it came there. So no op's value is tried
/// twice with the same end: what was found to fail is remembered ([`Failed`]), and the line is searched a few times, not
/// once for each way to cut it into values.
pub fn run(pattern: &Pattern, line: Line, captures: &mut Captures) -> bool {
    let Line { text, end, plain, .. } = line;
    let mut choices = Choices { list: [const { MaybeUninit::uninit() }; CHOICES], depth: 0 };
    let (mut pc, mut at, mut resumed) = (0, line.start, line.start);
    captures.furthest = (0, line.start);
    // A new one: in the module, nothing that is allocated outlives a call.
    captures.failed = Vec::new();
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
            Some(Op::End) if at == end => return true,
            Some(Op::End) | None => (0, NOWHERE, const { &Literal::EMPTY }),
        };
        if stop != NOWHERE && fits(text, stop, end, then) {
            captures.set(field, at, stop);
            at = stop + then.len as usize;
            pc += 1;
            continue;
        }
        if at > captures.furthest.1 {
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
                return false;
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
        return false;
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

/// The end of the first of these words that stands at `at`.
fn word_end(text: &[u8], at: usize, end: usize, words: &[String]) -> usize {
    let rest = text.get(at..end).unwrap_or_default();
    words.iter().find(|word| rest.starts_with(word.as_bytes())).map_or(NOWHERE, |word| at + word.len())
}

/// The length of `AH01234`.
const CODE: usize = 7;

/// Whether the number of one of httpd's messages stands at `at`.
fn is_code(text: &[u8], at: usize) -> bool {
    matches!(text.get(at..at + CODE), Some([b'A', b'H', digits @ ..]) if digits.iter().all(u8::is_ascii_digit))
}

/// Whether the literal stands at `at`.
#[inline(always)]
fn fits(text: &[u8], at: usize, end: usize, literal: &Literal) -> bool {
    let stop = at + literal.len as usize;
    if stop > end {
        return false;
    }
    match swar::word(text, at) {
        Some(word) if (word ^ literal.word) & literal.mask != 0 => false,
        Some(_) => literal.len <= 8 || text.get(at..stop) == Some(&literal.long[..]),
        None => text.get(at..stop) == Some(literal.bytes(&mut [0; 8])),
    }
}

impl Literal {
    /// The literal's bytes; a short one needs room to be unpacked.
    pub fn bytes<'a>(&'a self, room: &'a mut [u8; 8]) -> &'a [u8] {
        if self.len > 8 {
            return &self.long;
        }
        *room = self.word.to_le_bytes();
        &room[..self.len as usize]
    }
}

/// The first place from `from` on where `then` stands, with no blank between `at` and it. The value has to end before the
/// second of the places; the first one is the line's end. `seen` is how far the search went.
#[inline(always)]
fn token_end(
    text: &[u8],
    at: usize,
    mut from: usize,
    (end, limit): (usize, usize),
    then: &Literal,
    plain: bool,
    seen: &mut usize,
) -> usize {
    if ends_at_blank(then) {
        let blank = swar::find(text, at, end, b' ');
        *seen = blank;
        return if blank == at || from > blank { NOWHERE } else { blank };
    }
    if at >= end || text.get(at) == Some(&b' ') {
        return NOWHERE;
    }
    loop {
        let stop = swar::find2(text, from, end, then.word as u8, b' ');
        *seen = stop;
        if stop >= end || stop >= limit || text.get(stop) == Some(&b' ') {
            return NOWHERE;
        }
        if fits(text, stop, end, then) && (plain || !is_escaped(text, at, stop, then)) {
            return stop;
        }
        from = stop + 1;
    }
}

/// [`text_end`] or [`token_end`] from another place on.
#[inline(never)]
fn next_end(
    blanks: bool,
    text: &[u8],
    (at, from): (usize, usize),
    places: (usize, usize),
    then: &Literal,
    plain: bool,
    seen: &mut usize,
) -> usize {
    match blanks {
        true => text_end(text, at, from, places, then, plain, seen),
        false => token_end(text, at, from, places, then, plain, seen),
    }
}

/// A token in front of this literal can end in one place only.
#[inline(always)]
fn ends_at_blank(then: &Literal) -> bool {
    then.is_empty() || then.word as u8 == b' '
}

/// The first place from `from` on where `then` stands; see [`token_end`].
#[inline(always)]
fn text_end(
    text: &[u8],
    at: usize,
    mut from: usize,
    (end, limit): (usize, usize),
    then: &Literal,
    plain: bool,
    seen: &mut usize,
) -> usize {
    if then.is_empty() {
        return if from <= end { end } else { NOWHERE };
    }
    let last = end.min(limit);
    loop {
        let stop = swar::find(text, from, last, then.word as u8);
        *seen = stop;
        if stop >= last {
            return NOWHERE;
        }
        if fits(text, stop, end, then) && (plain || !is_escaped(text, at, stop, then)) {
            return stop;
        }
        from = stop + 1;
    }
}

/// Whether an escape at `stop`, in a value that starts at `at`, is a part of one of httpd's. Httpd's backslash is `\\` in
/// JSON text, and one in front of another makes that one a plain character.
fn is_escaped(text: &[u8], at: usize, stop: usize, then: &Literal) -> bool {
    if then.word as u8 != b'\\' {
        return false;
    }
    let value = text.get(at..stop).unwrap_or_default();
    value.iter().rev().take_while(|byte| **byte == b'\\').count() % 4 != 0
}

/// The first quote from `at` on that none of httpd's escapes hides. In JSON text a quote is `\"`, and httpd's backslash
/// in front of an escaped character is `\\`.
#[inline(always)]
fn quote(text: &[u8], mut at: usize, end: usize) -> usize {
    loop {
        at = swar::find(text, at, end, b'\\');
        if at >= end {
            return end;
        }
        match text.get(at + 1) {
            Some(b'"') => return at,
            Some(b'\\') => at += if text.get(at + 2) == Some(&b'\\') { 4 } else { 3 },
            _ => at += 2,
        }
    }
}

/// The end of `-` or of an integer of up to 18 digits.
#[inline(always)]
fn number_end(text: &[u8], at: usize, end: usize) -> usize {
    let mut stop = at;
    if let Some(b'-' | b'+') = text.get(at) {
        stop += 1;
    }
    let first = stop;
    while stop - first <= 18
        && let Some(b'0'..=b'9') = text.get(stop)
    {
        stop += 1;
    }
    let alone = stop == first && text.get(at) == Some(&b'-');
    if stop <= end && stop - first <= 18 && (stop > first || alone) { stop } else { NOWHERE }
}

/// The end of `-` or of a decimal number.
fn decimal_end(text: &[u8], at: usize, end: usize) -> usize {
    let count = |from: usize| {
        let rest = text.get(from..end).unwrap_or_default();
        from + rest.iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let whole = count(at);
    if whole == at {
        return if at < end && text.get(at) == Some(&b'-') { at + 1 } else { NOWHERE };
    }
    if whole - at > 15 {
        return NOWHERE;
    }
    let fraction = count(whole + 1);
    if text.get(whole) == Some(&b'.') && fraction > whole + 1 { fraction } else { whole }
}

/// Reads Rails' `[tag] ` prefixes and says where they end, and whether one is a request's.
fn read_tags(
    text: &[u8],
    start: usize,
    end: usize,
    tags: FieldId,
    request_id: FieldId,
    captures: &mut Captures,
) -> (usize, bool) {
    let mut at = start;
    let mut others: Option<(usize, usize)> = None;
    let mut id = None;
    while at < end && text.get(at) == Some(&b'[') {
        let close = swar::find_apart(text, at, end, b']');
        if close + 1 >= end || text.get(close + 1) != Some(&b' ') {
            break;
        }
        if id.is_none() && is_uuid(&text[at + 1..close]) {
            id = Some((at + 1, close));
        } else {
            others = Some((others.map_or(at, |(from, _)| from), close + 1));
        }
        at = close + 2;
    }
    if let Some((from, to)) = id {
        captures.set(request_id, from, to);
    }
    if let Some((from, to)) = others {
        captures.set(tags, from, to);
    }
    (at, id.is_some())
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Applies the pattern's refinements to what it captured.
pub fn refine(steps: &[Refine], text: &[u8], captures: &mut Captures) {
    for step in steps {
        match *step {
            Refine::Request { from, method, path, query, protocol } => {
                let Some(span) = captures.span(from) else { continue };
                if let Some(parts) = split_request(text, span.start as usize, span.end as usize) {
                    captures.forget(from);
                    captures.set(method, span.start as usize, parts.method);
                    split_path(text, parts.method + 1, parts.path, path, query, captures);
                    if let Some(start) = parts.protocol {
                        captures.set(protocol, start, span.end as usize);
                    }
                }
            }
            Refine::Path { from, query } => {
                let Some(span) = captures.span(from) else { continue };
                split_path(text, span.start as usize, span.end as usize, from, query, captures);
            }
            Refine::Query { from } => {
                let Some(span) = captures.span(from) else { continue };
                match text.get(span.start as usize..span.end as usize) {
                    Some([b'?', ..]) => captures.set(from, span.start as usize + 1, span.end as usize),
                    Some([] | [b'-']) => captures.forget(from),
                    _ => {}
                }
            }
            Refine::Address { from, port } => {
                let Some(span) = captures.span(from) else { continue };
                split_address(text, span.start as usize, span.end as usize, from, port, captures);
            }
            Refine::Code { from, code } => {
                let Some(span) = captures.span(from) else { continue };
                let message = text.get(span.start as usize..span.end as usize).unwrap_or_default();
                if is_code(message, 0) && message.get(CODE..CODE + 2) == Some(b": ") {
                    captures.set(code, span.start as usize, span.start as usize + CODE);
                    captures.set(from, span.start as usize + CODE + 2, span.end as usize);
                }
            }
        }
    }
}

struct Request {
    /// End of the method.
    method: usize,
    /// End of the path with its query.
    path: usize,
    protocol: Option<usize>,
}

/// `METHOD path HTTP/n.n`, or `METHOD path` as in HTTP/0.9, whatever the method and the version. A path without a protocol
/// begins with a slash, so that other text is not taken for one.
fn split_request(text: &[u8], start: usize, end: usize) -> Option<Request> {
    let method = swar::find_apart(text, start, end, b' ');
    let rest = text.get(method + 1..end)?;
    if method == start || matches!(rest, [] | [b' ', ..]) {
        return None;
    }
    match rest.iter().rposition(|byte| *byte == b' ') {
        Some(last) if is_protocol(&rest[last + 1..]) => {
            let path = method + 1 + last;
            Some(Request { method, path, protocol: Some(path + 1) })
        }
        None if rest.starts_with(b"/") => Some(Request { method, path: end, protocol: None }),
        _ => None,
    }
}

/// `HTTP/` and two numbers.
fn is_protocol(text: &[u8]) -> bool {
    let Some([b'0'..=b'9', rest @ .., b'0'..=b'9']) = text.strip_prefix(b"HTTP/") else { return false };
    rest.iter().filter(|byte| **byte == b'.').count() == 1 && rest.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'))
}

#[inline(always)]
fn split_path(text: &[u8], start: usize, end: usize, path: FieldId, query: FieldId, captures: &mut Captures) {
    let mark = swar::find_apart(text, start, end, b'?');
    captures.set(path, start, mark);
    if mark < end {
        captures.set(query, mark + 1, end);
    }
}

/// `1.2.3.4:56`, `[::1]:56`, `::1:56`.
fn split_address(text: &[u8], start: usize, end: usize, address: FieldId, port: FieldId, captures: &mut Captures) {
    let whole = text.get(start..end).unwrap_or_default();
    let Some(colon) = whole.iter().rposition(|b| *b == b':') else { return };
    let digits = &whole[colon + 1..];
    let is_port = (1..=5).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    if !is_port || colon == 0 || whole[colon - 1] == b':' {
        return;
    }
    let (mut from, mut to) = (start, start + colon);
    if whole[0] == b'[' && whole[colon - 1] == b']' {
        from += 1;
        to -= 1;
    }
    captures.set(address, from, to);
    captures.set(port, start + colon + 1, end);
}
