//! The server on loopback.
//!
//! Other pages in the same browser reach it too, and other users of the machine. So a path begins with a token that only who
//! started it knows, the `Host` has to be its own address (a name that leads here is another site's: DNS rebinding), an
//! `Origin` has to be its own, and nothing but the one file is read or written.
use super::request::{Bad, Request};
use crate::{Error, output};
use serde_json::json;
use std::{
    fs, io,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Requests that are answered at once; a browser opens six connections.
const AT_ONCE: usize = 16;

/// What is read, in bytes, of a request that was refused before its end.
const LEFT_OVER: u64 = 8 << 20;

/// What every answer says: it is for this page alone, and is kept nowhere.
const HEADERS: &str = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n\
                       Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n\
                       Cross-Origin-Opener-Policy: same-origin\r\nConnection: close\r\n";

/// A server that has its port.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

struct Shared {
    address: SocketAddr,
    token: String,
    page: &'static [u8],
    path: PathBuf,
    /// The file as the page knows it; `None`: there is none yet.
    known: Mutex<Option<String>>,
    busy: AtomicUsize,
}

/// An answer.
struct Answer {
    status: &'static str,
    /// Its type, and other headers.
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(status: &'static str, text: &str) -> Answer {
        Answer { status, headers: "Content-Type: text/plain; charset=utf-8\r\n".into(), body: text.as_bytes().into() }
    }
}

impl Server {
    /// Takes a port on loopback (0: any) for this page and this file, which need not be there.
    ///
    /// # Errors
    /// When the port is taken, or the file cannot be read.
    pub fn bind(port: u16, page: &'static [u8], path: &Path) -> Result<Server, Error> {
        let known = read(path)?;
        let failed = |error: io::Error| Error::new(format!("cannot listen on 127.0.0.1:{port}: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let mut random = [0; 16];
        getrandom::fill(&mut random)
            .map_err(|error| Error::new(format!("the system has no random numbers: {error}")))?;
        let token = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let (known, busy) = (Mutex::new(known), AtomicUsize::new(0));
        let shared = Shared { address, token, page, path: path.to_owned(), known, busy };
        Ok(Server { listener, shared: Arc::new(shared) })
    }

    /// Where the page is.
    pub fn url(&self) -> String {
        format!("http://{}/{}/", self.shared.address, self.shared.token)
    }

    /// Answers until the process ends.
    ///
    /// # Errors
    /// When no connection can be taken any more.
    pub fn run(self) -> Result<(), Error> {
        for stream in self.listener.incoming() {
            match stream {
                Ok(stream) => self.shared.take(stream),
                // The one that asked is gone again.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(Error::new(format!("cannot take a connection: {error}"))),
            }
        }
        Ok(())
    }
}

impl Shared {
    /// Answers in a thread of its own; who comes while all are busy is sent away.
    fn take(self: &Arc<Shared>, mut stream: TcpStream) {
        if self.busy.fetch_add(1, Ordering::Relaxed) >= AT_ONCE {
            self.busy.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let shared = Arc::clone(self);
        thread::spawn(move || {
            // A connection that breaks is nobody's loss.
            _ = shared.serve(&mut stream);
            shared.busy.fetch_sub(1, Ordering::Relaxed);
        });
    }

    fn serve(&self, stream: &mut TcpStream) -> io::Result<()> {
        let answer = match Request::read(stream) {
            Ok(request) => self.answer(&request),
            Err(Bad::Status(status)) => Answer::text(status, status),
            Err(Bad::Gone) => return Ok(()),
        };
        let Answer { status, headers, body } = answer;
        let head = format!("HTTP/1.1 {status}\r\n{headers}{HEADERS}Content-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes())?;
        stream.write_all(&body)?;
        // What is still coming is read, or else the system would reset the connection, and the answer be lost.
        stream.shutdown(Shutdown::Write)?;
        io::copy(&mut stream.take(LEFT_OVER), &mut io::sink()).map(drop)
    }

    fn answer(&self, request: &Request) -> Answer {
        if let Err(why) = self.admit(request) {
            return Answer::text("403 Forbidden", why);
        }
        let Some(path) = self.path_after_token(&request.target) else {
            return Answer::text(
                "404 Not Found",
                "there is nothing here: open the URL that `firelens-kit playground` printed",
            );
        };
        match (request.method.as_str(), path) {
            ("GET", "") => Answer {
                status: "200 OK",
                headers: "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n".into(),
                body: self.page.to_vec(),
            },
            ("GET", "file") => self.read(),
            ("PUT", "file") => self.write(request),
            (_, "" | "file") => {
                Answer::text("405 Method Not Allowed", "the page is read, and the file is read and put")
            }
            _ => Answer::text("404 Not Found", "there is nothing here"),
        }
    }

    /// Whether the request is from the page itself, or from somebody who typed its URL.
    fn admit(&self, request: &Request) -> Result<(), &'static str> {
        let address = self.address.to_string();
        if request.header("host") != Some(&address) {
            return Err("this server is called by its address only");
        }
        let own = format!("http://{address}");
        if request.has("origin") && request.header("origin") != Some(&own) {
            return Err("another site has no business here");
        }
        let site = request.header("sec-fetch-site").unwrap_or("none");
        if request.has("sec-fetch-site") && !["same-origin", "none"].contains(&site) {
            return Err("another site has no business here");
        }
        // What a form of another site cannot send.
        let is_toml = request.header("content-type") == Some("application/toml");
        if request.method != "GET" && (request.header("origin") != Some(&own) || !is_toml) {
            return Err("only the page itself may write");
        }
        Ok(())
    }

    /// What follows the token, which is compared in a time that says nothing about it.
    fn path_after_token<'a>(&self, target: &'a str) -> Option<&'a str> {
        let (token, path) = target.strip_prefix('/')?.split_once('/')?;
        let pairs = token.bytes().zip(self.token.bytes());
        let differs = pairs.fold(token.len() ^ self.token.len(), |differs, (a, b)| differs | usize::from(a ^ b));
        (differs == 0).then_some(path)
    }

    fn read(&self) -> Answer {
        match read(&self.path) {
            Ok(text) => {
                let body = json!({ "path": self.path, "text": text }).to_string();
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) = text;
                Answer { status: "200 OK", headers: "Content-Type: application/json\r\n".into(), body: body.into() }
            }
            Err(error) => Answer::text("500 Internal Server Error", &error.to_string()),
        }
    }

    /// Writes the file, unless somebody else did since the page read or wrote it.
    fn write(&self, request: &Request) -> Answer {
        let Ok(text) = std::str::from_utf8(&request.body) else {
            return Answer::text("400 Bad Request", "a firelens.toml is UTF-8");
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.path.display();
        match read(&self.path) {
            Ok(now) if now == *known => {}
            Ok(_) => {
                let why =
                    format!("{name} was changed by somebody else: reload the page, which loses what is not saved");
                return Answer::text("409 Conflict", &why);
            }
            Err(error) => return Answer::text("500 Internal Server Error", &error.to_string()),
        }
        match output::write_file(&self.path, text.as_bytes()) {
            Ok(()) => {
                *known = Some(text.to_string());
                Answer::text("200 OK", &format!("{name} is saved"))
            }
            Err(error) => Answer::text("500 Internal Server Error", &error.to_string()),
        }
    }
}

/// The file's text; `None` when there is none.
fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(Error::new(format!("{} is not UTF-8", path.display()))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", path, &error)),
    }
}
