//! Code for the user's formats: the straight path's steps as WebAssembly.
//!
//! Fluent Bit interprets the module, and there a loop over a table of steps costs more than the steps do. So packaging
//! writes a function for the straight patterns of the program (`firelens_filter::straight` says what they are, and has
//! the same steps in Rust) in place of the module's `firelens_straight`:
//!
//! `(which, text, from, to, spans, clock) -> i64`: the ends of reading (low half) and writing (high half), or 0.
//!
//! Every load and store has an offset of its own, known here, so that pointers only move by what the line decides.
use firelens_filter::straight::{Key, Scan, Step, Straight, Text};
use wasm_encoder::{BlockType, Function, Instruction as I, MemArg, MemArgTarget, ValType};

const WHICH: u32 = 0;
const TEXT: u32 = 1;
const FROM: u32 = 2;
const TO: u32 = 3;
const SPANS: u32 = 4;
const CLOCK: u32 = 5;
/// Where the value starts.
const START: u32 = 6;
/// A length.
const COUNT: u32 = 7;
const WORD: u32 = 8;
const HIT: u32 = 9;
const NEXT_HIT: u32 = 10;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Length of a `%t`, of its rendering, and where the rendering stands in the clock.
const CLF_LEN: u64 = 26;
const RENDERED_LEN: u64 = 20;

/// The function for these patterns; `read_clock` is the index of `firelens_clock`.
pub fn function(straights: &[Straight], read_clock: u32) -> Function {
    let mut code =
        Code { function: Function::new([(2, ValType::I32), (3, ValType::I64)]), read: 0, written: 0, read_clock };
    for (which, straight) in straights.iter().enumerate() {
        code.get(WHICH).int(which as i32).push(&I::I32Eq).push(&I::If(BlockType::Empty));
        code.pattern(&straight.steps);
        code.push(&I::End);
    }
    code.push(&I::I64Const(0)).push(&I::End);
    code.function
}

/// Bytes that end a value: each is flagged in its high bit, as in `firelens_filter::straight`.
#[derive(Clone, Copy)]
enum Ends {
    /// Control characters, `"` and `\`.
    Special,
    /// These, blanks and `#`.
    Blank,
    /// These and one more.
    BlankOr(u8),
}

struct Code {
    function: Function,
    /// How far reading is ahead of `FROM`, and writing of `TO`.
    read: u64,
    written: u64,
    read_clock: u32,
}

impl Code {
    fn push(&mut self, instruction: &I) -> &mut Code {
        self.function.instruction(instruction);
        self
    }

    fn get(&mut self, local: u32) -> &mut Code {
        self.push(&I::LocalGet(local))
    }

    fn set(&mut self, local: u32) -> &mut Code {
        self.push(&I::LocalSet(local))
    }

    /// Sets a local and leaves its value on the stack. (`local.tee` does it, too, but Fluent Bit's interpreter makes a
    /// copy for that, while a set behind an operator and a get cost nothing.)
    fn keep(&mut self, local: u32) -> &mut Code {
        self.set(local).get(local)
    }

    fn int(&mut self, value: i32) -> &mut Code {
        self.push(&I::I32Const(value))
    }

    fn long(&mut self, value: u64) -> &mut Code {
        self.push(&I::I64Const(value as i64))
    }

    /// Gives up if the number on the stack is not zero, from so many blocks inside of the pattern's own.
    fn fail_if(&mut self, inside: u32) -> &mut Code {
        self.push(&I::BrIf(inside))
    }

    /// Moves a pointer.
    fn add(&mut self, local: u32, bytes: i32) -> &mut Code {
        self.get(local).int(bytes).push(&I::I32Add).set(local)
    }

    /// The eight bytes that are read next.
    fn word(&mut self) -> &mut Code {
        let at = at(self.read);
        self.get(FROM).push(&I::I64Load(at))
    }

