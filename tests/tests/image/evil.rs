//! Hosts that look like ECR or like this machine, and token services without TLS: none of them gets a password or a token.
//!
//! All that the kit sends to the internet goes through a proxy of the test, which ends the TLS of every host with a
//! certificate that the kit trusts here, and writes down what came.
use crate::base::Base;
use crate::stage::{Run, Stage};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2e::fault_proxy::FaultProxy;
use e2e::http::{self, Head};
use e2e::moto::Moto;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;
use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the kit knows, and nobody of them may be told.
const PASSWORD: &str = "geheim";

/// The internet, as far as the kit can see.
struct Internet {
    address: SocketAddr,
    authority: PathBuf,
    /// `CONNECT host:443`, and requests with their host and their credentials.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Internet {
    /// Every host answers so to `/v2/`, and that it has nothing to all else.
    fn start(folder: &Path, hosts: &[&str], challenge: &str) -> Internet {
        let (authority, server) = certificate(folder, hosts);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (shared, challenge) = (Arc::clone(&seen), challenge.replace("PROXY", &address.to_string()));
        // It lives as long as the test does.
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (seen, server, challenge) = (Arc::clone(&shared), Arc::clone(&server), challenge.clone());
                thread::spawn(move || drop(serve(connection, server, &challenge, &seen)));
            }
        });
        Internet { address, authority, seen }
    }

    /// A run of the kit through it.
    fn run(&self, stage: &Stage, cloud: &FaultProxy, moto: &Moto, args: &[&str]) -> Run {
        let proxy = format!("http://{}", self.address);
        let mut command = stage.command(args);
        command.envs(moto.environment("eu-west-1")).env("AWS_ENDPOINT_URL", cloud.url());
        command.env("HTTPS_PROXY", &proxy).env("HTTP_PROXY", &proxy).env("NO_PROXY", cloud.address.to_string());
        command.env("SSL_CERT_FILE", &self.authority).env_remove("ALL_PROXY").env_remove("SSL_CERT_DIR");
        Stage::within(&mut command)
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("no panic holds it").clone()
    }
}

