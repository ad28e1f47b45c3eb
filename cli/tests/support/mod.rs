//! A folder with files in it, and the command run there.
#![allow(dead_code)]
use std::{
    ffi::OsStr,
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

pub struct Folder(TempDir);

/// What the command left.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    pub fn new() -> Folder {
        Folder(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn with(self, name: &str, content: impl AsRef<[u8]>) -> Folder {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), content).unwrap();
        self
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firelens-kit"));
        command.current_dir(self.0.path()).env_remove("COLUMNS").env_remove("CLICOLOR_FORCE").env("NO_COLOR", "1");
        command
    }

    /// `firelens-kit test` with these arguments.
    pub fn test<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        self.test_with_input(args, b"")
    }

    pub fn test_with_input<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>, input: &[u8]) -> Run {
        let mut command = self.command();
        command.arg("test").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || _ = stdin.write_all(&input));
        let run = Run::new(child.wait_with_output().unwrap());
        writer.join().unwrap();
        run
    }
}

impl Run {
    pub fn new(output: Output) -> Run {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The lines of ndjson.
    #[track_caller]
    pub fn objects(&self) -> Vec<serde_json::Value> {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[track_caller]
    pub fn fails_with(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in:\n{}", self.stderr);
        }
    }
}

/// A configuration with a route that drops, and two that keep.
pub const CONFIG: &str = r#"
[[container]]
name = "httpd"
stdout = ["combined"]
stderr = ["httpd_error"]

[[route]]
name = "health-checks"
match = { user_agent = { prefix = "ELB-HealthChecker" } }
drop = true

[[route]]
name = "failures"
match = [{ kind = "error", level = ">=warn" }, { status = "5xx" }]
to = ["cloudwatch", "archive"]

[[route]]
name = "rest"
to = ["archive"]

[destination.cloudwatch]
type = "cloudwatch_logs"
log_group = "/ecs/shop/httpd"
retention_days = 14

[destination.archive]
type = "firehose"
"#;

pub const HEALTH: &str =
    r#"10.0.0.1 - - [22/Nov/2026:07:38:32 +0000] "GET /up HTTP/1.1" 200 2 "-" "ELB-HealthChecker/2.0""#;
pub const GOOD: &str =
    r#"192.0.2.7 - bob [22/Nov/2026:07:38:33 +0000] "GET /shop?a=1 HTTP/1.1" 200 512 "-" "curl/8.5""#;
pub const FAILED: &str =
    r#"192.0.2.8 - - [22/Nov/2026:07:38:34 +0000] "POST /pay HTTP/1.1" 503 - "-" "a \"quoted\" agent""#;
pub const ERROR: &str = "[Sun Nov 22 07:38:35.302776 2026] [core:error] [pid 7:tid 9] [client 192.0.2.9:4711] AH00124: \
                         Request exceeded the limit";
