//! Lines that are made to cost time.
use super::*;
use std::{fs, time::Duration};

/// The CPU time of this thread, whatever else the machine does; nothing where the kernel does not say.
fn cpu() -> Option<Duration> {
    let said = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    said.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Formats with several values that may hold anything, and lines in which each of them could end anywhere: four times the
/// bytes take four times the time, not sixteen times.
#[test]
fn free_values_cost_time_in_proportion_to_the_line() {
    let formats = [
        r#"%{A}i %{B}i %{C}i %{D}i %{E}i %{F}i "%r""#,
        r#"%{A}i - %{B}i - %{C}i - %{D}i "x"#,
        "%{A}n-%{B}n-%{C}n-%{D}n %>s",
        r#"%{A}i "%{B}i" %{C}i "%{D}i" %>s"#,
    ];
    for format in formats {
        let spec = httpd(vec![access(format)]);
        for piece in ["a ", "- ", "-", "\" ", "\" \"", "x - \""] {
            let time = |bytes: usize| {
                let start = cpu()?;
                assert_eq!(read(&spec, &piece.repeat(bytes / piece.len()))["kind"], "unparsed");
                Some(cpu()? - start)
            };
            let (Some(short), Some(long)) = (time(10_000), time(40_000)) else { return };
            // What takes next to nothing says nothing.
            let floor = Duration::from_millis(20);
            assert!(long < 8 * short.max(floor), "{format} on {piece:?}: {short:?}, {long:?}");
        }
    }
}
