//! Any text as a LogFormat or an ErrorLogFormat (its first line), and a line to read with it (the rest).
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| firelens_fuzz::targets::log_format(input));
