//! A destination that is away: what retries (FLK027), buffers (FLK028) and time at the end (FLK031) keep.
use super::{LIMIT, folder, version};
use e2e::fluent_bit::{self, process::Process, section};
use e2e::http::Head;
use firelens_pipeline::lint::{self, Context};
use std::fs;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const RECORDS: usize = 20;

/// A destination that is away until it is opened, and counts records from then on.
struct Destination {
    listener: TcpListener,
    records: Arc<AtomicUsize>,
}

impl Destination {
    /// A port that nothing answers on.
    fn closed() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    }

    fn open(port: u16) -> Destination {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is still free");
        let (records, server) = (Arc::new(AtomicUsize::new(0)), listener.try_clone().expect("a second handle"));
        let counter = Arc::clone(&records);
        thread::spawn(move || {
            for stream in server.incoming().flatten() {
                let counter = Arc::clone(&counter);
                thread::spawn(move || serve(&stream, &counter));
            }
        });
        Destination { listener, records }
    }

    fn records(&self) -> usize {
        self.records.load(Ordering::SeqCst)
    }
}

fn serve(stream: &TcpStream, counter: &AtomicUsize) {
    let mut reader = BufReader::new(stream);
    while let Ok(Some(head)) = Head::read(&mut reader) {
        let mut body = vec![0; head.length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        counter.fetch_add(body.iter().filter(|byte| **byte == b'\n').count(), Ordering::SeqCst);
        let mut stream = stream;
        if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}

/// The records of a file, each once, to a destination by HTTP.
fn configuration(dir: &Path, port: u16, grace: &str, service: &[(&str, &str)], retries: &[(&str, &str)]) -> PathBuf {
    let path = |name: &str| dir.join(name).display().to_string();
    fs::write(dir.join("in.log"), "a line\n".repeat(RECORDS)).expect("records");
    let first =
        [("Flush", "0.2"), ("Grace", grace), ("Log_Level", "info"), ("scheduler.base", "1"), ("scheduler.cap", "2")];
    let (file, db, port) = (path("in.log"), path("in.db"), port.to_string());
    let tail = [
        ("Name", "tail"),
        ("Path", &*file),
        ("DB", &*db),
        ("Tag", "web-firelens-0123"),
        ("Read_From_Head", "on"),
        ("storage.type", if service.is_empty() { "memory" } else { "filesystem" }),
    ];
    let http = [
        ("Name", "http"),
        ("Match", "*-firelens-*"),
        ("Host", "127.0.0.1"),
        ("Port", &*port),
        ("Format", "json_lines"),
    ];
    let text = section("SERVICE", &[&first, service].concat())
        + &section("INPUT", &tail)
        + &section("OUTPUT", &[&http, retries].concat());
    let config = dir.join("fluent-bit.conf");
    fs::write(&config, text).expect("a configuration");
    config
}

fn start(program: &Path, config: &Path) -> Process {
    let mut command = Command::new(program);
    command.arg("-c").arg(config);
    Process::spawn(command, &config.with_file_name("log")).expect("Fluent Bit starts")
}

fn wait_for(what: &str, process: &Process, mut done: impl FnMut(&str) -> bool) {
    let start = Instant::now();
    while !done(&process.log()) {
        assert!(start.elapsed() < LIMIT, "{what} did not come: {}", process.log());
        thread::sleep(Duration::from_millis(50));
    }
}

/// The records that arrive when the destination comes back after all retries that there are, or after three.
fn after_an_outage(program: &Path, name: &str, retries: &[(&str, &str)]) -> usize {
    let (dir, port) = (folder(name), Destination::closed());
    let config = configuration(&dir, port, "30", &[], retries);
    let process = start(program, &config);
    let given_up = |log: &str| log.contains("cannot be retried") || log.contains("retry limit");
    wait_for("the end of the retries", &process, |log| {
        given_up(log) || log.matches("failed to flush chunk").count() > 3
    });
    let lost = given_up(&process.log());
    let destination = Destination::open(port);
    if !lost {
        wait_for("the records", &process, |_| destination.records() >= RECORDS);
    }
    process.terminate(LIMIT).expect("a signal").expect("it ends");
    drop(destination.listener);
    destination.records.load(Ordering::SeqCst)
}

/// The records that arrive when the router is killed while the destination is away, and started again.
fn after_a_kill(program: &Path, name: &str, service: &[(&str, &str)]) -> usize {
    let (dir, port) = (folder(name), Destination::closed());
    let storage = dir.join("buffer").display().to_string();
    let service: Vec<(&str, &str)> =
        service.iter().map(|(key, value)| (*key, if *value == "@buffer" { &*storage } else { value })).collect();
    let config = configuration(&dir, port, "30", &service, &[("Retry_Limit", "no_limits")]);
    let process = start(program, &config);
    wait_for("the first failure", &process, |log| log.contains("failed to flush chunk"));
    process.kill().expect("a signal");
    fs::remove_file(dir.join("log")).expect("a log");
    let destination = Destination::open(port);
    let process = start(program, &config);
    // A line that is written later comes behind what was left.
    wait_for("the start", &process, |log| log.contains("inotify_fs_add"));
    let mut file = fs::File::options().append(true).open(dir.join("in.log")).expect("the file");
    file.write_all(b"the last line\n").expect("a line");
    let wanted = if service.is_empty() { 1 } else { RECORDS + 1 };
    wait_for("the records", &process, |_| destination.records() >= wanted);
    process.terminate(LIMIT).expect("a signal").expect("it ends");
    destination.records() - 1
}

/// The records that arrive when the router gets SIGTERM while the destination is away, which comes back at once or, if the
/// router does not wait for it, too late.
fn after_a_signal(program: &Path, name: &str, grace: &str) -> usize {
    let (dir, port) = (folder(name), Destination::closed());
    let config = configuration(&dir, port, grace, &[], &[("Retry_Limit", "no_limits")]);
    let mut process = start(program, &config);
    wait_for("the first failure", &process, |log| log.contains("failed to flush chunk"));
    // SAFETY: kill has no memory to break; the process was not waited for, so its number is its own.
    unsafe { libc::kill(process.pid().cast_signed(), libc::SIGTERM) };
    wait_for("the signal", &process, |log| log.contains("service will shutdown"));
    let waits = grace == "30";
    let destination = waits.then(|| Destination::open(port));
    let start = Instant::now();
    while process.runs() {
        assert!(start.elapsed() < LIMIT, "it does not end: {}", process.log());
        thread::sleep(Duration::from_millis(50));
    }
    destination.unwrap_or_else(|| Destination::open(port)).records()
}

fn finds(rule: &str, config: &Path, program: &Path) -> bool {
    let version = version(program);
    let context = Context::read(&[config.to_path_buf()], Some(version), version).expect("a configuration");
    lint::lint(&context).into_iter().any(|finding| finding.rule.code == rule)
}

#[test]
fn too_few_retries_lose_records_and_no_limit_keeps_them() {
    for program in fluent_bit::needed() {
        let bad = after_an_outage(&program, "FLK027-bad", &[]);
        let good = after_an_outage(&program, "FLK027-good", &[("Retry_Limit", "no_limits")]);
        println!("{} FLK027: {RECORDS} records sent, {bad} arrived, {good} without a limit", version(&program));
        assert_eq!((bad, good), (0, RECORDS));
        for (name, found) in [("FLK027-bad", true), ("FLK027-good", false)] {
            let config = folder_of(name).join("fluent-bit.conf");
            assert_eq!(finds("FLK027", &config, &program), found, "{name}");
        }
    }
}

#[test]
fn a_buffer_in_memory_is_lost_with_the_router_and_one_on_disk_is_not() {
    for program in fluent_bit::needed() {
        let bad = after_a_kill(&program, "FLK028-bad", &[]);
        let good = after_a_kill(&program, "FLK028-good", &[("storage.path", "@buffer"), ("storage.sync", "full")]);
        println!("{} FLK028: {RECORDS} records sent, {bad} arrived, {good} with a buffer on disk", version(&program));
        assert_eq!((bad, good), (0, RECORDS));
        for (name, found) in [("FLK028-bad", true), ("FLK028-good", false)] {
            let config = folder_of(name).join("fluent-bit.conf");
            assert_eq!(finds("FLK028", &config, &program), found, "{name}");
        }
    }
}

#[test]
fn what_is_buffered_when_grace_ends_is_lost() {
    for program in fluent_bit::needed() {
        let [bad, good] =
            [("FLK031-bad", "1"), ("FLK031-good", "30")].map(|(name, grace)| after_a_signal(&program, name, grace));
        println!("{} FLK031: {RECORDS} records sent, {bad} arrived, {good} with Grace 30", version(&program));
        assert_eq!((bad, good), (0, RECORDS));
        for (name, found) in [("FLK031-bad", true), ("FLK031-good", false)] {
            let config = folder_of(name).join("fluent-bit.conf");
            assert_eq!(finds("FLK031", &config, &program), found, "{name}");
        }
    }
}

fn folder_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("losses").join(name)
}
