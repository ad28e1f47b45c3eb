//! From values and the text between them to the ops of a [`Pattern`].
use firelens_filter::program::{FieldId, Literal, Op, Pattern, TimePart};

/// What kind of text a value can be, which decides how its end is found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// At least one byte and no blanks.
    Token,
    /// Anything, with httpd's escapes: a quote in it has a backslash.
    Text,
    /// Anything, also bare quotes.
    Bare,
    Number,
    Decimal,
    Byte,
    Time {
        part: TimePart,
        set: u8,
    },
    OneOf(Vec<String>),
    /// `AH01234`.
    Code,
}

impl Shape {
    pub(crate) fn words(words: &[&str]) -> Shape {
        Shape::OneOf(words.iter().map(ToString::to_string).collect())
    }

    /// Its end can be told without looking at what follows.
    pub(crate) fn ends_by_itself(&self) -> bool {
        use TimePart::*;
        match self {
            Shape::Byte | Shape::Code => true,
            Shape::Time { part, .. } => !matches!(part, EpochSeconds | EpochMillis | EpochMicros | ZoneName),
            _ => false,
        }
    }

    /// A digit that follows would be taken for a part of it.
    pub(crate) fn swallows_digits(&self) -> bool {
        use TimePart::*;
        match self {
            Shape::Number | Shape::Decimal => true,
            Shape::Time { part, .. } => matches!(part, EpochSeconds | EpochMillis | EpochMicros),
            _ => false,
        }
    }
}

/// A place that jumps lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target(usize);

enum Step {
    Text(Vec<u8>),
    Value {
        field: FieldId,
        shape: Shape,
        then: Vec<u8>,
    },
    Try(Target),
    /// Like `Try`, but what was captured stays.
    Peek(Target),
    Jump(Target),
    Here(Target),
    Tags {
        tags: FieldId,
        request_id: FieldId,
        wants_id: bool,
    },
}

/// Collects the steps of a pattern. Text is fused into the value in front of it.
#[derive(Default)]
pub(crate) struct Builder {
    steps: Vec<(Step, String)>,
    targets: usize,
}

impl Builder {
    /// Text that has to stand in the line.
    pub(crate) fn text(&mut self, text: &[u8]) {
        match self.steps.last_mut() {
            _ if text.is_empty() => {}
            Some((Step::Text(before), label)) => {
                before.extend_from_slice(text);
                label.push_str(&String::from_utf8_lossy(text));
            }
            Some((Step::Value { then, .. }, _)) => then.extend_from_slice(text),
            _ => self.steps.push((Step::Text(text.to_vec()), String::from_utf8_lossy(text).into_owned())),
        }
    }

    /// A value; `label` is what the user wrote for it.
    pub(crate) fn value(&mut self, field: FieldId, shape: Shape, label: &str) {
        self.steps.push((Step::Value { field, shape, then: Vec::new() }, label.to_string()));
    }

    /// Rails' `[tag] [tag] `; `wants_id`: one has to be a request's.
    pub(crate) fn tags(&mut self, tags: FieldId, request_id: FieldId, wants_id: bool) {
        self.steps.push((Step::Tags { tags, request_id, wants_id }, "[tag]".to_string()));
    }

    /// What follows is tried; if the line cannot be matched that way, what that captured is forgotten and the line goes
    /// on at the target that is returned.
    pub(crate) fn attempt(&mut self, label: &str) -> Target {
        let otherwise = self.target();
        self.steps.push((Step::Try(otherwise), label.to_string()));
        otherwise
    }

    /// What follows is tried, and what it captures stays when the line goes on at the target that is returned.
    pub(crate) fn peek(&mut self, label: &str) -> Target {
        let otherwise = self.target();
        self.steps.push((Step::Peek(otherwise), label.to_string()));
        otherwise
    }

    /// A new target, for [`Builder::jump`].
    pub(crate) fn target(&mut self) -> Target {
        self.targets += 1;
        Target(self.targets - 1)
    }

    pub(crate) fn jump(&mut self, to: Target) {
        self.steps.push((Step::Jump(to), String::new()));
    }

    /// This is the place that `target` means.
    pub(crate) fn here(&mut self, target: Target) {
        self.steps.push((Step::Here(target), String::new()));
    }

    /// The number of steps.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// The pattern, without refinements and outputs.
    pub(crate) fn finish(mut self) -> Pattern {
        self.drop_idle_jumps();
        let places = self.places();
        let place = |target: &Target| places[target.0];
        let mut pattern = Pattern::default();
        let mut quoted = false;
        for (at, (step, label)) in self.steps.iter().enumerate() {
            let op = match step {
                Step::Here(_) => {
                    quoted = false;
                    continue;
                }
                Step::Text(text) => {
                    quoted = text.ends_with(b"\"");
                    Op::Lit(Literal::new(text))
                }
                Step::Value { field, shape, then } => {
                    let op = value_op(*field, shape, then, quoted);
                    quoted = then.ends_with(b"\"");
                    op
                }
                Step::Try(otherwise) => Op::Try { otherwise: place(otherwise), clear: self.captured(at, *otherwise) },
                Step::Peek(otherwise) => Op::Try { otherwise: place(otherwise), clear: Vec::new() },
                Step::Jump(to) => Op::Jump(place(to)),
                &Step::Tags { tags, request_id, wants_id } => Op::Tags { tags, request_id, wants_id },
            };
            pattern.ops.push(op);
            pattern.labels.push(label.clone());
        }
        pattern.ops.push(Op::End);
        pattern.labels.push(String::new());
        end_at_once(&mut pattern.ops);
        pattern
    }

