//! Any text as a configuration of Fluent Bit (classic or YAML, by its first byte), alone and with itself included: all rules
//! look at it, everything is printed, and what `--fix` writes is linted again. No secret of it is printed.
#![no_main]
use firelens_fuzz::files::{SECRET, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else { return };
    let ending = if first % 2 == 0 { "conf" } else { "yaml" };
    lint(ending, rest);
    // What stands there, and the start of a line with a secret behind it.
    let line = if first % 2 == 0 { "\n    http_passwd " } else { "\n      http_passwd: " };
    let with = [rest, line.as_bytes(), SECRET.as_bytes(), b"\n"].concat();
    for (format, text) in lint(ending, &with) {
        assert!(!text.contains(SECRET), "a secret is printed as {format}: {text}");
    }
});
