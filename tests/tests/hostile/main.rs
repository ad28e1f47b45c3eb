//! Text that others wrote, through every verb: none of it may steer the terminal that it is shown on.
mod aws;
mod cases;
mod terminal;
