//! Who was confirmed what, written down before it counts: the checkpoint and the file of rejected records.
use super::{
    Refusal,
    batch::{Batch, Event},
    checkpoint::{Checkpoint, Confirmed, Progress},
};
use crate::{Error, Result};
use serde_json::{Value, json};
use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Shared by all destinations of a run.
#[derive(Debug)]
pub struct Ledger {
    path: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    checkpoint: Checkpoint,
    rejected: Option<(File, PathBuf)>,
}

impl Ledger {
    /// Goes on from a checkpoint, which is kept at `path`; without one, nothing is.
    pub fn new(checkpoint: Checkpoint, path: Option<PathBuf>) -> Ledger {
        Ledger { path, state: Mutex::new(State { checkpoint, rejected: None }) }
    }

    /// Writes rejected records to a file: behind what an earlier run wrote, when this one goes on from there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_rejected(&self, path: &Path, append: bool) -> Result<()> {
        let mut options = OpenOptions::new();
        options.create(true).write(true).append(append).truncate(!append);
        let file = options.open(path).map_err(|error| cannot_write(path, &error))?;
        self.state().rejected = Some((file, path.to_path_buf()));
        Ok(())
    }

    /// How far a destination is.
    pub fn progress(&self, destination: &str) -> Progress {
        self.state().checkpoint.destinations.get(destination).cloned().unwrap_or_default()
    }

    /// A batch is about to be sent.
    pub(super) fn begin(&self, destination: &str, batch: &Batch) -> Result<()> {
        self.change(destination, |progress| progress.begin(batch))
    }

    /// All of a batch was taken, but for these records.
    pub(super) fn confirm(
        &self,
        destination: &str,
        confirmed: Confirmed,
        sent: u64,
        rejected: &[(Event, Refusal)],
    ) -> Result<()> {
        self.reject(destination, rejected)?;
        self.change(destination, |progress| progress.confirm(confirmed, sent, rejected.len() as u64))
    }

    /// All batches of a destination are confirmed, and there are no more.
    ///
    /// # Errors
    /// When the checkpoint cannot be written.
    pub fn finish(&self, destination: &str) -> Result<()> {
        self.change(destination, |progress| {
            progress.finished = true;
            progress.on_the_way.clear();
        })
    }

    fn change(&self, destination: &str, change: impl FnOnce(&mut Progress)) -> Result<()> {
        let mut state = self.state();
        change(state.checkpoint.destinations.entry(destination.to_string()).or_default());
        match &self.path {
            Some(path) => state.checkpoint.write(path),
            None => Ok(()),
        }
    }

    fn reject(&self, destination: &str, rejected: &[(Event, Refusal)]) -> Result<()> {
        let mut state = self.state();
        let State { checkpoint, rejected: file } = &mut *state;
        let Some((file, path)) = file.as_mut().filter(|_| !rejected.is_empty()) else { return Ok(()) };
        let mut text = Vec::new();
        for (event, refusal) in rejected {
            let input = checkpoint.inputs.get(event.from.input as usize).map(|input| input.path.as_str());
            let line = json!({
                "destination": destination,
                "reason": refusal.name(),
                "input": input,
                "line": event.line,
                "time": time(event.time),
                "record": body(&event.body),
            });
            text.extend_from_slice(line.to_string().as_bytes());
            text.push(b'\n');
        }
        file.write_all(&text).map_err(|error| cannot_write(path, &error))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("cannot write {}: {error}", path.display()))
}

fn time(milliseconds: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(milliseconds).ok().map(|time| format!("{time:.3}"))
}

/// The record as JSON, where it is that, else as text.
fn body(bytes: &[u8]) -> Value {
    let text = String::from_utf8_lossy(bytes);
    serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.trim_end().to_string()))
}
