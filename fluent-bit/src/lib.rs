//! The Fluent Bit side of the kit: what each release can and cannot do ([`release`], [`image`], [`plugin`]), the
//! configuration that runs in the router's container ([`pipeline`], [`render`], [`conf`]), what FireLens writes around it
//! ([`firelens`]), the task definition, and the rules that find what loses logs in all of
//! these ([`lint`]). Nothing here knows `firelens.toml`.
//!
//! ```
//! use firelens_pipeline::Image;
//!
//! let image = Image::parse("public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.15")?;
//! assert!(image.version.is_some(), "the release of Fluent Bit that is in it");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![warn(unreachable_pub)]
pub mod buffer;
pub mod conf;
pub mod destination;
pub mod firelens;
pub mod host;
pub mod image;
pub mod lint;
pub mod multiline;
pub mod pipeline;
pub mod plugin;
pub mod release;
pub mod render;
pub mod task_definition;
pub mod user;
pub mod value;

pub use image::Image;
pub use pipeline::Pipeline;
pub use release::Version;
pub use user::User;
