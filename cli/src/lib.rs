//! The command line: one module a verb.
pub mod config;
pub mod module;
pub mod test;
pub mod verbs;
