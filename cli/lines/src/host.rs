//! What records go through: the module, hosted as Fluent Bit does it.
//!
//! One instance lives for all records. For each of them the host asks the module's `malloc` for room for the tag and for
//! the record, copies both with a NUL behind, calls the filter, reads what it returns as a C string, and calls `free` for
//! both. What Fluent Bit would make of the result is told apart in [`Returned`]: an empty string drops a record on
//! purpose, and everything that is neither that nor a JSON object loses it.
use std::{fmt, ops::Range};

/// How many bytes of a bad result are shown.
const SHOWN: usize = 200;

/// The time that every record gets, in seconds, so that the same input gives the same output.
const SECONDS: i32 = 1_767_225_600;

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

/// The arguments of `firelens_filter(tag, tag_len, sec, nsec, record, record_len) -> result`.
pub type Arguments = (u32, u32, i32, i32, u32, u32);

/// A module's exports and its memory, in whatever runs it. An error is the reason of a trap.
pub trait Machine {
    /// Calls `malloc`.
    ///
    /// # Errors
    /// Why it trapped.
    fn malloc(&mut self, size: u32) -> Result<u32, String>;

    /// Calls `free`.
    ///
    /// # Errors
    /// Why it trapped.
    fn free(&mut self, pointer: u32) -> Result<(), String>;

    /// Calls the filter.
    ///
    /// # Errors
    /// Why it trapped.
    fn filter(&mut self, arguments: Arguments) -> Result<u32, String>;

    /// Writes bytes and a NUL; `false` when they do not lie within the memory.
    fn write(&mut self, at: u32, bytes: &[u8]) -> bool;

    /// Where [`Machine::bytes`] has the C string that this pointer leads to, until the next call.
    fn string(&mut self, pointer: u32) -> Option<Range<usize>>;

    /// The bytes at a place that [`Machine::string`] gave.
    fn bytes(&self, place: Range<usize>) -> &[u8];
}

/// A module that runs in a machine.
pub struct Hosted<M> {
    machine: M,
    /// The last record's tag and text: freed when its result was read, that is before the next one.
    to_free: [u32; 2],
}

impl<M: Machine> Hosted<M> {
    /// An instance that was just started.
    pub fn new(machine: M) -> Hosted<M> {
        Hosted { machine, to_free: [0; 2] }
    }

    /// The pointers to the record in the module's memory and to the result.
    fn call_filter(&mut self, tag: &[u8], record: &[u8]) -> Result<(u32, u32), Loss> {
        for pointer in std::mem::take(&mut self.to_free).into_iter().filter(|pointer| *pointer != 0) {
            self.machine.free(pointer).map_err(Loss::Trap)?;
        }
        let tag_at = self.copy_in(tag)?;
        let record_at = self.copy_in(record)?;
        let arguments = (tag_at, tag.len() as u32, SECONDS, 0, record_at, record.len() as u32);
        let result = self.machine.filter(arguments).map_err(Loss::Trap)?;
        self.to_free = [tag_at, record_at];
        Ok((record_at, result))
    }

    /// Copies bytes into the module's memory, with a NUL behind them.
    fn copy_in(&mut self, bytes: &[u8]) -> Result<u32, Loss> {
        let no_memory = Loss::NoMemory(bytes.len() + 1);
        let Ok(size) = u32::try_from(bytes.len() + 1) else { return Err(no_memory) };
        let at = self.machine.malloc(size).map_err(Loss::Trap)?;
        if at == 0 || !self.machine.write(at, bytes) {
            return Err(no_memory);
        }
        Ok(at)
    }
}

impl<M: Machine> Instance for Hosted<M> {
    fn call(&mut self, tag: &[u8], record: &[u8]) -> Returned {
        let (input, result) = match self.call_filter(tag, record) {
            Ok(pointers) => pointers,
            Err(loss) => return Returned::Lost(loss),
        };
        let Some(place) = self.machine.string(result) else {
            return Returned::Lost(if result == 0 { Loss::Null } else { Loss::NoString });
        };
        match self.machine.bytes(place.clone()) {
            [] => Returned::Dropped,
            [b'{', .., b'}'] => Returned::Record { place, unchanged: result == input },
            other => Returned::Lost(Loss::no_object(other)),
        }
    }

    fn text(&self, place: Range<usize>) -> &[u8] {
        self.machine.bytes(place)
    }
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
