//! A file's length costs time, and no memory. What takes the records answers at once, and keeps nothing.
use crate::stage::{CONFIG, REGION, line};
use e2e::cost;
use e2e::http::{self, Head};
use e2e::kit;
use flate2::{Compression, write::GzEncoder};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use tempfile::TempDir;

const MIB: u64 = 1 << 20;

/// In MiB of text.
const SMALL: u64 = 4;
const BIG: u64 = 40;

/// What a peak may differ by from one run to the next, far below what the files differ by.
const MARGIN_KIB: u64 = 16 << 10;

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::123456789012:user/test</Arn><UserId>test</UserId><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

/// A cloud that takes every batch whole. It counts their bytes.
struct Sink {
    address: SocketAddr,
    taken: Arc<AtomicU64>,
}

impl Sink {
    fn start() -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let (address, taken) = (listener.local_addr().expect("an address"), Arc::new(AtomicU64::new(0)));
        let counted = Arc::clone(&taken);
        // It lives as long as the test does.
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let taken = Arc::clone(&counted);
                thread::spawn(move || drop(serve(&connection, &taken)));
            }
        });
        Sink { address, taken }
    }
}

fn serve(connection: &TcpStream, taken: &AtomicU64) -> io::Result<()> {
    let mut stream = BufReader::new(connection);
    let mut answers = connection;
    while let Some(head) = Head::read(&mut stream)? {
        let length = io::copy(&mut (&mut stream).take(head.length as u64), &mut io::sink())?;
        let answer = match head.header("x-amz-target") {
            Some(_) => {
                taken.fetch_add(length, Ordering::Relaxed);
                let body = r#"{"FailedPutCount": 0, "RequestResponses": []}"#;
                http::answer("200 OK", &["Content-Type: application/x-amz-json-1.1"], body)
            }
            None => http::answer("200 OK", &["Content-Type: text/xml"], IDENTITY),
        };
        answers.write_all(&answer)?;
    }
    Ok(())
}

/// Lines of so many MiB, packed if the name says so: the same MiB again and again, as in a file that was appended to.
fn write_lines(path: &Path, mib: u64) {
    let mut lines = String::new();
    for number in 1.. {
        lines.push_str(&line(number, 60));
        if lines.len() as u64 >= MIB {
            break;
        }
    }
    let piece = match path.extension().is_some_and(|end| end == "gz") {
        true => packed(lines.as_bytes()),
        false => lines.into_bytes(),
    };
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    (0..mib).for_each(|_| file.write_all(&piece).expect("it is written"));
    file.flush().expect("it is written");
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text).and_then(|()| packer.finish()).expect("it is packed")
}

/// Replays a file of so many MiB of text: the largest resident set of the process, in KiB.
fn peak(name: &str, mib: u64) -> u64 {
    let (sink, folder) = (Sink::start(), TempDir::new().expect("a folder"));
    fs::write(folder.path().join("firelens.toml"), CONFIG).expect("a file");
    write_lines(&folder.path().join(name), mib);
    let mut command = kit::command();
    command.args(["replay", name, "--to", "archive", "--quiet"]).current_dir(folder.path());
    command.env("AWS_ENDPOINT_URL", format!("http://{}", sink.address)).env("AWS_REGION", REGION);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_CONFIG_FILE", "/dev/null");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let cost = cost::run(&mut command).expect("it ends well");
    let taken = sink.taken.load(Ordering::Relaxed);
    println!(
        "{name} of {mib} MiB: {} KiB at most, {taken} bytes sent, {:.1} s",
        cost.peak_kib,
        cost.wall.as_secs_f64()
    );
    assert!(taken > mib * MIB, "{taken} bytes of {mib} MiB");
    cost.peak_kib
}

fn does_not_grow(name: &str) {
    let (small, big) = (peak(name, SMALL), peak(name, BIG));
    assert!(big < small + MARGIN_KIB, "{small} KiB, and {big} KiB with a file ten times as long");
}

#[test]
fn memory_does_not_grow_with_the_file() {
    does_not_grow("access.log");
}

#[test]
fn memory_does_not_grow_with_a_packed_file() {
    does_not_grow("access.log.gz");
}
