//! Whether a program holds together: the filter relies on it, and does not look again for each line.
use super::{Emit, FieldId, Literal, MAX_NAMES, Op, Pattern, Program, Refine, Subject, TIME_SETS, Test};

impl Program {
    /// Every index points to something, and jumps lead forward: the filter relies on it.
    #[inline(never)]
    pub fn is_sound(&self) -> bool {
        let name = |id: &FieldId| (*id as usize) < self.names.len();
        let formats = |list: &[u8]| list.iter().all(|id| (*id as usize) < self.formats.len());
        self.names.len() <= MAX_NAMES
            && self.outlines.iter().all(|outline| (outline.format as usize) < self.formats.len())
            && self.containers.iter().all(|c| formats(&c.stdout) && formats(&c.stderr))
            && self.formats.iter().flat_map(|format| &format.patterns).all(|pattern| pattern.is_sound(&name))
            && self.privacy.patterns.iter().all(|(ends, start)| ends.is_sound() && start.is_sound())
            && self.routes.iter().flat_map(|r| &r.any_of).flatten().all(|condition| {
                let subject = match &condition.subject {
                    Subject::Field(id) | Subject::Path(id) => name(id),
                    _ => true,
                };
                subject && condition.any.iter().all(Test::is_sound)
            })
    }
}

impl Pattern {
    #[inline(never)]
    fn is_sound(&self, name: &dyn Fn(&FieldId) -> bool) -> bool {
        let literal = |l: &Literal| if l.len > 8 { l.long.len() == l.len as usize } else { l.long.is_empty() };
        let ops = self.ops.iter().enumerate().all(|(at, op)| match op {
            Op::Lit(l) => literal(l),
            Op::Token { field, then }
            | Op::Text { field, then }
            | Op::Quoted { field, then }
            | Op::Number { field, then }
            | Op::Decimal { field, then }
            | Op::Byte { field, then }
            | Op::Code { field, then }
            | Op::OneOf { field, then, .. } => name(field) && literal(then),
            Op::Time { set, then, .. } => (*set as usize) < TIME_SETS && literal(then),
            Op::Try { otherwise, clear } => {
                (*otherwise as usize) > at && (*otherwise as usize) < self.ops.len() && clear.iter().all(name)
            }
            Op::Jump(to) => (*to as usize) > at && (*to as usize) < self.ops.len(),
            Op::Tags { tags, request_id, .. } => name(tags) && name(request_id),
            Op::End => true,
        });
        let refine = self.refine.iter().all(|step| match step {
            Refine::Request { from, method, path, query, protocol } => {
                [from, method, path, query, protocol].into_iter().all(name)
            }
            Refine::Path { from, query } => name(from) && name(query),
            Refine::Query { from } => name(from),
            Refine::Address { from, port } => name(from) && name(port),
            Refine::Code { from, code } => name(from) && name(code),
            Refine::Join { from, last } => name(from) && name(last),
        });
        let outputs = self.outputs.iter().all(|output| {
            let set = match output.emit {
                Emit::Time(set) => (set as usize) < TIME_SETS,
                Emit::Scaled(power) => power <= 6,
                _ => true,
            };
            set && name(&output.field) && output.key.len() > 4
        });
        let private = self.private.iter().all(|(field, _)| name(field));
        let object = self.object.iter().all(|object| name(&object.field));
        ops && refine && outputs && object && private && matches!(self.ops.last(), Some(Op::End))
    }
}
