//! The route, and the record's end.
use super::{
    Addresses, frame,
    function::{Code, LINE_END, at},
    steps::{Offsets, Pending, Steps},
    texts::Texts,
};
use crate::shape::{Scan, Shape};
use firelens_filter::Program;
use firelens_filter::border::Arena;
use firelens_filter::program::{Action, Condition, Literal, Route, Subject, Test};
use std::mem::offset_of;
use wasm_encoder::Instruction as I;

/// Where the arena's next free address is in the module's state, and the one that it starts over with.
const NEXT: u64 = offset_of!(Arena, next) as u64;
const BASE: u64 = offset_of!(Arena, base) as u64;

/// Chooses the route, ends the record and returns it.
pub(super) fn choose(
    code: &mut Code,
    texts: &mut Texts,
    place: &Addresses,
    output: u32,
    program: &Program,
    shape: &Shape,
    (pending, written): (Pending, u64),
) {
    let mut ending = Ending { code, texts, place, output, shape, pending, written };
    let (mut alternative, mut condition) = (0, 0);
    for route in &program.routes {
        if route.any_of.is_empty() {
            return ending.take(Some(route));
        }
        for all in &route.any_of {
            ending.code.open_block();
            let next = ending.code.depth();
            if all.iter().any(|condition| !shape.decides(condition.subject)) {
                frame::possible(ending.code, alternative);
                ending.code.push(&I::I32Eqz).leave_if(next);
            }
            for (at, one) in all.iter().enumerate() {
                let Subject::Field(field) = one.subject else { continue };
                if shape.decides(one.subject) {
                    ending.require(one, field, condition + at as u32, next);
                }
            }
            ending.take(Some(route));
            ending.code.close();
            alternative += 1;
            condition += all.len() as u32;
        }
    }
    ending.take(None);
}

struct Ending<'a> {
    code: &'a mut Code,
    texts: &'a mut Texts,
    place: &'a Addresses,
    output: u32,
    shape: &'a Shape,
    pending: Pending,
    written: u64,
}

impl Ending<'_> {
    /// Leaves for the next alternative unless the condition holds.
    fn require(&mut self, condition: &Condition, field: u8, index: u32, next: u32) {
        let Some((start, end)) = self.code.span(field) else { return };
        let is_status = self.shape.steps.iter().any(|step| step.scan == Scan::Status && step.field == field);
        match &condition.any[..] {
            // A status has three digits here.
            [Test::Range(low, high)]
                if is_status && (100..=999).contains(low) && low % 100 == 0 && *high == low + 99 =>
            {
                self.code.load_byte(start, 0).int(u32::from(b'0') + *low as u32 / 100);
                self.code.push(if condition.not { &I::I32Eq } else { &I::I32Ne }).mostly_leave_if(next);
                return;
            }
            // Most values begin otherwise.
            [Test::Prefix(text) | Test::Equals(text)] if !text.is_empty() && !condition.not => {
                let (word, mask) = Literal::start_of(text.as_bytes());
                self.code.load(start, 0);
                if mask != u64::MAX {
                    self.code.long(mask).push(&I::I64And);
                }
                self.code.long(word).push(&I::I64Ne).mostly_leave_if(next);
            }
            _ => {}
        }
        self.check(start, end, index);
        if !condition.not {
            self.code.push(&I::I32Eqz);
        }
        self.code.leave_if(next);
    }

    fn check(&mut self, start: u32, end: u32, index: u32) {
        let check = self.place.check;
        self.code.int(index).get(start).get(end).get(start).push(&I::I32Sub).push(&I::Call(check));
    }

    /// Ends the record with this route, and returns.
    fn take(&mut self, route: Option<&Route>) {
        match route.map_or(Action::Keep, |route| route.action) {
            Action::Keep => self.keep(route),
            Action::Drop => self.drop(),
            Action::Sample(share) => {
                frame::line(self.code);
                self.code.get(LINE_END);
                frame::line(self.code);
                self.code.push(&I::I32Sub).push(&I::Call(self.place.hash));
                self.code.int(share).push(&I::I32LtU).open_if();
                self.keep(route);
                self.code.close();
                self.drop();
            }
        }
    }

    fn keep(&mut self, route: Option<&Route>) {
        let at = Offsets { read: 0, written: self.written };
        let pending = self.pending.clone();
        let mut steps = Steps::ending(self.code, self.texts, at, pending);
        let key = route.map_or(&[][..], |route| route.key.as_bytes());
        steps.append(&[key, b"}\0"].concat());
        steps.write();
        self.finish(self.output);
    }

    fn drop(&mut self) {
        let nothing = self.texts.add(b"\0");
        self.finish(nothing);
    }

    /// Returns an address; the arena starts over.
    fn finish(&mut self, address: u32) {
        let state = self.place.state;
        self.code.int(state).int(state).push(&I::I32Load(at(BASE))).push(&I::I32Store(at(NEXT)));
        self.code.int(address).push(&I::Return);
    }
}