/// An authority's certificate in a file, and a server for these hosts.
fn certificate(folder: &Path, hosts: &[&str]) -> (PathBuf, Arc<rustls::ServerConfig>) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate");
    let file = folder.join("authority.pem");
    fs::write(&file, authority.pem()).expect("a file");
    let key = KeyPair::generate().expect("a key");
    let names = hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>();
    let own =
        CertificateParams::new(names).and_then(|params| params.signed_by(&key, &authority)).expect("a certificate");
    let chain = vec![CertificateDer::from(own.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let server = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let server = server.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
    (file, Arc::new(server.with_single_cert(chain, key).expect("a certificate and its key")))
}

fn serve(
    connection: TcpStream,
    server: Arc<rustls::ServerConfig>,
    challenge: &str,
    seen: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut connection = connection;
    let head = Head::read(&mut BufReader::with_capacity(1, &connection))?.ok_or(io::ErrorKind::UnexpectedEof)?;
    note(&head, seen);
    if !head.lines[0].starts_with("CONNECT ") {
        return connection.write_all(&http::answer("404 Not Found", &["Connection: close"], ""));
    }
    connection.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
    let mut tls = rustls::ServerConnection::new(server).map_err(io::Error::other)?;
    let mut stream = BufReader::new(rustls::Stream::new(&mut tls, &mut connection));
    while let Some(head) = Head::read(&mut stream)? {
        stream.read_exact(&mut vec![0; head.length])?;
        note(&head, seen);
        let answer = match head.lines[0].contains(" /v2/ ") {
            true => http::answer("401 Unauthorized", &[&format!("WWW-Authenticate: {challenge}")], ""),
            false => http::answer("404 Not Found", &[], ""),
        };
        stream.get_mut().write_all(&answer)?;
    }
    Ok(())
}

fn note(head: &Head, seen: &Mutex<Vec<String>>) {
    let header = |name: &str| head.header(name).unwrap_or_default();
    let line = format!("{} at {}: {}", head.lines[0], header("host"), header("authorization"));
    seen.lock().expect("no panic holds it").push(line);
}

/// A stage and the cloud, before which a proxy counts calls.
fn set() -> (Stage, Moto, FaultProxy) {
    let (stage, moto) = (Stage::on(&Base::default()), Moto::start());
    let cloud = FaultProxy::start(moto.address).expect("a proxy");
    (stage, moto, cloud)
}

#[test]
fn a_host_that_only_begins_like_ecr_gets_no_token() {
    let host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example";
    let (stage, moto, cloud) = set();
    let internet = Internet::start(stage.folder.path(), &[host], r#"Basic realm="x""#);
    let name = format!("{host}/x/y:1");
    for args in [&["build", "-o", "image", "--base", &name][..], &["push", &name, "--base", "oci:base"]] {
        let run = internet.run(&stage, &cloud, &moto, args);
        assert_eq!(run.code, 2, "{}", run.stderr);
    }
    let seen = internet.seen();
    assert!(seen.iter().any(|line| line.contains("/v2/x/y/")), "it was asked: {seen:?}");
    assert!(seen.iter().all(|line| line.ends_with(": ")), "without credentials: {seen:?}");
    assert!(cloud.requests().is_empty(), "AWS was not asked for a token");
}

/// The same way with a name that is ECR's: what the test above would see if it were taken for one.
#[test]
fn ecr_itself_gets_the_token_through_the_same_proxy() {
    let host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    let (stage, moto, cloud) = set();
    let internet = Internet::start(stage.folder.path(), &[host], r#"Basic realm="x""#);
    internet.run(&stage, &cloud, &moto, &["push", &format!("{host}/x/y:1"), "--base", "oci:base"]);
    let token = STANDARD.encode(format!("{}:{}", e2e::ecr::USER, e2e::ecr::TOKEN));
    let seen = internet.seen();
    assert!(seen.iter().any(|line| line.ends_with(&format!("Basic {token}"))), "{seen:?}");
}

#[test]
fn a_token_service_without_tls_gets_no_password() {
    let host = "registry.example";
    let (stage, moto, cloud) = set();
    stage.login(host, "shop", PASSWORD);
    let internet = Internet::start(stage.folder.path(), &[host], r#"Bearer realm="http://PROXY/token",service="x""#);
    let run = internet.run(&stage, &cloud, &moto, &["push", &format!("{host}/x/y:1"), "--base", "oci:base"]);
    run.fails_with(&["the registry's token service, 127.0.0.1, is without TLS", "nothing was sent there"]);
    let seen = internet.seen();
    assert!(seen.iter().all(|line| line.ends_with(": ") && !line.contains("/token")), "{seen:?}");
}

#[test]
fn a_token_service_with_tls_gets_the_password() {
    let host = "registry.example";
    let (stage, moto, cloud) = set();
    stage.login(host, "shop", PASSWORD);
    let realm = r#"Bearer realm="https://auth.example/token",service="x""#;
    let internet = Internet::start(stage.folder.path(), &[host, "auth.example"], realm);
    internet.run(&stage, &cloud, &moto, &["push", &format!("{host}/x/y:1"), "--base", "oci:base"]);
    let basic = STANDARD.encode(format!("shop:{PASSWORD}"));
    let told: Vec<String> = internet.seen().into_iter().filter(|line| line.contains(&basic)).collect();
    assert!(!told.is_empty() && told.iter().all(|line| line.contains(" at auth.example: ")), "{told:?}");
}

#[test]
fn a_name_that_begins_like_an_address_is_not_this_machine() {
    let (stage, moto, cloud) = set();
    for host in ["127.evil.example", "localhost.evil.example"] {
        stage.login(host, "shop", PASSWORD);
        let internet = Internet::start(stage.folder.path(), &[host], r#"Basic realm="x""#);
        internet.run(&stage, &cloud, &moto, &["push", &format!("{host}/x/y:1"), "--base", "oci:base"]);
        let seen = internet.seen();
        assert!(seen.first().is_some_and(|line| line.starts_with(&format!("CONNECT {host}:443 "))), "{seen:?}");
        assert!(seen.iter().all(|line| !line.contains("http://")), "nothing without TLS: {seen:?}");
    }
}
