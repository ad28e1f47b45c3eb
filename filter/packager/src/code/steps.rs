//! The steps of a pattern, from the line's first byte to its last.
mod optional;

use super::{
    Addresses, frame,
    function::{COUNT, Code, FROM, HIGH, LINE_END, LOW, START, TO, at},
    texts::Texts,
    values::Ends,
};
use crate::shape::{Absent, Scan, Shape, Step};
use firelens_filter::program::Mask;
use wasm_encoder::Instruction as I;

/// Length of a `%t`, and of its rendering.
const CLF: &[u8] = b"01/Jan/1970:00:00:00 +0000";
const RENDERED: &[u8] = b"1970-01-01T00:00:00Z";

/// Text that has to be written before anything else is.
#[derive(Clone, Default)]
pub(super) struct Pending {
    pub text: Vec<u8>,
    /// It is in memory at this address already, from its first byte to its last, since its time changes.
    at: Option<u32>,
    /// Here the protocol's word has to be put.
    protocol: Option<usize>,
}

/// Where reading and writing are, relative to the pointers.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Offsets {
    pub read: u64,
    pub written: u64,
}

/// The steps that are taken.
pub(super) struct Steps<'a> {
    pub code: &'a mut Code,
    pub texts: &'a mut Texts,
    pub at: Offsets,
    pub pending: Pending,
    /// Text of the line that has not been looked at yet.
    owed: Vec<u8>,
    /// What the first text that is pending begins with, and is written already.
    opening: &'a [u8],
    /// The index of the function that masks.
    pub mask: u32,
}

/// Takes the steps, and makes sure that the line ends behind them.
pub(super) fn take<'a>(code: &'a mut Code, texts: &'a mut Texts, place: &Addresses, shape: &Shape) -> (Pending, u64) {
    let at = Offsets { read: frame::BEFORE_LINE, written: 0 };
    let opening = shape.opening();
    let mask = place.mask;
    let mut steps = Steps { code, texts, at, pending: Pending::default(), owed: Vec::new(), opening, mask };
    let mut list = shape.steps.iter().peekable();
    while let Some(step) = list.next() {
        match &step.scan {
            Scan::Nothing => steps.owe(&step.then),
            Scan::Clf => steps.clf(step, place),
            Scan::Method => steps.method(step, list.peek().map_or(&[], |path| &path.key)),
            Scan::Path { query, key, mask } => steps.path(step, (*query, key, *mask)),
            Scan::Protocol => steps.protocol(step),
            Scan::Status => steps.status(step),
            Scan::Number => steps.number(step),
            Scan::Blank => steps.text(step, Ends::Blank),
            Scan::Byte(byte) => steps.text(step, Ends::BlankOr(*byte)),
            Scan::Quote => steps.text(step, Ends::Special),
        }
    }
    steps.expect_owed();
    let read = steps.at.read;
    steps.code.get(FROM).plus(read).get(LINE_END).push(&I::I32Ne).fail_if();
    if shape.keep_log {
        steps.append(b",");
        steps.write();
        steps.settle(Offsets { read, written: 0 });
        frame::push_log(steps.code);
    }
    (steps.pending, steps.at.written)
}

