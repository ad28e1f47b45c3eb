//! Old log files to the destinations: each line becomes what the filter and Fluent Bit's outputs would make of it.
//!
//! Data flows one way: files -> [`judged`] (records, with route and time) -> [`body`] (bytes) ->
//! [`firelens_infra::send`] (batches).
pub mod arguments;
pub mod body;
pub mod identity;
pub mod judged;
pub mod report;
pub mod run;
pub mod target;
