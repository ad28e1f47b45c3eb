//! A running Fluent Bit, and the memory that it takes.
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Resident memory in KiB: what the process has made itself, and pages of files that are mapped (the buffer on disk).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    pub anonymous: u64,
    pub file: u64,
    /// Both together at one time.
    pub resident: u64,
}

impl Memory {
    fn of(pid: u32) -> io::Result<Memory> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.trim_start_matches(':').split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        Ok(Memory { anonymous: kib("RssAnon"), file: kib("RssFile"), resident: kib("VmRSS") })
    }

    /// The largest of each figure.
    fn max(self, other: Memory) -> Memory {
        Memory {
            anonymous: self.anonymous.max(other.anonymous),
            file: self.file.max(other.file),
            resident: self.resident.max(other.resident),
        }
    }

    /// The smallest of each figure.
    pub fn min(self, other: Memory) -> Memory {
        Memory {
            anonymous: self.anonymous.min(other.anonymous),
            file: self.file.min(other.file),
            resident: self.resident.min(other.resident),
        }
    }
}

/// Looks at a process's memory many times a second, for as long as this lives.
pub struct Sampler {
    peak: Arc<Mutex<Memory>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sampler {
    pub fn start(pid: u32) -> Sampler {
        let (peak, ended) = (Arc::new(Mutex::new(Memory::default())), Arc::new(AtomicBool::new(false)));
        let thread = {
            let (peak, ended) = (Arc::clone(&peak), Arc::clone(&ended));
            thread::spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    if let Ok(memory) = Memory::of(pid) {
                        let mut peak = peak.lock().expect("no panic holds it");
                        *peak = peak.max(memory);
                    }
                    thread::sleep(Duration::from_millis(20));
                }
            })
        };
        Sampler { peak, ended, thread: Some(thread) }
    }

    /// The largest of each figure so far.
    pub fn peak(&self) -> Memory {
        *self.peak.lock().expect("no panic holds it")
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A Fluent Bit that runs; it is killed when this goes away.
pub struct Process {
    child: Child,
    sampler: Sampler,
    log: PathBuf,
}

impl Process {
    /// Starts the program with a configuration. What it prints goes to the file at `log`.
    ///
    /// # Errors
    /// When it cannot be started, or the file cannot be made.
    pub fn start(program: &Path, config: &Path, log: &Path, environment: &[(&str, &str)]) -> io::Result<Process> {
        let mut command = Command::new(program);
        command.arg("-c").arg(config).envs(environment.iter().copied());
        Process::spawn(command, log)
    }

    /// Runs a command as [`Process::start`] does.
    ///
    /// # Errors
    /// When it cannot be started, or the file cannot be made.
    pub fn spawn(mut command: Command, log: &Path) -> io::Result<Process> {
        let file = File::options().create(true).append(true).open(log)?;
        let child = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn()?;
        let sampler = Sampler::start(child.id());
        Ok(Process { child, sampler, log: log.to_owned() })
    }

    /// The number that the system knows it by.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Memory now.
    pub fn memory(&self) -> Memory {
        Memory::of(self.child.id()).unwrap_or_default()
    }

    /// The largest of each figure so far.
    pub fn peak(&self) -> Memory {
        self.sampler.peak()
    }

    /// What it has printed.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends SIGTERM and waits for the end; after `limit` it is killed, and `None` is returned.
    ///
    /// # Errors
    /// When the system does not say what became of it.
    pub fn terminate(mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        // SAFETY: kill has no memory to break; the child was not waited for, so its number is its own.
        unsafe { libc::kill(self.child.id() as libc::pid_t, libc::SIGTERM) };
        let start = Instant::now();
        while start.elapsed() < limit {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(None)
    }

    /// Sends SIGKILL and waits for the end.
    ///
    /// # Errors
    /// When the system does not say what became of it.
    pub fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
