//! The resources that hold the logs and the image, each against moto's server: made, compared, mended, taken away, and
//! made again after a create that was cut off. Where moto does not know what AWS does, the request itself is looked at.
//!
//! Needs: moto.
#[path = "../pipeline/authority.rs"]
mod authority;
mod bucket;
mod calls;
mod data_stream;
mod delivery_stream;
#[path = "../pipeline/endpoint.rs"]
#[allow(dead_code, reason = "the pipeline's tests use all of it")]
mod endpoint;
mod journey;
mod log_group;
mod repository;
mod stage;
