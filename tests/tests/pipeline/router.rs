//! The router's container: the rendered configuration with what FireLens writes around it, in a folder of its own.
use crate::authority::Authority;
use crate::endpoint::Endpoint;
use e2e::fluent_bit::process::Process;
use firelens_kit::{config, pipeline};
use firelens_pipeline::firelens::{Firelens, Metadata};
use firelens_pipeline::pipeline::{CONFIG_PATH, HTTP_PORT, MODULE_PATH, STORAGE_PATH};
use firelens_pipeline::{Version, render};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The tag that FireLens gives to the records of the container `httpd`.
pub const TAG: &str = "httpd-firelens-0123456789abcdef0123456789abcdef";

/// What FireLens adds to each record.
pub const METADATA: [(&str, &str); 3] = [
    ("ecs_cluster", "shop"),
    ("ecs_task_arn", "arn:aws:ecs:eu-central-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"),
    ("ecs_task_definition", "shop:7"),
];

/// A Fluent Bit with its release.
#[derive(Debug, Clone)]
pub struct Release {
    pub program: PathBuf,
    pub version: Version,
}

/// The router of a scenario.
pub struct Router {
    pub release: Release,
    pub socket: PathBuf,
    pub config: config::Config,
    dir: PathBuf,
    http_port: u16,
    starts: AtomicU32,
}

impl Router {
    /// A router for `firelens.toml`, in an empty folder. The endpoint's port, the authority's certificate and the release
    /// are filled in.
    pub fn new(scenario: &str, release: &Release, toml: &str, endpoint: &Endpoint, authority: &Authority) -> Router {
        let dir = folder(&format!("{scenario}-{}", release.version));
        let toml = toml
            .replace("@PORT@", &endpoint.port.to_string())
            .replace("@CA@", &authority.file.display().to_string())
            .replace("@VERSION@", &release.version.to_string());
        let path = dir.join("firelens.toml");
        fs::write(&path, &toml).expect("a file");
        let (config, problems) = config::parse(&path, &toml);
        let config = config.unwrap_or_else(|| panic!("{problems:?}"));
        let wasm = firelens_packager::package(firelens_packager::RAW, &config.program).expect("a module");
        fs::write(dir.join("filter.wasm"), wasm).expect("a file");
        // A socket's path has 108 bytes at most.
        let socket = std::env::temp_dir().join(format!("fk-{}-{scenario}.sock", std::process::id()));
        let router =
            Router { release: release.clone(), socket, config, dir, http_port: free_port(), starts: AtomicU32::new(0) };
        router.configure(&render::render(&pipeline::pipeline(&router.config)));
        router
    }

    /// Takes the files of an image in place of those that were rendered here.
    pub fn take(&self, pipeline: &str, module: &[u8]) {
        fs::write(self.dir.join("filter.wasm"), module).expect("a file");
        self.configure(pipeline);
    }

    fn configure(&self, pipeline: &str) {
        fs::write(self.dir.join("fluent-bit.conf"), self.effective(pipeline)).expect("a file");
    }

    /// All that Fluent Bit reads on ECS, with the paths and ports of this folder.
    fn effective(&self, pipeline: &str) -> String {
        let names = self.config.spec.containers.iter().map(|container| container.name.clone());
        let mut firelens = Firelens::new(names, self.config.router.settings.memory_mib);
        let [cluster, task_arn, task_definition] = METADATA.map(|(_, value)| value.to_owned());
        firelens.metadata = Some(Metadata { cluster, task_arn, task_definition, ..Metadata::default() });
        let mut text = firelens.around(CONFIG_PATH, pipeline);
        let here = |name: &str| self.dir.join(name).display().to_string();
        for (there, here) in [
            ("/var/run/fluent.sock", self.socket.display().to_string()),
            (MODULE_PATH, here("filter.wasm")),
            (STORAGE_PATH, here("storage")),
            ("24224", free_port().to_string()),
            ("8877", free_port().to_string()),
            (&format!(" {HTTP_PORT}\n"), format!(" {}\n", self.http_port)),
        ] {
            assert!(text.contains(there), "{there} is not in\n{text}");
            text = text.replace(there, &here);
        }
        text
    }

    /// Starts Fluent Bit and waits until it listens.
    pub fn start(&self) -> Process {
        let number = self.starts.fetch_add(1, Ordering::Relaxed);
        let _ = fs::remove_file(&self.socket);
        let log = self.dir.join(format!("fluent-bit-{number}.log"));
        let environment =
            [("AWS_REGION", crate::cloud::REGION), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let config = self.dir.join("fluent-bit.conf");
        let mut process = Process::start(&self.release.program, &config, &log, &environment).expect("Fluent Bit");
        let listens = until(Duration::from_secs(60), || self.uptime().is_some() || !process.runs());
        assert!(listens && process.runs(), "it does not start:\n{}", process.log());
        process
    }

    /// What the health check asks for: how many seconds it has been up.
    pub fn uptime(&self) -> Option<u64> {
        let url = format!("http://127.0.0.1:{}/api/v1/uptime", self.http_port);
        let answer = ureq::get(&url).call().ok()?.body_mut().read_to_string().ok()?;
        serde_json::from_str::<serde_json::Value>(&answer).ok()?["uptime_sec"].as_u64()
    }

    /// How many chunks are on disk.
    pub fn chunks(&self) -> usize {
        self.chunk_files().len()
    }

    /// The bytes of each chunk on disk.
    pub fn buffered(&self) -> Vec<Vec<u8>> {
        self.chunk_files().iter().filter_map(|file| fs::read(file).ok()).collect()
    }

    /// The buffer has a folder for each input.
    fn chunk_files(&self) -> Vec<PathBuf> {
        let inputs = fs::read_dir(self.dir.join("storage")).into_iter().flatten().flatten();
        inputs
            .flat_map(|input| fs::read_dir(input.path()).into_iter().flatten().flatten())
            .map(|file| file.path())
            .collect()
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.socket);
    }
}

/// An empty folder for a scenario.
pub fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pipeline").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    dir
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}

/// Waits until something is so, but not longer than `limit`; returns whether it is.
pub fn until(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if done() {
            return true;
        }
        if start.elapsed() > limit {
            return false;
        }
        thread::sleep(Duration::from_millis(100));
    }
}
