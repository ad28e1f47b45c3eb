//! Regular expressions as the module has them: a table for each byte's next state.
use alloc::vec::Vec;

/// The state that no match can be reached from.
pub const DEAD: u16 = 0;
/// The state of a match, whatever follows.
pub const MATCHED: u16 = 1;

/// A deterministic automaton that says whether a regular expression matches anywhere in some bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Dfa {
    /// The class of each byte: bytes of one class lead to the same states.
    pub(super) classes: Vec<u8>,
    /// The number of classes.
    pub(super) stride: u16,
    pub(super) start: u16,
    /// States from this one on match at the end of the text.
    pub(super) at_end: u16,
    /// For each state and class, the next state.
    pub(super) next: Vec<u16>,
}

impl Dfa {
    /// An automaton of these parts; `None` when they do not fit together.
    pub fn new(classes: Vec<u8>, stride: u16, start: u16, at_end: u16, next: Vec<u16>) -> Option<Dfa> {
        let dfa = Dfa { classes, stride, start, at_end, next };
        dfa.is_sound().then_some(dfa)
    }

    /// All classes and states are in the table, and the first two states are [`DEAD`] and [`MATCHED`].
    pub(crate) fn is_sound(&self) -> bool {
        let stride = self.stride as usize;
        let Some(states) = self.next.len().checked_div(stride) else { return false };
        self.classes.len() == 256
            && self.classes.iter().all(|class| (*class as usize) < stride)
            && self.next.len() == states * stride
            && self.next.iter().all(|state| (*state as usize) < states)
            && (self.start as usize) < states
            && self.at_end > MATCHED
    }

    /// Whether there is a match anywhere in the text.
    pub fn is_match(&self, text: &[u8]) -> bool {
        let (classes, next, stride) = (self.classes.as_ptr(), self.next.as_ptr(), self.stride as usize);
        let mut state = self.start;
        for byte in text {
            if state <= MATCHED {
                break;
            }
            // SAFETY: `is_sound` has looked at all classes and states.
            state = unsafe { *next.add(state as usize * stride + *classes.add(*byte as usize) as usize) };
        }
        self.matches(state)
    }

    /// The state behind a byte.
    #[inline(always)]
    fn step(&self, state: u16, byte: u8) -> u16 {
        let at =
            state as usize * self.stride as usize + self.classes.get(byte as usize).map_or(0, |class| *class as usize);
        self.next.get(at).copied().unwrap_or(DEAD)
    }

    #[inline(always)]
    fn matches(&self, state: u16) -> bool {
        state == MATCHED || state >= self.at_end
    }

    /// Writes down where matches end, of an automaton that finds all of them.
    pub(crate) fn ends(&self, text: &[u8], ends: &mut Vec<u32>) {
        let mut state = self.start;
        for (at, byte) in text.iter().enumerate() {
            state = self.step(state, *byte);
            if self.matches(state) {
                ends.push(at as u32 + 1);
            }
        }
    }

    /// Where the longest match starts that ends with the text, of an automaton that reads backwards; the text's end when
    /// there is none. `left` is how many bytes may be read: where they do not suffice, all of the text is the match.
    pub(crate) fn start(&self, text: &[u8], left: &mut usize) -> usize {
        let (mut state, mut start) = (self.start, text.len());
        for (at, byte) in text.iter().enumerate().rev() {
            state = self.step(state, *byte);
            if state == DEAD {
                break;
            }
            if self.matches(state) {
                start = at;
            }
            *left = left.saturating_sub(1);
            if *left == 0 {
                return 0;
            }
        }
        start
    }

    /// What the automaton takes in memory.
    pub fn size(&self) -> usize {
        self.classes.len() + 2 * self.next.len()
    }
}

/// Finds matches that do not overlap, the last one first.
///
/// From each end that is not inside of a match, the text is read back to where the longest one starts. That can go on over
/// the same bytes for many ends; a text for which it takes more than a few passes is a match up to there.
pub fn find_matches(ends: &Dfa, start: &Dfa, text: &[u8], matches: &mut Vec<(usize, usize)>) {
    let mut found = Vec::new();
    ends.ends(text, &mut found);
    let (mut left, mut before) = (4 * text.len() + 64, text.len());
    while let Some(end) = found.pop() {
        let end = end as usize;
        if end > before {
            continue;
        }
        let from = start.start(text.get(..end).unwrap_or_default(), &mut left);
        if from < end {
            matches.push((from, end));
            before = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `^a`, or an empty text.
    fn parts() -> (Vec<u8>, u16, u16, u16, Vec<u16>) {
        let mut classes = vec![0; 256];
        classes[b'a' as usize] = 1;
        (classes, 2, 2, 2, vec![DEAD, DEAD, MATCHED, MATCHED, DEAD, MATCHED])
    }

    #[test]
    fn walks() {
        let (classes, stride, start, at_end, next) = parts();
        let dfa = Dfa::new(classes, stride, start, at_end, next).unwrap();
        for (text, expected) in [(&b""[..], true), (b"a", true), (b"ab", true), (b"b", false), (b"ba", false)] {
            assert_eq!(dfa.is_match(text), expected, "{text:?}");
        }
    }

    #[test]
    fn nothing_leads_out_of_the_table() {
        let broken: [fn(&mut Dfa); 7] = [
            |dfa| dfa.classes.truncate(255),
            |dfa| dfa.classes[7] = 2,
            |dfa| dfa.stride = 0,
            |dfa| dfa.stride = 4,
            |dfa| dfa.start = 3,
            |dfa| dfa.at_end = 1,
            |dfa| dfa.next[5] = 3,
        ];
        for (at, breaks) in broken.iter().enumerate() {
            let (classes, stride, start, at_end, next) = parts();
            let mut dfa = Dfa { classes, stride, start, at_end, next };
            breaks(&mut dfa);
            assert!(!dfa.is_sound(), "{at}");
        }
    }
}
