//! `firelens-kit export athena`: the tables hold what the filter writes, and the queries answer what they are asked, in
//! a real engine.
mod columns;
mod delivered;
mod engine;
mod fluent_bit;
mod replayed;
