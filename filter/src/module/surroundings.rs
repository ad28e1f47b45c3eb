//! What surrounds a line, remembered for the code that is made for formats: without pointers, every text with its first
//! word and a place of its own ([`Frame`]).
use crate::{
    border::{EDGE_ROOM, Edge, FRAMES, Frame, HEAD_ROOM, MIN_PREFIX, TAG_ROOM},
    emit,
    parse::first_format,
    program::{CompiledFormat, FieldId, Outline, Output, Program},
    record::{self, Record},
    route::{self, Facts},
    view::View,
};
use alloc::{borrow::Cow, vec::Vec};

/// The surroundings that were met.
#[repr(C)]
pub(super) struct Frames {
    list: [Frame; FRAMES],
    /// The one that is forgotten next.
    oldest: usize,
}

impl Frames {
    pub(super) const NONE: Frames = Frames {
        list: [const {
            Frame {
                prefix: Edge::NONE,
                suffix: Edge::NONE,
                tag: Edge::NONE,
                possible: 0,
                outline: 0,
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

    /// Remembers what surrounds a line that was read the general way, if the next such line may take the made code: the format
    /// is the one that is tried first, and none of the record's own fields is called like one of its.
    pub(super) fn remember(&mut self, facts: &View, tag: &[u8], format: &CompiledFormat) {
        let View { program, record, .. } = *facts;
        let same = |outline: &Outline| {
            program.formats.get(outline.format as usize).is_some_and(|known| core::ptr::eq(known, format))
        };
        let Some(index) = program.outlines.iter().position(same) else { return };
        let Some(outline) = program.outlines.get(index) else { return };
        let Some(log) = record.log_member() else { return };
        let (prefix, suffix) = (&record.given[..log.value as usize + 1], &record.given[log.end as usize - 1..]);
        let mut decisive = Vec::new();
        if program.reads_tag() {
            push_decisive(program, tag, &mut decisive);
        }
        let fits =
            (MIN_PREFIX..=EDGE_ROOM).contains(&prefix.len()) && suffix.len() <= EDGE_ROOM && decisive.len() <= TAG_ROOM;
        let known = |frame: &Frame| {
            frame.outline > 0
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
        frame.outline = index as u32 + 1;
        self.oldest = (self.oldest + 1) % FRAMES;
    }
}

/// Whether one of the record's own fields has the name of one of the format's, as it is printed or in conditions.
fn clashes(program: &Program, record: &Record, format: &CompiledFormat) -> bool {
    let plain =
        |output: &Output| program.names.get(output.field as usize).is_some_and(|name| record.has(name.as_bytes()));
    let has = |output: &Output| record.has(output.name().as_bytes()) || plain(output);
    record.members.len() > 1 && format.outputs().any(has)
}

/// What the surroundings decide of the routes' conditions: a bit for each alternative.
fn possible(outline: &Outline, facts: &View) -> u64 {
    let alternatives = facts.program.routes.iter().flat_map(|route| &route.any_of);
    alternatives.enumerate().fold(0, |bits, (at, all)| {
        let mut around = all.iter().filter(|condition| !outline.decides(condition.subject));
        let holds = around.all(|condition| route::holds(condition, &Surroundings(facts)));
        bits | (holds as u64) << (at & 63)
    })
}

/// What conditions see of a record when its line has no such field.
struct Surroundings<'a>(&'a View<'a>);

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

    fn path(&self, id: FieldId) -> Option<Cow<'_, [u8]>> {
        self.0.path(id)
    }

    fn hash(&self) -> u32 {
        self.0.hash()
    }
}

/// Writes the part of a tag that decides: about the container what is in front of the mark, or else, and about the task's id,
/// all of it with the zero behind.
fn push_decisive(program: &Program, tag: &[u8], out: &mut Vec<u8>) {
    match record::mark_of_tag(tag).filter(|_| !program.adds()) {
        Some(dash) => out.extend_from_slice(&tag[..dash + record::MARK.len()]),
        None => {
            out.extend_from_slice(tag);
            out.push(0);
        }
    }
}
