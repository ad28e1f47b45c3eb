//! Looking at a stack: what runs, what arrived, and what keeps a deploy from working.
pub mod doctor;
pub mod logs;
mod objects;
pub mod status;
pub(crate) mod times;
pub mod verify;
