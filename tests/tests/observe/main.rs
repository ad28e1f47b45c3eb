//! What is said of a stack that is there, and of an account before the first deploy, with moto as the cloud.
//!
//! Needs: moto.
mod credentials;
mod desk;
mod doctor;
mod logs;
mod stage;
mod status;
mod verbs;
mod verify;
