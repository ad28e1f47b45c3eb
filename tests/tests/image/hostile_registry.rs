//! Registries that lie, never end, or say what a terminal would obey.
use crate::base::{Base, RELEASE, digest};
use crate::stage::{Run, Stage};
use e2e::http::{self, Head};
use serde_json::json;
use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a registry does to whoever reads from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    Nothing,
    /// A manifest, a token or an error without an end.
    EndlessManifest,
    EndlessToken,
    EndlessError,
    /// A manifest of nothing but opening brackets.
    Deep,
    /// Another content than the digest's.
    Manifest,
    Config,
    Layer,
    /// More than there is to be.
    LongLayer,
    /// Breaks off after each byte of the layer.
    Drip,
    /// Another part than the one that was asked for.
    OtherPart,
    /// Errors that a terminal would obey.
    Escapes,
    /// A digest in a header that is none.
    Header,
}

/// A registry with one image, and what it was asked for.
struct Liar {
    address: SocketAddr,
    calls: Arc<Mutex<Vec<String>>>,
}

impl Liar {
    fn start(lie: Lie) -> Liar {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let calls: Arc<Mutex<Vec<String>>> = Arc::default();
        let shared = Arc::clone(&calls);
        // It lives as long as the test does.
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let calls = Arc::clone(&shared);
                thread::spawn(move || drop(serve(&connection, address, lie, &calls)));
            }
        });
        Liar { address, calls }
    }

    fn asked(&self, call: &str) -> usize {
        self.calls.lock().expect("no panic holds it").iter().filter(|asked| asked.contains(call)).count()
    }
}

/// Long enough that more than one piece of it is read.
fn layer() -> Vec<u8> {
    b"layer".repeat(400)
}

fn config() -> String {
    let labels = json!({ RELEASE: "5.0.9" });
    let root = json!({ "type": "layers", "diff_ids": [digest(&layer())] });
    json!({ "os": "linux", "architecture": "amd64", "config": { "Labels": labels }, "rootfs": root }).to_string()
}

fn manifest() -> String {
    let of = |kind: &str, bytes: &[u8]| json!({ "mediaType": format!("application/vnd.oci.image.{kind}"), "digest": digest(bytes), "size": bytes.len() });
    let (config, layer) = (of("config.v1+json", config().as_bytes()), of("layer.v1.tar", &layer()));
    json!({ "schemaVersion": 2, "config": config, "layers": [layer] }).to_string()
}

