//! What the end-to-end tests and the measurements share.
pub mod athena;
pub mod corpus;
pub mod cost;
pub mod counterpart;
pub mod ecr;
pub mod fault_proxy;
pub mod fluent_bit;
pub mod host;
pub mod http;
pub mod iam;
pub mod invariants;
pub mod kit;
pub mod load;
pub mod moto;
mod partial;
pub mod record;
pub mod registry;
pub mod simulate;
