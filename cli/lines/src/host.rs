//! What records go through: the module, hosted as Fluent Bit does it.
use std::{fmt, ops::Range};

/// How many bytes of a bad result are shown.
const SHOWN: usize = 200;

/// A module that is ready to be started.
pub trait Host {
    type Instance: Instance;

    /// A new instance.
    ///
    /// # Errors
    /// When the module lacks an export that the host calls.
    fn instantiate(&self) -> Result<Self::Instance, String>;
}

/// A running module.
pub trait Instance {
    /// Runs one record through. After a [`Loss::Trap`] the instance is of no more use.
    fn call(&mut self, tag: &[u8], record: &[u8]) -> Returned;

    /// The text of a [`Returned::Record`], until the next call.
    fn text(&self, place: Range<usize>) -> &[u8];
}

/// What became of a record.
#[derive(Debug, PartialEq, Eq)]
pub enum Returned {
    /// A JSON object, at this place ([`Instance::text`]); with `unchanged`, it is the very text that went in.
    Record { place: Range<usize>, unchanged: bool },
    /// Dropped on purpose.
    Dropped,
    /// Fluent Bit would have lost the record, or worse.
    Lost(Loss),
}

/// A defect of the module, as Fluent Bit would meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// `malloc` gave no room for this many bytes.
    NoMemory(usize),
    /// The module stopped in the middle.
    Trap(String),
    /// NULL came back.
    Null,
    /// What came back is no C string inside the module's memory.
    NoString,
    /// Text came back that is no JSON object; its start.
    NoObject(String),
    /// The record is no JSON object, so that it cannot be sent to Fluent Bit; why.
    NotSent(String),
    /// It did not arrive at these destinations of its route.
    Missing(Vec<String>),
    /// It arrived at these destinations, which its route does not name, or twice.
    Astray(Vec<String>),
}

impl Loss {
    /// For this text that came back.
    pub fn no_object(text: &[u8]) -> Loss {
        Loss::NoObject(String::from_utf8_lossy(&text[..text.len().min(SHOWN)]).into_owned())
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::NoMemory(size) => write!(f, "malloc gave no room for {size} bytes"),
            Loss::Trap(reason) => write!(f, "the module trapped: {reason}"),
            Loss::Null => f.write_str("the module returned NULL"),
            Loss::NoString => f.write_str("the module returned a pointer that leads out of its memory"),
            Loss::NoObject(start) => write!(f, "the module returned text that is no JSON object: {start}"),
            Loss::NotSent(reason) => write!(f, "this cannot be sent to Fluent Bit: {reason}"),
            Loss::Missing(to) => write!(f, "it did not arrive at {}", to.join(", ")),
            Loss::Astray(to) => write!(f, "it arrived twice, or against its route, at {}", to.join(", ")),
        }
    }
}
