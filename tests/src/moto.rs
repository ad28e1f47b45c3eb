//! moto's server: the AWS API on this machine.
use crate::counterpart;
use serde_json::Value;
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The account of everybody who does not take a role in another one.
pub const ACCOUNT: &str = "123456789012";

/// The variables that a client of moto needs, besides where it is.
pub const CREDENTIALS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];

/// A cloud with nothing in it, gone when this goes away.
#[derive(Debug)]
pub struct Moto {
    /// Held open: the server ends with it.
    _lifeline: Lifeline,
    pub address: SocketAddr,
}

#[derive(Debug)]
enum Lifeline {
    /// A connection to the fork server.
    Fork(#[expect(dead_code, reason = "closed when dropped")] UnixStream),
    /// A process of our own, whose standard input is a pipe.
    Process(Child),
}

/// The server's program: `$MOTO_SERVER`, the one that `make counterparts` installs, or the one on the PATH.
pub fn program() -> Option<PathBuf> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/moto/bin/moto_server");
    let named = env::var_os("MOTO_SERVER").map(PathBuf::from);
    let path = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .map(|dir| dir.join("moto_server"))
        .collect::<Vec<_>>();
    named.into_iter().chain([installed]).chain(path).find(|path| path.is_file())
}

impl Moto {
    /// A new cloud on a port of its own: a fork of the server that listens at `$MOTO_FORK_SERVER`, where `scripts/test`
    /// started one, or else a process of its own, which takes seconds. See `tests/moto/fork_server.py`.
    pub fn start() -> Moto {
        let (lifeline, address) = match env::var_os("MOTO_FORK_SERVER") {
            Some(socket) => Moto::fork(Path::new(&socket)),
            None => Moto::spawn(),
        }
        .expect("moto starts");
        Moto { _lifeline: lifeline, address }
    }

    fn fork(socket: &Path) -> io::Result<(Lifeline, SocketAddr)> {
        let connection = UnixStream::connect(socket)?;
        let address = address(BufReader::new(connection.try_clone()?))?;
        Ok((Lifeline::Fork(connection), address))
    }

    fn spawn() -> io::Result<(Lifeline, SocketAddr)> {
        let program = program().unwrap_or_else(|| counterpart::missing(counterpart::MOTO));
        let mut command = Command::new(program.with_file_name("python"));
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("moto/fork_server.py"));
        let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let address = address(BufReader::new(server.stdout.take().expect("it is a pipe")))?;
        Ok((Lifeline::Process(server), address))
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The environment of a program whose cloud this is.
    pub fn environment(&self, region: &str) -> Vec<(&'static str, OsString)> {
        let mut all: Vec<(&str, OsString)> = CREDENTIALS.map(|(key, value)| (key, value.into())).into();
        all.push(("AWS_ENDPOINT_URL", self.url().into()));
        all.push(("AWS_REGION", region.into()));
        all.push(("AWS_CONFIG_FILE", "/dev/null".into()));
        all.push(("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".into()));
        all
    }

    /// A call to a service that speaks JSON: `X-Amz-Target` and what goes into it. It has to succeed.
    pub fn call(&self, region: &str, service: &str, target: &str, body: &Value) -> Value {
        let answer = self.http(region, service, "POST", "/", target, body.to_string().as_bytes());
        match answer.trim() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|error| panic!("{target}: {error}: {text}")),
        }
    }

    /// The contents of all objects of a bucket, by their keys.
    pub fn objects(&self, region: &str, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        let list = self.http(region, "s3", "GET", &format!("/{bucket}?list-type=2"), "", b"");
        let keys = list.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
        keys.map(|key| (key.to_string(), self.object(region, bucket, key))).collect()
    }

    fn object(&self, region: &str, bucket: &str, key: &str) -> Vec<u8> {
        let scope = format!("Credential=test/20261122/{region}/s3/aws4_request");
        let request = ureq::get(format!("{}/{bucket}/{key}", self.url()));
        let request =
            request.header("Authorization", format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"));
        let mut answer = request.call().expect("an object");
        answer.body_mut().with_config().limit(1 << 30).read_to_vec().expect("its bytes")
    }

    /// Any request. It has to succeed: the answer's body.
    pub fn http(&self, region: &str, service: &str, method: &str, path: &str, target: &str, body: &[u8]) -> String {
        let (status, answer) = self.request(region, service, method, path, target, body);
        assert!(status < 400, "{method} {path} {target}: {status} {answer}");
        answer
    }

    /// Any request: the answer's status and body.
    pub fn request(
        &self,
        region: &str,
        service: &str,
        method: &str,
        path: &str,
        target: &str,
        body: &[u8],
    ) -> (u16, String) {
        let scope = format!("Credential=test/20261122/{region}/{service}/aws4_request");
        let content = match service {
            "s3" => "application/octet-stream",
            // What has no target is a form, or has no body.
            _ if target.is_empty() => "application/x-www-form-urlencoded",
            _ => "application/x-amz-json-1.1",
        };
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header("Authorization", format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"))
            .header("X-Amz-Target", target)
            .header("Content-Type", content)
            .body(body)
            .expect("a request");
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut response = agent.run(request).unwrap_or_else(|error| panic!("{method} {path} {target}: {error}"));
        let text = response.body_mut().with_config().limit(1 << 30).read_to_string().expect("text");
        (response.status().as_u16(), text)
    }
}

/// The one line that the server says.
fn address(mut said: impl BufRead) -> io::Result<SocketAddr> {
    let mut line = String::new();
    said.read_line(&mut line)?;
    line.trim().parse().map_err(|_| io::Error::other(format!("it said {line:?} instead of its address")))
}

impl Drop for Lifeline {
    fn drop(&mut self) {
        if let Lifeline::Process(server) = self {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
