//! What tests talk to besides the kit's own code.
//!
//! A test declares what it needs: all tests of a binary in a line `//! Needs: moto, registry.` at the top of its main file,
//! or those of a module by its name, `needs_moto`. `scripts/test` leaves out the tests whose counterpart is missing, so that
//! they count as skipped, and names them at the end. A test that is run without its counterpart fails here.

/// The AWS API.
pub const MOTO: &str = "moto";
/// Debian's docker-registry.
pub const REGISTRY: &str = "registry";
/// IAM's decisions.
pub const SIMULATOR: &str = "simulator";
/// Athena's SQL: sqlglot and DuckDB.
pub const SQL: &str = "sql";
/// Another parser of Terraform's language.
pub const HCL: &str = "hcl";
/// Readers of images: skopeo and umoci.
pub const TOOLS: &str = "tools";
/// A real browser, and Node to drive it.
pub const BROWSER: &str = "browser";
/// The real Fluent Bit, in `$FLUENT_BITS`, `$FLUENT_BIT` or on the `PATH`.
pub const FLUENT_BIT: &str = "fluent_bit";

/// Fails the test.
#[track_caller]
pub fn missing(counterpart: &str) -> ! {
    let help = match counterpart {
        FLUENT_BIT => "name one in $FLUENT_BIT, or several in $FLUENT_BITS".to_string(),
        _ => format!("`scripts/counterparts {counterpart}` installs it"),
    };
    panic!("the counterpart `{counterpart}` is missing: {help}");
}