    fn pattern(&mut self, steps: &[Step]) {
        (self.read, self.written) = (0, 0);
        self.push(&I::Block(BlockType::Empty));
        for step in steps {
            match step.scan {
                Scan::Blank => self.text(step, Ends::Blank),
                Scan::Quote => self.text(step, Ends::Special),
                Scan::Byte(byte) => self.text(step, Ends::BlankOr(byte)),
                Scan::Path(query) => self.path(step, query),
                Scan::Number => self.number(step),
                Scan::Protocol => self.protocol(step),
                Scan::Clf => self.clf(step),
                Scan::Nothing => {}
            }
            self.expect(&step.then);
        }
        let (read, written) = (at(self.read), self.written as i32);
        self.get(FROM).push(&I::I32Load8U(read)).int(b'"'.into()).push(&I::I32Ne).fail_if(0);
        self.get(TO).int(written).push(&I::I32Add).push(&I::I64ExtendI32U).long(32).push(&I::I64Shl);
        self.get(FROM).int(read.offset as i32).push(&I::I32Add).push(&I::I64ExtendI32U);
        self.push(&I::I64Or).push(&I::Return).push(&I::End);
    }

    /// The text that has to follow.
    fn expect(&mut self, text: &Text) {
        let at = at(self.read);
        let word = text.word & text.mask;
        match text.len {
            0 => return,
            1 => self.get(FROM).push(&I::I32Load8U(at)).int(word as i32).push(&I::I32Ne),
            2 => self.get(FROM).push(&I::I32Load16U(at)).int(word as i32).push(&I::I32Ne),
            4 => self.get(FROM).push(&I::I32Load(at)).int(word as u32 as i32).push(&I::I32Ne),
            8 => self.word().long(word).push(&I::I64Ne),
            _ => self.word().long(text.mask).push(&I::I64And).long(word).push(&I::I64Ne),
        }
        .fail_if(0);
        self.read += text.len as u64;
    }

    /// Writes a key, from its words, `ahead` of where writing is.
    fn key(&mut self, words: &[u64], len: usize, ahead: u64) {
        for (index, word) in words.iter().take(len.div_ceil(8)).enumerate() {
            let at = at(self.written + ahead + 8 * index as u64);
            self.get(TO).long(*word).push(&I::I64Store(at));
        }
    }

    /// Copies up to what ends the value, `ahead` of where writing is; both pointers move behind the value.
    fn copy(&mut self, ends: Ends, ahead: u64) {
        // Values in quotes are long: two words at a time.
        let hits: &[u32] = if matches!(ends, Ends::Special) { &[HIT, NEXT_HIT] } else { &[HIT] };
        let step = 8 * hits.len() as i32;
        self.push(&I::Loop(BlockType::Empty));
        for (index, hit) in hits.iter().enumerate() {
            let (from, to) = (at(self.read + 8 * index as u64), at(self.written + ahead + 8 * index as u64));
            self.get(TO).get(FROM).push(&I::I64Load(from)).keep(WORD).push(&I::I64Store(to));
            self.flags(ends);
            self.keep(*hit);
            if index > 0 {
                self.push(&I::I64Or);
            }
        }
        self.add(FROM, step).add(TO, step);
        self.push(&I::I64Eqz).push(&I::BrIf(0)).push(&I::End);
        if hits.len() > 1 {
            self.get(HIT).push(&I::I64Eqz).push(&I::If(BlockType::Empty));
            self.get(NEXT_HIT).set(HIT).add(FROM, 8).add(TO, 8).push(&I::End);
        }
        // Too far, but for the bytes in front of the hit.
        self.get(HIT).push(&I::I64Ctz).push(&I::I32WrapI64).int(3).push(&I::I32ShrU).int(step).push(&I::I32Sub);
        self.keep(COUNT).get(FROM).push(&I::I32Add).set(FROM);
        self.get(TO).get(COUNT).push(&I::I32Add).set(TO);
    }

    /// Leaves the flags of `WORD` on the stack.
    fn flags(&mut self, ends: Ends) {
        let below = if matches!(ends, Ends::Special) { 0x21 } else { 0x23 };
        self.get(WORD).long(LOW * 2).push(&I::I64Xor).long((LOW * below).wrapping_neg()).push(&I::I64Add);
        self.equal(b'\\').push(&I::I64Or);
        if let Ends::BlankOr(byte) = ends {
            self.equal(byte).push(&I::I64Or);
        }
        self.get(WORD).push(&I::I64Or).long(HIGH).push(&I::I64And);
    }

