//! The kit's program, as a user runs it.
use std::env;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::LazyLock;

/// `$FIRELENS_KIT`, or this workspace's, which is built when it is not there.
pub fn program() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| match env::var_os("FIRELENS_KIT") {
        Some(named) => PathBuf::from(named),
        None => build(),
    });
    &PROGRAM
}

/// Beside this test's own program, in whatever target folder that is.
fn build() -> PathBuf {
    let test = env::current_exe().expect("a test is a program");
    let profile = test.ancestors().nth(2).expect("target/<profile>/deps/<test>");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "firelens-kit", "--target-dir"]);
    cargo.arg(profile.parent().expect("target/<profile>"));
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    // What cargo tells a test about itself would make it build some crates again, and the next `cargo test`, too.
    let told =
        |name: &str| ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_"].iter().any(|start| name.starts_with(start));
    env::vars_os().filter(|(name, _)| told(&name.to_string_lossy())).for_each(|(name, _)| _ = cargo.env_remove(name));
    let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs");
    assert!(built.success(), "firelens-kit is not built");
    profile.join("firelens-kit")
}

/// Sends a running program a signal, and waits until it says this on standard error: what it said until then.
pub fn signal(child: &mut Child, signal: i32, says: &str) -> String {
    // SAFETY: the child was not waited for, so its number is still its own.
    let sent = unsafe { libc::kill(child.id() as libc::pid_t, signal) };
    assert_eq!(sent, 0, "{}", io::Error::last_os_error());
    let stderr = child.stderr.as_mut().expect("it is a pipe");
    let mut said = Vec::new();
    while !String::from_utf8_lossy(&said).contains(says) {
        let mut byte = [0];
        let read = stderr.read(&mut byte).expect("it is read");
        assert!(read == 1, "it never said {says:?}: {}", String::from_utf8_lossy(&said));
        said.push(byte[0]);
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// A command without the colours and AWS settings of whoever runs the tests.
pub fn command() -> Command {
    let mut command = Command::new(program());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    // What is waited for takes five milliseconds a second.
    command.env("FIRELENS_KIT_SECOND_MS", "5");
    command.env_remove("COLUMNS").env_remove("CLICOLOR_FORCE").env("NO_COLOR", "1");
    command
}
