//! The router's image, built and pushed by the kit's program, and read by tools of other people: skopeo and umoci.
//!
//! Needs: registry, moto, tools.
mod base;
mod build;
mod ecr;
mod evil;
mod front;
mod hostile_files;
mod hostile_registry;
mod push;
mod stage;
