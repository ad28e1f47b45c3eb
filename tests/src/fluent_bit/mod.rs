//! The real Fluent Bit, where there is one: `$FLUENT_BIT`, or `fluent-bit` on the `PATH`; several in `$FLUENT_BITS`.
pub mod driver;
pub mod msgpack;
pub mod odd;
pub mod process;

use crate::counterpart;
use std::env;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Where Fluent Bit is; `None` when there is none.
pub fn find() -> Option<PathBuf> {
    if let Some(path) = env::var_os("FLUENT_BIT").filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths).map(|dir| dir.join("fluent-bit")).find(|path| path.is_file())
}

/// All that there are to test with: `$FLUENT_BITS`, with colons or spaces between them, or the one of [`find`].
pub fn all() -> Vec<PathBuf> {
    let several = env::var("FLUENT_BITS").unwrap_or_default();
    let several: Vec<PathBuf> =
        several.split([':', ' ', '\n']).filter(|path| !path.is_empty()).map(PathBuf::from).collect();
    if several.is_empty() { find().into_iter().collect() } else { several }
}

/// The same, for a test that declares that it needs one.
pub fn needed() -> Vec<PathBuf> {
    let found = all();
    if found.is_empty() {
        counterpart::missing(counterpart::FLUENT_BIT);
    }
    found
}

/// A section of a configuration in the classic format.
pub fn section(name: &str, entries: &[(&str, &str)]) -> String {
    let mut text = format!("[{name}]\n");
    for (key, value) in entries {
        writeln!(text, "    {key} {value}").expect("a string takes it");
    }
    text
}

/// A configuration that reads a file. With `stop`, Fluent Bit ends at the file's end, which costs the last records that
/// `rewrite_tag` has moved; without, it goes on until it is killed.
pub fn reading(file: &Path, tag: &str, stop: bool, rest: &[String]) -> String {
    let path = file.display().to_string();
    // Deep records need more than the stack that an output has on its own before 5.1.
    let service = [("flush", "1"), ("grace", "1"), ("log_level", "error"), ("coro_stack_size", "65536")];
    let tail = [
        ("name", "tail"),
        ("path", &path),
        ("tag", tag),
        ("read_from_head", "on"),
        ("exit_on_eof", if stop { "on" } else { "off" }),
        ("buffer_max_size", "4m"),
        ("buffer_chunk_size", "1m"),
    ];
    let mut text = section("SERVICE", &service) + &section("INPUT", &tail);
    text.extend(rest.iter().map(String::as_str));
    text
}

/// The filter section that runs `module` on the records of `tag`.
pub fn wasm_filter(module: &Path, tag: &str) -> String {
    let path = module.display().to_string();
    section(
        "FILTER",
        &[
            ("name", "wasm"),
            ("match", tag),
            ("event_format", "json"),
            ("wasm_path", &path),
            ("function_name", "firelens_filter"),
        ],
    )
}

/// An output of the records of `tag` to a file, one JSON object a line.
pub fn file_output(file: &Path, tag: &str) -> String {
    let dir = file.parent().expect("a file in a folder").display().to_string();
    let name = file.file_name().expect("a file's name").to_string_lossy().into_owned();
    section("OUTPUT", &[("name", "file"), ("match", tag), ("path", &dir), ("file", &name), ("format", "plain")])
}

/// Runs Fluent Bit until `done` says so, but not longer than `limit`. Returns whether it was done in time.
///
/// # Errors
/// When it cannot be started.
pub fn run_until(command: &mut Command, limit: Duration, mut done: impl FnMut() -> bool) -> io::Result<bool> {
    let mut child = command.spawn()?;
    let start = Instant::now();
    let mut finished = false;
    while !finished && start.elapsed() < limit && child.try_wait()?.is_none() {
        thread::sleep(Duration::from_millis(50));
        finished = done();
    }
    child.kill()?;
    child.wait()?;
    Ok(finished || done())
}

/// The call that runs `program` with the configuration at `config`, its output thrown away.
pub fn command(program: &Path, config: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("-q").arg("-c").arg(config);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}
