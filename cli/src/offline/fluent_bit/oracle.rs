//! What is to become of a record, by the filter without Fluent Bit.
use crate::offline::judge::tag_for;
use firelens_filter::{Filter, Outcome, Program};

/// Says natively what is to become of a record.
pub(super) struct Oracle {
    filter: Filter,
    containers: Vec<String>,
    out: Vec<u8>,
}

impl Oracle {
    pub(super) fn new(program: &Program) -> Oracle {
        let containers = program.containers.iter().map(|container| container.name.clone()).collect();
        Oracle { filter: Filter::new(program.clone()), containers, out: Vec::new() }
    }

    /// The route, and whether the record is dropped.
    pub(super) fn ask(&mut self, tag: &str, record: &[u8]) -> (Option<usize>, bool) {
        let outcome = self.filter.filter(tag.as_bytes(), record, &mut self.out);
        (self.filter.last_route(), outcome == Outcome::Dropped)
    }

    /// A tag that FireLens gives. Where it is not said which container a line is from, it is the one whose formats read it.
    pub(super) fn firelens_tag(&mut self, tag: &str, record: &[u8]) -> String {
        if tag != tag_for(None) {
            return tag.to_string();
        }
        let alone = self.result(tag, record);
        let tags: Vec<String> = self.containers.iter().map(|name| tag_for(Some(name))).collect();
        let same = tags.iter().position(|tag| self.result(tag, record) == alone);
        tags.get(same.unwrap_or(0)).cloned().unwrap_or_else(|| tag_for(Some("container")))
    }

    fn result(&mut self, tag: &str, record: &[u8]) -> (bool, Vec<u8>) {
        self.out.clear();
        let outcome = self.filter.filter(tag.as_bytes(), record, &mut self.out);
        (outcome == Outcome::Dropped, self.out.clone())
    }
}
