//! A first configuration, guessed from a sample of somebody's log.
//!
//! The lines of the [`sample`] are tried with well-known formats ([`known`]); what none of them reads is taken apart into
//! columns, from which a LogFormat is inferred ([`infer`]). A format reads a line only if the values are of the fields' kinds
//! (`plausible`). The best few formats are chosen ([`choose`]), shown ([`show`]) and written down (`write`), together with
//! expectations about some of the lines ([`expectations`]).
pub mod choose;
mod columns;
mod directive;
pub mod expectations;
mod header;
pub mod infer;
pub mod known;
mod plausible;
pub mod reader;
pub mod sample;
pub mod show;
mod values;
pub mod write;
