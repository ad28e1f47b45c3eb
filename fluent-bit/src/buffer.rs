//! How large buffers have to be: an outage, multiplied out, and what must fit into the router's memory.
use crate::{
    pipeline::{Pipeline, Shape},
    value,
};

/// What comes while a destination is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// The outage to survive, in seconds.
    pub outage: u32,
    pub records_per_second: u32,
    /// The size of a record on its way out, in bytes.
    pub record_bytes: u32,
}

impl Default for Load {
    fn default() -> Load {
        Load { outage: 30 * 60, records_per_second: 500, record_bytes: 1_000 }
    }
}

/// A chunk takes this much of the disk at least, and each tag begins one a second: chunkio's first allocation and a page
/// (`lib/chunkio/src/cio_file.c`).
const CHUNK_BYTES: u64 = 36_864;

/// Records arrive unevenly: a quarter more.
const MARGIN: (u64, u64) = (5, 4);

/// What Fluent Bit itself and the module need, in MiB: 41 MB were resident with 300,000 records waiting on disk (5.0.9).
const PROCESS_MIB: u32 = 64;

/// What an emitter may hold in memory on its way to the disk, in MiB.
const EMITTER_MIB: u32 = 32;

/// What FireLens lets its input hold in memory: half of the router's (`Mem_Buf_Limit`). It has no effect where the input's
/// chunks are on disk.
const INPUT_SHARE: u32 = 2;

impl Load {
    /// The bytes of disk that records with `tags` different tags take in this outage, rounded up to whole megabytes.
    pub fn disk_bytes(self, tags: usize) -> u64 {
        let seconds = u64::from(self.outage);
        let records = seconds * u64::from(self.records_per_second) * u64::from(self.record_bytes) * MARGIN.0 / MARGIN.1;
        let chunks = seconds * CHUNK_BYTES * tags.max(1) as u64;
        (records + chunks).div_ceil(MEGABYTE) * MEGABYTE
    }
}

/// Fluent Bit's `M`: `src/flb_utils.c` counts in thousands.
pub const MEGABYTE: u64 = 1_000_000;

/// A number of bytes as Fluent Bit reads it; it is rounded up to a megabyte.
pub fn size(bytes: u64) -> String {
    format!("{}M", bytes.div_ceil(MEGABYTE).max(1))
}

impl Pipeline {
    /// The bytes of disk that a destination's records take in the outage to survive.
    pub fn disk_need(&self, destination: &str) -> u64 {
        let load = self.destinations.iter().find(|to| to.name == destination).and_then(|to| to.load);
        load.unwrap_or(self.router.load).disk_bytes(self.tags_of(destination))
    }

    /// The limit of a destination's buffer, in bytes: the user's, or what it needs.
    pub fn disk_limit(&self, destination: &str) -> u64 {
        let to = self.destinations.iter().find(|to| to.name == destination);
        let limit = to.and_then(|to| to.setting(to.kind.description().limit)).and_then(value::limit);
        limit.unwrap_or_else(|| self.disk_need(destination))
    }

    /// The disk that all buffers can take together, in bytes. Chunks that go to several destinations are there once, so
    /// this is the most.
    pub fn disk_sum(&self) -> u64 {
        self.used().map(|to| self.disk_limit(&to.name)).sum()
    }

    /// The memory that the router needs, in MiB, item by item.
    pub fn memory(&self) -> Vec<(&'static str, u32)> {
        let outputs = self.used().map(|to| to.kind.description().memory_mib).sum();
        let emitters = u32::from(self.version.shape() == Shape::Emitter)
            + u32::from(!self.moved().is_empty())
            + 2 * u32::from(!self.joined.is_empty());
        let input = if self.version.inherits_storage() { 0 } else { self.router.memory_mib / INPUT_SHARE };
        let items = [
            ("Fluent Bit and the module", PROCESS_MIB),
            ("FireLens's input", input),
            ("emitters", emitters * EMITTER_MIB),
            ("outputs", outputs),
        ];
        items.into_iter().filter(|(_, mib)| *mib > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_holds_the_outage() {
        let load = Load { outage: 600, records_per_second: 1000, record_bytes: 800 };
        assert_eq!(load.disk_bytes(1), 623 * MEGABYTE);
        assert!(load.disk_bytes(2) > load.disk_bytes(1));
        assert_eq!(Load { outage: 0, ..load }.disk_bytes(1), 0);
        let most = Load { outage: u32::MAX / 1000, records_per_second: 100_000, record_bytes: 1_000_000 };
        assert!(most.disk_bytes(3) > 1 << 58);
    }

    #[test]
    fn sizes_are_written_in_megabytes() {
        assert_eq!([size(0), size(1_000_000), size(1_000_001)].join(" "), "1M 1M 2M");
        assert_eq!(value::limit(&size(1_500_000)), Some(2 * MEGABYTE));
    }
}
