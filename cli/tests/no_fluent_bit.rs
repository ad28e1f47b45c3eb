//! `firelens-kit test --fluent-bit` with programs that are no Fluent Bit, or do not start.
mod support;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};
use support::{CONFIG, Folder, GOOD, Run};

/// `firelens-kit test --fluent-bit PROGRAM …`
fn through(folder: &Folder, program: &Path, args: &[&str], input: &[u8]) -> Run {
    let mut all = vec!["--fluent-bit", program.to_str().unwrap()];
    all.extend(args);
    folder.test_with_input(all, input)
}

/// A program that only a test takes for Fluent Bit.
fn script(folder: &Folder, text: &str) -> PathBuf {
    let path = folder.path("fluent-bit");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn what_fluent_bit_says_is_shown_when_it_does_not_start() {
    let folder = Folder::new().with("firelens.toml", CONFIG);
    let program = script(
        &folder,
        "[ \"$1\" = --version ] && { echo 'Fluent Bit v5.0.9'; exit; }\necho '[error] [config] something is wrong' >&2\nexit 3",
    );
    let run = through(&folder, &program, &["-"], GOOD.as_bytes());
    run.fails_with(2, &["ended before it listened (exit status: 3)", "[error] [config] something is wrong"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn what_is_no_fluent_bit_is_refused() {
    let folder = Folder::new().with("firelens.toml", CONFIG);
    through(&folder, Path::new("/nowhere/fluent-bit"), &["-"], b"x")
        .fails_with(2, &["cannot run /nowhere/fluent-bit: "]);
    through(&folder, Path::new("/bin/true"), &["-"], b"x").fails_with(2, &["/bin/true is no Fluent Bit"]);
    let program = script(&folder, "echo 'Fluent Bit v5.0.9'");
    let other = Folder::new();
    through(&other, &program, &["-"], b"x").fails_with(2, &["runs the pipeline of a firelens.toml"]);
    through(&folder, &program, &["--log-format", "combined", "-"], b"x").fails_with(2, &["cannot be used with"]);
}
