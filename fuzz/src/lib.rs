//! What the fuzz targets share: programs to run, and the invariants that the tests check, too.
//! Seeds are made of the corpus by `cargo run --bin seeds`; `make fuzz` runs all targets.

pub mod files;
#[path = "../../tests/src/host.rs"]
pub mod host;
pub mod oci;

#[path = "../../tests/src/invariants.rs"]
pub mod invariants;
pub mod mask;
#[path = "../../cli/src/module/mod.rs"]
pub mod module;
pub mod modules;
pub mod packaged;
#[path = "../../tests/tests/straight/programs.rs"]
pub mod programs;
#[path = "../../tests/src/record.rs"]
pub mod record;
#[path = "../../tests/tests/privacy/spell.rs"]
pub mod spell;
pub mod targets;

/// What `module` says when it cannot package.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    pub fn new(message: impl Into<String>) -> Error {
        Error(message.into())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
