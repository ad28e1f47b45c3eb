//! What the fuzz targets share: programs to run, and the invariants that the tests check, too.
//! Seeds are made of the corpus by `cargo run --bin seeds`; `make fuzz` runs all targets.

pub mod files;
#[path = "../../tests/src/host.rs"]
pub mod host;
pub mod oci;

#[path = "../../tests/src/invariants.rs"]
pub mod invariants;
pub mod mask;
pub mod modules;
pub mod packaged;
#[path = "../../tests/tests/made_code/programs.rs"]
pub mod programs;
#[path = "../../tests/src/record.rs"]
pub mod record;
#[path = "../../tests/tests/privacy/spell.rs"]
pub mod spell;
pub mod targets;
