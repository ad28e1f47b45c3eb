//! Private text between any bytes: none of it comes out, whatever stands around it, as long as it stands by itself.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| firelens_fuzz::mask::mask(input));
