//! A format's first pattern as steps, if it consists of such steps only: what code is made for.
//!
//! Interpreted by Fluent Bit, the general way (read the record, match, route, write) costs several times what one pass
//! does. So packaging makes code for the first pattern of each format that consists of the steps that are described
//! here. That code looks at each byte once: the record's text is checked, cut into fields and copied to the output. It
//! gives up at the first thing out of the ordinary (an escape other than the format's own quotes, text that is not ASCII,
//! a value that does not end where the format says), and the general way decides then. Both ways give the same bytes.
//!
//! What surrounds the line is the same from record to record: the module remembers it
//! ([`Frame`](firelens_filter::border::Frame)), and the code only compares.
use firelens_filter::border::ALTERNATIVES;
use firelens_filter::program::{
    CompiledFormat, Condition, Emit, FieldId, Kind, Literal, Mask, Op, Outline, Output, Pattern, Privacy, Program,
    Refine, Route, Subject, TimePart,
};

/// The longest key of a route.
pub const ROUTE_ROOM: usize = 256;

/// A format's first pattern as steps.
pub struct Shape {
    /// Index of its format.
    pub format: usize,
    /// One for each value, from the line's first byte to its last.
    pub steps: Vec<Step>,
    /// The line is written behind its fields.
    pub keep_log: bool,
}

/// One value and the text behind it.
pub struct Step {
    /// How the value ends.
    pub scan: Scan,
    /// The field that it is.
    pub field: FieldId,
    /// The output's key, up to the value, with its quote; none when the value is not written.
    pub key: Vec<u8>,
    /// Up to eight bytes that have to follow.
    pub then: Vec<u8>,
    /// What a value of `-` is.
    pub absent: Absent,
    /// How the value is masked.
    pub mask: Mask,
}

/// What a value of `-` is.
#[derive(Clone, Copy, PartialEq)]
pub enum Absent {
    /// Text like any other.
    Never,
    /// No value, which is rare.
    Rarely,
    /// No value, as it often is.
    Often,
}

/// How a value ends.
#[derive(Clone, PartialEq)]
#[expect(missing_docs, reason = "the query has a field, a key and a mask of its own")]
pub enum Scan {
    /// At a blank.
    Blank,
    /// At this byte.
    Byte(u8),
    /// At the quote (`\"` in JSON).
    Quote,
    /// Behind its digits.
    Number,
    /// The same, and mostly there are three of them.
    Status,
    /// It is httpd's `%t`.
    Clf,
    /// A request's method: at a blank, and a path follows.
    Method,
    /// A request's path: at a blank, with a query of its own field, key and mask behind a question mark.
    Path { query: FieldId, key: Vec<u8>, mask: Mask },
    /// `HTTP/1.1`.
    Protocol,
    /// There is no value, only text.
    Nothing,
}

impl Shape {
    /// The patterns of a program that code is made for. Lines that are kept and masked, and very many routes, are for the
    /// general way.
    pub fn all(program: &Program) -> Vec<Shape> {
        let alternatives: usize = program.routes.iter().map(|route| route.any_of.len()).sum();
        let long = |route: &Route| route.key.len() > ROUTE_ROOM;
        if program.keep_log && !program.privacy.is_off()
            || alternatives > ALTERNATIVES
            || program.routes.iter().any(long)
        {
            return Vec::new();
        }
        let formats = program.formats.iter().enumerate();
        let once =
            formats.filter(|(index, format)| !program.formats[..*index].iter().any(|other| is_as(other, format)));
        once.filter_map(|(index, format)| Shape::new(index, format, program)).collect()
    }

    /// The first pattern of a format as steps, if it has only such ops.
    fn new(index: usize, format: &CompiledFormat, program: &Program) -> Option<Shape> {
        let pattern = format.patterns.first().filter(|_| format.httpd_escapes)?;
        let (last, ops) = pattern.ops.split_last()?;
        if *last != Op::End || !pattern.refine.iter().all(|step| matches!(step, Refine::Request { .. })) {
            return None;
        }
        // What is replaced is rare, and so is what is removed of what has no value of its own.
        let hidden = |output: &Output| match output.mask {
            Mask::Replaced => true,
            Mask::Removed => matches!(output.emit, Emit::Message | Emit::Time(_)),
            _ => false,
        };
        if pattern.outputs.iter().any(hidden) {
            return None;
        }
        let conditions = || program.routes.iter().flat_map(|route| &route.any_of).flatten();
        let timed = |c: &Condition| pattern.outputs.iter().any(|output| time_subject(output) == Some(c.subject));
        if format.kind != Kind::Access || conditions().any(timed) {
            return None;
        }
        let mut steps = Vec::with_capacity(ops.len() + 2);
        for op in ops {
            push_steps(pattern, op, program, &mut steps)?;
        }
        // Where the line says something twice, one value counts and is written.
        let same =
            |(at, step): (usize, &Step)| steps[..at].iter().any(|other| !step.key.is_empty() && step.key == other.key);
        if steps.iter().enumerate().any(same) {
            return None;
        }
        Some(Shape { format: index, steps, keep_log: program.keep_log })
    }

    /// What is written in front of the first value, whatever the line.
    pub fn opening(&self) -> &[u8] {
        match self.steps.first() {
            Some(step) if step.absent == Absent::Rarely => &step.key,
            _ => &[],
        }
    }

    /// Whether the line alone decides a condition on this: one of the steps captures it.
    pub fn decides(&self, subject: Subject) -> bool {
        self.outline().decides(subject)
    }

