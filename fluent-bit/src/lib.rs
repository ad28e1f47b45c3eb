//! The Fluent Bit side of the kit: what each release can and cannot do ([`release`], [`image`], [`plugin`]), what runs in
//! the router's container, and the task definition around it. Nothing here knows `firelens.toml`.
pub mod conf;
pub mod image;
pub mod plugin;
pub mod release;
pub mod task_definition;

pub use image::Image;
pub use release::Version;
