//! What cfn-lint, which comes with moto, and moto itself make of the templates.
mod created;
pub mod lint;
