//! What the end-to-end tests and the measurements share.
pub mod cost;
pub mod fluent_bit;
pub mod load;
