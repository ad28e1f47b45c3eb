//! The program: what the filter does with a line, in the form in which it becomes part of the module.
//!
//! The matcher reads the line as it stands in the record, in *canonical JSON text*: `"`, `\` and control characters are
//! escaped the shortest way (`\"`, `\\`, `\n`, `\u0001`), everything else is plain UTF-8. So every literal here is in
//! that form too (see [`Literal::new`]), and a value that holds no escape can be copied from input to output as it is.
mod added;
mod codec;
mod dfa;
mod format;
mod privacy;
mod route;
mod sound;
mod test;

pub use added::{Ecs, added_from_ecs, added_value_at};
use alloc::{string::String, vec::Vec};
use codec::{Code, Reader};
pub use dfa::{DEAD, Dfa, MATCHED, find_matches};
pub use format::{CompiledFormat, Emit, Form, Literal, Mask, Object, Op, Output, Pattern, Refine, TIME_SETS, TimePart};
pub use privacy::{HiddenPath, Look, Privacy};
pub use route::{Action, Condition, Route, Subject};
pub use test::{LEVELS, OTHER_LEVELS, Test, level_rank};

/// Index into [`Program::names`].
pub type FieldId = u8;

/// The most names that a program can know.
pub const MAX_NAMES: usize = 250;

/// Everything that the module knows about its user's logs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Program {
    /// Keep `log` in records whose line was parsed.
    pub keep_log: bool,
    /// The plain names of all fields that formats capture or routes ask for.
    pub names: Vec<String>,
    /// The containers whose lines are parsed. None: every record's line is tried with every format, in order.
    pub containers: Vec<Container>,
    /// The formats that the containers point to.
    pub formats: Vec<CompiledFormat>,
    /// The routes, in order; the last one is unconditional. None: records get no `route`.
    pub routes: Vec<Route>,
    /// What is masked before a record leaves the filter.
    pub privacy: Privacy,
    /// What is added to the records of all other containers, as in [`Container::added`].
    pub added: Vec<String>,
    /// The formats for which packaging writes code, in its order.
    pub outlines: Vec<Outline>,
}

/// What the module has to know of the code that is made for a format for its lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outline {
    /// Index of the format.
    pub format: u8,
    /// What is written in front of the first value, whatever the line.
    pub opening: Vec<u8>,
    /// The fields that the line alone decides about.
    pub decides: Vec<FieldId>,
}

impl Outline {
    /// Whether the line alone decides a condition on this: one of the steps captures it.
    pub fn decides(&self, subject: Subject) -> bool {
        matches!(subject, Subject::Field(field) if self.decides.contains(&field))
    }
}

/// A container, and the formats (indices into [`Program::formats`]) of its two streams, tried in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Container {
    /// Its name in the task definition.
    pub name: String,
    /// The formats of its standard output.
    pub stdout: Vec<u8>,
    /// The formats of its standard error.
    pub stderr: Vec<u8>,
    /// What is added to its records: members as JSON text, `"name":value`, or with an [`Ecs`] in a value's place.
    pub added: Vec<String>,
}

/// The value of the `kind` field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A line of httpd's access log.
    Access,
    /// A line of httpd's error log.
    Error,
    /// A line of Rails.
    Rails,
    /// A line that is a JSON object.
    Json,
    /// A line that no format reads.
    Unparsed,
    /// A stack trace, joined from its lines.
    Exception,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 6] = [Kind::Access, Kind::Error, Kind::Rails, Kind::Json, Kind::Exception, Kind::Unparsed];

    /// The kind's name in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Access => "access",
            Kind::Error => "error",
            Kind::Rails => "rails",
            Kind::Json => "json",
            Kind::Unparsed => "unparsed",
            Kind::Exception => "exception",
        }
    }
}

impl Program {
    /// The program as it becomes part of the module.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        bytes
    }

    /// Reads [`Program::to_bytes`]' bytes; `None` when they are not a program, or one that points outside of itself.
    pub fn from_bytes(bytes: &[u8]) -> Option<Program> {
        let mut input = Reader::new(bytes);
        let program = Program::read(&mut input);
        (input.is_done() && program.is_sound()).then_some(program)
    }
}
