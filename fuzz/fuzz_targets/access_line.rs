//! Any bytes as an access line, for every LogFormat of the corpus.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| firelens_fuzz::targets::access_line(input));
