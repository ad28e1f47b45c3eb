//! The module that runs inside Fluent Bit, and its packaging with a program.
use crate::Error;
use firelens_filter::Program;

/// The module as it was built, without a program: what is handed to Fluent Bit comes from [`package`].
pub const RAW: &[u8] = &[];

/// The module with this program as part of its data.
///
/// # Errors
/// When `raw` is not the filter's module.
pub fn package(raw: &[u8], _program: &Program) -> Result<Vec<u8>, Error> {
    Ok(raw.to_vec())
}
