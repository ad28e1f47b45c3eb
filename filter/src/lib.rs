//! The firelens-kit log filter: one record of Fluent Bit in, one record out, parsed and routed.
//!
//! The same code runs as a plain Rust library and, built for `wasm32-unknown-unknown`, as the module that Fluent Bit's
//! `wasm` filter loads. What it does with a line is decided by a [`Program`], which the `compile` feature makes from
//! formats and routes ([`spec`]) ahead of time, so that nothing is compiled where the logs flow.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(feature = "compile")]
pub mod compile;
pub mod filter;
pub mod program;
#[cfg(feature = "compile")]
pub mod spec;

pub use filter::{Filter, Outcome};
pub use program::Program;