fn serve(connection: &TcpStream, own: SocketAddr, lie: Lie, calls: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut stream = BufReader::new(connection);
    let mut answers = connection;
    while let Some(head) = Head::read(&mut stream)? {
        stream.read_exact(&mut vec![0; head.length])?;
        let call = head.lines.first().map_or("", String::as_str).trim_end_matches(" HTTP/1.1").to_owned();
        calls.lock().expect("no panic holds it").push(call.clone());
        let is_layer = call.contains(&digest(&layer()));
        match lie {
            Lie::EndlessToken if call.contains("/v2/") => {
                let realm = format!(r#"WWW-Authenticate: Bearer realm="http://{own}/token""#);
                answers.write_all(&http::answer("401 Unauthorized", &[&realm], ""))?;
            }
            Lie::EndlessToken => return endless(answers, "200 OK"),
            Lie::EndlessManifest if call.contains("/manifests/") => return endless(answers, "200 OK"),
            Lie::EndlessError if call.contains("/manifests/") => return endless(answers, "400 Bad Request"),
            Lie::Drip if is_layer => return drip(answers, &head),
            Lie::OtherPart if is_layer && head.header("range").is_none() => return drip(answers, &head),
            _ => answers.write_all(&answer(&call, &head, lie))?,
        }
    }
    Ok(())
}

/// 4 GiB, or as much as is taken.
fn endless(mut answers: &TcpStream, status: &str) -> io::Result<()> {
    write!(answers, "HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    let piece = vec![b' '; 1 << 20];
    for _ in 0..4096 {
        answers.write_all(b"100000\r\n")?;
        answers.write_all(&piece)?;
        answers.write_all(b"\r\n")?;
    }
    Ok(())
}

/// One byte more of the layer, and the end of the connection.
fn drip(mut answers: &TcpStream, head: &Head) -> io::Result<()> {
    let start = head.header("range").and_then(|range| range.strip_prefix("bytes=")?.trim_end_matches('-').parse().ok());
    let (start, layer) = (start.unwrap_or(0), layer());
    let range = format!("Content-Range: bytes {start}-{}/{}", layer.len() - 1, layer.len());
    let status = if start > 0 { "206 Partial Content" } else { "200 OK" };
    write!(answers, "HTTP/1.1 {status}\r\n{range}\r\nContent-Length: {}\r\n\r\n", layer.len() - start)?;
    answers.write_all(&layer[start..=start])
}

fn answer(call: &str, head: &Head, lie: Lie) -> Vec<u8> {
    let (layer, mut config, mut manifest) = (layer(), config(), manifest());
    let (of_layer, of_config) = (digest(&layer), digest(config.as_bytes()));
    let mut content = layer.clone();
    let mut headers = Vec::new();
    let mut status = "200 OK";
    match lie {
        Lie::Manifest => manifest.push(' '),
        Lie::Config => config = config.replace("5.0.9", "5.0.8"),
        Lie::Layer => content.reverse(),
        Lie::LongLayer => content = layer.repeat(5000),
        Lie::Deep => manifest = "[".repeat(1 << 20),
        Lie::Header => headers.push("Docker-Content-Digest: sha256:../../x".to_owned()),
        Lie::OtherPart if head.header("range").is_some() => {
            status = "206 Partial Content";
            headers.push(format!("Content-Range: bytes 0-{}/{}", layer.len() - 1, layer.len()));
        }
        Lie::Escapes if call.contains("/manifests/") => {
            let said = "bad \u{1b}]0;x\u{7}\u{1b}[2J\u{202e}\u{9b}31m thing";
            let body = json!({ "errors": [{ "code": "UNKNOWN", "message": said }] });
            return http::answer("400 Bad Request", &[], &body.to_string());
        }
        _ => {}
    }
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let body = match call {
        call if call.contains("/manifests/") => manifest,
        call if call.contains(&of_config) => config,
        call if call.contains(&of_layer) => String::from_utf8(content).expect("text"),
        _ => String::new(),
    };
    http::answer(status, &headers, if call.starts_with("HEAD ") { "" } else { &body })
}

/// Builds from the registry's image: soon, in little memory, and nothing that moves a cursor is said.
fn build(liar: &Liar) -> Run {
    let stage = Stage::on(&Base::default());
    // With its digest, so that another manifest is noticed.
    let base = format!("{}/a/b:1@{}", liar.address, digest(manifest().as_bytes()));
    let mut command = stage.command(&["build", "--base", &base, "-o", "image"]);
    let run = Stage::within(command.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1")).without_colours();
    assert_eq!(stage.path("image").exists(), run.code == 0);
    run
}

#[track_caller]
fn refused(lie: Lie, parts: &[&str]) -> Liar {
    let liar = Liar::start(lie);
    build(&liar).fails_with(parts);
    liar
}

#[test]
fn a_registry_that_does_not_lie_is_taken() {
    build(&Liar::start(Lie::Nothing)).succeeds();
    build(&Liar::start(Lie::Header)).succeeds();
}

#[test]
fn answers_without_an_end_are_not_read_to_it() {
    refused(Lie::EndlessManifest, &["the registry's answer has more than 4194304 bytes"]);
    refused(Lie::EndlessToken, &["the registry's answer has more than 65536 bytes"]);
    refused(Lie::EndlessError, &["the registry answers with HTTP 400"]);
    refused(Lie::Deep, &["is damaged"]);
}

#[test]
fn a_content_that_is_not_its_digests_is_asked_for_once() {
    let liar = refused(Lie::Manifest, &["is damaged: its content is sha256:"]);
    assert_eq!(liar.asked("/manifests/"), 1);
    let liar = refused(Lie::Config, &["is damaged: its content is sha256:"]);
    assert_eq!(liar.asked(&digest(config().as_bytes())), 1);
    for (lie, said) in
        [(Lie::Layer, "is damaged: its content is sha256:"), (Lie::LongLayer, "has more than its 2000 bytes")]
    {
        let liar = refused(lie, &[said]);
        assert_eq!(liar.asked(&digest(&layer())), 1, "{lie:?}");
    }
}

#[test]
fn a_part_that_was_not_asked_for_is_not_taken() {
    let liar = refused(Lie::OtherPart, &["the registry answers with another part of the blob"]);
    assert_eq!(liar.asked(&digest(&layer())), 2);
}

#[test]
fn a_registry_that_breaks_off_after_each_byte_is_given_up() {
    let liar = refused(Lie::Drip, &["error"]);
    assert_eq!(liar.asked(&digest(&layer())), 51);
}

#[test]
fn what_a_registry_says_moves_no_cursor() {
    refused(Lie::Escapes, &["bad ", " thing"]);
}

/// Layers are pushed from such a registry, too: nothing wrong arrives anywhere.
#[test]
fn a_layer_that_lies_is_not_pushed() {
    for (lie, said) in [(Lie::Layer, "is damaged"), (Lie::LongLayer, "has more than its 2000 bytes")] {
        let (liar, stage) = (Liar::start(lie), Stage::on(&Base::default()));
        let registry = e2e::ecr::Ecr::start(&["shop/router"]).expect("a registry");
        stage.login(&registry.address.to_string(), e2e::ecr::USER, e2e::ecr::TOKEN);
        let (target, base) = (format!("{}/shop/router:1", registry.address), format!("{}/a/b:1", liar.address));
        Stage::within(&mut stage.command(&["push", &target, "--base", &base])).fails_with(&[said]);
        assert_eq!(registry.tag("shop/router", "1"), None);
        let whole = registry.seen("PUT ").iter().filter(|put| put.bytes >= 2000 && put.status == 400).count();
        assert_eq!(whole, 0, "the last piece of a wrong layer is held back");
    }
}
