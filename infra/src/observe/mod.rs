//! Looking at a stack: what runs, what arrived, and what keeps a deploy from working.
pub mod doctor;
pub mod logs;
pub mod status;
