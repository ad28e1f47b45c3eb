//! What is on its way, on standard error: a line for each destination on a terminal, a line for each arrival elsewhere.
use super::report;
use crate::Ui;
use firelens_infra::observe::verify::{Arrival, Site};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::time::Duration;

pub struct Progress {
    ui: Ui,
    all: MultiProgress,
    /// None where there is no terminal.
    bars: Vec<(String, ProgressBar)>,
}

const TICK: Duration = Duration::from_millis(120);

impl Progress {
    pub fn new(sites: &[Site], ui: &Ui) -> Progress {
        let all = MultiProgress::new();
        let waiting = sites.iter().filter(|site| site.unchecked().is_none() && ui.stderr_terminal);
        let bars = waiting.map(|site| {
            let bar = all.add(ProgressBar::new_spinner());
            let style = ProgressStyle::with_template("{spinner} {prefix}  {elapsed}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_prefix(format!("{}  {}", site.destination, report::thing(site.kind(), &site.name())));
            bar.enable_steady_tick(TICK);
            (site.destination.clone(), bar)
        });
        Progress { ui: *ui, bars: bars.collect(), all }
    }

    pub fn arrived(&self, arrival: &Arrival) {
        let (style, state) = report::state(&arrival.state);
        let line = format!("{}: {style}{state}{style:#}", arrival.destination);
        match self.bars.iter().find(|(name, _)| *name == arrival.destination) {
            Some((_, bar)) => {
                bar.finish_and_clear();
                // Bars that cannot be drawn are no reason to fail.
                _ = self.all.println(line);
            }
            None => self.ui.eprint(&format!("{line}\n")),
        }
    }

    pub fn end(self) {
        _ = self.all.clear();
    }
}