    /// Removes jumps to the op that follows anyway.
    fn drop_idle_jumps(&mut self) {
        for at in (0..self.steps.len()).rev() {
            if let Step::Jump(to) = self.steps[at].0 {
                let mut behind = self.steps[at + 1..].iter().map_while(|(step, _)| match step {
                    Step::Here(target) => Some(*target),
                    _ => None,
                });
                if behind.any(|target| target == to) {
                    self.steps.remove(at);
                }
            }
        }
    }

    /// The fields that are captured between a step and a target.
    fn captured(&self, from: usize, to: Target) -> Vec<FieldId> {
        let mut fields: Vec<FieldId> = Vec::new();
        for (step, _) in &self.steps[from..] {
            match step {
                Step::Here(target) if *target == to => break,
                Step::Value { shape: Shape::Time { .. }, .. } => {}
                Step::Value { field, .. } => fields.push(*field),
                Step::Tags { tags, request_id, .. } => fields.extend([*tags, *request_id]),
                _ => {}
            }
        }
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// The index of the op that each target means.
    fn places(&self) -> Vec<u16> {
        let mut places = vec![0; self.targets];
        let mut at = 0;
        for (step, _) in &self.steps {
            match step {
                Step::Here(target) => places[target.0] = at,
                _ => at += 1,
            }
        }
        places
    }
}

/// The op for a value that `then` follows. `quoted`: a quote stands in front of it.
fn value_op(field: FieldId, shape: &Shape, then: &[u8], quoted: bool) -> Op {
    let before_quote = then.starts_with(b"\"");
    let then = Literal::new(then);
    match shape {
        Shape::Text if before_quote => Op::Quoted { field, then },
        Shape::Token if before_quote && quoted => Op::Quoted { field, then },
        Shape::Token => Op::Token { field, then },
        Shape::Text | Shape::Bare => Op::Text { field, then },
        Shape::Number => Op::Number { field, then },
        Shape::Decimal => Op::Decimal { field, then },
        Shape::Byte => Op::Byte { field, then },
        Shape::Time { part, set } => Op::Time { part: *part, set: *set, then },
        Shape::Code => Op::Code { field, then },
        Shape::OneOf(words) => Op::OneOf { field, words: words.clone(), then },
    }
}

/// Ends where a jump leads to the end: what has to stand there is looked for there only.
fn end_at_once(ops: &mut [Op]) {
    for at in (0..ops.len()).rev() {
        if let Op::Jump(to) = ops[at]
            && ops[usize::from(to)] == Op::End
        {
            ops[at] = Op::End;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Literal {
        Literal::new(text.as_bytes())
    }

    #[test]
    fn text_joins_the_value_in_front_of_it() {
        let mut builder = Builder::default();
        builder.text(b"<");
        builder.text(b"<");
        builder.value(0, Shape::Token, "%h");
        builder.text(b" ");
        builder.text(b"-");
        let pattern = builder.finish();
        assert_eq!(pattern.ops, [Op::Lit(literal("<<")), Op::Token { field: 0, then: literal(" -") }, Op::End]);
        assert_eq!(pattern.labels, ["<<", "%h", ""]);
    }

    #[test]
    fn an_optional_part_leads_behind_itself() {
        let mut builder = Builder::default();
        let none = builder.attempt("(");
        builder.text(b"(");
        builder.value(1, Shape::Number, "%n");
        builder.text(b")");
        builder.here(none);
        builder.text(b"!");
        let ops = builder.finish().ops;
        assert_eq!(ops[0], Op::Try { otherwise: 3, clear: vec![1] });
        assert_eq!(ops[3], Op::Lit(literal("!")));
    }

    #[test]
    fn jumps_to_the_next_op_are_left_out_and_jumps_to_the_end_are_ends() {
        let mut builder = Builder::default();
        let end = builder.target();
        let otherwise = builder.attempt("");
        builder.value(2, Shape::Number, "");
        builder.jump(end);
        builder.here(otherwise);
        builder.text(b"-");
        builder.jump(end);
        builder.here(end);
        let ops = builder.finish().ops;
        assert_eq!(ops[0], Op::Try { otherwise: 3, clear: vec![2] });
        assert_eq!(ops[2..], [Op::End, Op::Lit(literal("-")), Op::End]);
    }

    #[test]
    fn escaped_text_in_front_of_a_quote_is_quoted_and_bare_text_is_not() {
        let ops = |shape: Shape, before: &[u8]| {
            let mut builder = Builder::default();
            builder.text(before);
            builder.value(0, shape, "");
            builder.text(b"\"");
            builder.finish().ops
        };
        assert!(matches!(ops(Shape::Text, b"\"")[1], Op::Quoted { .. }));
        assert!(matches!(ops(Shape::Text, b"\"a ")[1], Op::Quoted { .. }));
        assert!(matches!(ops(Shape::Token, b"\"")[1], Op::Quoted { .. }));
        assert!(matches!(ops(Shape::Token, b"\"a ")[1], Op::Token { .. }));
        assert!(matches!(ops(Shape::Bare, b"\"")[1], Op::Text { .. }));
    }
}
