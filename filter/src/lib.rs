//! The firelens-kit log filter: one record of Fluent Bit in, one record out, parsed and routed.
//!
//! The same code runs as a plain Rust library and, built with `--cfg firelens_module`, as the module that Fluent Bit's
//! `wasm` filter loads (`module`). What it does with a line is decided by a [`Program`], which `firelens-compiler` makes from formats
//! and routes ahead of time, so that nothing is compiled where the logs flow; `firelens-packager` puts it into the module.
//!
//! A record is read ([`json`], `repair`, `record`), its line is matched (`parse`, `matcher`), conditions look at both
//! (`view`, `route`), and what is returned is written (`emit`, `mask`, `value`).
//!
//! ```
//! use firelens_filter::{Filter, Outcome, Program};
//!
//! // Without formats, a record passes with its line, marked as what it is.
//! let mut out = Vec::new();
//! let outcome = Filter::new(Program::default()).filter(b"httpd-firelens-1", br#"{"log":"hello"}"#, &mut out);
//! assert_eq!(outcome, Outcome::Changed);
//! assert_eq!(out, br#"{"kind":"unparsed","log":"hello"}"#);
//! ```
#![warn(missing_docs, unreachable_pub)]
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod added;
pub mod border;
mod claims;
mod emit;
mod extra;
pub mod filter;
mod ip;
pub mod json;
mod line;
mod mask;
mod matcher;
#[cfg(firelens_module)]
mod module;
pub mod names;
pub mod observe;
mod parse;
mod path;
pub mod program;
mod record;
mod repair;
mod route;
mod swar;
mod time;
mod value;
mod view;

pub use extra::NUMBERS as LOGRAGE_NUMBERS;
pub use filter::{Filter, Outcome};
pub use matcher::Fit;
pub use program::Program;
