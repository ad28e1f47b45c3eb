//! How far layers are on their way: bars on standard error, on terminals only.
use crate::{
    Ui,
    ui::{self, Bar},
};
use firelens_oci::{Blob, Event, Progress};
use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

/// A bar for each blob that is moved.
pub struct Bars {
    all: ui::Bars,
    bars: Mutex<HashMap<String, Bar>>,
    ui: Ui,
    moved: AtomicU64,
}

impl Bars {
    pub fn new(ui: &Ui) -> Bars {
        Bars { all: ui::Bars::new(ui), bars: Mutex::default(), ui: *ui, moved: AtomicU64::new(0) }
    }

    /// How many blobs have arrived.
    pub fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    /// So much of a blob is there.
    pub fn at(&self, blob: &Blob, offset: u64) {
        let mut bars = self.bars.lock().unwrap_or_else(|broken| broken.into_inner());
        if offset == blob.size {
            if let Some(bar) = bars.remove(&blob.digest) {
                bar.finish();
            }
            return;
        }
        let bar = bars.entry(blob.digest.clone()).or_insert_with(|| self.new_bar(blob));
        bar.set_position(offset);
    }

    fn new_bar(&self, blob: &Blob) -> Bar {
        let bar = self.all.bar(blob.size, "{prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}");
        bar.set_prefix(&blob.digest.chars().take(19).collect::<String>());
        bar
    }
}

impl Progress for Bars {
    fn event(&self, event: &Event) {
        match event {
            Event::At { blob, offset } => self.at(blob, *offset),
            Event::Sent(blob) => {
                self.moved.fetch_add(1, Ordering::Relaxed);
                self.at(blob, blob.size);
            }
            Event::Again { why, .. } => self.all.suspend(|| self.ui.warning(&format!("{why}; trying again"))),
            Event::There(_) | Event::Mounted(_) => {}
        }
    }
}
