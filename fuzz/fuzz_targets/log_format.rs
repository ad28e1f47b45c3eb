//! Any text as a LogFormat or an ErrorLogFormat (its first line), and a line to read with it (the rest).
#![no_main]
use firelens_filter::Filter;
use firelens_filter::compile::compile;
use firelens_filter::program::Program;
use firelens_filter::spec::Format;
use firelens_fuzz::{access, httpd, record, run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|&byte| byte == b'\n').unwrap_or(input.len());
    let Ok(format) = std::str::from_utf8(&input[..end]) else { return };
    let record = record::firelens("stdout", input.get(end + 1..).unwrap_or_default());
    for format in [access(format), Format::HttpdError { format: Some(format.into()), zone: Vec::new() }] {
        let program = match compile(&httpd(vec![format])) {
            Ok(program) => program,
            Err(errors) => {
                assert!(!errors.is_empty() && errors.iter().all(|error| !error.message.is_empty()));
                continue;
            }
        };
        let read = Program::from_bytes(&program.to_bytes()).expect("what was compiled is sound");
        assert_eq!(read.to_bytes(), program.to_bytes());
        run(&mut Filter::new(read), &record, true);
    }
});
