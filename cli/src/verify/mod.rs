//! What `verify` waits for ([`routes`], [`sites`]), and what it says ([`progress`], [`report`]).
pub mod progress;
pub mod report;
pub mod routes;
pub mod sites;
