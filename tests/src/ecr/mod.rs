//! A registry that behaves like Amazon ECR, where ECR differs from docker-registry:
//!
//! - `PATCH` is answered with 201, and the `Range` of its answer stays where the first chunk ended, though all chunks are
//!   stored (aws/containers-roadmap#2831, jdx/mise#11376, crashappsec/chalk#682). A chunk that begins elsewhere gets 416.
//! - What has arrived of an upload cannot be asked: `GET` gets 405.
//! - A `PUT` with a whole blob must not say a range (openai/tart#179).
//! - A push does not create a repository, and mounting a blob begins an upload instead.
//! - Blobs are read from another host, whose signed address takes no other credentials.
//! - Tags are immutable: a second `PUT` of a tag gets 400, also with the same manifest.
//! - Every request carries the user `AWS` and the token, as Basic authentication.
use crate::http::{self, Head};
use body::Body;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

mod body;
mod upload;

/// The only user.
pub const USER: &str = "AWS";

/// What moto gives as the token of account 123456789012.
pub const TOKEN: &str = "123456789012-auth-token";

/// `AWS:123456789012-auth-token`
const BASIC: &str = "Basic QVdTOjEyMzQ1Njc4OTAxMi1hdXRoLXRva2Vu";

/// The registry, on a port of its own.
pub struct Ecr {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

/// A request as it came, without its body.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `PUT /v2/shop/router/manifests/1.0`
    pub call: String,
    pub head: Head,
    /// How many bytes of its body came.
    pub bytes: usize,
    /// The answer's status; 0 when the connection was broken.
    pub status: u16,
}

struct Shared {
    /// Where layers are read from.
    store: SocketAddr,
    state: Mutex<State>,
    /// The next `PUT` of a blob that is longer breaks after so many bytes; `usize::MAX` for none.
    break_after: AtomicUsize,
    /// The answer to the next manifest is lost.
    lose_manifest: AtomicBool,
    closed: AtomicBool,
}

#[derive(Default)]
struct State {
    repositories: BTreeSet<String>,
    /// By repository and digest.
    blobs: HashMap<(String, String), Arc<Vec<u8>>>,
    /// Content and media type, by repository and digest.
    manifests: HashMap<(String, String), (Vec<u8>, String)>,
    /// Digests, by repository and tag.
    tags: HashMap<(String, String), String>,
    uploads: HashMap<String, upload::Upload>,
    seen: Vec<Seen>,
    begun: usize,
}

/// An answer without its end.
struct Answer {
    status: &'static str,
    headers: Vec<String>,
    body: Vec<u8>,
}

