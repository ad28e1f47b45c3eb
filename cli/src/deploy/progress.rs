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
    time::Instant,
};

/// Where the events go.
pub enum Progress {
    Bars { all: Bars, running: Mutex<HashMap<Id, Bar>> },
    Lines(Ui, Waits),
    Json(Ui, Waits),
}

impl Progress {
    pub fn new(json: bool, ui: &Ui) -> Progress {
        match json {
            true => Progress::Json(*ui, Waits::default()),
            false if ui.stderr_terminal => Progress::Bars { all: Bars::new(ui), running: Mutex::default() },
            false => Progress::Lines(*ui, Waits::default()),
        }
    }

    pub fn event(&self, event: &Event) {
        match self {
            Progress::Bars { all, running } => {
                let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
                show(all, &mut running, event);
            }
            Progress::Lines(ui, waits) => {
                if let Some(so_far) = waits.changed(event) {
                    ui.eprint(&format!("{}{so_far}\n", line(event)));
                }
            }
            // The reader may be gone; the work goes on.
            Progress::Json(ui, waits) => {
                if waits.changed(event).is_some() {
                    _ = ui.json(&format!("{}\n", report::event(event)));
                }
            }
        }
    }
}

/// What each action waits for, and since when: AWS is asked many times, and the same answer is told once.
#[derive(Default)]
pub struct Waits(Mutex<HashMap<Id, (Instant, String)>>);

impl Waits {
    /// `None` when this was told already. Of a wait, how long the action has taken so far.
    fn changed(&self, event: &Event) -> Option<String> {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started(action) => _ = waits.insert(action.id.clone(), (Instant::now(), String::new())),
            Event::Waiting(action, text) => {
                let (since, told) = waits.entry(action.id.clone()).or_insert_with(|| (Instant::now(), String::new()));
                if *told == **text {
                    return None;
                }
                told.clone_from(&text.to_string());
                return Some(format!(" ({} s so far)", since.elapsed().as_secs()));
            }
            _ => {}
        }
        Some(String::new())
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
