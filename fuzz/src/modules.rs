//! Modules that were compiled before. To compile one takes longer than thousands of runs, the more so with the counters of a
//! fuzzer in the compiler, so `seeds` writes their machine code to `fuzz/modules`, under names that follow from their bytes.
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use wasmtime::{Engine, Module};

/// Where the machine code of a module is.
pub fn path(module: &[u8]) -> PathBuf {
    let mut hash = DefaultHasher::new();
    module.hash(&mut hash);
    Path::new(env!("CARGO_MANIFEST_DIR")).join("modules").join(format!("{:016x}.cwasm", hash.finish()))
}

/// The module of these bytes.
///
/// # Panics
/// When `seeds` has not compiled it.
pub fn load(engine: &Engine, module: &[u8]) -> Module {
    // SAFETY: the file holds what `seeds` wrote, whole; wasmtime refuses that of another version or configuration.
    unsafe { Module::deserialize_file(engine, path(module)) }
        .expect("machine code: `cargo +nightly run --features compile --bin seeds` writes it")
}
