//! Any bytes as a program: it is refused, or it can be run on any line without harm.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| firelens_fuzz::targets::program(input));