    fn equal(&mut self, byte: u8) -> &mut Code {
        self.get(WORD).long(LOW * u64::from(byte)).push(&I::I64Xor).long(LOW.wrapping_neg()).push(&I::I64Add)
    }

    /// Stores where a value stands, whose first byte is at `START` and whose last is in front of `FROM`.
    fn span(&mut self, field: u8) {
        let (read, base) = (self.read as i32, u64::from(field) * 8);
        for (local, offset) in [(START, 0), (FROM, 4)] {
            self.get(SPANS).get(local).int(read).push(&I::I32Add).get(TEXT).push(&I::I32Sub);
            self.push(&I::I32Store(at(base + offset)));
        }
    }

    /// Puts a byte `ahead` of where writing is.
    fn byte(&mut self, byte: u8, ahead: u64) {
        let at = at(self.written + ahead);
        self.get(TO).int(byte.into()).push(&I::I32Store8(at));
    }

    /// A value up to a byte that ends it.
    fn text(&mut self, step: &Step, ends: Ends) {
        let key = step.key.len as u64;
        self.key(&step.key.words, step.key.len, 0);
        self.get(FROM).set(START);
        self.copy(ends, key);
        if step.watched {
            self.span(step.field);
        }
        if key == 0 {
            // Only a value in quotes can have no length.
            if step.scan != Scan::Quote {
                self.get(FROM).get(START).push(&I::I32Eq).fail_if(0);
            }
            self.get(TO).get(FROM).push(&I::I32Sub).get(START).push(&I::I32Add).set(TO);
            return;
        }
        self.byte(b'"', key);
        if step.optional {
            self.get(FROM).get(START).push(&I::I32Sub).int(1).push(&I::I32LeU).push(&I::If(BlockType::Empty));
            self.short(step);
            self.push(&I::End);
        } else if step.scan != Scan::Quote {
            self.get(FROM).get(START).push(&I::I32Eq).fail_if(0);
        }
        self.written += key + 1;
    }

    /// A value of one byte or none: `-` is absent.
    fn short(&mut self, step: &Step) {
        let read = at(self.read);
        let back = -(step.key.len as i32 + 2);
        self.get(FROM).get(START).push(&I::I32Eq);
        if step.scan == Scan::Quote {
            self.push(&I::I32Eqz).push(&I::If(BlockType::Empty));
            self.get(START).push(&I::I32Load8U(read)).int(b'-'.into()).push(&I::I32Eq).push(&I::If(BlockType::Empty));
            self.add(TO, back).push(&I::End).push(&I::End);
        } else {
            self.fail_if(1);
            self.get(START).push(&I::I32Load8U(read)).int(b'-'.into()).push(&I::I32Eq).push(&I::If(BlockType::Empty));
            self.add(TO, back).push(&I::End);
        }
    }

    /// A path, and the query behind a question mark.
    fn path(&mut self, step: &Step, query: u8) {
        let Key { words, len, query: query_len } = step.key;
        self.key(&words[..2], len, 0);
        self.get(FROM).set(START);
        self.copy(Ends::BlankOr(b'?'), len as u64);
        let read = at(self.read);
        // No path: the general way knows.
        self.get(FROM).get(START).push(&I::I32Eq).fail_if(0);
        if step.watched {
            self.span(step.field);
            self.get(SPANS).push(&I::I64Const(-1)).push(&I::I64Store(at(u64::from(query) * 8)));
        }
        self.get(FROM).push(&I::I32Load8U(read)).int(b'?'.into()).push(&I::I32Eq).push(&I::If(BlockType::Empty));
        self.byte(b'"', len as u64);
        self.key(&words[2..], query_len, len as u64 + 1);
        self.add(FROM, 1).add(TO, 1 + query_len as i32);
        self.get(FROM).set(START);
        self.copy(Ends::Blank, len as u64);
        if step.watched {
            self.span(query);
        }
        self.push(&I::End);
        self.byte(b'"', len as u64);
        self.written += len as u64 + 1;
    }

