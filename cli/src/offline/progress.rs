//! How far a long run is: a bar on standard error, on terminals only.
use super::input::Source;
use crate::{
    Ui,
    ui::{Bar, Bars},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Shorter runs need no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// The bar, if there is to be one.
pub struct Progress {
    position: Arc<AtomicU64>,
    started: Instant,
    /// All bytes there are, where that is known.
    total: Option<u64>,
    wanted: bool,
    bars: Bars,
    bar: Option<Bar>,
}

impl Progress {
    /// A bar would be in the way of rows on the same terminal.
    pub fn new(sources: &[Source], ui: &Ui, quiet: bool) -> Progress {
        Progress {
            position: Arc::default(),
            started: Instant::now(),
            total: sources.iter().map(Source::size).sum(),
            wanted: ui.stderr_terminal && !ui.stdout_terminal && !quiet,
            bars: Bars::new(ui),
            bar: None,
        }
    }

    /// Where readers count their bytes.
    pub fn position(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.position)
    }

    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// After some more lines.
    pub fn update(&mut self, lines: u64) {
        if !self.wanted || self.started.elapsed() < PATIENCE {
            return;
        }
        let total = self.total;
        let bar = self.bar.get_or_insert_with(|| new_bar(&self.bars, total));
        bar.set_position(self.position.load(Ordering::Relaxed));
        bar.set_message(&firelens_infra::words::count(lines, "line"));
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish();
        }
    }
}

fn new_bar(bars: &Bars, total: Option<u64>) -> Bar {
    match total {
        Some(total) => bars.bar(total, "{bar:30} {percent:>3} %  {msg}  {eta} left"),
        None => bars.spinner("{spinner} {bytes}  {msg}"),
    }
}
