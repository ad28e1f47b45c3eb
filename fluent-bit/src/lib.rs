//! The Fluent Bit side of the kit: what runs in the router's container, and the task definition around it.
pub mod conf;
pub mod task_definition;
