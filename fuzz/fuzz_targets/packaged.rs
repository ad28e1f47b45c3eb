//! Any line, in any surroundings, for any of many programs: the code that packaging writes for the program gives what the
//! general engine gives, byte for byte.
#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| firelens_fuzz::packaged::compare(input));
