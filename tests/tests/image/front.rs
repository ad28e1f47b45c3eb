//! What stands in front of some registries, before docker-registry: tokens for each repository and what is done there, as ghcr.io
//! and Docker Hub want them (distribution's "Token Authentication Specification"); and a network that loses answers.
use crate::base::Base;
use crate::stage::{Run, Stage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2e::http::{self, Head};
use e2e::registry::Registry;
use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A server before a registry that lets everybody in.
struct Front {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    address: SocketAddr,
    registry: SocketAddr,
    tokens: bool,
    /// How many answers to chunks are still to be lost. The chunks arrive.
    lose: AtomicUsize,
    /// The scopes that tokens were given for.
    scopes: Mutex<Vec<String>>,
    /// Bytes of chunks that came.
    chunks: AtomicUsize,
}

impl Front {
    fn start(registry: &Registry, tokens: bool, lose: usize) -> Front {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (lose, scopes, chunks) = (AtomicUsize::new(lose), Mutex::default(), AtomicUsize::new(0));
        let state = Arc::new(State { address, registry: registry.address, tokens, lose, scopes, chunks });
        let shared = Arc::clone(&state);
        // It lives as long as the tests do.
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || drop(serve(&connection, &state)));
            }
        });
        Front { address, state }
    }
}

fn serve(connection: &TcpStream, state: &State) -> io::Result<()> {
    let mut stream = BufReader::new(connection);
    let mut answers = connection;
    while let Some(head) = Head::read(&mut stream)? {
        let mut body = vec![0; head.length];
        stream.read_exact(&mut body)?;
        let request = head.lines.first().map_or("", String::as_str).to_owned();
        let answer = match () {
            () if request.starts_with("GET /token?") => token(&request, &head, state),
            () if state.tokens && !may(&request, &head) => unauthorized(state),
            () => http::hand_on(state.registry, &head, &body)?,
        };
        if request.starts_with("PATCH ") {
            state.chunks.fetch_add(body.len(), Ordering::Relaxed);
            let lost = |left: usize| left.checked_sub(1);
            if state.lose.fetch_update(Ordering::Relaxed, Ordering::Relaxed, lost).is_ok() {
                return http::reset(connection);
            }
        }
        answers.write_all(&answer)?;
    }
    Ok(())
}

/// Whoever knows the password gets what is asked for.
fn token(request: &str, head: &Head, state: &State) -> Vec<u8> {
    let basic = format!("Basic {}", STANDARD.encode("shop:geheim"));
    if head.header("authorization") != Some(&basic) {
        return http::answer("401 Unauthorized", &[], r#"{"errors":[]}"#);
    }
    let scope = request.split("scope=").nth(1).and_then(|rest| rest.split(['&', ' ']).next()).unwrap_or_default();
    let scope = scope.replace("%3A", ":").replace("%2F", "/").replace("%2C", ",");
    state.scopes.lock().expect("no panic holds it").push(scope.clone());
    http::answer("200 OK", &["Content-Type: application/json"], &format!(r#"{{"token":"{scope}"}}"#))
}

/// A token is good for its own repository, and to write there if it says so.
fn may(request: &str, head: &Head) -> bool {
    let token = head.header("authorization").and_then(|text| text.strip_prefix("Bearer repository:"));
    let Some((repository, actions)) = token.and_then(|token| token.split_once(':')) else { return false };
    let reads = ["GET ", "HEAD "].iter().any(|method| request.starts_with(method));
    request.contains(&format!("/v2/{repository}/")) && (reads || actions.contains("push"))
}

fn unauthorized(state: &State) -> Vec<u8> {
    let challenge = format!(r#"WWW-Authenticate: Bearer realm="http://{}/token",service="test""#, state.address);
    http::answer("401 Unauthorized", &[&challenge], r#"{"errors":[{"code":"UNAUTHORIZED","message":"sign in"}]}"#)
}

/// A stage, an open registry with its storage in it, and the front.
fn set(base: &Base, tokens: bool, lose: usize) -> (Stage, Registry, Front) {
    let stage = Stage::on(base);
    let registry = Registry::start(stage.folder.path());
    let front = Front::start(&registry, tokens, lose);
    (stage, registry, front)
}

fn copy(stage: &Stage, registry: &Registry, pushed: &serde_json::Value) {
    let digest = pushed["digest"].as_str().expect("a digest");
    let image = format!("docker://{}/shop/router@{digest}", registry.address);
    let args = ["--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", &image, "dir:copy"];
    stage.skopeo(&args);
}

#[test]
fn tokens_are_asked_for_where_the_registry_wants_them() {
    let (stage, registry, front) = set(&Base::default(), true, 0);
    stage.login(&front.address.to_string(), "shop", "geheim");
    let target = format!("{}/shop/router", front.address);
    let args = ["push", &target, "--base", "oci:base", "--format", "json"];
    let pushed = stage.kit(&args).json();
    assert_eq!(pushed["blobs"]["moved"], 6);
    copy(&stage, &registry, &pushed);
    let scopes = front.state.scopes.lock().expect("no panic holds it").clone();
    assert!(scopes.contains(&"repository:shop/router:pull,push".to_owned()), "{scopes:?}");
    stage.login(&front.address.to_string(), "shop", "falsch");
    stage.kit(&args).fails_with(&["the registry does not accept the credentials"]);
}

#[test]
fn a_chunk_whose_answer_is_lost_does_not_spoil_the_layer() {
    let base = Base { bytes: 20 << 20, architectures: &["amd64"], ..Base::default() };
    let (stage, registry, front) = set(&base, false, 1);
    let target = format!("{}/shop/router", front.address);
    let run =
        Run::of(stage.command(&["push", &target, "--base", "oci:base", "--format", "json"]).output().expect("it runs"));
    assert!(run.stderr.contains("; trying again"), "{}", run.stderr);
    copy(&stage, &registry, &run.json());
    // docker-registry 2.8 cannot go on with an upload of which it has more than it last told: that one begins anew.
    let chunks = front.state.chunks.load(Ordering::Relaxed);
    assert!(chunks <= 3 * (8 << 20), "{chunks}");
}
