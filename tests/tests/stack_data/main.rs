//! The resources that hold the logs and the image, each against moto's server: made, compared, mended, taken away, and
//! made again after a create that was cut off. Where moto does not know what AWS does, the request itself is looked at.
//!
//! Each test says so when it is skipped because there is no moto.
mod bucket;
mod calls;
mod data_stream;
mod delivery_stream;
mod journey;
mod log_group;
mod repository;
mod stage;
