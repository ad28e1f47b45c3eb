//! Text that others wrote, through every verb: none of it may steer the terminal that it is shown on.
mod aws;
#[path = "../stack/base.rs"]
mod base;
mod cases;
mod terminal;
