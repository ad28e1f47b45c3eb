//! The stack's log groups: which are meant ([`groups`]), and how their events are printed (`print`).
pub mod groups;
pub mod print;
