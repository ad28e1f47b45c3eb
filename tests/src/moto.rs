//! moto's server: the AWS API on this machine.
use serde_json::Value;
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

/// The account of everybody who does not take a role in another one.
pub const ACCOUNT: &str = "123456789012";

/// The variables that a client of moto needs, besides where it is.
pub const CREDENTIALS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];

/// A server with nothing in it, stopped when this goes away.
#[derive(Debug)]
pub struct Moto {
    server: Child,
    pub address: SocketAddr,
}

/// The server's program: `$MOTO_SERVER`, the one that `make test-fluent-bit` installs, or the one on the PATH.
pub fn program() -> Option<PathBuf> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/moto/bin/moto_server");
    let named = env::var_os("MOTO_SERVER").map(PathBuf::from);
    let path = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .map(|dir| dir.join("moto_server"))
        .collect::<Vec<_>>();
    named.into_iter().chain([installed]).chain(path).find(|path| path.is_file())
}

impl Moto {
    /// Starts one for a test, which is skipped, and says so, when there is no moto on this machine.
    pub fn or_skip(test: &str) -> Option<Moto> {
        let Some(program) = program() else {
            println!("{test}: skipped, no moto_server in $MOTO_SERVER, target/moto or on the PATH");
            return None;
        };
        Some(Moto::start(&program).expect("moto starts"))
    }

    /// Starts one on a free port, and waits until it answers.
    pub fn start(program: &Path) -> io::Result<Moto> {
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", "0"]).env("PYTHONUNBUFFERED", "1");
        command.env("MOTO_ECS_SERVICE_RUNNING", "1").env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
        let mut server = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(server.stderr.take().expect("it is a pipe")).lines();
        let address = loop {
            let line = lines.next().ok_or_else(|| io::Error::other("moto said no address"))??;
            if let Some((_, address)) = line.split_once("Running on http://") {
                break address.trim().parse().map_err(io::Error::other)?;
            }
        };
        // Each request is a line; nobody reads them, but the pipe must not fill.
        thread::spawn(move || lines.for_each(drop));
        Ok(Moto { server, address })
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

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
