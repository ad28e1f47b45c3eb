//! The whole rendered pipeline in the real Fluent Bit, beside the same job written by hand with its own filters
//! (`native.conf`): the same records over FireLens's socket, the same destinations, buffers on disk.
//!
//! `FLUENT_BIT=/path/to/fluent-bit cargo bench -p e2e --bench pipeline`, or several in `FLUENT_BITS`, with these variables:
//! - `FIRELENS_WASM`: the module to measure; otherwise the one of this build with the program of `benches/bench.toml`
//! - `LINES` (200000), `ROUNDS` (5), and `PARTS=1`: also what each pipeline costs up to each of its filters
mod chain;
mod check;
mod router;

use chain::{Chain, Sink};
use e2e::fluent_bit;
use e2e::load::{self, Counts};
use firelens_pipeline::Version;
use router::Taken;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The tag that FireLens gives.
const TAG: &str = "httpd-firelens-0123456789abcdef0123456789abcdef";

/// Lines to send.
struct Load {
    text: String,
    counts: Counts,
}

impl Load {
    fn new(lines: u64) -> Result<Load> {
        let mut text = Vec::new();
        let counts = load::write_combined(lines, &mut text)?;
        Ok(Load { text: String::from_utf8(text)?, counts })
    }
}

fn main() -> Result<()> {
    let programs = fluent_bit::all();
    if programs.is_empty() {
        println!("the pipeline: skipped, no fluent-bit in $FLUENT_BITS, $FLUENT_BIT or on the PATH");
    }
    let load = Load::new(number("LINES", 200_000))?;
    for program in programs {
        let version = version(&program)?;
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-pipeline-{version}"));
        fs::create_dir_all(&dir)?;
        let chains = chain::chains(&dir, version, number("PARTS", 0) > 0)?;
        check::same_records(&program, &dir, &chains)?;
        let Counts { lines, bytes, health_checks, failures } = load.counts;
        println!("Fluent Bit {version}: {lines} lines of combined, {} bytes on average,", bytes / lines);
        println!("{health_checks} health checks, {failures} with 5xx; the same records at the same destinations");
        report(&measure(&program, &dir, &chains, &load)?, lines);
    }
    Ok(())
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn version(program: &Path) -> Result<Version> {
    let output = Command::new(program).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split_whitespace().find_map(|word| word.strip_prefix('v')?.parse().ok());
    version.ok_or_else(|| format!("{} is no Fluent Bit", program.display()).into())
}

/// The least that each pipeline cost, over rounds in which they take turns.
fn measure<'a>(program: &Path, dir: &Path, chains: &'a [Chain], load: &Load) -> Result<Vec<(&'a str, Taken)>> {
    let mut least: Vec<Option<Taken>> = vec![None; chains.len()];
    for _ in 0..number("ROUNDS", 5) {
        for (chain, least) in chains.iter().zip(&mut least) {
            let taken = router::run(program, dir, chain, Sink::Null, load)?;
            *least = Some(least.map_or(taken, |least| least.min(taken)));
        }
    }
    Ok(chains.iter().zip(least).filter_map(|(chain, least)| Some((chain.name.as_str(), least?))).collect())
}

/// Memory is what the process has made itself, and the pages of its buffers' files beside it: the system takes those back
/// when it needs them.
fn report(all: &[(&str, Taken)], lines: u64) {
    let cpu = |name: &str| all.iter().find(|(chain, _)| *chain == name).map(|(_, taken)| taken.cost.cpu.as_secs_f64());
    let none = cpu("none").unwrap_or(0.0);
    let native = cpu("native").map(|native| native - none);
    println!(
        "{:<28} {:>7} {:>16} {:>14} {:>9} {:>9}",
        "pipeline", "CPU s", "µs above none", "of native", "peak MiB", "files MiB"
    );
    for (name, Taken { cost, memory }) in all {
        let above = cost.cpu.as_secs_f64() - none;
        let ratio = native.map_or("-".into(), |native| format!("{:.2}", above / native));
        let (cpu, each) = (cost.cpu.as_secs_f64(), above * 1e6 / lines as f64);
        let [own, files] = [memory.anonymous, memory.file].map(|kib| kib as f64 / 1024.0);
        println!("{name:<28} {cpu:>7.2} {each:>16.2} {ratio:>14} {own:>9.1} {files:>9.1}");
    }
}
