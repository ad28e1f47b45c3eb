//! A first configuration, guessed from a sample of somebody's log.
//!
//! The lines of the [`sample`] are tried with well-known formats ([`known`]); what none of them reads is taken apart into
//! columns, from which a LogFormat is inferred ([`infer`]). The best few formats are chosen ([`choose`]) and written down
//! (`write`), together with expectations about some of the lines ([`expectations`]).
pub mod choose;
mod columns;
mod directive;
pub mod expectations;
pub mod infer;
pub mod known;
pub mod sample;
pub mod write;
