//! Values that can be there or be a `-`.
use super::{
    super::{function::FROM, values::Ends},
    Offsets, Steps,
};
use crate::shape::{Absent, Step};
use wasm_encoder::Instruction as I;

impl Steps<'_> {
    /// A value up to a byte that ends it.
    pub(super) fn text(&mut self, step: &Step, ends: Ends) {
        if step.absent != Absent::Often {
            self.expect_owed();
            self.present(step, ends);
            self.owe(&step.then);
            return;
        }
        // Where there is none, up to eight bytes from what is owed to what follows are compared at once.
        if self.owed.len() > 6 {
            self.expect_owed();
        }
        let owed = std::mem::take(&mut self.owed);
        let mut none = [&owed[..], b"-", &step.then].concat();
        let left = none.split_off(none.len().min(8));
        let (before, pending) = (self.at, self.pending.clone());
        // What is pending stays so, if the value leaves the same.
        let closed = if step.key.is_empty() { &pending.text[..] } else { b"\"" };
        let joins = pending.at.is_none() && pending.protocol.is_none() && pending.text == closed;
        let length = if joins { 0 } else { pending.text.len() as u64 };
        let after = Offsets { read: before.read + (none.len() + left.len()) as u64, written: before.written + length };
        self.follows(&none, false);
        self.code.open_if();
        self.expect(&owed);
        self.present(step, ends);
        self.expect(&step.then);
        if !joins {
            self.write();
        }
        self.settle(after);
        if !joins || !left.is_empty() {
            self.code.otherwise();
            let present = std::mem::replace(&mut self.pending, pending);
            self.at = Offsets { read: before.read + none.len() as u64, ..before };
            self.expect(&left);
            if joins {
                self.pending = present;
            } else {
                self.write();
            }
            self.at = after;
        }
        self.code.close();
    }

    /// A value that is there, and what has to be written in front of it.
    fn present(&mut self, step: &Step, ends: Ends) {
        if !step.key.is_empty() {
            self.append(&step.key);
            self.write();
        }
        let start = self.value(step, ends);
        match step.absent {
            // One byte may be a `-`.
            Absent::Rarely => self.code.get(FROM).get(start).push(&I::I32Sub).int(1).push(&I::I32LeU).fail_if(),
            _ if ends == Ends::Special => self.code,
            _ => self.code.get(FROM).get(start).push(&I::I32Eq).fail_if(),
        };
        if !step.key.is_empty() {
            self.append(b"\"");
        }
    }
}
