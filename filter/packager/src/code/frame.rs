//! What surrounds the line: finds the frame that fits.
use super::{
    Addresses, LEN, MAX_RECORD, RECORD, TAG,
    function::{COUNT, Code, END, FRAME, FROM, LINE_END, REST, START, TO, at},
};
use firelens_filter::border::{Edge, FRAMES, Frame};
use std::mem::offset_of;
use wasm_encoder::Instruction as I;

const SIZE: u32 = size_of::<Frame>() as u32;

/// Where an edge is described in a frame, and where its text is.
#[derive(Clone, Copy)]
struct Part {
    edge: u64,
    text: u64,
}

const PREFIX: Part = Part { edge: offset_of!(Frame, prefix) as u64, text: offset_of!(Frame, prefix_text) as u64 };
const SUFFIX: Part = Part { edge: offset_of!(Frame, suffix) as u64, text: offset_of!(Frame, suffix_text) as u64 };
const OF_TAG: Part = Part { edge: offset_of!(Frame, tag) as u64, text: offset_of!(Frame, tag_text) as u64 };
const LAST: u64 = offset_of!(Edge, last) as u64;
const MASK: u64 = offset_of!(Edge, mask) as u64;
const LENGTH: u64 = offset_of!(Edge, len) as u64;
const BEFORE_LAST: u64 = offset_of!(Edge, rest) as u64;
const WORDS: u64 = offset_of!(Edge, words) as u64;

/// How many bytes in front of the line [`find`] leaves `FROM`.
pub(super) const BEFORE_LINE: u64 = 8;

/// How many words are compared without a loop.
const UNROLLED: u32 = 64;
const UNROLLED_OF_TAG: u32 = 4;

/// Leaves the frame that fits in `FRAME`, the line's end in `LINE_END`, and `FROM` at [`BEFORE_LINE`] bytes in front of the
/// line. The line may not reach so far, or farther: its steps will tell.
pub(super) fn find(code: &mut Code, place: &Addresses, by_tag: bool) {
    code.get(LEN).int(MAX_RECORD).push(&I::I32GtU).fail_if();
    code.get(RECORD).push(&I::I32Eqz).fail_if();
    code.get(RECORD).get(LEN).push(&I::I32Add).set(END);
    // All reading stops at this zero. (The host has written it itself, as far as is known.)
    code.get(END).int(0).push(&I::I32Store8(at(0)));
    code.int(place.frames).set(FRAME);
    let hit = code.hit;
    code.open_block();
    let found = code.depth();
    code.open_loop();
    let again = code.depth();
    code.open_block();
    let next = code.depth();
    // A prefix has eight bytes at least, and mostly the last ones are not at the same place in another one.
    code.get(RECORD).load_int(FRAME, PREFIX.edge + BEFORE_LAST).push(&I::I32Add).set(FROM);
    code.load(FROM, 0).load(FRAME, PREFIX.edge + LAST).push(&I::I64Xor).keep(hit);
    code.long(0).push(&I::I64Ne).leave_if(next);
    words(code, RECORD, PREFIX, UNROLLED);
    code.get(END).load_int(FRAME, SUFFIX.edge + LENGTH).push(&I::I32Sub).set(LINE_END);
    last(code, LINE_END, SUFFIX);
    words(code, LINE_END, SUFFIX, UNROLLED);
    if by_tag {
        last(code, TAG, OF_TAG);
        words(code, TAG, OF_TAG, UNROLLED_OF_TAG);
    }
    code.get(hit).long(0).push(&I::I64Ne).leave_if(next);
    code.leave(found).close();
    code.get(FRAME).int(SIZE).push(&I::I32Add).keep(FRAME);
    code.int(place.frames + FRAMES as u32 * SIZE).push(&I::I32Ne).repeat_if(again);
    code.fail().close().close();
}

/// Adds to `hit` the bits in which the last eight bytes differ.
fn last(code: &mut Code, text: u32, edge: Part) {
    let hit = code.hit;
    code.get(text).load_int(FRAME, edge.edge + BEFORE_LAST).push(&I::I32Add).set(START);
    code.load(START, 0).load(FRAME, edge.edge + LAST).push(&I::I64Xor);
    code.load(FRAME, edge.edge + MASK).push(&I::I64And).get(hit).push(&I::I64Or).set(hit);
}

/// Adds to `hit` the bits in which the words in front of those differ: as many as there are, from the last to the first.
fn words(code: &mut Code, text: u32, edge: Part, unrolled: u32) {
    code.load_int(FRAME, edge.edge + WORDS).set(COUNT);
    code.open_loop();
    let again = code.depth();
    let blocks: Vec<u32> = (0..=unrolled).map(|_| code.open_block().depth()).collect();
    code.open_block();
    let more = code.depth();
    code.get(COUNT).choose(&blocks, more).close();
    // There are more.
    code.get(COUNT).int(1).push(&I::I32Sub).set(COUNT);
    for (pointer, base) in [(REST, text), (START, FRAME)] {
        code.get(COUNT).int(3).push(&I::I32Shl).get(base).push(&I::I32Add).set(pointer);
    }
    word(code, (REST, 0), (START, edge.text));
    code.leave(again);
    for at in (0..u64::from(unrolled)).rev() {
        code.close();
        word(code, (text, 8 * at), (FRAME, edge.text + 8 * at));
    }
    code.close().close();
}

fn word(code: &mut Code, one: (u32, u64), other: (u32, u64)) {
    let hit = code.hit;
    code.load(one.0, one.1).load(other.0, other.1).push(&I::I64Xor).get(hit).push(&I::I64Or).set(hit);
}

/// Leaves on the stack whether the frame is for this pattern, or whether it is for another.
pub(super) fn is_for(code: &mut Code, which: usize, wanted: bool) {
    let compare = if wanted { I::I32Eq } else { I::I32Ne };
    code.load_int(FRAME, offset_of!(Frame, outline) as u64).int(which as u32 + 1).push(&compare);
}

/// Writes what is in front of the line's fields.
pub(super) fn begin(code: &mut Code, output: u32) {
    code.load_int(FRAME, offset_of!(Frame, head_len) as u64).set(COUNT);
    code.int(output).get(FRAME).int(offset_of!(Frame, head) as u32).push(&I::I32Add).get(COUNT);
    code.push(&I::MemoryCopy { src_mem: 0, dst_mem: 0 });
    code.int(output).get(COUNT).push(&I::I32Add).set(TO);
}

/// Leaves whether an alternative is possible on the stack, as far as the surroundings decide.
pub(super) fn possible(code: &mut Code, alternative: usize) {
    let byte = offset_of!(Frame, possible) as u64 + alternative as u64 / 8;
    code.load_byte(FRAME, byte).int(1 << (alternative % 8)).push(&I::I32And);
}

/// Writes the line's member as it came, behind a comma that stands in front of `TO`.
pub(super) fn push_log(code: &mut Code) {
    code.get(RECORD).load_int(FRAME, offset_of!(Frame, log) as u64).push(&I::I32Add).set(START);
    code.get(LINE_END).int(1).push(&I::I32Add).get(START).push(&I::I32Sub).set(COUNT);
    code.get(TO).get(START).get(COUNT).push(&I::MemoryCopy { src_mem: 0, dst_mem: 0 });
    code.get(TO).get(COUNT).push(&I::I32Add).set(TO);
}

/// Leaves the line's first byte on the stack.
pub(super) fn line(code: &mut Code) {
    code.get(RECORD).load_int(FRAME, PREFIX.edge + LENGTH).push(&I::I32Add);
}
