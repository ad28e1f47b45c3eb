//! What runs the router, each resource against moto's server: made, compared, mended, taken away, and made again after a
//! create that was cut off. Where moto does not know what AWS does, the request itself is looked at.
//!
//! Needs: moto.
mod adopted;
mod failure;
mod journey;
mod network;
mod roles;
mod service;
mod stage;
mod task_definition;
