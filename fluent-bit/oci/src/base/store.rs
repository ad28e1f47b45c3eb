//! Where manifests and blobs are read from by their digests.
use super::{layout, size};
use crate::{Blob, Error, Reference, Registry, Result, digest};
use bytes::Bytes;
use oci_client::manifest::OciDescriptor;
use std::{fmt, path::PathBuf, sync::Arc};

/// A registry's repository, or a layout's folder.
pub(super) enum Store {
    Registry { registry: Arc<Registry>, reference: Reference },
    Layout(PathBuf),
}

impl Store {
    pub(super) async fn manifest(&self, of: &str) -> Result<Bytes> {
        match self {
            Store::Registry { registry, reference } => Ok(registry.manifest(&reference.at(of)).await?.0),
            Store::Layout(path) => {
                let bytes = layout::read_blob(path, of)?;
                match digest(&bytes) == of {
                    true => Ok(bytes.into()),
                    false => Err(Error::new(format!("{} is damaged", layout::blob(path, of)?.display()))),
                }
            }
        }
    }

    /// A blob, which is not read yet.
    pub(super) fn blob(&self, of: &OciDescriptor) -> Result<Blob> {
        let size = size(of)?;
        Ok(match self {
            Store::Registry { registry, reference } => {
                Blob::in_registry(&of.media_type, &of.digest, size, registry, reference)
            }
            Store::Layout(path) => {
                let (file, name) = layout::open_blob(path, &of.digest)?;
                let there = file.metadata().map_err(|error| Error::file("read", &name, &error))?.len();
                if there != size {
                    let error = format!("{} has {there} bytes, not the {size} of its manifest", name.display());
                    return Err(Error::new(error));
                }
                Blob::in_layout(&of.media_type, &of.digest, size, path)
            }
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
