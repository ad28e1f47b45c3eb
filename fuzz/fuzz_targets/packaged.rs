//! Any line, in any surroundings, for any of many programs: the code that packaging writes for the program gives what the
//! general engine gives, byte for byte.
#![no_main]
use firelens_fuzz::{modules, packaged};

libfuzzer_sys::fuzz_target!(|input: &[u8]| packaged::compare_with(modules::load, input));
