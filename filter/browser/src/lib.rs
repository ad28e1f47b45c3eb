//! The playground's engine: it reads a `firelens.toml`, packages the filter's module for it, and says what that module makes of
//! lines: the very results that `firelens-kit test` prints.
//!
//! The module itself runs beside this one, in the browser's own runtime ([`api`] says what the page hands over for that).
//! Everything that was seen is kept here ([`results`]), so that the page asks only for what it shows.
pub mod api;
pub mod details;
pub mod problems;
pub mod results;
pub mod run;
pub mod spans;
