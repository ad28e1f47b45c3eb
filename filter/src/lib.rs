//! The firelens-kit log filter: one record of Fluent Bit in, one record out, parsed and routed.
//!
//! The same code runs as a plain Rust library and, built for `wasm32-unknown-unknown`, as the module that Fluent Bit's
//! `wasm` filter loads. What it does with a line is decided by a [`Program`], which the `compile` feature makes from
//! formats and routes ([`spec`]) ahead of time, so that nothing is compiled where the logs flow.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod claims;
#[cfg(feature = "compile")]
pub mod compile;
mod emit;
mod extra;
pub mod filter;
mod ip;
pub mod json;
mod mask;
mod matcher;
#[cfg(target_arch = "wasm32")]
mod module;
pub mod program;
mod record;
mod repair;
mod route;
#[cfg(feature = "compile")]
pub mod spec;
pub mod straight;
mod swar;
#[cfg(all(test, feature = "compile"))]
mod tests;
mod time;
mod value;

pub use filter::{Filter, Outcome};
pub use program::Program;
