//! `firelens-kit export athena`: the tables hold what the filter writes, and the queries answer what they are asked, in
//! a real engine.
//!
//! Needs: sql, moto.
mod delivered;
mod engine;
mod files;
mod nested;
mod replayed;
