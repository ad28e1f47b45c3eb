//! Where manifests and blobs are read from by their digests.
use super::{SMALL, layout, size};
use crate::oci::{Blob, Error, Reference, Registry, Result, digest};
use bytes::Bytes;
use oci_client::manifest::OciDescriptor;
use std::{fmt, path::PathBuf, sync::Arc};

/// A registry's repository, or a layout's folder.
pub enum Store {
    Registry { registry: Arc<Registry>, reference: Reference },
    Layout(PathBuf),
}

impl Store {
    pub async fn manifest(&self, of: &str) -> Result<Bytes> {
        match self {
            Store::Registry { registry, reference } => Ok(registry.manifest(&reference.at(of)).await?.0),
            Store::Layout(path) => {
                let path = layout::blob(path, of)?;
                let bytes = std::fs::read(&path).map_err(|error| Error::file("read", &path, &error))?;
                match digest(&bytes) == of && bytes.len() as u64 <= SMALL {
                    true => Ok(bytes.into()),
                    false => Err(Error::new(format!("{} is damaged", path.display()))),
                }
            }
        }
    }

    /// A blob, which is not read yet.
    pub fn blob(&self, of: &OciDescriptor) -> Result<Blob> {
        let size = size(of)?;
        Ok(match self {
            Store::Registry { registry, reference } => {
                Blob::in_registry(&of.media_type, &of.digest, size, registry, reference)
            }
            Store::Layout(path) => Blob::in_file(&of.media_type, &of.digest, size, &layout::blob(path, &of.digest)?, 0),
        })
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Store::Registry { reference, .. } => reference.fmt(f),
            Store::Layout(path) => path.display().fmt(f),
        }
    }
}
