//! What each scenario begins and ends with.
use crate::authority::Authority;
use crate::cloud::Cloud;
use crate::endpoint::{Endpoint, Mode};
use crate::lines::{Census, Difference, FIRELENS_TOML};
use crate::router::{Release, Router, folder};
use e2e::fluent_bit;
use e2e::fluent_bit::driver::Driver;
use e2e::fluent_bit::process::{Memory, Process};
use e2e::moto::Moto;
use firelens_pipeline::Version;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// As long as this a scenario waits for something to happen. A shared machine can be slow.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The cloud, the way to it, and the router.
pub struct Stage {
    pub cloud: Cloud,
    pub endpoint: Endpoint,
    pub router: Router,
}

/// Runs a scenario with each Fluent Bit that there is, from a release on.
pub fn each(scenario: &str, since: Version, run: impl Fn(&Stage)) {
    for program in fluent_bit::needed() {
        let release = release(&program);
        if release.version < since {
            println!("{scenario}: not with {}", release.version);
            continue;
        }
        let moto = Moto::start();
        let authority = Authority::create(&folder(&format!("{scenario}-authority"))).expect("a certificate");
        let cloud = Cloud::start(moto);
        let endpoint = Endpoint::start(&authority, cloud.address(), Mode::Up).expect("an endpoint");
        let router = Router::new(scenario, &release, FIRELENS_TOML, &endpoint, &authority);
        run(&Stage { cloud, endpoint, router });
    }
}

/// The releases on which everything has to hold.
pub const FULL: Version = Version::new(5, 0, 0);
/// The releases on which records have to arrive.
pub const SMOKE: Version = Version::new(4, 1, 0);

fn release(program: &PathBuf) -> Release {
    let output = Command::new(program).arg("--version").output().expect("a version");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = text.split_whitespace().find_map(|word| word.strip_prefix('v')?.parse().ok());
    Release { program: program.clone(), version: number.unwrap_or_else(|| panic!("no version in {text}")) }
}

impl Stage {
    /// The log driver of the container `httpd`.
    pub fn driver(&self) -> Driver {
        Driver::new(&self.router.socket, crate::router::TAG)
    }

    /// Waits until all of these lines are in the cloud, and nothing is left in the router's buffer; not longer than
    /// [`PATIENCE`] when nothing gets there any more.
    pub fn wait_for(&self, lines: impl Iterator<Item = usize> + Clone, most: usize) -> Census {
        let (mut passed, mut since) = (self.endpoint.passed(), Instant::now());
        loop {
            if self.router.chunks() == 0 || since.elapsed() > PATIENCE {
                let census = Census::take(&self.cloud, most);
                if census.difference(lines.clone()).missing == 0 || since.elapsed() > PATIENCE {
                    return census;
                }
            }
            thread::sleep(Duration::from_millis(500));
            if self.endpoint.passed() != passed {
                (passed, since) = (self.endpoint.passed(), Instant::now());
            }
        }
    }

    /// Prints what came of a scenario.
    pub fn report(&self, scenario: &str, text: &str) {
        println!("{scenario} {}: {text}", self.router.release.version);
    }

    /// Asks for each line once, at each of its destinations and nowhere else.
    pub fn assert_exact(&self, census: &Census, most: usize, process: Option<&Process>) {
        let difference = census.difference(0..most);
        let log = process.map_or(String::new(), |process| tail(&process.log()));
        assert_eq!(difference, Difference::default(), "{} on {}\n{log}", census.arrived(), self.router.release.version);
    }
}

/// In words.
pub fn memory(peak: Memory) -> String {
    let mib = |kib: u64| kib / 1024;
    let Memory { anonymous, file, resident } = peak;
    format!("at most {} MiB resident (RssAnon {}, RssFile {})", mib(resident), mib(anonymous), mib(file))
}

/// The last lines.
fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
