//! The compiler: formats and routes in, a [`Program`] out.
use crate::{program::Program, spec::Spec};
use std::ops::Range;

/// What is wrong with a [`Spec`], where, and how to mend it.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    pub place: Place,
    /// The bytes within the text at `place` (a LogFormat, a regex) that are meant, where that can be said.
    pub span: Option<Range<usize>>,
    pub message: String,
    pub help: Option<String>,
}

/// A place in a [`Spec`], by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Stdout {
        container: usize,
        format: usize,
    },
    Stderr {
        container: usize,
        format: usize,
    },
    /// The list of routes as a whole.
    Routes,
    Route(usize),
    Condition {
        route: usize,
        alternative: usize,
        condition: usize,
    },
    Test {
        route: usize,
        alternative: usize,
        condition: usize,
        test: usize,
    },
    Privacy,
}

/// Compiles a specification.
///
/// # Errors
/// Everything that is wrong with it, not only the first thing.
pub fn compile(_spec: &Spec) -> Result<Program, Vec<Error>> {
    Ok(Program::default())
}
