//! Any bytes as the answers of a registry, one part for each request: a status, headers, an empty line, a body. The image is
//! refused with a clean message, or each of its blobs is what its digest says, and the password goes nowhere else.
#![no_main]
use firelens_fuzz::oci;
use firelens_oci::{RegistryAuth, Source};
use libfuzzer_sys::fuzz_target;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{LazyLock, Mutex};
use std::thread;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));

/// The answers that are still to be given, the last one first.
static ANSWERS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

static REGISTRY: LazyLock<SocketAddr> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || drop(serve(&connection, address)));
        }
    });
    address
});

/// Those that mean that a try can be repeated are not among them: the pauses between the tries are long.
const STATUSES: [&str; 6] =
    ["200 OK", "206 Partial Content", "307 Moved", "400 Bad", "401 Unauthorized", "404 Not Found"];

const HEADERS: [&str; 5] = ["www-authenticate", "docker-content-digest", "content-range", "location", "content-type"];

fn serve(connection: &TcpStream, own: SocketAddr) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection).lines();
    let mut answers = connection;
    loop {
        let (mut request, mut length) = (Vec::new(), 0);
        for line in lines.by_ref() {
            let line = line?;
            if line.is_empty() {
                break;
            }
            length += line.len();
            request.push(line);
        }
        if request.is_empty() {
            return Ok(());
        }
        assert!(length < 64 << 10, "a request is too long");
        let part = ANSWERS.lock().expect("no panic holds it").pop().unwrap_or_default();
        answers.write_all(&answer(&part, request[0].starts_with("HEAD "), own))?;
    }
}

/// `2` and a line's end, headers, an empty line, and the body: a right answer of HTTP.
fn answer(part: &[u8], head: bool, own: SocketAddr) -> Vec<u8> {
    let text = String::from_utf8_lossy(part).replace("SELF", &own.to_string());
    let (top, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = top.trim_start().lines();
    let status = lines.next().and_then(|line| line.bytes().next()).unwrap_or_default();
    let mut answer = format!("HTTP/1.1 {}\r\n", STATUSES[usize::from(status) % STATUSES.len()]);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let visible = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        // No machine but this one is asked.
        let leads_away = value.contains("//") && !value.contains(&format!("//{own}/"));
        if visible && !leads_away && HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
            answer += &format!("{name}:{value}\r\n");
        }
    }
    answer += &format!("Content-Length: {}\r\n\r\n", body.len());
    let mut answer = answer.into_bytes();
    answer.extend_from_slice(if head { b"" } else { body.as_bytes() });
    answer
}

fuzz_target!(|input: &[u8]| {
    let mut parts = oci::parts(input);
    parts.reverse();
    *ANSWERS.lock().expect("no panic holds it") = parts;
    let source = Source::parse(&format!("docker://{}/a/b:1", *REGISTRY)).expect("a reference");
    let auth = RegistryAuth::Login { user: "shop".to_string(), password: "geheim".to_string() };
    RUNTIME.block_on(oci::build(&source, auth));
});
