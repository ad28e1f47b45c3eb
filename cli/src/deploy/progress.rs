//! What is going on while a plan is applied: a line for each action on its way on a terminal, a line for each event
//! elsewhere, or JSON.
use super::{report, words};
use crate::{
    Ui,
    ui::{self, Bar, Bars},
};
use firelens_infra::{Id, apply::Event};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Where the events go.
pub enum Progress {
    Bars { all: Bars, running: Mutex<HashMap<Id, Bar>> },
    Lines(Ui),
    Json(Ui),
}

impl Progress {
    pub fn new(json: bool, ui: &Ui) -> Progress {
        match json {
            true => Progress::Json(*ui),
            false if ui.stderr_terminal => Progress::Bars { all: Bars::new(ui), running: Mutex::default() },
            false => Progress::Lines(*ui),
        }
    }

    pub fn event(&self, event: &Event) {
        match self {
            Progress::Bars { all, running } => {
                let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
                show(all, &mut running, event);
            }
            Progress::Lines(ui) => ui.eprint(&format!("{}\n", line(event))),
            // The reader may be gone; the work goes on.
            Progress::Json(ui) => _ = ui.json(&format!("{}\n", report::event(event))),
        }
    }
}

fn show(all: &Bars, running: &mut HashMap<Id, Bar>, event: &Event) {
    match event {
        Event::Started(action) => {
            let bar = all.spinner("{spinner} {prefix}  {elapsed}  {wide_msg}");
            bar.set_prefix(&line(event));
            bar.turn();
            running.insert(action.id.clone(), bar);
        }
        Event::Waiting(action, text) => {
            if let Some(bar) = running.get(&action.id) {
                bar.set_message(text);
            }
        }
        Event::Done(action, _) | Event::Failed(action, _) | Event::Skipped(action, _) => {
            if let Some(bar) = running.remove(&action.id) {
                all.remove(&bar);
            }
            let style = match event {
                Event::Done(..) => ui::GOOD,
                Event::Failed(..) => ui::ERROR,
                _ => ui::DIM,
            };
            all.print(&format!("{style}{}{style:#}", line(event)));
        }
    }
}

/// An event in words.
fn line(event: &Event) -> String {
    match event {
        Event::Started(action) => format!("{} {}", words(action.action)[1], action.id),
        Event::Waiting(action, text) => format!("  {}: {text}", action.id),
        Event::Done(action, took) => {
            format!("{} {} in {:.1} s", words(action.action)[2], action.id, took.as_secs_f64())
        }
        Event::Failed(action, _) => format!("failed: {}", action.id),
        Event::Skipped(action, cause) => format!("not begun: {}, because of {cause}", action.id),
    }
}
