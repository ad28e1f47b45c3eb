//! Code for the user's formats: WebAssembly for the shapes of a program.
//!
//! Fluent Bit interprets the module, and each instruction costs about the same there, so few of them are what counts.
//! Packaging writes one function for the program's shapes ([`crate::shape`]) and
//! puts it in the place of `firelens_filter`: it compares what surrounds the line with what was met before ([`frame`]),
//! takes the steps of the pattern ([`steps`], [`values`]), chooses the route ([`routes`]), and calls the general way when
//! anything is out of the ordinary.
//!
//! What is cheap is decided by the fast interpreter of WAMR, which works on slots of a frame: getting a local and
//! constants cost nothing, nor does setting a local behind an operator; everything else is one dispatch. Loads and stores
//! have offsets of their own, so that pointers only move by what the line decides. `memory.copy` costs as much as four
//! stores, whatever its length.
mod frame;
mod function;
mod routes;
mod steps;
mod texts;
mod values;

use crate::shape::{ROUTE_ROOM, Scan, Shape, Step};
use firelens_filter::Program;
use firelens_filter::border::{HEAD_ROOM, MASK_ROOM};
use firelens_filter::program::Subject;
use function::Code;
use std::collections::BTreeSet;
use texts::Texts;
use wasm_encoder::{Function, Instruction as I};

/// What the code has to know of the module.
pub(crate) struct Addresses {
    /// Where memory is free.
    pub free: u32,
    /// The arena's `next`, `limit` and `base`.
    pub state: u32,
    pub frames: u32,
    /// Indices of functions.
    pub general: u32,
    pub clock: u32,
    pub check: u32,
    pub hash: u32,
    pub mask: u32,
}

/// The code, and its constants.
pub(crate) struct Made {
    pub function: Function,
    pub texts: Vec<u8>,
    /// Where they have to be.
    pub texts_at: u32,
}

/// The longest record that the code takes.
const MAX_RECORD: u32 = 16 * 1024;
/// What is written behind the fields, and stores that are longer than what they write.
const SLACK: usize = ROUTE_ROOM + 64;

/// The parameters.
const TAG: u32 = 0;
const RECORD: u32 = 4;
const LEN: u32 = 5;

/// Code for the shapes of a program, if it has any.
pub(crate) fn make(program: &Program, shapes: &[Shape], place: &Addresses) -> Option<Made> {
    if shapes.is_empty() {
        return None;
    }
    let keys = shapes.iter().flat_map(|shape| &shape.steps).map(step_room).sum::<usize>();
    let lines = if program.keep_log { 2 * MAX_RECORD } else { MAX_RECORD };
    let output = place.free.next_multiple_of(16);
    let texts_at = output + (HEAD_ROOM + keys + SLACK) as u32 + lines;
    let mut code = Code::new(watched(program, shapes));
    let mut texts = Texts::new(texts_at);
    code.open_block();
    frame::find(&mut code, place, program.reads_tag());
    for (which, shape) in shapes.iter().enumerate() {
        let is_last = which + 1 == shapes.len();
        frame::is_for(&mut code, which, !is_last);
        if is_last {
            code.fail_if();
        } else {
            code.open_if();
        }
        frame::begin(&mut code, output);
        let end = steps::take(&mut code, &mut texts, place, shape);
        routes::choose(&mut code, &mut texts, place, output, program, shape, end);
        if !is_last {
            code.close();
        }
    }
    code.close();
    for parameter in [TAG, TAG + 1, RECORD, LEN] {
        code.get(parameter);
    }
    code.push(&I::Call(place.general)).push(&I::End);
    Some(Made { function: code.finish(), texts: texts.bytes, texts_at })
}

/// What a step may write beside the line's own text.
fn step_room(step: &Step) -> usize {
    let of_query = if let Scan::Path { key, .. } = &step.scan { key.len() + MASK_ROOM } else { 0 };
    step.key.len() + of_query + MASK_ROOM
}

/// The fields of lines that conditions look at.
fn watched(program: &Program, shapes: &[Shape]) -> BTreeSet<u8> {
    let conditions = program.routes.iter().flat_map(|route| &route.any_of).flatten();
    let watched = |subject: Subject| shapes.iter().any(|shape| shape.decides(subject));
    conditions
        .filter_map(|condition| match condition.subject {
            Subject::Field(field) if watched(condition.subject) => Some(field),
            _ => None,
        })
        .collect()
}
