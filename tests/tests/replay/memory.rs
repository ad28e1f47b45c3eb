//! Memory does not grow with the file.
use crate::stage::Stage;
use e2e::load;
use std::fs::File;
use std::io::BufWriter;
use std::os::unix::process::ExitStatusExt as _;

/// The peak of the resident memory of a replay of so many lines, in KiB.
fn peak(stage: &Stage, count: u64) -> i64 {
    let name = format!("{count}.log");
    let mut file = BufWriter::new(File::create(stage.path(&name)).expect("a file"));
    load::write_combined(count, &mut file).expect("lines");
    drop(file);
    let child = stage.command(&[&name, "--to", "archive", "stream", "files", "--dry-run"]).spawn().expect("it runs");
    let pid = child.id() as libc::pid_t;
    let mut status = 0;
    // SAFETY: both pointers live through the call, and the process is our child.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::wait4(pid, &raw mut status, 0, &raw mut usage), pid);
        usage
    };
    assert!(std::process::ExitStatus::from_raw(status).success());
    usage.ru_maxrss
}

#[test]
fn ten_times_the_lines_take_no_more_memory() {
    let Some(stage) = Stage::set("ten_times") else { return };
    let (small, large) = (peak(&stage, 130_000), peak(&stage, 1_300_000));
    println!("{small} KiB for 20 MB, {large} KiB for 200 MB");
    assert!(large < small + small / 4, "{small} KiB, then {large} KiB");
}