    /// What the module has to know.
    pub fn outline(&self) -> Outline {
        let mut decides = Vec::new();
        for step in &self.steps {
            match step.scan {
                Scan::Path { query, .. } => decides.extend([step.field, query]),
                Scan::Nothing | Scan::Clf => {}
                _ => decides.push(step.field),
            }
        }
        Outline { format: self.format as u8, opening: self.opening().to_vec(), decides }
    }
}

/// Whether the formats were written the same way: the lines that only the second one reads are rare.
fn is_as(one: &CompiledFormat, other: &CompiledFormat) -> bool {
    let labels = |format: &CompiledFormat| format.patterns.first().map(|pattern| pattern.labels.clone());
    labels(one).is_some_and(|own| !own.is_empty() && Some(own) == labels(other))
}

fn push_steps(pattern: &Pattern, op: &Op, program: &Program, steps: &mut Vec<Step>) -> Option<()> {
    let Program { names, privacy, .. } = program;
    let (scan, field, then) = match op {
        Op::Lit(then) => (Scan::Nothing, 0, then),
        Op::Token { field, then } | Op::Text { field, then } => {
            let scan = match (then.word as u8, op) {
                (b' ', _) | (b'\\', Op::Token { .. }) => Scan::Blank,
                (b'\\', _) => Scan::Quote,
                (byte, Op::Token { .. }) if !then.is_empty() => Scan::Byte(byte),
                _ => return None,
            };
            (scan, *field, then)
        }
        Op::Quoted { field, then } => {
            if let Some(request) = pattern.refine.iter().find(|step| splits(step, *field)) {
                return push_request(pattern, *request, bytes(then)?, privacy, steps);
            }
            (Scan::Quote, *field, then)
        }
        Op::Number { field, then } => {
            let status = names.get(*field as usize).is_some_and(|name| name == "status");
            (if status { Scan::Status } else { Scan::Number }, *field, then)
        }
        Op::Time { part: TimePart::Clf, set, then } => {
            let output = pattern.outputs.iter().find(|output| output.emit == Emit::Time(*set));
            let (key, then) = (key_of(output), bytes(then)?);
            steps.push(Step { scan: Scan::Clf, field: 0, key, then, absent: Absent::Never, mask: Mask::None });
            return Some(());
        }
        _ => return None,
    };
    let output = pattern.outputs.iter().find(|output| output.field == field && scan != Scan::Nothing);
    let numeric = matches!(output, Some(Output { emit: Emit::Number | Emit::Scaled(0), .. }));
    let textual = matches!(output, None | Some(Output { emit: Emit::Value, .. }));
    let number = matches!(scan, Scan::Number | Scan::Status);
    if !(if number { numeric || output.is_none() } else { textual }) {
        return None;
    }
    let absent = match names.get(field as usize).map(String::as_str) {
        Some("client" | "client_ip" | "vhost" | "server_name" | "peer") => Absent::Rarely,
        _ => Absent::Often,
    };
    let (key, mask) = masked(output, privacy);
    steps.push(Step { scan, field, key, then: bytes(then)?, absent, mask });
    Some(())
}

/// A request line in its parts.
fn push_request(
    pattern: &Pattern,
    step: Refine,
    then: Vec<u8>,
    privacy: &Privacy,
    steps: &mut Vec<Step>,
) -> Option<()> {
    let Refine::Request { method, path, query, protocol, .. } = step else { return None };
    let key = |field: FieldId| {
        let output = pattern.outputs.iter().find(|output| output.field == field)?;
        Some(masked(Some(output), privacy))
    };
    let blank = || b" ".to_vec();
    let mut push = |scan, field, then| {
        let (key, mask) = key(field)?;
        steps.push(Step { scan, field, key, then, absent: Absent::Never, mask });
        Some(())
    };
    push(Scan::Method, method, blank())?;
    let (query_key, mask) = key(query)?;
    push(Scan::Path { query, key: query_key, mask }, path, blank())?;
    push(Scan::Protocol, protocol, then)
}

fn splits(step: &Refine, field: FieldId) -> bool {
    matches!(step, Refine::Request { from, .. } if *from == field)
}

/// The key of an output, if privacy leaves it, and what of its mask applies.
fn masked(output: Option<&Output>, privacy: &Privacy) -> (Vec<u8>, Mask) {
    let addresses = privacy.v4_bits.is_some() || privacy.v6_bits.is_some();
    let parameters = !privacy.parameters.is_empty() || privacy.has_patterns();
    let applies = |mask: &Mask| match mask {
        Mask::None | Mask::User | Mask::Removed | Mask::Replaced => false,
        Mask::Address => addresses,
        Mask::Url | Mask::Query => parameters,
        Mask::FreeText => addresses || parameters,
    };
    let mask = output.map_or(Mask::None, |output| output.mask);
    let removed = |mask: Mask| mask == Mask::Removed || privacy.remove_user && mask == Mask::User;
    let output = output.filter(|output| !removed(output.mask));
    (key_of(output), Some(mask).filter(applies).unwrap_or(Mask::None))
}

/// The key as it is written, with a string's opening quote.
fn key_of(output: Option<&Output>) -> Vec<u8> {
    let Some(output) = output else { return Vec::new() };
    let mut key = output.key.as_bytes().to_vec();
    if !matches!(output.emit, Emit::Number | Emit::Scaled(_)) {
        key.push(b'"');
    }
    key
}

/// What conditions on a time are about.
fn time_subject(output: &Output) -> Option<Subject> {
    matches!(output.emit, Emit::Time(_)).then_some(Subject::Field(output.field))
}

/// A literal's bytes, if there are not more than eight.
fn bytes(literal: &Literal) -> Option<Vec<u8>> {
    (literal.len <= 8).then(|| literal.bytes(&mut [0; 8]).to_vec())
}
