//! What the end-to-end tests and the measurements share.
pub mod corpus;
pub mod cost;
pub mod fluent_bit;
pub mod host;
pub mod invariants;
pub mod load;
pub mod record;
