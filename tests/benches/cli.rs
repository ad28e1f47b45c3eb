//! `firelens-kit test` over a million lines, beside angle-grinder (`cargo install ag`) and GoAccess.
//!
//! `FIRELENS_KIT` names the command line (`target/release/firelens-kit`); `LINES` (1000000) and `ROUNDS` (3) may be set.
use e2e::cost::{self, Cost};
use e2e::load;
use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-cli");
    fs::create_dir_all(&dir)?;
    let lines = number("LINES", 1_000_000);
    let (whole, tenth) = (dir.join("access.log"), dir.join("tenth.log"));
    let bytes = write_lines(&whole, lines)?;
    write_lines(&tenth, lines / 10)?;
    println!("{lines} lines of combined, {} MB", bytes / 1_000_000);

    let readers = readers(&whole);
    let mut least: Vec<Option<Cost>> = vec![None; readers.len()];
    for _ in 0..number("ROUNDS", 3) {
        for (reader, least) in readers.iter().zip(&mut least) {
            let cost = cost::run(&mut reader.command())?;
            *least = Some(least.map_or(cost, |least| least.min(cost)));
        }
    }
    report(&readers, &least, lines);
    let small = cost::run(&mut kit(&tenth).command())?;
    println!("firelens-kit over a tenth of the lines: {:.0} MiB at most", small.peak_kib as f64 / 1024.0);
    Ok(())
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn write_lines(path: &Path, lines: u64) -> Result<u64> {
    let mut file = BufWriter::new(File::create(path)?);
    let counts = load::write_combined(lines, &mut file)?;
    file.flush()?;
    Ok(counts.bytes)
}

/// A program that reads the log and writes JSON.
struct Reader {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
}

impl Reader {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

fn kit(log: &Path) -> Reader {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program =
        env::var_os("FIRELENS_KIT").map_or_else(|| root.join("../target/release/firelens-kit"), PathBuf::from);
    let config = root.join("benches/bench.toml").display().to_string();
    let log = log.display().to_string();
    let arguments =
        ["test", "-c", &config, "--input", "lines", "--container", "httpd", "--stream", "stdout", "--format"];
    let arguments = arguments.iter().map(|text| (*text).to_owned()).chain(["ndjson".to_owned(), log]).collect();
    Reader { name: "firelens-kit", program, arguments }
}

/// The kit, and its peers that are installed.
fn readers(log: &Path) -> Vec<Reader> {
    let file = log.display().to_string();
    let report = log.with_extension("json").display().to_string();
    let peers: [(&str, &str, &str, &[&str]); 2] = [
        ("angle-grinder", "agrind", "cargo install ag", &["-f", &file, "* | apache", "-o", "json"]),
        (
            "GoAccess",
            "goaccess",
            "apt-get install goaccess",
            &[&file, "--log-format=COMBINED", "--no-progress", "-o", &report],
        ),
    ];
    let mut readers = vec![kit(log)];
    for (name, program, install, arguments) in peers {
        match find(program) {
            Some(program) => {
                let arguments = arguments.iter().map(|text| (*text).to_owned()).collect();
                readers.push(Reader { name, program, arguments });
            }
            None => println!("{name}: skipped, it is not installed ({install})"),
        }
    }
    readers
}

fn find(program: &str) -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths).map(|dir| dir.join(program)).find(|path| path.is_file())
}

fn report(readers: &[Reader], costs: &[Option<Cost>], lines: u64) {
    println!(
        "{:<14} {:>7} {:>7} {:>9} {:>12} {:>10}",
        "reader", "wall s", "CPU s", "peak MiB", "lines a s", "kit's wall"
    );
    let ours = costs.first().copied().flatten().map(|cost| cost.wall.as_secs_f64());
    for (reader, cost) in readers.iter().zip(costs) {
        let (Some(cost), Some(ours)) = (cost, ours) else { continue };
        let wall = cost.wall.as_secs_f64();
        println!(
            "{:<14} {wall:>7.2} {:>7.2} {:>9.0} {:>12.0} {:>9.2}×",
            reader.name,
            cost.cpu.as_secs_f64(),
            cost.peak_kib as f64 / 1024.0,
            lines as f64 / wall,
            wall / ours
        );
    }
}
