//! Inputs that a fuzzer or a property test once failed on, each through its fuzz target's code again.
//!
//! `fuzz/regressions/TARGET/` keeps them. A new one is copied there from `fuzz/artifacts/TARGET/`.
#[path = "../../fuzz/src/mask.rs"]
mod mask;
#[path = "../../fuzz/src/packaged.rs"]
mod packaged;
#[path = "made_code/programs.rs"]
mod programs;
#[path = "privacy/spell.rs"]
#[expect(dead_code, reason = "the rest of it is for the test of whole records")]
mod spell;
#[path = "../../fuzz/src/targets.rs"]
mod targets;

use e2e::{host, invariants, record};
use std::{fs, path::Path};
use wasmtime::Module;

/// A target's name, and what it does with an input.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 7] = [
    ("access_line", targets::access_line),
    ("error_line", targets::error_line),
    ("log_format", targets::log_format),
    ("mask", mask::mask),
    ("packaged", |input| packaged::compare_with(|engine, bytes| Module::new(engine, bytes).unwrap(), input)),
    ("program", targets::program),
    ("record", targets::record),
];

#[test]
fn no_input_fails_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/regressions");
    let mut inputs = 0;
    for (name, target) in TARGETS {
        for entry in folder.join(name).read_dir().unwrap_or_else(|error| panic!("fuzz/regressions/{name}: {error}")) {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            target(&fs::read(&path).unwrap());
            inputs += 1;
        }
    }
    assert!(inputs >= TARGETS.len(), "each target has an input");
}

/// None is forgotten.
#[test]
fn each_folder_is_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/regressions");
    for entry in folder.read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(TARGETS.iter().any(|(target, _)| *target == name), "fuzz/regressions/{name} is run by nothing");
    }
}
