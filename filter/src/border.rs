//! The module's border: all that the runtime and the packager both have to know, said once.
//!
//! The packager puts a program into the module's data, and code that is made for the program's formats in the place of
//! [`FILTER`]. For this it finds the module's globals and functions by the names here, and its code reads what the
//! runtime lays out here: the state of the [`Arena`], and the [`Frame`]s that surround lines.
use crate::Program;
use crate::program::Subject;
use core::mem::{align_of, offset_of, size_of};

/// The global that says where free memory begins. (The linker's.)
pub const HEAP_BASE: &str = "__heap_base";
/// The global that packaging writes the program's address and length to: see [`Pointer`].
pub const PROGRAM: &str = "firelens_program";
/// The global that begins with the [`Arena`].
pub const STATE: &str = "firelens_state";
/// The global that begins with [`FRAMES`] of [`Frame`].
pub const SURROUNDINGS: &str = "firelens_frames";

/// `() -> ()`: reads the program, before anything else is called. It traps if it cannot.
pub const START: &str = "firelens_start";
/// `(tag, tag_len, sec, nsec, record, record_len) -> text`: the filter, as Fluent Bit calls it.
pub const FILTER: &str = "firelens_filter";
/// `(tag, tag_len, record, record_len) -> text`: the filter, for any record.
pub const GENERAL: &str = "firelens_general";
/// `(clf) -> rfc3339`: a time, or null.
pub const CLOCK: &str = "firelens_clock";
/// `(condition, value, len) -> bool`: one of the conditions of all routes, by its number.
pub const CHECK: &str = "firelens_check";
/// `(line, len) -> u32`: what decides about a sample.
pub const HASH: &str = "firelens_hash";
/// `(mask, value, len, to) -> end`: writes a value masked, by the number of the [`Mask`](crate::program::Mask).
pub const MASK: &str = "firelens_mask";

/// The functions that only the code that is made for formats calls, or the module's start.
pub const INTERNAL: [&str; 6] = [START, GENERAL, CLOCK, CHECK, HASH, MASK];

/// A function that only some programs ever call. It is exported for packaging to leave it out of the modules of others, with
/// what only it calls.
pub struct Optional {
    /// Its export.
    pub name: &'static str,
    /// Whether this program can call it.
    pub is_needed: fn(&Program) -> bool,
}

/// All such functions.
pub const OPTIONAL: [Optional; 6] = [
    Optional { name: "firelens_add", is_needed: Program::adds },
    Optional { name: "firelens_mask_names", is_needed: masks },
    Optional { name: "firelens_mask_patterns", is_needed: masks },
    Optional { name: "firelens_path_is_of", is_needed: asks_for_paths },
    Optional { name: "firelens_path_value", is_needed: asks_for_paths },
    Optional { name: "firelens_path_hide", is_needed: masks },
];

fn asks_for_paths(program: &Program) -> bool {
    let conditions = program.routes.iter().flat_map(|route| &route.any_of).flatten();
    conditions.into_iter().any(|condition| matches!(condition.subject, Subject::Path(_)))
}

fn masks(program: &Program) -> bool {
    !program.privacy.is_off()
}

/// Where the program is: its address and length. Zeros until packaging fills them in.
pub type Pointer = [u32; 2];

/// Alignment of all that the arena hands out, and of the program.
pub const ALIGN: u32 = 16;
/// The size of a page of linear memory.
pub const PAGE: u32 = 64 * 1024;

/// The state of the arena that all memory comes from. It starts over with each call's end.
#[repr(C)]
pub struct Arena {
    /// The next free address; 0 before the first allocation.
    pub next: u32,
    /// Where memory ends, less [`MARGIN`].
    pub limit: u32,
    /// Where the arena starts over: behind what the program was read into.
    pub base: u32,
}

/// How many bytes past a record's end the made code reads.
pub const READ_BEHIND: usize = 40;
/// Bytes between the limit and memory's end: the made code reads as far from a record's start as the text in front of
/// another line reaches, and [`READ_BEHIND`].
pub const MARGIN: usize = EDGE_ROOM + 64;
/// The most bytes by which a value may grow when it is masked.
pub const MASK_ROOM: usize = 256;

