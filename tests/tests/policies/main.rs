//! What the stack's roles may do: the documents as they are written down, and IAM's decisions on calls that are needed, on
//! the same calls on what is a neighbour's, and on dangerous ones.
//!
//! Needs: simulator, moto, registry.
mod deployer;
mod documents;
mod roles;
mod rooms;
mod stacks;
mod takeover;
mod verbs;
