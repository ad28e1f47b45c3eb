//! The stack in the languages of other tools: pure functions from [`crate::Stack`] and [`crate::Place`] to text. Nothing
//! asks AWS.
pub mod athena;
pub mod cloudformation;
pub mod symbol;
