//! How far layers are on their way: bars on standard error, on terminals only.
use crate::Ui;
use firelens_pipeline::oci::{Blob, Event, Progress};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

/// A bar for each blob that is moved.
pub struct Bars {
    all: MultiProgress,
    bars: Mutex<HashMap<String, ProgressBar>>,
    ui: Ui,
    moved: AtomicU64,
}

impl Bars {
    pub fn new(ui: &Ui) -> Bars {
        let target = if ui.stderr_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Bars { all: MultiProgress::with_draw_target(target), bars: Mutex::default(), ui: *ui, moved: AtomicU64::new(0) }
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
                bar.finish_and_clear();
            }
            return;
        }
        let bar = bars.entry(blob.digest.clone()).or_insert_with(|| self.all.add(new_bar(blob)));
        bar.set_position(offset);
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

fn new_bar(blob: &Blob) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}");
    let bar = ProgressBar::new(blob.size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(blob.digest.chars().take(19).collect::<String>());
    bar
}