    /// `-`, or 1 to 7 digits without zeros in front.
    fn number(&mut self, step: &Step) {
        let key = step.key.len as u64;
        self.key(&step.key.words, step.key.len, 0);
        self.get(FROM).set(START);
        let to = at(self.written + key);
        self.get(TO).word().keep(WORD).push(&I::I64Store(to));
        // Turned, digits are 0 to 9: adding 0x76 sets the high bit of anything greater.
        self.get(WORD).long(LOW * u64::from(b'0')).push(&I::I64Xor).keep(WORD);
        self.long(LOW * 0x76).push(&I::I64Add).get(WORD).push(&I::I64Or).long(HIGH).push(&I::I64And).keep(HIT);
        self.push(&I::I64Eqz).fail_if(0);
        self.get(HIT).push(&I::I64Ctz).push(&I::I32WrapI64).int(3).push(&I::I32ShrU).keep(COUNT);
        self.get(FROM).push(&I::I32Add).set(FROM);
        // A zero in front, or no digit at all.
        self.get(WORD).push(&I::I32WrapI64).int(0xff).push(&I::I32And).push(&I::I32Eqz);
        self.get(COUNT).int(1).push(&I::I32Ne).push(&I::I32And).get(COUNT).push(&I::I32Eqz).push(&I::I32Or);
        self.push(&I::If(BlockType::Empty));
        let read = at(self.read);
        self.get(COUNT).fail_if(1);
        self.get(START).push(&I::I32Load8U(read)).int(b'-'.into()).push(&I::I32Ne).fail_if(1);
        self.add(FROM, 1).add(TO, -(key as i32)).push(&I::End);
        if step.watched {
            self.span(step.field);
        }
        if key > 0 {
            self.get(TO).get(COUNT).push(&I::I32Add).set(TO);
            self.written += key;
        }
    }

    /// `HTTP/1.1`, `HTTP/1.0` or `HTTP/2.0`.
    fn protocol(&mut self, step: &Step) {
        let key = step.key.len as u64;
        let to = at(self.written + key);
        self.get(FROM).set(START);
        self.key(&step.key.words, step.key.len, 0);
        self.get(TO).word().keep(WORD).push(&I::I64Store(to));
        for version in [b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0"] {
            self.get(WORD).long(u64::from_le_bytes(*version)).push(&I::I64Ne);
        }
        self.push(&I::I32And).push(&I::I32And).fail_if(0);
        self.byte(b'"', key + 8);
        if step.watched {
            self.add(FROM, 8);
            self.span(step.field);
        } else {
            self.read += 8;
        }
        self.written += key + 9;
    }

    /// A `%t`: mostly the one that was read last.
    fn clf(&mut self, step: &Step) {
        let key = step.key.len as u64;
        for (index, offset) in [18, 0, 8, 16].into_iter().enumerate() {
            let here = at(self.read + offset);
            self.get(FROM).push(&I::I64Load(here)).get(CLOCK).push(&I::I64Load(at(offset))).push(&I::I64Xor);
            if index > 0 {
                self.push(&I::I64Or);
            }
        }
        let (read, read_clock) = (self.read as i32, self.read_clock);
        self.push(&I::I64Eqz).push(&I::I32Eqz).push(&I::If(BlockType::Empty));
        self.get(CLOCK).get(FROM).int(read).push(&I::I32Add).push(&I::Call(read_clock)).push(&I::I32Eqz).fail_if(1);
        self.push(&I::End);
        self.read += CLF_LEN;
        if key == 0 {
            return;
        }
        self.key(&step.key.words, step.key.len, 0);
        for offset in [0, 8, RENDERED_LEN - 8] {
            let to = at(self.written + key + offset);
            self.get(TO).get(CLOCK).push(&I::I64Load(at(CLF_LEN + offset))).push(&I::I64Store(to));
        }
        self.byte(b'"', key + RENDERED_LEN);
        self.written += key + RENDERED_LEN + 1;
    }
}

/// An address with this offset; nothing is aligned.
fn at(offset: u64) -> MemArg {
    MemArg { offset, align: 0, target: MemArgTarget::Memory(0), ordering: None }
}
