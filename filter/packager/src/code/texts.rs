//! Constant text in memory, for what is written in one copy.
use std::collections::HashMap;

/// The texts, from their address on.
pub(super) struct Texts {
    base: u32,
    pub bytes: Vec<u8>,
    known: HashMap<Vec<u8>, u32>,
}

impl Texts {
    pub(super) fn new(base: u32) -> Texts {
        Texts { base, bytes: Vec::new(), known: HashMap::new() }
    }

    /// The address of a text.
    pub(super) fn add(&mut self, text: &[u8]) -> u32 {
        if let Some(at) = self.known.get(text) {
            return *at;
        }
        let at = self.reserve(text);
        self.known.insert(text.to_vec(), at);
        at
    }

    /// The address of a text that has room of its own, since it changes.
    pub(super) fn reserve(&mut self, text: &[u8]) -> u32 {
        let at = self.end();
        self.bytes.extend_from_slice(text);
        at
    }

    /// The address behind the last text.
    pub(super) fn end(&self) -> u32 {
        self.base + self.bytes.len() as u32
    }
}
