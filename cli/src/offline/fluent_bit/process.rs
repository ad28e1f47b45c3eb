//! A running Fluent Bit.
use super::local;
use crate::Error;
use firelens_pipeline::Version;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long it may take to end: its grace, and then some.
const PATIENCE: Duration = Duration::from_secs(90);

/// How many lines of its log are shown.
const SHOWN: usize = 30;

/// A Fluent Bit; it is killed when this goes away.
pub struct Process {
    program: PathBuf,
    child: Child,
    log: PathBuf,
}

/// Which release a program is.
///
/// # Errors
/// When it cannot be run, or is no Fluent Bit.
pub(super) fn version(program: &Path) -> Result<Version, Error> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    let output = output.map_err(|error| Error::file("run", program, &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.lines().find_map(|line| line.trim().strip_prefix("Fluent Bit v"));
    version.and_then(|version| version.trim().parse().ok()).ok_or_else(|| {
        Error::new(format!("{} is no Fluent Bit: it does not say its version (--version)", program.display()))
    })
}

impl Process {
    /// Starts it in a folder that [`local`] describes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(program: &Path, folder: &Path) -> Result<Process, Error> {
        let log = folder.join("fluent-bit.log");
        let file = File::create(&log)?;
        let mut command = Command::new(program);
        command.arg("-c").arg(local::config(folder)).current_dir(folder).stdin(Stdio::null());
        let child = command.stdout(file.try_clone()?).stderr(file).spawn();
        let child = child.map_err(|error| Error::file("run", program, &error))?;
        Ok(Process { program: program.to_owned(), child, log })
    }

    /// It still runs.
    ///
    /// # Errors
    /// When it does not; with what it said.
    pub fn check(&mut self, when: &str) -> Result<(), Error> {
        match self.child.try_wait()? {
            Some(status) => Err(self.failed(&format!("ended {when} ({status})"))),
            None => Ok(()),
        }
    }

    /// What went wrong, with the end of the log.
    pub fn failed(&self, what: &str) -> Error {
        let lines = self.log();
        let shown = lines[lines.len().saturating_sub(SHOWN)..].join("\n  ");
        Error::new(format!("{} {what}\n  {shown}", self.program.display()))
    }

    /// What it said so far.
    fn log(&self) -> Vec<String> {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        let text = anstream::adapter::strip_bytes(&bytes).into_vec();
        let text = String::from_utf8_lossy(&text);
        text.lines().filter(|line| !line.trim().is_empty()).map(str::to_string).collect()
    }

    /// Stops it, waits until it has written everything, and gives its warnings and errors.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(mut self) -> Result<Vec<String>, Error> {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        let start = Instant::now();
        while self.child.try_wait()?.is_none() {
            if start.elapsed() > PATIENCE {
                return Err(self.failed(&format!("does not end {} s after SIGTERM", PATIENCE.as_secs())));
            }
            thread::sleep(Duration::from_millis(20));
        }
        let mut complaints = self.log();
        complaints.retain(|line| line.contains("[error]") || line.contains("[ warn]"));
        complaints.truncate(SHOWN);
        Ok(complaints)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
