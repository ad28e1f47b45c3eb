//! What surrounds the line: finds the frame that fits.
use super::{
    LEN, MAX_RECORD, Place, RECORD, TAG,
    code::{COUNT, Code, END, FRAME, FROM, LINE_END, REST, START, TO, at},
};
use firelens_filter::straight::{Edge, FRAMES, Frame};
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
const WORD: u64 = offset_of!(Edge, word) as u64;
const MASK: u64 = offset_of!(Edge, mask) as u64;
const LENGTH: u64 = offset_of!(Edge, len) as u64;
const AFTER_WORD: u64 = offset_of!(Edge, rest) as u64;

/// Leaves the frame that fits in `FRAME`, and the line's end in `LINE_END`. The line may not reach so far, or farther:
/// its steps will tell.
pub fn find(code: &mut Code, place: &Place, by_tag: bool) {
    code.get(LEN).int(MAX_RECORD).push(&I::I32GtU).fail_if();
    code.get(RECORD).get(LEN).push(&I::I32Add).set(END);
    code.int(place.frames).set(FRAME);
    code.open_block();
    let found = code.depth();
    code.open_loop();
    let again = code.depth();
    code.open_block();
    let next = code.depth();
    code.load(RECORD, 0).load(FRAME, PREFIX.edge + WORD).push(&I::I64Ne).leave_if(next);
    // It is no null pointer, then. All reading stops at this zero. (The host has written it itself, as far as is known.)
    code.get(END).int(0).push(&I::I32Store8(at(0)));
    rest(code, RECORD, PREFIX, next);
    code.get(END).load_int(FRAME, SUFFIX.edge + LENGTH).push(&I::I32Sub).set(LINE_END);
    first_word(code, LINE_END, SUFFIX, next);
    rest(code, LINE_END, SUFFIX, next);
    if by_tag {
        first_word(code, TAG, OF_TAG, next);
        rest(code, TAG, OF_TAG, next);
    }
    code.leave(found).close();
    code.get(FRAME).int(SIZE).push(&I::I32Add).keep(FRAME);
    code.int(place.frames + FRAMES as u32 * SIZE).push(&I::I32Ne).repeat_if(again);
    code.fail().close().close();
}

fn first_word(code: &mut Code, text: u32, edge: Part, next: u32) {
    code.load(text, 0).load(FRAME, edge.edge + WORD).push(&I::I64Xor);
    code.load(FRAME, edge.edge + MASK).push(&I::I64And).long(0).push(&I::I64Ne).leave_if(next);
}

/// Compares what is behind the first word: the last word, and what is between, from its end, 32 bytes at a time, then 8.
fn rest(code: &mut Code, text: u32, edge: Part, next: u32) {
    code.load_int(FRAME, edge.edge + AFTER_WORD).open_if();
    code.load_int(FRAME, edge.edge + AFTER_WORD).set(REST);
    word_at_rest(code, text, edge, next);
    code.get(REST).int(8).push(&I::I32GtU).open_if();
    code.open_block();
    let few = code.depth();
    code.open_loop();
    let again = code.depth();
    code.get(REST).int(32).push(&I::I32LtS).leave_if(few);
    code.get(REST).int(32).push(&I::I32Sub).set(REST);
    pointers(code, text);
    for word in 0..4 {
        code.load(COUNT, 8 * word).load(START, edge.text + 8 * word).push(&I::I64Xor);
        if word > 0 {
            code.push(&I::I64Or);
        }
    }
    code.long(0).push(&I::I64Ne).leave_if(next).leave(again).close().close();
    code.open_loop();
    let again = code.depth();
    code.get(REST).int(8).push(&I::I32GtS).open_if();
    code.get(REST).int(8).push(&I::I32Sub).set(REST);
    word_at_rest(code, text, edge, next);
    code.leave(again).close().close();
    code.close().close();
}

fn word_at_rest(code: &mut Code, text: u32, edge: Part, next: u32) {
    pointers(code, text);
    code.load(COUNT, 0).load(START, edge.text).push(&I::I64Ne).leave_if(next);
}

/// Where to compare: in the text, and in the frame.
fn pointers(code: &mut Code, text: u32) {
    code.get(text).get(REST).push(&I::I32Add).set(COUNT);
    code.get(FRAME).get(REST).push(&I::I32Add).set(START);
}

/// Leaves on the stack whether the frame is for this pattern, or whether it is for another.
pub fn is_for(code: &mut Code, which: usize, wanted: bool) {
    let compare = if wanted { I::I32Eq } else { I::I32Ne };
    code.load_int(FRAME, offset_of!(Frame, straight) as u64).int(which as u32 + 1).push(&compare);
}

/// Writes what is in front of the line's fields.
pub fn begin(code: &mut Code, output: u32) {
    code.get(RECORD).load_int(FRAME, PREFIX.edge + LENGTH).push(&I::I32Add).set(FROM);
    code.load_int(FRAME, offset_of!(Frame, head_len) as u64).set(COUNT);
    code.int(output).get(FRAME).int(offset_of!(Frame, head) as u32).push(&I::I32Add).get(COUNT);
    code.push(&I::MemoryCopy { src_mem: 0, dst_mem: 0 });
    code.int(output).get(COUNT).push(&I::I32Add).set(TO);
}

/// Leaves whether an alternative is possible on the stack, as far as the surroundings decide.
pub fn possible(code: &mut Code, alternative: usize) {
    let byte = offset_of!(Frame, possible) as u64 + alternative as u64 / 8;
    code.load_byte(FRAME, byte).int(1 << (alternative % 8)).push(&I::I32And);
}

/// Writes the line's member as it came, behind a comma that stands in front of `TO`.
pub fn push_log(code: &mut Code) {
    code.get(RECORD).load_int(FRAME, offset_of!(Frame, log) as u64).push(&I::I32Add).set(START);
    code.get(LINE_END).int(1).push(&I::I32Add).get(START).push(&I::I32Sub).set(COUNT);
    code.get(TO).get(START).get(COUNT).push(&I::MemoryCopy { src_mem: 0, dst_mem: 0 });
    code.get(TO).get(COUNT).push(&I::I32Add).set(TO);
}

/// Leaves the line's first byte on the stack.
pub fn line(code: &mut Code) {
    code.get(RECORD).load_int(FRAME, PREFIX.edge + LENGTH).push(&I::I32Add);
}
