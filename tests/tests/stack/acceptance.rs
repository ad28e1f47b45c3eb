//! `make aws-acceptance` against the stand-ins: the script that whoever has an account runs there.
use super::stage::{Ended, REGION, Stage};
use e2e::fault_proxy::Fault;
use e2e::http::{self, Head};
use e2e::kit;
use e2e::moto::ACCOUNT;
use std::ffi::OsString;
use std::fs;
use std::io::{BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The script, with the account's id typed. `meanwhile` looks at it while it runs.
fn acceptance(stage: &Stage, typed: &str, url: &str, meanwhile: impl Fn(&Child)) -> (Ended, PathBuf) {
    let folder = stage.config("acceptance").parent().unwrap().to_owned();
    let report = folder.join("report.md");
    let clock = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = clock.local_addr().unwrap();
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/aws-acceptance"));
    command.args(["--region", REGION, "--url", url, "--report"]).arg(&report);
    // The environment and the base of the usual commands.
    let usual = stage.command("acceptance", &["plan"]);
    let base = usual.get_args().last().unwrap().to_owned();
    command.arg("--base").arg(base).arg(kit_in_time(&folder, address)).current_dir(&folder);
    for (name, value) in usual.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    // Where the script keeps its firelens.toml, which the site reads.
    command.env("TMPDIR", &folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let over = AtomicBool::new(false);
    let ended = thread::scope(|scope| {
        let _end = End(&over, address);
        scope.spawn(|| {
            for verb in clock.incoming() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                stage.proxy.settle();
                drop(verb);
            }
        });
        let mut script = command.spawn().unwrap();
        writeln!(script.stdin.take().unwrap(), "{typed}").unwrap();
        meanwhile(&script);
        Ended::of(script.wait_with_output().unwrap())
    });
    (ended, report)
}

/// Ends the clock, also when a test fails.
struct End<'a>(&'a AtomicBool, SocketAddr);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.1));
    }
}

/// The command line after time has passed, as minutes do between a person's commands.
fn kit_in_time(folder: &Path, clock: SocketAddr) -> PathBuf {
    let path = folder.join("firelens-kit");
    let wait = format!("exec 3<>/dev/tcp/{}/{}; read -r <&3; exec 3>&-", clock.ip(), clock.port());
    fs::write(&path, format!("#!/usr/bin/env bash\n{wait}\nexec {} \"$@\"\n", kit::program().display())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// An httpd with a router: a request's line goes through the filter to the destinations of its route.
fn site(stage: &Stage) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let folder = stage.config("acceptance").parent().unwrap().to_owned();
    let environment = stage.moto.environment(REGION);
    thread::spawn(move || {
        for connection in listener.incoming() {
            let connection = connection.unwrap();
            let Ok(Some(head)) = Head::read(&mut BufReader::new(&connection)) else { continue };
            let status = if head.lines[0].starts_with("GET /no-such-page") { 404 } else { 200 };
            let _ = (&connection).write_all(&http::answer(&format!("{status} as asked"), &[], "text"));
            drop(connection);
            let time = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S %z");
            write(&folder, &environment, &format!("10.0.0.1 - - [{time}] \"{}\" {status} 4\n", head.lines[0]));
        }
    });
    url
}

/// Sends a line on its way, as the router would.
fn write(folder: &Path, environment: &[(&str, OsString)], line: &str) {
    let here = |entry: fs::DirEntry| Some(entry.path().join("firelens.toml")).filter(|path| path.is_file());
    let config = fs::read_dir(folder).unwrap().find_map(|entry| here(entry.unwrap())).expect("the script is running");
    let text = fs::read_to_string(&config).unwrap();
    let all = ["live", "clicks", "archive"].into_iter();
    let there = all.filter(|name| text.contains(&format!("[destination.{name}]")));
    let mut replay = kit::command();
    replay.envs(environment.iter().cloned()).arg("replay").arg("-c").arg(&config).arg("-");
    replay.arg("--to").args(there).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut replay = replay.spawn().unwrap();
    replay.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    Ended::of(replay.wait_with_output().unwrap()).ok();
}

const STEPS: [&str; 15] = [
    "before the first deploy",
    "deploy",
    "the plan is empty",
    "a request to each destination of its route",
    "a request on the other route",
    "status",
    "a rollout that fails",
    "deploy again",
    "the plan is empty again",
    "a request after the rollback",
    "a destination goes",
    "the plan is empty without it",
    "a request on what is left",
    "destroy",
    "nothing is left",
];

#[test]
fn the_acceptance_passes_and_leaves_nothing() {
    let stage = Stage::set();
    let url = site(&stage);
    let (ended, report) = acceptance(&stage, ACCOUNT, &url, |_| {});
    let text = fs::read_to_string(report).unwrap();
    let steps: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next()).skip(1).collect();
    let ended = ended.code(0);
    assert_eq!(steps, STEPS, "{text}");
    assert!(text.contains("15 steps passed, 0 failed") && !text.contains("FAILED"), "{text}");
    assert!(!text.contains(ACCOUNT), "the account's id is nobody's business: {text}");
    // The rollout failed for what ECS said, and not for another reason.
    ended.says("deployment circuit breaker").says("costs less than").says("The report: ");
    assert_eq!(stage.everything(), Vec::<String>::new());
}

