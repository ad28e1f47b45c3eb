//! What each test begins with.
use crate::base::Base;
use e2e::kit;
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder with a configuration and a base, in which the kit and other programs run.
pub struct Stage {
    pub folder: TempDir,
}

/// How long a command may take that has something hostile to read: five tries have their pauses in it.
const PATIENCE: Duration = Duration::from_secs(40);

/// How much memory it may take, in KiB. The kit takes some 150 MiB to compile and to check a module.
const MEMORY: u64 = 500 << 10;

/// The largest resident set that a process has had; `None` when it has ended.
pub fn peak_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().trim_end_matches(" kB").parse().ok()
}

/// How a program ended.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

const CONFIG: &str = r#"
name = "shop"

[[container]]
name = "httpd"
stdout = ["combined"]

[[route]]
name = "all"
to = ["live"]

[destination.live]
type = "cloudwatch_logs"
log_group = "/ecs/shop/httpd"
"#;

impl Stage {
    /// With the usual base in `base`.
    pub fn new() -> Stage {
        Stage::on(&Base::default())
    }

    pub fn on(base: &Base) -> Stage {
        let stage = Stage { folder: tempfile::tempdir().expect("a folder") };
        base.write(&stage.path("base"));
        stage.config("");
        stage
    }

    /// Writes `firelens.toml`, with these lines behind the usual ones.
    pub fn config(&self, more: &str) {
        fs::write(self.path("firelens.toml"), format!("{CONFIG}{more}")).expect("a file");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Credentials for a registry, in docker's file.
    pub fn login(&self, registry: &str, user: &str, password: &str) {
        fs::create_dir_all(self.path("docker")).expect("a folder");
        let auth = serde_json::json!({ "auths": { registry: { "username": user, "password": password } } });
        fs::write(self.path("docker/config.json"), auth.to_string()).expect("a file");
    }

    /// The kit, not started yet.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = kit::command();
        command.args(args).current_dir(self.folder.path());
        command.env("DOCKER_CONFIG", self.path("docker")).env("HOME", self.folder.path());
        command.env_remove("REGISTRY_AUTH_FILE").env_remove("XDG_RUNTIME_DIR");
        command
    }

    pub fn kit(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().expect("the kit starts"))
    }

    /// The same for what could go on for ever: it is stopped after a while, or when it takes a lot of memory.
    #[track_caller]
    pub fn kit_within(&self, args: &[&str]) -> Run {
        Stage::within(&mut self.command(args))
    }

    #[track_caller]
    pub fn within(command: &mut Command) -> Run {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().expect("the kit starts");
        let (begin, mut peak) = (Instant::now(), 0);
        while child.try_wait().expect("it is ours").is_none() {
            peak = peak.max(peak_kib(child.id()).unwrap_or(0));
            if begin.elapsed() > PATIENCE || peak > MEMORY {
                child.kill().and_then(|()| child.wait()).expect("it is killed");
                panic!("after {:?} it had not ended, and had taken {peak} KiB", begin.elapsed());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Run::of(child.wait_with_output().expect("it has ended"))
    }

    /// Another program, which has to succeed: what it prints.
    pub fn tool(&self, program: &str, args: &[&str]) -> String {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.folder.path()).env("HOME", self.folder.path());
        let run = Run::of(command.output().unwrap_or_else(|error| panic!("{program}: {error}")));
        assert_eq!(run.code, 0, "{program} {args:?}: {}{}", run.stdout, run.stderr);
        run.stdout
    }

    pub fn skopeo(&self, args: &[&str]) -> String {
        self.tool("skopeo", args)
    }

    /// Copies a layout's image with all its platforms into a registry.
    pub fn copy_to(&self, layout: &str, registry: SocketAddr, name: &str, credentials: &str) {
        let to = format!("docker://{registry}/{name}");
        let credentials = format!("--dest-creds={credentials}");
        let policy = ["--insecure-policy", "copy", "--quiet", "--all", "--preserve-digests"];
        let args = ["--dest-tls-verify=false", &credentials, &format!("oci:{layout}"), &to];
        self.skopeo(&[&policy[..], &args[..]].concat());
    }
}

impl Run {
    pub fn of(output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Run { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Without the colours on standard error, behind which nothing may be that a terminal obeys.
    #[track_caller]
    pub fn without_colours(mut self) -> Run {
        let mut parts = self.stderr.split("\u{1b}[");
        let plain = parts.next().unwrap_or_default().to_owned();
        let colour = |part: &str| {
            let (numbers, rest) = part.split_once('m').expect("a colour");
            assert!(numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{:?}", self.stderr);
            rest.to_owned()
        };
        let plain = parts.fold(plain, |text, part| text + &colour(part));
        let obeyed = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!plain.contains(obeyed) && !self.stdout.contains(obeyed), "{:?}{:?}", self.stdout, self.stderr);
        self.stderr = plain;
        self
    }

    #[track_caller]
    pub fn succeeds(self) -> Run {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.succeeds().stdout).expect("JSON")
    }

    #[track_caller]
    pub fn fails_with(&self, parts: &[&str]) {
        assert_eq!(self.code, 2, "{}{}", self.stdout, self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in:\n{}", self.stderr);
        }
    }
}

/// A JSON file.
pub fn json_file(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}
