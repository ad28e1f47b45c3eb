//! What is on its way, on standard error: a line for each destination on a terminal, a line for each arrival elsewhere.
use super::report;
use crate::{
    Ui,
    ui::{Bar, Bars},
};
use firelens_infra::observe::verify::{Arrival, Site};

pub struct Progress {
    ui: Ui,
    all: Bars,
    /// None where there is no terminal.
    bars: Vec<(String, Bar)>,
}

impl Progress {
    pub fn new(sites: &[Site], ui: &Ui) -> Progress {
        let all = Bars::new(ui);
        let waiting = sites.iter().filter(|site| site.unchecked().is_none() && ui.stderr_terminal);
        let bars = waiting.map(|site| {
            let bar = all.spinner("{spinner} {prefix}  {elapsed}");
            bar.set_prefix(&format!("{}  {}", site.destination, report::thing(site.kind(), &site.name())));
            bar.turn();
            (site.destination.clone(), bar)
        });
        Progress { ui: *ui, bars: bars.collect(), all }
    }

    pub fn arrived(&self, arrival: &Arrival) {
        let (style, state) = report::state(&arrival.state);
        let line = format!("{}: {style}{state}{style:#}", arrival.destination);
        match self.bars.iter().find(|(name, _)| *name == arrival.destination) {
            Some((_, bar)) => {
                bar.finish();
                self.all.print(&line);
            }
            None => self.ui.eprint(&format!("{line}\n")),
        }
    }

    pub fn end(self) {
        self.all.clear();
    }
}
