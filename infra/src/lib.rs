//! The stack on AWS: what it is made of, the rights that it needs, and how it is planned, applied, watched and removed.
//!
//! Data flows one way: [`Stack`] (what is wanted) -> [`model`] (resources) -> [`plan`] (what is there, compared) ->
//! [`apply`]; or -> [`export`], other tools' languages. There is no state file: names, tags and IAM paths follow from the stack's name ([`names`]), and what does not
//! carry the stack's tag is neither changed nor deleted.
pub mod apply;
pub mod aws;
pub mod export;
pub mod lock;
pub mod model;
pub mod names;
pub mod observe;
pub mod others;
pub mod partition;
pub mod plan;
pub mod policy;
pub mod resource;
pub mod send;
pub mod words;

pub use aws::{Aws, Error};
pub use firelens_stack::{self as stack, Stack};
pub use names::Place;
pub use plan::Plan;
pub use resource::{Id, Kind, Resource};

/// What a call to AWS gives.
pub type Result<T> = std::result::Result<T, Error>;
