//! A stack's life on AWS, with moto in AWS's place and a proxy before it that lets calls fail.
//!
//! Needs: moto, registry, simulator.
mod acceptance;
mod adopted;
mod base;
mod by_hand;
mod drains;
mod elsewhere;
mod faults;
mod golden;
mod hangs;
mod interrupts;
mod journey;
mod kills;
mod lock;
mod neighbours;
mod pages;
mod recent;
mod releases;
mod rollouts;
mod stage;
mod upgrade;