impl Ecr {
    /// Starts one with these repositories.
    ///
    /// # Errors
    /// Without a free port.
    pub fn start(repositories: &[&str]) -> io::Result<Ecr> {
        let (registry, store) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
        let address = registry.local_addr()?;
        let repositories = repositories.iter().map(|name| (*name).to_owned()).collect();
        let shared = Arc::new(Shared {
            store: store.local_addr()?,
            state: Mutex::new(State { repositories, ..State::default() }),
            break_after: AtomicUsize::new(usize::MAX),
            lose_manifest: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        });
        for (listener, serve) in [(registry, serve as fn(&TcpStream, &Shared) -> io::Result<()>), (store, serve_store)]
        {
            let shared = Arc::clone(&shared);
            thread::spawn(move || listen(&listener, &shared, serve));
        }
        Ok(Ecr { address, shared })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The connection of the next `PUT` of a blob that is longer breaks after so many bytes.
    pub fn break_after(&self, bytes: usize) {
        self.shared.break_after.store(bytes, Ordering::Relaxed);
    }

    /// The next manifest with a tag is stored, and its answer lost.
    pub fn lose_manifest(&self) {
        self.shared.lose_manifest.store(true, Ordering::Relaxed);
    }

    /// The requests whose call contains this text.
    pub fn seen(&self, call: &str) -> Vec<Seen> {
        self.shared.state().seen.iter().filter(|seen| seen.call.contains(call)).cloned().collect()
    }

    /// Forgets the requests.
    pub fn forget(&self) {
        self.shared.state().seen.clear();
    }

    /// The digest that a tag leads to.
    pub fn tag(&self, repository: &str, tag: &str) -> Option<String> {
        self.shared.state().tags.get(&(repository.to_owned(), tag.to_owned())).cloned()
    }
}

impl Drop for Ecr {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        // The listeners wait in `accept`.
        for address in [self.address, self.shared.store] {
            let _ = TcpStream::connect(address);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic holds it")
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>, serve: fn(&TcpStream, &Shared) -> io::Result<()>) {
    for connection in listener.incoming() {
        if shared.closed.load(Ordering::Relaxed) {
            return;
        }
        let Ok(connection) = connection else { continue };
        let shared = Arc::clone(shared);
        thread::spawn(move || drop(serve(&connection, &shared)));
    }
}

fn serve(connection: &TcpStream, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(connection);
    while let Some(head) = Head::read(&mut stream)? {
        if head.header("expect").is_some() {
            (&*connection).write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let call = call(&head);
        let is_upload = call.starts_with("PUT ") && call.contains("/blobs/uploads/");
        let limit = if is_upload { shared.break_after.load(Ordering::Relaxed) } else { usize::MAX };
        let mut seen = Seen { call: call.clone(), bytes: 0, status: 0, head: head.clone() };
        let body = match body::read(&mut stream, &head, limit)? {
            Body::Whole(body) => body,
            Body::Broken(body) => {
                shared.break_after.store(usize::MAX, Ordering::Relaxed);
                shared.state().seen.push(Seen { bytes: body.len(), ..seen });
                return http::reset(connection);
            }
        };
        seen.bytes = body.len();
        let answer = answer(&call, &head, body, shared);
        let tagged = call.starts_with("PUT ") && call.contains("/manifests/") && !call.contains("sha256:");
        let lost = tagged && shared.lose_manifest.swap(false, Ordering::Relaxed);
        seen.status = if lost { 0 } else { answer.code() };
        shared.state().seen.push(seen);
        if lost {
            return http::reset(connection);
        }
        (&*connection).write_all(&answer.bytes(call.starts_with("HEAD ")))?;
        if head.header("connection") == Some("close") {
            return Ok(());
        }
    }
    Ok(())
}

/// The method and the target.
fn call(head: &Head) -> String {
    head.lines.first().map_or("", String::as_str).trim_end_matches(" HTTP/1.1").to_owned()
}

fn answer(call: &str, head: &Head, body: Vec<u8>, shared: &Shared) -> Answer {
    if head.header("authorization") != Some(BASIC) {
        let host = head.header("host").unwrap_or_default();
        let challenge = format!(r#"WWW-Authenticate: Basic realm="https://{host}/",service="ecr.amazonaws.com""#);
        return Answer { headers: vec![challenge], ..Answer::new("401 Unauthorized") };
    }
    let (method, target) = call.split_once(' ').unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path == "/v2/" {
        return Answer::new("200 OK");
    }
    let mut state = shared.state();
    let rest = path.strip_prefix("/v2/").unwrap_or_default();
    let Some((repository, kind, name)) = split(rest) else { return Answer::error("404 Not Found", "UNSUPPORTED", "") };
    if !state.repositories.contains(repository) {
        let said = format!("The repository with name '{repository}' does not exist in the registry");
        return Answer::error("404 Not Found", "NAME_UNKNOWN", &said);
    }
    match (kind, method) {
        ("uploads", _) => upload::answer(&mut state, method, repository, name, query, head, body),
        ("blobs", "GET" | "HEAD") => blob(&state, method, repository, name, shared.store),
        ("manifests", "GET" | "HEAD") => manifest(&state, repository, name),
        ("manifests", "PUT") => put_manifest(&mut state, repository, name, head, body),
        _ => Answer::error("405 Method Not Allowed", "UNSUPPORTED", "The operation is unsupported."),
    }
}

/// `shop/router/blobs/uploads/ID`: the repository, `uploads`, and the rest.
fn split(path: &str) -> Option<(&str, &str, &str)> {
    for (between, kind) in [("/blobs/uploads/", "uploads"), ("/blobs/", "blobs"), ("/manifests/", "manifests")] {
        if let Some((repository, name)) = path.split_once(between) {
            return Some((repository, kind, name));
        }
    }
    None
}

fn blob(state: &State, method: &str, repository: &str, digest: &str, store: SocketAddr) -> Answer {
    let Some(blob) = state.blobs.get(&(repository.to_owned(), digest.to_owned())) else {
        return Answer::error("404 Not Found", "BLOB_UNKNOWN", "The blob does not exist");
    };
    if method == "HEAD" {
        return Answer::new("200 OK").with("Docker-Content-Digest", digest).with("Content-Length", blob.len());
    }
    let place = format!("http://{store}/{repository}/{digest}?X-Amz-Signature=of-the-registry");
    Answer::new("307 Temporary Redirect").with("Location", place)
}

fn manifest(state: &State, repository: &str, name: &str) -> Answer {
    let tagged = state.tags.get(&(repository.to_owned(), name.to_owned()));
    let digest = tagged.cloned().unwrap_or_else(|| name.to_owned());
    match state.manifests.get(&(repository.to_owned(), digest.clone())) {
        Some((content, kind)) => Answer {
            body: content.clone(),
            ..Answer::new("200 OK").with("Content-Type", kind).with("Docker-Content-Digest", digest)
        },
        None => Answer::error("404 Not Found", "MANIFEST_UNKNOWN", "Requested image not found"),
    }
}

fn put_manifest(state: &mut State, repository: &str, name: &str, head: &Head, body: Vec<u8>) -> Answer {
    let found = digest(&body);
    let content: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let list = |key: &str| content[key].as_array().cloned().unwrap_or_default();
    let own = |digest: &str| (repository.to_owned(), digest.to_owned());
    let text = |of: &serde_json::Value| of["digest"].as_str().unwrap_or_default().to_owned();
    let blobs = list("layers").into_iter().chain(content.get("config").cloned());
    if let Some(missing) = blobs.map(|of| text(&of)).find(|digest| !state.blobs.contains_key(&own(digest))) {
        return Answer::error(
            "404 Not Found",
            "BLOB_UNKNOWN",
            &format!("Layers with digests '{missing}' do not exist"),
        );
    }
    let images = list("manifests").iter().map(text).collect::<Vec<_>>();
    if let Some(missing) = images.iter().find(|digest| !state.manifests.contains_key(&own(digest))) {
        return Answer::error("404 Not Found", "MANIFEST_UNKNOWN", &format!("Images '{missing}' do not exist"));
    }
    if name.starts_with("sha256:") && name != found {
        return Answer::error("400 Bad Request", "DIGEST_INVALID", "The digest is not that of the manifest");
    }
    if !name.starts_with("sha256:") {
        if state.tags.contains_key(&own(name)) {
            let said = format!(
                "The image tag '{name}' already exists in the '{repository}' repository and cannot be overwritten because \
                 the repository is immutable."
            );
            return Answer::error("400 Bad Request", "TAG_INVALID", &said);
        }
        state.tags.insert(own(name), found.clone());
    }
    let kind = head.header("content-type").unwrap_or_default().to_owned();
    state.manifests.insert(own(&found), (body, kind));
    Answer::new("201 Created").with("Docker-Content-Digest", found)
}

/// A bucket of S3, behind a signed address.
fn serve_store(connection: &TcpStream, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(connection);
    while let Some(head) = Head::read(&mut stream)? {
        let call = call(&head);
        let path = call.trim_start_matches("GET /").split('?').next().unwrap_or_default();
        let (repository, digest) = path.rsplit_once('/').unwrap_or_default();
        let found = shared.state().blobs.get(&(repository.to_owned(), digest.to_owned())).cloned();
        let answer = match found {
            _ if head.header("authorization").is_some() => Answer::new("400 Only one auth mechanism allowed"),
            Some(blob) => part(&blob, head.header("range")),
            None => Answer::new("404 Not Found"),
        };
        (&*connection).write_all(&answer.bytes(false))?;
    }
    Ok(())
}

/// `Range: bytes=5-`
fn part(blob: &[u8], range: Option<&str>) -> Answer {
    let start = range.and_then(|range| range.strip_prefix("bytes=")?.trim_end_matches('-').parse::<usize>().ok());
    match start {
        None => Answer { body: blob.to_vec(), ..Answer::new("200 OK") },
        Some(start) if start < blob.len() => {
            let range = format!("bytes {start}-{}/{}", blob.len() - 1, blob.len());
            Answer { body: blob[start..].to_vec(), ..Answer::new("206 Partial Content").with("Content-Range", range) }
        }
        Some(_) => Answer::new("416 Range Not Satisfiable"),
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

impl Answer {
    fn new(status: &'static str) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new() }
    }

    fn with(mut self, name: &str, value: impl ToString) -> Answer {
        self.headers.push(format!("{name}: {}", value.to_string()));
        self
    }

    fn error(status: &'static str, code: &str, message: &str) -> Answer {
        let body = json!({ "errors": [{ "code": code, "message": message }] }).to_string().into_bytes();
        Answer { body, ..Answer::new(status).with("Content-Type", "application/json; charset=utf-8") }
    }

    fn code(&self) -> u16 {
        self.status.split(' ').next().and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// An answer to `HEAD` has no body, and says the length of the one that `GET` has.
    fn bytes(&self, head_only: bool) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {}\r\n", self.status);
        self.headers.iter().for_each(|line| text += &format!("{line}\r\n"));
        if !self.headers.iter().any(|line| line.starts_with("Content-Length:")) {
            text += &format!("Content-Length: {}\r\n", self.body.len());
        }
        let mut bytes = (text + "\r\n").into_bytes();
        bytes.extend_from_slice(if head_only { b"" } else { &self.body });
        bytes
    }
}
