//! What stands between Fluent Bit and the cloud: TLS with a certificate of the test's own, and the faults of a real network.
use crate::authority::Authority;
use e2e::http::{self, Head};
use rustls::{ServerConnection, StreamOwned};
use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
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
        let Some(head) = Head::read(&mut stream)? else { return Ok(()) };
        let mode = shared.mode();
        if matches!(mode, Mode::Reset | Mode::Away) {
            shared.failed.fetch_add(1, Ordering::Relaxed);
            return http::reset(&socket);
        }
        let mut body = vec![0; head.length];
        stream.read_exact(&mut body)?;
        let answer = match mode {
            Mode::Throttled => {
                shared.failed.fetch_add(1, Ordering::Relaxed);
                http::json_error("400 Bad Request", "ThrottlingException", "Rate exceeded")
            }
            _ => {
                let kinesis = head.lines.iter().any(|line| line.contains("Kinesis_"));
                let turn = kinesis.then(|| shared.one_by_one.lock().expect("no panic holds it"));
                let answer = http::hand_on(shared.cloud, &head, &body)?;
                drop(turn);
                shared.passed.fetch_add(1, Ordering::Relaxed);
                answer
            }
        };
        stream.get_mut().write_all(&answer)?;
        stream.get_mut().flush()?;
    }
}
