//! What surrounds a line, laid out for the code that is made for formats: without pointers, every text with its first
//! word and a place of its own.
#[cfg(target_arch = "wasm32")]
use crate::{
    emit,
    filter::{View, first_format},
    program::{Body, FieldId, Format, Outline, Output, Program},
    record::{self, Record},
    route::{self, Facts},
};
#[cfg(target_arch = "wasm32")]
use alloc::{borrow::Cow, vec::Vec};

/// How many surroundings are remembered: a container's records have their four fields in any of four orders, and there are
/// two streams.
pub const FRAMES: usize = 24;
/// The most bytes in front of a line, and behind it.
pub const EDGE_ROOM: usize = 768;
/// The most bytes of the output up to the line's fields.
pub const HEAD_ROOM: usize = 2048;
const TAG_ROOM: usize = 128;

/// Text that has to stand in some place.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Edge {
    /// Its last eight bytes, or as many as it has, and which bits of them count.
    pub last: u64,
    pub mask: u64,
    pub len: u32,
    /// Where the last eight bytes begin.
    pub rest: u32,
    /// How many words from its start on hold what is in front of those.
    pub words: u32,
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
    pub straight: u32,
    pub head_len: u32,
    /// Where the line's member starts.
    pub log: u32,
    pub prefix_text: [u8; EDGE_ROOM],
    pub suffix_text: [u8; EDGE_ROOM],
    pub tag_text: [u8; TAG_ROOM],
    /// The output up to and including `kind`, and [`Outline::opening`](crate::program::Outline::opening).
    pub head: [u8; HEAD_ROOM],
}

/// The surroundings that were met.
#[cfg(target_arch = "wasm32")]
#[repr(C)]
pub struct Frames {
    list: [Frame; FRAMES],
    /// The one that is forgotten next.
    oldest: usize,
}

#[cfg(target_arch = "wasm32")]
impl Edge {
    const NONE: Edge = Edge { last: 0, mask: 0, len: 0, rest: 0, words: 0 };

    fn set(&mut self, room: &mut [u8], text: &[u8]) {
        let rest = text.len().saturating_sub(8);
        let (last, mask) = crate::program::Literal::start_of(&text[rest..]);
        *self = Edge { last, mask, len: text.len() as u32, rest: rest as u32, words: rest.div_ceil(8) as u32 };
        if let Some(room) = room.get_mut(..text.len()) {
            room.copy_from_slice(text);
        }
    }

    fn is(&self, room: &[u8], text: &[u8]) -> bool {
        room.get(..self.len as usize) == Some(text)
    }
}

#[cfg(target_arch = "wasm32")]
impl Frames {
    pub const NONE: Frames = Frames {
        list: [const {
            Frame {
                prefix: Edge::NONE,
                suffix: Edge::NONE,
                tag: Edge::NONE,
                possible: 0,
                straight: 0,
                head_len: 0,
                log: 0,
                prefix_text: [0; EDGE_ROOM],
                suffix_text: [0; EDGE_ROOM],
                tag_text: [0; TAG_ROOM],
                head: [0; HEAD_ROOM],
            }
        }; FRAMES],
        oldest: 0,
    };

    /// Remembers what surrounds a line that was read the general way, if the next such line may go straight: the format
    /// is the one that is tried first, and none of the record's own fields is called like one of its.
    pub fn remember(&mut self, facts: &View, tag: &[u8], format: &Format) {
        let View { program, record, .. } = *facts;
        let same = |outline: &Outline| {
            program.formats.get(outline.format as usize).is_some_and(|known| core::ptr::eq(known, format))
        };
        let Some(index) = program.outlines.iter().position(same) else { return };
        let Some(outline) = program.outlines.get(index) else { return };
        let Some(log) = record.log_member() else { return };
        let (prefix, suffix) = (&record.text[..log.value as usize + 1], &record.text[log.end as usize - 1..]);
        let mut decisive = Vec::new();
        if !program.containers.is_empty() {
            record::push_decisive(tag, &mut decisive);
        }
        let fits = (8..=EDGE_ROOM).contains(&prefix.len()) && suffix.len() <= EDGE_ROOM && decisive.len() <= TAG_ROOM;
        let known = |frame: &Frame| {
            frame.straight > 0
                && frame.prefix.is(&frame.prefix_text, prefix)
                && frame.suffix.is(&frame.suffix_text, suffix)
                && frame.tag.is(&frame.tag_text, &decisive)
        };
        if !fits
            || self.list.iter().any(known)
            || first_format(program, record) != Some(outline.format as usize)
            || clashes(program, record, format)
            || (!program.privacy.is_off() && (0..record.members.len()).any(|index| record.is_other_log(index)))
        {
            return;
        }
        let mut head = Vec::with_capacity(HEAD_ROOM);
        emit::push_members(record, &program.privacy, &mut head);
        emit::push_kind(&mut head, format.kind);
        head.extend_from_slice(&outline.opening);
        if head.len() > HEAD_ROOM {
            return;
        }
        head[0] = b'{';
        let Some(frame) = self.list.get_mut(self.oldest) else { return };
        frame.prefix.set(&mut frame.prefix_text, prefix);
        frame.suffix.set(&mut frame.suffix_text, suffix);
        frame.tag.set(&mut frame.tag_text, &decisive);
        frame.head[..head.len()].copy_from_slice(&head);
        frame.head_len = head.len() as u32;
        frame.log = log.start;
        frame.possible = possible(outline, facts);
        frame.straight = index as u32 + 1;
        self.oldest = (self.oldest + 1) % FRAMES;
    }
}

/// Whether one of the record's own fields has the name of one of the format's, as it is printed or in conditions.
#[cfg(target_arch = "wasm32")]
fn clashes(program: &Program, record: &Record, format: &Format) -> bool {
    let Body::Patterns(patterns) = &format.body else { return true };
    let outputs = patterns.iter().flat_map(|pattern| &pattern.outputs);
    let plain =
        |output: &Output| program.names.get(output.field as usize).is_some_and(|name| record.has(name.as_bytes()));
    let has = |output: &Output| record.has(output.name().as_bytes()) || plain(output);
    record.members.len() > 1 && outputs.into_iter().any(has)
}

/// What the surroundings decide of the routes' conditions: a bit for each alternative.
#[cfg(target_arch = "wasm32")]
fn possible(outline: &Outline, facts: &View) -> u64 {
    let alternatives = facts.program.routes.iter().flat_map(|route| &route.any_of);
    alternatives.enumerate().fold(0, |bits, (at, all)| {
        let mut around = all.iter().filter(|condition| !outline.decides(condition.subject));
        let holds = around.all(|condition| route::holds(condition, &Surroundings(facts)));
        bits | (holds as u64) << (at & 63)
    })
}

/// What conditions see of a record when its line has no such field.
#[cfg(target_arch = "wasm32")]
struct Surroundings<'a>(&'a View<'a>);

#[cfg(target_arch = "wasm32")]
impl Facts for Surroundings<'_> {
    fn kind(&self) -> &'static str {
        self.0.kind()
    }

    fn container(&self) -> Option<&[u8]> {
        self.0.container()
    }

    fn field(&self, id: FieldId) -> Option<Cow<'_, [u8]>> {
        self.0.record.value(self.0.program.names.get(id as usize)?.as_bytes())
    }

    fn hash(&self) -> u32 {
        self.0.hash()
    }
}
