//! Any line, in any surroundings, for any of many programs: the code that packaging writes for the program gives what the
//! general engine gives, byte for byte.
#![no_main]
use firelens_fuzz::packaged::compare;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| compare(input));
