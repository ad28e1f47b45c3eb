//! Values of unknown length: searched by words for the byte that ends them, and copied.
use super::{
    function::{COUNT, Code, FROM, HIGH, LOW, START, TO, at},
    steps::Steps,
};
use crate::shape::Step;
use firelens_filter::program::Mask;
use wasm_encoder::Instruction as I;

/// Bytes that end a value.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Ends {
    /// What no JSON string can hold as it is, `\`, and what is not ASCII.
    Special,
    /// These, blanks and `#`.
    Blank,
    /// These and one more.
    BlankOr(u8),
}

impl Steps<'_> {
    /// Reads a value, and writes it if its step has a key; returns the local with its start. Reading is at the byte that
    /// ends it then.
    pub(super) fn value(&mut self, step: &Step, ends: Ends) -> u32 {
        let read = self.at.read;
        let start = self.begin(step);
        let copies = !step.key.is_empty() && step.mask == Mask::None;
        match ends {
            // Values in quotes are long.
            Ends::Special => self.long_value(start, read, copies),
            _ => self.short_value(ends, read, copies),
        }
        self.end(step);
        self.push_masked(step);
        start
    }

    /// Writes a value that is masked, which ends where reading is.
    pub(super) fn push_masked(&mut self, step: &Step) {
        if step.key.is_empty() || step.mask == Mask::None {
            return;
        }
        let start = self.code.span(step.field).map_or(START, |(start, _)| start);
        let (written, mask) = (std::mem::take(&mut self.at.written), self.mask);
        self.code.int(step.mask as u32).get(start).get(FROM).get(start).push(&I::I32Sub).get(TO).plus(written);
        self.code.push(&I::Call(mask)).set(TO);
        self.code.get(TO).push(&I::I32Eqz).fail_if();
    }

    /// Notes where a value starts, in the local that is returned.
    pub(super) fn begin(&mut self, step: &Step) -> u32 {
        let start = self.code.span(step.field).map_or(START, |(start, _)| start);
        let read = std::mem::take(&mut self.at.read);
        // Not the pointer itself, which moves.
        self.code.get(FROM).int(read as u32).push(&I::I32Add).set(start);
        start
    }

    /// Notes that a value ends where reading is.
    pub(super) fn end(&mut self, step: &Step) {
        if let Some((_, end)) = self.code.span(step.field) {
            self.code.get(FROM).set(end);
        }
    }

    /// Copies each word as it is read.
    pub(super) fn short_value(&mut self, ends: Ends, read: u64, copies: bool) {
        let (word, hit, written) = (self.code.word, self.code.hit, self.at.written);
        let code = &mut *self.code;
        code.open_loop();
        let again = code.depth();
        code.load(FROM, read).set(word);
        if copies {
            code.get(TO).get(word).push(&I::I64Store(at(written)));
        }
        flags(code, word, ends);
        code.long(HIGH).push(&I::I64And).keep(hit).push(&I::I64Eqz).open_if();
        code.add(FROM, 8);
        if copies {
            code.add(TO, 8);
        }
        code.leave(again).close().close();
        first_flag(code, hit);
        code.set(COUNT);
        if copies {
            code.get(TO).get(COUNT).push(&I::I32Add).set(TO);
        }
        code.get(FROM).get(COUNT).push(&I::I32Add).plus(read).set(FROM);
    }

    /// Finds the end by two words at a time, and copies then.
    fn long_value(&mut self, start: u32, read: u64, copies: bool) {
        let (word, hit, next, written) = (self.code.word, self.code.hit, self.code.next_hit, self.at.written);
        let code = &mut *self.code;
        code.open_loop();
        let again = code.depth();
        for (offset, hit) in [(0, hit), (8, next)] {
            code.load(FROM, read + offset).set(word);
            flags(code, word, Ends::Special);
            code.keep(hit);
        }
        code.push(&I::I64Or).long(HIGH).push(&I::I64And).set(word);
        code.add(FROM, 16).get(word).push(&I::I64Eqz).repeat_if(again).close();
        code.get(hit).long(HIGH).push(&I::I64And).keep(hit).push(&I::I64Eqz).open_if();
        code.get(next).long(HIGH).push(&I::I64And).set(hit).add(FROM, 8).close();
        first_flag(code, hit);
        code.get(FROM).push(&I::I32Add).int((read as u32).wrapping_sub(16)).push(&I::I32Add).set(FROM);
        if copies {
            code.get(TO).plus(written).get(start);
            code.get(FROM).get(start).push(&I::I32Sub).keep(COUNT).push(&I::MemoryCopy { src_mem: 0, dst_mem: 0 });
            code.get(TO).get(COUNT).push(&I::I32Add).set(TO);
        }
    }
}

/// Leaves on the stack which byte is the first one that is flagged in its high bit. (Fluent Bit's interpreter counts zeros
/// in a loop over bits: this takes half the time.)
fn first_flag(code: &mut Code, hit: u32) {
    // All bits up to the flag, the lowest one of each byte but the first, and their sum in the highest byte.
    code.get(hit).get(hit).long(1).push(&I::I64Sub).push(&I::I64Xor).long(LOW << 8).push(&I::I64And);
    code.long(LOW).push(&I::I64Mul).long(56).push(&I::I64ShrU).push(&I::I32WrapI64);
}

/// Leaves the flags of a word on the stack: the high bit of the first byte that ends a value is the lowest that is set.
fn flags(code: &mut Code, word: u32, ends: Ends) {
    // With its second bit turned, `"` is below 0x21 like a control character, and blank and `#` are below 0x23. One of
    // the two tests flags each byte from 0x80 on.
    let below = if ends == Ends::Special { 0x21 } else { 0x23 };
    code.get(word).long(LOW * 2).push(&I::I64Xor).long((LOW * below).wrapping_neg()).push(&I::I64Add);
    equal(code, word, b'\\');
    code.push(&I::I64Or);
    if let Ends::BlankOr(byte) = ends {
        equal(code, word, byte);
        code.push(&I::I64Or);
    }
}

fn equal(code: &mut Code, word: u32, byte: u8) {
    code.get(word).long(LOW * u64::from(byte)).push(&I::I64Xor).long(LOW.wrapping_neg()).push(&I::I64Add);
}
