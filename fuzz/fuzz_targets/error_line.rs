//! Any bytes as an error line, for httpd's own layouts and for an ErrorLogFormat.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| firelens_fuzz::targets::error_line(input));
