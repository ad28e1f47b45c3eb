//! The router's image, made without Docker: a base image ([`base`]) and one layer on top of it ([`layer`]) become an image
//! for several platforms ([`image`]), which is written to a folder or an archive ([`mod@write`]) or pushed to a registry
//! ([`mod@push`]). An image's digest is known from the base's manifests alone; layers are read when they are moved, a piece at
//! a time.
//!
//! The formats are those of the OCI image and distribution specifications 1.1, and of `docker save`.
//!
//! ```
//! let digest = firelens_oci::digest(b"");
//! assert_eq!(digest, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
//! ```
#![warn(unreachable_pub)]
use sha2::{Digest as _, Sha256};
use std::{fmt, str::FromStr};

pub mod base;
pub mod blob;
pub mod credentials;
pub mod error;
pub mod image;
pub mod layer;
mod plain;
pub mod push;
pub mod reference;
pub mod registry;
mod retry;
mod upload;
pub mod write;

pub use base::{Base, Source};
pub use blob::Blob;
pub use error::{Error, Kind};
pub use image::{Image, Options};
pub use layer::{File, Volume};
pub use push::{Event, Progress, Pushed, Quiet, push, rehearse};
pub use reference::Reference;
pub use registry::{Registry, RegistryAuth};

/// Manifests and configurations with more bytes than this are not read. Registries take manifests of 4 MiB at least (OCI
/// distribution specification, "Pushing Manifests"), and hardly more.
pub const SMALL: u64 = 4 << 20;

pub type Result<T> = std::result::Result<T, Error>;

/// `sha256:…`, the digest of these bytes.
pub fn digest(bytes: &[u8]) -> String {
    written(&Sha256::digest(bytes))
}

fn written(hash: &[u8]) -> String {
    hash.iter().fold("sha256:".to_string(), |text, byte| text + &format!("{byte:02x}"))
}

/// The 64 digits of a digest, which is its file's name in a layout; `None` when this is no SHA-256.
fn hex(digest: &str) -> Option<&str> {
    let hex = digest.strip_prefix("sha256:")?;
    (hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))).then_some(hex)
}

/// What an image runs on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    pub os: String,
    /// As Go names it: `amd64`, `arm64`.
    pub architecture: String,
}

impl Platform {
    pub fn new(os: &str, architecture: &str) -> Platform {
        Platform { os: os.to_string(), architecture: architecture.to_string() }
    }

    /// The platforms of ECS on Fargate.
    pub fn usual() -> Vec<Platform> {
        vec![Platform::new("linux", "amd64"), Platform::new("linux", "arm64")]
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)
    }
}

/// `linux/arm64`
impl FromStr for Platform {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Platform, String> {
        Platform::usual()
            .into_iter()
            .find(|platform| platform.to_string() == text)
            .ok_or_else(|| "the router's image is for linux/amd64 and linux/arm64".to_string())
    }
}
