//! A router whose destination is a file.
use e2e::fluent_bit::{driver::Driver, process::Process};
use firelens_kit::{config, pipeline};
use firelens_pipeline::firelens::Firelens;
use firelens_pipeline::pipeline::{CONFIG_PATH, HTTP_PORT, MODULE_PATH, PARSERS_PATH, STORAGE_PATH};
use firelens_pipeline::{Version, render};
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// As long as this Fluent Bit may take to listen.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Router {
    pub version: Version,
    program: PathBuf,
    dir: PathBuf,
    socket: PathBuf,
}

impl Router {
    /// A router for the containers and routes of `toml`, in an empty folder; its destination is called `file`.
    pub fn new(name: &str, program: &Path, toml: &str) -> Router {
        let version = version(program);
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traces").join(format!("{name}-{version}"));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).expect("a folder");
        // A socket's path has 108 bytes at most.
        let socket = std::env::temp_dir().join(format!("fk-{}-{name}.sock", std::process::id()));
        let router = Router { version, program: program.to_owned(), dir, socket };
        router.configure(toml);
        router
    }

    fn configure(&self, toml: &str) {
        let file =
            format!("type = \"custom\"\nname = \"file\"\npath = {:?}\nfile = \"out\"\nformat = \"plain\"\n", self.dir);
        let toml = format!("{toml}[router]\nfluent_bit = \"{}\"\n[destination.file]\n{file}", self.version);
        let (config, problems) = config::parse(Path::new("firelens.toml"), &toml);
        let config = config.unwrap_or_else(|| panic!("{problems:?}\n{toml}"));
        let pipeline = pipeline::pipeline(&config);
        let names = pipeline.containers.clone();
        let mut text = Firelens::new(names, 512).around(CONFIG_PATH, &render::render(&pipeline));
        let here = |name: &str| self.dir.join(name).display().to_string();
        for (there, here) in [
            ("/var/run/fluent.sock", self.socket.display().to_string()),
            (MODULE_PATH, here("filter.wasm")),
            (PARSERS_PATH, here("parsers.conf")),
            (STORAGE_PATH, here("storage")),
            ("24224", free_port().to_string()),
            ("8877", free_port().to_string()),
            (&format!(" {HTTP_PORT}\n"), format!(" {}\n", free_port())),
        ] {
            text = text.replace(there, &here);
        }
        let wasm = firelens_packager::package(firelens_packager::RAW, &config.program).expect("a module");
        fs::write(self.dir.join("filter.wasm"), wasm).expect("a file");
        fs::write(self.dir.join("fluent-bit.conf"), text).expect("a file");
        fs::write(self.dir.join("parsers.conf"), render::parsers(&pipeline).unwrap_or_default()).expect("a file");
    }

    /// Starts Fluent Bit and waits until it listens.
    pub fn start(&self) -> Process {
        let _ = fs::remove_file(&self.socket);
        let log = self.dir.join("log");
        let mut process =
            Process::start(&self.program, &self.dir.join("fluent-bit.conf"), &log, &[("AWS_REGION", "eu-central-1")])
                .expect("Fluent Bit");
        let start = Instant::now();
        while UnixStream::connect(&self.socket).is_err() {
            assert!(process.runs() && start.elapsed() < PATIENCE, "it does not start:\n{}", process.log());
            thread::sleep(Duration::from_millis(20));
        }
        process
    }

    /// The log driver of a container.
    pub fn driver(&self, container: &str) -> Driver {
        Driver::new(&self.socket, &format!("{container}-firelens-0123456789abcdef0123456789abcdef"))
    }

    /// The records that arrived so far.
    pub fn records(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.dir.join("out")).unwrap_or_default();
        let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        whole.map(|line| serde_json::from_str(line).expect("a record")).collect()
    }

    /// Waits until so many have arrived and a little longer, so that one that is too many is seen; not much longer than
    /// `limit` when no more come.
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<Value> {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            let records = self.records();
            if records.len() > last {
                (last, since) = (records.len(), Instant::now());
            }
            let enough = records.len() >= count && since.elapsed() > Duration::from_millis(1200);
            if enough || since.elapsed() > limit {
                return records;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.socket);
    }
}

fn version(program: &Path) -> Version {
    let said = Command::new(program).arg("--version").output().expect("a version").stdout;
    let said = String::from_utf8(said).expect("text");
    said.split_whitespace().find_map(|word| word.strip_prefix('v')?.parse().ok()).expect("a version")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}