/// How many surroundings are remembered: a container's records have their four fields in any of four orders, and there are
/// two streams.
pub const FRAMES: usize = 24;
/// The most bytes in front of a line, and behind it.
pub const EDGE_ROOM: usize = 768;
/// The most bytes of the output up to the line's fields.
pub const HEAD_ROOM: usize = 2048;
/// The most bytes of a tag that decide about the container.
pub const TAG_ROOM: usize = 128;
/// The fewest bytes in front of a line: the made code compares a word of them first.
pub const MIN_PREFIX: usize = 8;

/// Text that has to stand in some place.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Edge {
    /// Its last eight bytes, or as many as it has, and which bits of them count.
    pub last: u64,
    /// Which bits of `last` count.
    pub mask: u64,
    /// Length in bytes.
    pub len: u32,
    /// Where the last eight bytes begin.
    pub rest: u32,
    /// How many words from its start on hold what is in front of those.
    pub words: u32,
}

#[cfg(firelens_module)]
impl Edge {
    /// No text.
    pub(crate) const NONE: Edge = Edge { last: 0, mask: 0, len: 0, rest: 0, words: 0 };

    /// Writes the text to its room.
    pub(crate) fn set(&mut self, room: &mut [u8], text: &[u8]) {
        let rest = text.len().saturating_sub(8);
        let (last, mask) = crate::program::Literal::start_of(&text[rest..]);
        *self = Edge { last, mask, len: text.len() as u32, rest: rest as u32, words: rest.div_ceil(8) as u32 };
        if let Some(room) = room.get_mut(..text.len()) {
            room.copy_from_slice(text);
        }
    }

    /// Whether it is this text.
    pub(crate) fn is(&self, room: &[u8], text: &[u8]) -> bool {
        room.get(..self.len as usize) == Some(text)
    }
}

/// What surrounds a line. All zeros: nothing.
#[repr(C)]
pub struct Frame {
    /// The record up to the line's opening quote, included.
    pub prefix: Edge,
    /// The record from the line's closing quote on, included.
    pub suffix: Edge,
    /// What decides about the container in the tag.
    pub tag: Edge,
    /// A bit for each alternative of the routes, in their order: what does not depend on the line holds.
    pub possible: u64,
    /// Index into the program's outlines, plus one.
    pub outline: u32,
    /// How much of `head` counts.
    pub head_len: u32,
    /// Where the line's member starts.
    pub log: u32,
    /// The text of `prefix`.
    pub prefix_text: [u8; EDGE_ROOM],
    /// The text of `suffix`.
    pub suffix_text: [u8; EDGE_ROOM],
    /// The text of `tag`.
    pub tag_text: [u8; TAG_ROOM],
    /// The output up to and including `kind`, and [`Outline::opening`](crate::program::Outline::opening).
    pub head: [u8; HEAD_ROOM],
}

/// The most alternatives that routes may have for made code: bits of [`Frame::possible`].
pub const ALTERNATIVES: usize = u64::BITS as usize;

// What the code relies on that the packager makes.
const _: () = {
    assert!(size_of::<Arena>() == 12 && offset_of!(Arena, next) == 0, "the state begins with the arena");
    assert!(MARGIN >= EDGE_ROOM + READ_BEHIND, "all that is read of a record is in memory");
    // Words of a text are read up to seven bytes behind its end.
    assert!(EDGE_ROOM.is_multiple_of(8) && TAG_ROOM.is_multiple_of(8) && HEAD_ROOM.is_multiple_of(8));
    assert!(align_of::<Frame>() == 8 && size_of::<Frame>().is_multiple_of(8), "frames follow each other");
    assert!(offset_of!(Frame, prefix_text).is_multiple_of(4), "a text is read by words");
    assert!(size_of::<Frame>() * FRAMES < PAGE as usize * 2, "an offset reaches any frame");
};