#[test]
fn nothing_is_done_without_the_right_account() {
    let stage = Stage::set();
    for typed in ["", "999999999999"] {
        let (ended, report) = acceptance(&stage, typed, "http://127.0.0.1:1", |_| {});
        ended.code(2).says("the credentials are for another account").says("nothing was done");
        assert_eq!(fs::read_to_string(report).unwrap(), "");
    }
    assert_eq!(stage.proxy.mutations(), Vec::<String>::new());
}

/// The report says what failed, with the end of its output.
#[test]
fn an_acceptance_that_fails_cleans_up_and_says_where() {
    let stage = Stage::set();
    let denied = Fault::Error(400, "AccessDeniedException", "not by arn:aws:iam::123456789012:user/test");
    stage.proxy.fail("kinesis:CreateStream", denied, usize::MAX);
    let (ended, report) = acceptance(&stage, ACCOUNT, "http://127.0.0.1:1", |_| {});
    ended.code(1);
    let text = fs::read_to_string(report).unwrap();
    assert!(text.contains("| FAILED: exit code 1, not 0 |"), "{text}");
    assert!(text.contains("### deploy\n") && text.contains("AccessDeniedException"), "{text}");
    assert!(text.contains("iam::ACCOUNT:user/test") && !text.contains(ACCOUNT), "{text}");
    assert!(text.contains("| clean up, try 1 | "), "{text}");
    assert_eq!(stage.everything(), Vec::<String>::new());
}

/// Ctrl-c, and what ends a shell: what was made goes.
#[test]
fn an_acceptance_that_is_stopped_cleans_up() {
    let stage = Stage::set();
    stage.proxy.fail("ecs:CreateService", Fault::Hold, usize::MAX);
    let (ended, report) = acceptance(&stage, ACCOUNT, "http://127.0.0.1:1", |script| {
        let held = || stage.proxy.requests_of("ecs:CreateService").len();
        let end = Instant::now() + Duration::from_secs(60);
        while held() == 0 {
            assert!(Instant::now() < end, "no service was made");
            thread::sleep(Duration::from_millis(50));
        }
        // SAFETY: the script was not waited for, so its number is still its own.
        assert_eq!(unsafe { libc::kill(script.id() as libc::pid_t, libc::SIGTERM) }, 0);
        stage.proxy.heal();
    });
    ended.code(1).says("stopped");
    let text = fs::read_to_string(report).unwrap();
    assert!(text.contains("clean up, try"), "{text}");
    assert_eq!(stage.everything(), Vec::<String>::new());
}
