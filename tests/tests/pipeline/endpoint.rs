//! What stands between Fluent Bit and the cloud: TLS with a certificate of the test's own, and the faults of a real network.
use crate::authority::Authority;
use rustls::{ServerConnection, StreamOwned};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It gets to the cloud.
    Up,
    /// Nobody listens.
    Away,
    /// The answer is that there are too many.
    Throttled,
    /// The connection breaks before all of it is read.
    Reset,
}

/// A TLS server on a port of its own that hands requests on to the cloud.
pub struct Endpoint {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    cloud: SocketAddr,
    tls: Arc<rustls::ServerConfig>,
    mode: Mutex<Mode>,
    /// Requests that were not handed on.
    failed: AtomicU64,
    /// Requests that were.
    passed: AtomicU64,
    closed: AtomicBool,
    /// moto's Kinesis loses records of requests that it answers at the same time.
    one_by_one: Mutex<()>,
}

impl Shared {
    fn mode(&self) -> Mode {
        *self.mode.lock().expect("no panic holds it")
    }
}

impl Endpoint {
    /// An endpoint in front of the cloud at this address.
    pub fn start(authority: &Authority, cloud: SocketAddr, mode: Mode) -> io::Result<Endpoint> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            cloud,
            tls: authority.server(),
            mode: Mutex::new(mode),
            failed: AtomicU64::new(0),
            passed: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            one_by_one: Mutex::new(()),
        });
        let listening = Arc::clone(&shared);
        thread::spawn(move || listen(listener, port, &listening));
        Ok(Endpoint { port, shared })
    }

    /// From now on requests fare so.
    pub fn set(&self, mode: Mode) {
        *self.shared.mode.lock().expect("no panic holds it") = mode;
    }

    /// How many requests (or connections) failed so far.
    pub fn failed(&self) -> u64 {
        self.shared.failed.load(Ordering::Relaxed)
    }

    /// How many requests the cloud has answered so far.
    pub fn passed(&self) -> u64 {
        self.shared.passed.load(Ordering::Relaxed)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
    }
}

/// Takes connections while the endpoint is not away.
fn listen(first: TcpListener, port: u16, shared: &Arc<Shared>) {
    let mut listener = Some(first);
    while !shared.closed.load(Ordering::Relaxed) {
        match (shared.mode(), &listener) {
            (Mode::Away, _) => listener = None,
            (_, None) => listener = TcpListener::bind(("127.0.0.1", port)).ok(),
            (_, Some(listener)) => {
                listener.set_nonblocking(true).expect("a listener can do that");
                while let Ok((connection, _)) = listener.accept() {
                    let shared = Arc::clone(shared);
                    thread::spawn(move || drop(serve(connection, &shared)));
                }
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn serve(connection: TcpStream, shared: &Shared) -> io::Result<()> {
    connection.set_nonblocking(false)?;
    let socket = connection.try_clone()?;
    let tls = ServerConnection::new(Arc::clone(&shared.tls)).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(tls, connection));
    loop {
        let Some(head) = read_head(&mut stream)? else { return Ok(()) };
        let mode = shared.mode();
        if matches!(mode, Mode::Reset | Mode::Away) {
            shared.failed.fetch_add(1, Ordering::Relaxed);
            return reset(&socket);
        }
        let mut body = vec![0; head.length];
        stream.read_exact(&mut body)?;
        let answer = match mode {
            Mode::Throttled => {
                shared.failed.fetch_add(1, Ordering::Relaxed);
                throttled()
            }
            _ => {
                let kinesis = head.lines.iter().any(|line| line.contains("Kinesis_"));
                let turn = kinesis.then(|| shared.one_by_one.lock().expect("no panic holds it"));
                let answer = hand_on(shared.cloud, &head, &body)?;
                drop(turn);
                shared.passed.fetch_add(1, Ordering::Relaxed);
                answer
            }
        };
        stream.get_mut().write_all(&answer)?;
        stream.get_mut().flush()?;
    }
}

/// The lines in front of a request's body.
struct Head {
    lines: Vec<String>,
    length: usize,
}

/// `None` when the client has gone.
fn read_head(stream: &mut impl BufRead) -> io::Result<Option<Head>> {
    let mut lines: Vec<String> = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line.trim_end().is_empty() {
            let length =
                lines.iter().find_map(|line| header(line, "content-length")).and_then(|text| text.parse().ok());
            return Ok(Some(Head { lines, length: length.unwrap_or(0) }));
        }
        lines.push(line.trim_end().to_owned());
    }
}

fn header<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = line.split_once(':')?;
    key.eq_ignore_ascii_case(name).then(|| value.trim())
}

/// Sends the request to the cloud and returns its answer, with its length said and the connection kept.
fn hand_on(cloud: SocketAddr, head: &Head, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut upstream = TcpStream::connect(cloud)?;
    let kept = head.lines.iter().filter(|line| header(line, "connection").is_none());
    let mut request = kept.fold(String::new(), |text, line| text + line + "\r\n");
    request.push_str("Connection: close\r\n\r\n");
    upstream.write_all(request.as_bytes())?;
    upstream.write_all(body)?;
    let mut upstream = BufReader::new(upstream);
    let answer = read_head(&mut upstream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut content = Vec::new();
    upstream.read_to_end(&mut content)?;
    let dropped = ["connection", "content-length", "transfer-encoding"];
    let kept = answer.lines.iter().filter(|line| dropped.iter().all(|name| header(line, name).is_none()));
    let text = kept.fold(String::new(), |text, line| text + line + "\r\n");
    let mut bytes = format!("{text}Content-Length: {}\r\n\r\n", content.len()).into_bytes();
    bytes.extend_from_slice(&content);
    Ok(bytes)
}

/// As the AWS services that speak JSON say it.
fn throttled() -> Vec<u8> {
    let body = r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;
    let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.1";
    format!("{head}\r\nx-amzn-ErrorType: ThrottlingException\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// Ends a connection at once, with what is still unread.
fn reset(socket: &TcpStream) -> io::Result<()> {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    // SAFETY: the option is a linger, which lives through the call, and the socket is open.
    unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        )
    };
    socket.shutdown(Shutdown::Read)
}
