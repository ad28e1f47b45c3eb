//! A Fluent Bit that gets lines, and what it costs until all of them are where they belong.
use crate::chain::{self, Chain, DESTINATIONS, Sink};
use crate::{Load, Result, TAG};
use e2e::cost::{self, Cost};
use e2e::fluent_bit::{self, driver::Driver, process::Memory, process::Sampler};
use serde_json::Value;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

/// How long the last records may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a run took.
#[derive(Clone, Copy)]
pub struct Taken {
    pub cost: Cost,
    /// The largest of each figure.
    pub memory: Memory,
}

impl Taken {
    /// The smallest of each figure.
    pub fn min(self, other: Taken) -> Taken {
        Taken { cost: self.cost.min(other.cost), memory: self.memory.min(other.memory) }
    }
}

/// Sends the load through a pipeline and stops Fluent Bit when everything has arrived.
///
/// # Errors
/// When not exactly what belongs there has come to each destination.
pub fn run(program: &Path, dir: &Path, chain: &Chain, sink: Sink, load: &Load) -> Result<Taken> {
    for left in DESTINATIONS.map(|name| chain::received(dir, name)).iter().chain([&chain::socket()]) {
        let _ = fs::remove_file(left);
    }
    let _ = fs::remove_dir_all(chain::storage(dir));
    let http_port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let config = chain.write(dir, sink, http_port)?;
    let mut command = fluent_bit::command(program, &config);
    command.stderr(File::create(dir.join("fluent-bit.log"))?);
    let mut memory = Memory::default();
    let cost = cost::driven(&mut command, |child| {
        let sampler = Sampler::start(child.id());
        send(load)?;
        let expected = chain.expected(&load.counts);
        let start = Instant::now();
        let mut arrived = [0; DESTINATIONS.len()];
        while arrived != expected {
            if start.elapsed() > PATIENCE {
                return Err(format!("{}: {arrived:?} records arrived instead of {expected:?}", chain.name).into());
            }
            thread::sleep(Duration::from_millis(250));
            arrived = delivered(http_port)?;
        }
        memory = sampler.peak();
        terminate(child);
        Ok(())
    })?;
    let _ = fs::remove_file(chain::socket());
    Ok(Taken { cost, memory })
}

/// Sends the lines as Docker's log driver does.
fn send(load: &Load) -> Result<()> {
    let mut driver = Driver::new(&chain::socket(), TAG);
    for line in load.text.lines() {
        driver.log("stdout", line.as_bytes())?;
    }
    match driver.reconnected {
        0 => Ok(()),
        times => Err(format!("Fluent Bit has closed the connection {times} times").into()),
    }
}

/// The records that each output has delivered.
fn delivered(http_port: u16) -> Result<[u64; DESTINATIONS.len()]> {
    let url = format!("http://127.0.0.1:{http_port}/api/v1/metrics");
    let request = ureq::get(&url).config().http_status_as_error(false).build();
    let answer = request.call()?.body_mut().read_to_string()?;
    // There are none before the first flush.
    let metrics: Value = serde_json::from_str(&answer).unwrap_or_default();
    Ok(DESTINATIONS.map(|name| metrics["output"][name]["proc_records"].as_u64().unwrap_or(0)))
}

fn terminate(child: &Child) {
    // SAFETY: kill has no memory to break; the child was not waited for, so its number is its own.
    unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGTERM) };
}
