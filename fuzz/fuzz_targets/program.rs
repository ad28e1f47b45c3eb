//! Any bytes as a program: it is refused, or it can be run on any line without harm.
#![no_main]
use firelens_filter::Filter;
use firelens_filter::program::Program;
use firelens_fuzz::record;
use libfuzzer_sys::fuzz_target;

const LINES: [&[u8]; 3] = [
    br#"203.0.113.7 - bob [22/Nov/2026:07:38:32 +0000] "GET /a?b=\"c\" HTTP/1.1" 500 5 "-" "x\xc3\xa9\\""#,
    b"[Sun Nov 22 07:38:32.730944 2026] [core:info] [pid 1:tid 2] (2)No such file: [client ::1:43668] AH00128: x, referer: y",
    br#"{"kind":"error","token":"x","method":"GET","path":"/?q=1","status":200}"#,
];

fuzz_target!(|bytes: &[u8]| {
    let Some(program) = Program::from_bytes(bytes) else { return };
    assert!(program.is_sound());
    let mut filter = Filter::new(program);
    let mut out = Vec::new();
    for line in LINES {
        filter.filter(record::TAG, &record::firelens("stdout", line), &mut out);
        filter.explain(record::TAG, &record::firelens("stderr", line));
    }
});