impl<'a> Steps<'a> {
    /// What is left to write when all steps were taken.
    pub(super) fn ending(code: &'a mut Code, texts: &'a mut Texts, at: Offsets, pending: Pending) -> Steps<'a> {
        Steps { code, texts, at, pending, owed: Vec::new(), opening: &[], mask: 0 }
    }

    /// This text has to follow.
    pub(super) fn owe(&mut self, text: &[u8]) {
        self.expect_owed();
        self.owed = text.to_vec();
    }

    /// Makes sure that the text follows that has to.
    pub(super) fn expect_owed(&mut self) {
        let text = std::mem::take(&mut self.owed);
        self.expect(&text);
    }

    pub(super) fn expect(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.follows(text, false);
            self.code.fail_if();
            self.at.read += text.len() as u64;
        }
    }

    /// Leaves on the stack whether up to eight bytes of text follow, or whether they do not.
    fn follows(&mut self, text: &[u8], wanted: bool) {
        let mut bytes = [0; 8];
        bytes[..text.len()].copy_from_slice(text);
        let word = u64::from_le_bytes(bytes);
        let (read, code) = (self.at.read, &mut *self.code);
        let int = if wanted { I::I32Eq } else { I::I32Ne };
        let long = if wanted { I::I64Eq } else { I::I64Ne };
        match text.len() {
            1 => code.load_byte(FROM, read).int(word as u32).push(&int),
            2 => code.get(FROM).push(&I::I32Load16U(at(read))).int(word as u32).push(&int),
            3 => code.load_int(FROM, read).int(0xff_ffff).push(&I::I32And).int(word as u32).push(&int),
            4 => code.load_int(FROM, read).int(word as u32).push(&int),
            8 => code.load(FROM, read).long(word).push(&long),
            length => code.load(FROM, read).long(u64::MAX >> (64 - 8 * length)).push(&I::I64And).long(word).push(&long),
        };
    }

    /// Moves the pointers so that reading and writing are at these offsets.
    pub(super) fn settle(&mut self, to: Offsets) {
        self.settle_from(self.at, to);
        self.at = to;
    }

    fn settle_from(&mut self, from: Offsets, to: Offsets) {
        self.code.add(FROM, from.read as i64 - to.read as i64).add(TO, from.written as i64 - to.written as i64);
    }

    /// Adds text that is to be written.
    pub(super) fn append(&mut self, text: &[u8]) {
        if let Some(at) = self.pending.at {
            if at + self.pending.text.len() as u32 == self.texts.end() {
                self.texts.reserve(text);
            } else {
                self.write();
            }
        }
        self.pending.text.extend_from_slice(text);
    }

    /// Writes what is pending.
    pub(super) fn write(&mut self) {
        let Pending { mut text, at: address, protocol } = std::mem::take(&mut self.pending);
        text.drain(..std::mem::take(&mut self.opening).len());
        let written = self.at.written;
        if address.is_none() && text.len() <= 16 {
            for (index, chunk) in text.chunks(8).enumerate() {
                self.code.store(TO, written + 8 * index as u64, chunk);
            }
        } else {
            let address = address.unwrap_or_else(|| self.texts.add(&text));
            self.code.get(TO).plus(written).int(address).int(text.len() as u32);
            self.code.push(&I::MemoryCopy { src_mem: 0, dst_mem: 0 });
        }
        if let Some(place) = protocol {
            let word = self.code.protocol;
            self.code.get(TO).get(word).push(&I::I64Store(at(written + place as u64)));
        }
        self.at.written += text.len() as u64;
    }

    /// A `%t`: mostly the one that was read last, which stands in memory with what follows it.
    fn clf(&mut self, step: &Step, place: &Addresses) {
        self.expect_owed();
        let line = [CLF, &step.then].concat();
        let (known, length) = (self.texts.reserve(&line), line.len() as u64);
        self.append(&step.key);
        let time = (!step.key.is_empty()).then(|| self.append_time());
        let read = self.at.read;
        for (index, offset) in [0, 8, 16, 24].into_iter().map(|offset: u64| offset.min(length - 8)).enumerate() {
            self.code.load(FROM, read + offset).int(known).push(&I::I64Load(at(offset))).push(&I::I64Xor);
            if index > 0 {
                self.code.push(&I::I64Or);
            }
        }
        self.code.long(0).push(&I::I64Ne).open_if();
        self.at.read += CLF.len() as u64;
        self.expect(&step.then);
        self.code.get(FROM).plus(read).keep(START).push(&I::Call(place.clock)).set(COUNT);
        self.code.get(COUNT).push(&I::I32Eqz).fail_if();
        self.code.int(known).get(START).int(length as u32).push(&I::MemoryCopy { src_mem: 0, dst_mem: 0 });
        if let Some(time) = time {
            self.code.int(time).get(COUNT).int(RENDERED.len() as u32);
            self.code.push(&I::MemoryCopy { src_mem: 0, dst_mem: 0 });
        }
        self.code.close();
        self.at.read = read + length;
    }

    /// Puts the time into what is pending, and says where it is.
    fn append_time(&mut self) -> u32 {
        if self.pending.at.is_some() {
            self.write();
        }
        let text = std::mem::take(&mut self.pending.text);
        self.pending.at = Some(self.texts.reserve(&text));
        self.pending.text = text;
        let time = self.texts.reserve(RENDERED);
        self.pending.text.extend_from_slice(RENDERED);
        self.append(b"\"");
        time
    }

    /// A method, mostly `GET`, and the key of the path that follows.
    fn method(&mut self, step: &Step, path: &[u8]) {
        self.expect_owed();
        self.append(&step.key);
        let (before, pending) = (self.at, self.pending.clone());
        // What is behind `else` costs no jump.
        self.follows(b"GET ", false);
        self.code.open_if();
        self.write();
        let start = self.value(step, Ends::Blank);
        self.code.get(FROM).get(start).push(&I::I32Eq).fail_if();
        self.expect(b" ");
        self.pending.text = [b"\"", path].concat();
        self.write();
        let other = std::mem::replace(&mut self.at, before);
        self.pending = pending;
        self.append(&[b"GET\"", path].concat());
        let after = Offsets { read: before.read + 4, written: before.written + self.pending.text.len() as u64 };
        self.settle_from(other, after);
        self.code.otherwise();
        if let Some((start, end)) = self.code.span(step.field) {
            self.code.get(FROM).int(before.read as u32).push(&I::I32Add).set(start);
            self.code.get(start).int(3).push(&I::I32Add).set(end);
        }
        self.write();
        self.at = after;
        self.code.close();
    }

    /// A path, whose key is written, and the query behind a question mark.
    fn path(&mut self, step: &Step, (query, key, mask): (u8, &[u8], Mask)) {
        self.code.open_block();
        let done = self.code.depth();
        self.up_to_blank(step, Ends::BlankOr(b'?'), done);
        self.code.load_byte(FROM, 0).int(b'?'.into()).push(&I::I32Ne).fail_if();
        self.push_masked(step);
        let before = self.at;
        self.append(&[b"\"", key].concat());
        self.write();
        self.at.read = 1;
        let (scan, key, absent) = (Scan::Blank, key.to_vec(), Absent::Never);
        let rest = Step { scan, field: query, key, then: Vec::new(), absent, mask };
        self.code.open_block();
        let query_done = self.code.depth();
        self.up_to_blank(&rest, Ends::Blank, query_done);
        self.code.fail().close();
        self.at.written = if mask == Mask::None { self.at.written } else { 0 };
        self.settle(before);
        self.code.close();
        self.append(b"\"");
        // The blank is known to be there.
        self.at.read = 1;
        self.owe(&step.then[1..]);
    }

    /// A value up to a blank, which leaves the block of this depth then. A `#` is passed over; another end is not.
    fn up_to_blank(&mut self, step: &Step, ends: Ends, done: u32) {
        let read = self.at.read;
        let start = self.begin(step);
        self.code.open_loop();
        let again = self.code.depth();
        let copies = step.mask == Mask::None;
        self.short_value(ends, read, copies);
        self.end(step);
        self.code.load_byte(FROM, 0).int(b' '.into()).push(&I::I32Eq).open_if();
        if matches!(ends, Ends::BlankOr(_)) {
            self.code.get(FROM).get(start).push(&I::I32Eq).fail_if();
        }
        let before = self.at;
        self.push_masked(step);
        self.code.leave(done).close();
        self.at = before;
        self.code.load_byte(FROM, 0).int(b'#'.into()).push(&I::I32Eq).open_if();
        self.code.add(FROM, 1 - read as i64).add(TO, i64::from(copies)).leave(again).close().close();
    }

    /// `HTTP/1.1`, `HTTP/1.0` or `HTTP/2.0`.
    fn protocol(&mut self, step: &Step) {
        self.expect_owed();
        let (word, read) = (self.code.protocol, self.at.read);
        let number = |text: &[u8; 8]| u64::from_le_bytes(*text);
        self.code.load(FROM, read).keep(word).long(number(b"HTTP/1.1")).push(&I::I64Ne).open_if();
        self.code.get(word).long(number(b"HTTP/1.0")).push(&I::I64Ne);
        self.code.get(word).long(number(b"HTTP/2.0")).push(&I::I64Ne).push(&I::I32And).fail_if().close();
        if let Some((start, end)) = self.code.span(step.field) {
            self.code.get(FROM).plus(read).set(start).get(start).int(8).push(&I::I32Add).set(end);
        }
        self.append(&step.key);
        self.pending.protocol = Some(self.pending.text.len());
        self.append(b"HTTP/1.1\"");
        self.at.read += 8;
        self.owe(&step.then);
    }

    /// A value of three digits, compared together with what is around it; others go the general way.
    fn status(&mut self, step: &Step) {
        if self.owed.len() > 5 {
            self.expect_owed();
        }
        let owed = std::mem::take(&mut self.owed);
        let then = &step.then[..step.then.len().min(5 - owed.len())];
        // Each byte less what it has to be is 0, or up to 8 or 9 for digits: adding sets the high bit of anything more.
        let bytes = owed.iter().map(|byte| (*byte, 0x7f)).chain([(b'1', 0x77), (b'0', 0x76), (b'0', 0x76)]);
        let bytes = bytes.chain(then.iter().map(|byte| (*byte, 0x7f)));
        let (mut least, mut most) = (0, 0);
        for (at, (byte, more)) in bytes.enumerate() {
            least |= u64::from(byte) << (8 * at);
            most |= more << (8 * at);
        }
        self.append(&step.key);
        if !step.key.is_empty() {
            self.write();
        }
        let (word, read, digits) = (self.code.word, self.at.read, self.at.read + owed.len() as u64);
        self.code.load(FROM, read).long(least).push(&I::I64Sub).keep(word).long(most).push(&I::I64Add);
        self.code.get(word).push(&I::I64Or).long(HIGH).push(&I::I64And).long(0).push(&I::I64Ne).fail_if();
        if let Some((start, end)) = self.code.span(step.field) {
            self.code.get(FROM).plus(digits).set(start).get(start).int(3).push(&I::I32Add).set(end);
        }
        if !step.key.is_empty() {
            self.code.get(TO).load_int(FROM, digits).push(&I::I32Store(at(self.at.written)));
            self.at.written += 3;
        }
        self.at.read = digits + 3 + then.len() as u64;
        self.owed = step.then[then.len()..].to_vec();
    }

    /// `-`, or 1 to 8 digits without zeros in front.
    fn number(&mut self, step: &Step) {
        self.expect_owed();
        let (word, hit, read) = (self.code.word, self.code.hit, self.at.read);
        let is_written = !step.key.is_empty();
        if is_written {
            self.append(&step.key);
            self.write();
        }
        let (written, span) = (self.at.written, self.code.span(step.field));
        self.code.load(FROM, read).set(word);
        if is_written {
            self.code.get(TO).get(word).push(&I::I64Store(at(written)));
        }
        // Digits become 0 to 9, the first one 0 to 8, so that a zero in front is none.
        self.code.get(word).long(0x3030_3030_3030_3031).push(&I::I64Sub).keep(word);
        self.code.long(0x7676_7676_7676_7677).push(&I::I64Add).get(word).push(&I::I64Or).long(HIGH).push(&I::I64And);
        // The bits in front of the first one, the highest one of each byte, and their sum in the highest byte.
        self.code.keep(hit).long(1).push(&I::I64Sub).get(hit).long(u64::MAX).push(&I::I64Xor).push(&I::I64And);
        self.code.long(HIGH).push(&I::I64And).long(7).push(&I::I64ShrU).long(LOW).push(&I::I64Mul);
        self.code.long(56).push(&I::I64ShrU).push(&I::I32WrapI64).set(COUNT);
        if let Some((start, _)) = span {
            self.code.get(FROM).int(read as u32).push(&I::I32Add).set(start);
        }
        self.code.get(COUNT).push(&I::I32Eqz).open_if();
        self.code.load_byte(FROM, read).int(b'0'.into()).push(&I::I32Eq).open_if();
        self.code.load_byte(FROM, read + 1).int(b'0'.into()).push(&I::I32Sub).int(10).push(&I::I32LtU).fail_if();
        self.code.int(1).set(COUNT).otherwise();
        self.code.load_byte(FROM, read).int(b'-'.into()).push(&I::I32Ne).fail_if();
        self.code.add(FROM, 1).add(TO, -(step.key.len() as i64));
        if let Some((start, _)) = span {
            self.code.int(0).set(start);
        }
        self.code.close().close();
        self.code.get(FROM).get(COUNT).push(&I::I32Add).set(FROM);
        if is_written {
            self.code.get(TO).get(COUNT).push(&I::I32Add).set(TO);
        }
        if let Some((_, end)) = span {
            self.code.get(FROM).plus(read).set(end);
        }
        self.owe(&step.then);
    }
}
