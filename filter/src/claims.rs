//! Names that two claim: the record's own fields keep theirs, and what the line brings under one gets `log_` in front.
use crate::json::{self, Member};
use crate::names::OURS;
use crate::record::{self, Record};
use alloc::{borrow::Cow, vec::Vec};

const MARK: &[u8] = b"log_";

/// The most marks that are counted, and the most names that are tried for a field. A line that takes all of them gets a
/// name twice; it costs no more than another.
const MOST: usize = 8;

/// The names of members in order, so that one is found in few steps, however many there are. (Heapsort: it takes the least
/// code, and no input makes it slow.)
pub(crate) fn sorted_names<'a>(members: &[Member], text: &'a [u8]) -> Vec<Cow<'a, [u8]>> {
    let mut names: Vec<Cow<[u8]>> = members.iter().map(|member| record::key(member, text)).collect();
    let count = names.len();
    for step in (0..count + count / 2).rev() {
        let (mut root, mut end) = (step.wrapping_sub(count), count);
        if step < count {
            names.swap(0, step);
            (root, end) = (0, step);
        }
        loop {
            let mut child = 2 * root + 1;
            if child + 1 < end && names.get(child) < names.get(child + 1) {
                child += 1;
            }
            if child >= end || names.get(root) >= names.get(child) {
                break;
            }
            names.swap(root, child);
            root = child;
        }
    }
    names
}

/// What a line brings to a record.
pub(crate) struct Claims<'a> {
    /// Whether others have a field of this name, or it is a name that no line may bring.
    pub refuses: &'a dyn Fn(&[u8]) -> bool,
    /// Whether the line brings a field of this name.
    pub brings: &'a dyn Fn(&[u8]) -> bool,
}

impl Claims<'_> {
    /// Writes `,"name":` with the name that a refused field gets, which nothing else has.
    pub(crate) fn push_key(&self, name: &[u8], out: &mut Vec<u8>) {
        let (mut base, mut marks) = (name, 0);
        while marks < MOST
            && let Some(rest) = base.strip_prefix(MARK)
        {
            (base, marks) = (rest, marks + 1);
        }
        // Fields whose names differ only in their marks are named in turn, each farther than the one before.
        let mut given = 0;
        for own in 0..=marks {
            let own_name = marked(base, own);
            if own == marks || ((self.brings)(&own_name) && (self.refuses)(&own_name)) {
                given = given.max(own) + 1;
                while given < 2 * MOST && self.is_taken(&marked(base, given)) {
                    given += 1;
                }
            }
        }
        push_key(&marked(base, given), out);
    }

    fn is_taken(&self, name: &[u8]) -> bool {
        (self.refuses)(name) || (self.brings)(name)
    }
}

/// The name that one of the record's own fields gets which is called like one of the filter's.
pub(crate) fn renamed(record: &Record, name: &[u8]) -> Vec<u8> {
    let mut marks = 1;
    loop {
        let free = marked(name, marks);
        if marks == 2 * MOST || !record.has(&free) {
            return free;
        }
        marks += 1;
    }
}

/// Whether one of the record's own fields is printed under this name.
pub(crate) fn prints(record: &Record, name: &[u8]) -> bool {
    record.has(name)
        || (record.has_ours
            && name.starts_with(MARK)
            && OURS.iter().map(|our| our.as_bytes()).any(|our| record.has(our) && renamed(record, our) == name))
}

#[inline(never)]
fn marked(base: &[u8], marks: usize) -> Vec<u8> {
    let mut name = Vec::with_capacity(marks * MARK.len() + base.len());
    for _ in 0..marks {
        name.extend_from_slice(MARK);
    }
    name.extend_from_slice(base);
    name
}

/// Writes `,"name":`.
pub(crate) fn push_key(name: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    json::push_text(out, name);
    out.extend_from_slice(b"\":");
}
