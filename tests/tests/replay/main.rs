//! Old log files into the destinations, through the command line and against moto's server: what arrives, what happens when
//! calls fail or the process ends in the middle, and what is said of records that a service does not take.
//!
//! Needs: moto.
mod arrives;
mod faults;
mod limits;
mod memory;
mod resume;
mod stage;
mod stop;
