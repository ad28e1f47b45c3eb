//! Any bytes as a record: one strict, shallow object comes out, and what the filter does not own is in it.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| firelens_fuzz::targets::record(input));
