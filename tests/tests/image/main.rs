//! The router's image, built and pushed by the kit's program, and read by tools of other people: skopeo and umoci.
//!
//! Each test says so when it is skipped because one of them, docker-registry or moto is not on this machine.
mod base;
mod build;
mod ecr;
mod front;
mod push;
mod stage;
