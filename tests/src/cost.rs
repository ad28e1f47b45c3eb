//! What a process costs: wall time, CPU time and peak memory, as the kernel counts them.
use std::error::Error;
use std::io;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub wall: Duration,
    /// User and system time together.
    pub cpu: Duration,
    /// Resident set at its largest, in KiB.
    pub peak_kib: u64,
}

impl Cost {
    /// The smallest of each figure.
    pub fn min(self, other: Cost) -> Cost {
        Cost {
            wall: self.wall.min(other.wall),
            cpu: self.cpu.min(other.cpu),
            peak_kib: self.peak_kib.min(other.peak_kib),
        }
    }
}

/// Runs the command to its end.
///
/// # Errors
/// When it cannot be started, or does not end with success.
pub fn run(command: &mut Command) -> Result<Cost, Box<dyn Error>> {
    driven(command, |_| Ok(()))
}

/// Runs the command to its end, which `drive` brings about.
///
/// # Errors
/// When it cannot be started, does not end with success, or `drive` fails: then it is killed.
pub fn driven(
    command: &mut Command,
    drive: impl FnOnce(&Child) -> Result<(), Box<dyn Error>>,
) -> Result<Cost, Box<dyn Error>> {
    let start = Instant::now();
    let mut child = command.spawn()?;
    if let Err(error) = drive(&child) {
        child.kill()?;
        child.wait()?;
        return Err(error);
    }
    let (status, usage) = wait(child.id())?;
    let wall = start.elapsed();
    if status != 0 {
        return Err(format!("{command:?} ended with status {status:#x}").into());
    }
    let time = |value: libc::timeval| Duration::new(value.tv_sec as u64, value.tv_usec as u32 * 1000);
    Ok(Cost { wall, cpu: time(usage.ru_utime) + time(usage.ru_stime), peak_kib: usage.ru_maxrss as u64 })
}

fn wait(pid: u32) -> io::Result<(i32, libc::rusage)> {
    let mut status = 0;
    // SAFETY: an all-zero rusage is a valid value, and both pointers live through the call.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        if libc::wait4(pid as libc::pid_t, &mut status, 0, &mut usage) < 0 {
            return Err(io::Error::last_os_error());
        }
        usage
    };
    Ok((status, usage))
}
