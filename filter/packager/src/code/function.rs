//! WebAssembly, instruction by instruction.
use std::collections::{BTreeMap, BTreeSet};
use wasm_encoder::{BlockType, Function, Instruction as I, MemArg, ValType};

/// Where reading and writing are, in two of the six parameters: nobody asks for the time.
pub(super) const FROM: u32 = 2;
pub(super) const TO: u32 = 3;
/// Locals behind the parameters: pointers and lengths,
pub(super) const START: u32 = 6;
pub(super) const COUNT: u32 = 7;
pub(super) const FRAME: u32 = 8;
/// The record's end, and the line's.
pub(super) const END: u32 = 9;
pub(super) const LINE_END: u32 = 10;
pub(super) const REST: u32 = 11;
const SPANS: u32 = 12;

pub(super) const LOW: u64 = 0x0101_0101_0101_0101;
pub(super) const HIGH: u64 = 0x8080_8080_8080_8080;

/// A function that is being written. All of it stands in one block; what fails leaves that.
pub(super) struct Code {
    function: Function,
    /// How many blocks are open.
    depth: u32,
    /// Where the values of the fields start and end that conditions look at.
    spans: BTreeMap<u8, (u32, u32)>,
    /// And words.
    pub word: u32,
    pub hit: u32,
    pub next_hit: u32,
    pub protocol: u32,
}

impl Code {
    pub(super) fn new(watched: BTreeSet<u8>) -> Code {
        let spans: BTreeMap<u8, (u32, u32)> =
            watched.into_iter().zip((SPANS..).step_by(2)).map(|(field, at)| (field, (at, at + 1))).collect();
        let word = SPANS + 2 * spans.len() as u32;
        let function = Function::new([(word - START, ValType::I32), (4, ValType::I64)]);
        Code { function, depth: 0, spans, word, hit: word + 1, next_hit: word + 2, protocol: word + 3 }
    }

    pub(super) fn finish(self) -> Function {
        self.function
    }

    pub(super) fn span(&self, field: u8) -> Option<(u32, u32)> {
        self.spans.get(&field).copied()
    }

    pub(super) fn push(&mut self, instruction: &I) -> &mut Code {
        self.function.instruction(instruction);
        self
    }

    pub(super) fn get(&mut self, local: u32) -> &mut Code {
        self.push(&I::LocalGet(local))
    }

    pub(super) fn set(&mut self, local: u32) -> &mut Code {
        self.push(&I::LocalSet(local))
    }

    /// Sets a local and leaves its value on the stack. (`local.tee` does it, too, but Fluent Bit's interpreter makes a
    /// copy for that, while a set behind an operator and a get cost nothing.)
    pub(super) fn keep(&mut self, local: u32) -> &mut Code {
        self.set(local).get(local)
    }

    pub(super) fn int(&mut self, value: u32) -> &mut Code {
        self.push(&I::I32Const(value as i32))
    }

    pub(super) fn long(&mut self, value: u64) -> &mut Code {
        self.push(&I::I64Const(value as i64))
    }

    /// Adds to what is on the stack.
    pub(super) fn plus(&mut self, value: u64) -> &mut Code {
        if value != 0 {
            self.int(value as u32).push(&I::I32Add);
        }
        self
    }

    /// Moves a pointer.
    pub(super) fn add(&mut self, local: u32, bytes: i64) -> &mut Code {
        if bytes != 0 {
            self.get(local).int(bytes as u32).push(&I::I32Add).set(local);
        }
        self
    }

    /// The eight bytes at a pointer.
    pub(super) fn load(&mut self, pointer: u32, offset: u64) -> &mut Code {
        self.get(pointer).push(&I::I64Load(at(offset)))
    }

    pub(super) fn load_byte(&mut self, pointer: u32, offset: u64) -> &mut Code {
        self.get(pointer).push(&I::I32Load8U(at(offset)))
    }

    pub(super) fn load_int(&mut self, pointer: u32, offset: u64) -> &mut Code {
        self.get(pointer).push(&I::I32Load(at(offset)))
    }

    /// Stores up to eight known bytes, and perhaps zeros behind them.
    pub(super) fn store(&mut self, pointer: u32, offset: u64, text: &[u8]) -> &mut Code {
        let mut bytes = [0; 8];
        bytes[..text.len()].copy_from_slice(text);
        let word = u64::from_le_bytes(bytes);
        match text.len() {
            0..=4 => self.get(pointer).int(word as u32).push(&I::I32Store(at(offset))),
            _ => self.get(pointer).long(word).push(&I::I64Store(at(offset))),
        }
    }

    pub(super) fn open_block(&mut self) -> &mut Code {
        self.depth += 1;
        self.push(&I::Block(BlockType::Empty))
    }

    pub(super) fn open_loop(&mut self) -> &mut Code {
        self.depth += 1;
        self.push(&I::Loop(BlockType::Empty))
    }

    pub(super) fn open_if(&mut self) -> &mut Code {
        self.depth += 1;
        self.push(&I::If(BlockType::Empty))
    }

    pub(super) fn otherwise(&mut self) -> &mut Code {
        self.push(&I::Else)
    }

    pub(super) fn close(&mut self) -> &mut Code {
        self.depth -= 1;
        self.push(&I::End)
    }

    /// How many blocks are open: a place to leave for.
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// Leaves for the end of the block that made the depth this one (or the start, of a loop).
    pub(super) fn leave(&mut self, depth: u32) -> &mut Code {
        self.push(&I::Br(self.depth - depth))
    }

    /// The same if the number on the stack is not zero. (`br_if` costs more where it is not taken.)
    pub(super) fn leave_if(&mut self, depth: u32) -> &mut Code {
        self.open_if().leave(depth).close()
    }

    /// [`Code::leave_if`] where it mostly is so.
    pub(super) fn mostly_leave_if(&mut self, depth: u32) -> &mut Code {
        self.push(&I::BrIf(self.depth - depth))
    }

    /// Leaves for the place that the number on the stack says, by its index here, or for another one.
    pub(super) fn choose(&mut self, depths: &[u32], other: u32) -> &mut Code {
        let labels: Vec<u32> = depths.iter().map(|depth| self.depth - depth).collect();
        self.push(&I::BrTable(labels.into(), self.depth - other))
    }

    /// Begins the loop of this depth again if the number on the stack is not zero.
    pub(super) fn repeat_if(&mut self, depth: u32) -> &mut Code {
        self.push(&I::BrIf(self.depth - depth))
    }

    /// Goes the general way if the number on the stack is not zero.
    pub(super) fn fail_if(&mut self) -> &mut Code {
        self.leave_if(1)
    }

    pub(super) fn fail(&mut self) -> &mut Code {
        self.leave(1)
    }
}

/// An address with this offset; nothing is aligned.
pub(super) fn at(offset: u64) -> MemArg {
    MemArg { offset, align: 0, memory_index: 0 }
}
