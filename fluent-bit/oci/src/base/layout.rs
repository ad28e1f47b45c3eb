//! A base image in a folder: the OCI image layout.
use super::{Base, Platform, Source, Store, from_entries, parse, platforms};
use crate::{Error, Reference, Result, SMALL, hex, plain};
use oci_client::manifest::{ImageIndexEntry, OciManifest};
use std::{
    fs::File,
    path::{Path, PathBuf},
};

/// The file that makes a folder a layout.
pub(crate) const MARK: &str = "oci-layout";
pub(crate) const INDEX: &str = "index.json";
pub(crate) const NAME: &str = "org.opencontainers.image.ref.name";

/// The file of a blob.
pub(crate) fn blob(layout: &Path, digest: &str) -> Result<PathBuf> {
    let hex = hex(digest).ok_or_else(|| Error::new(format!("`{digest}` is no digest that is known here")))?;
    Ok(layout.join("blobs/sha256").join(hex))
}

/// The folders that blobs are in.
pub(crate) const BLOBS: [&str; 2] = ["blobs", "blobs/sha256"];

/// Opens the file of a blob.
///
/// # Errors
/// When it is not there, or it or the folder that it is in is something else, such as a link.
pub(crate) fn open_blob(layout: &Path, digest: &str) -> Result<(File, PathBuf)> {
    let path = blob(layout, digest)?;
    BLOBS.iter().try_for_each(|folder| plain::folder(&layout.join(folder)))?;
    Ok((plain::open_inside(&path)?, path))
}

/// All bytes of a small blob.
///
/// # Errors
/// As for [`open_blob`], and when it is too big.
pub(crate) fn read_blob(layout: &Path, digest: &str) -> Result<Vec<u8>> {
    BLOBS.iter().try_for_each(|folder| plain::folder(&layout.join(folder)))?;
    plain::read(&blob(layout, digest)?, SMALL)
}

pub(crate) async fn open(path: &Path, tag: Option<&str>, wanted: &[Platform]) -> Result<Base> {
    let source = Source::Layout { path: path.to_path_buf(), tag: tag.map(str::to_string) };
    let file = path.join(INDEX);
    let index = plain::read(&file, SMALL)?;
    let store = Store::Layout(path.to_path_buf());
    let OciManifest::ImageIndex(index) = parse(&store, &index)? else {
        return Err(Error::new(format!("{} is no index", file.display())));
    };
    let named: Vec<&ImageIndexEntry> =
        index.manifests.iter().filter(|entry| tag.is_none() || name(entry) == tag).collect();
    match named.as_slice() {
        [entry] => {
            let bytes = store.manifest(&entry.digest).await?;
            let platforms = platforms(&store, &bytes, &entry.digest, wanted).await?;
            let name = name(entry).filter(|name| name.contains('/') && Reference::parse(name).is_ok());
            let name = name.map(str::to_string);
            Ok(Base { source, name, digest: Some(entry.digest.clone()), platforms })
        }
        [] => Err(Error::new(format!("{} has no image {}", path.display(), tag.unwrap_or_default()))),
        // One image, whose platforms stand in the layout's index itself.
        several if several.iter().all(|entry| entry.platform.is_some() && name(entry) == name(several[0])) => {
            let entries: Vec<ImageIndexEntry> = several.iter().copied().cloned().collect();
            let platforms = from_entries(&store, &entries, wanted).await?;
            Ok(Base { source, name: None, digest: None, platforms })
        }
        several => {
            let names: Vec<&str> = several.iter().filter_map(|entry| name(entry)).collect();
            let error = Error::new(format!("{} has {} images", path.display(), several.len()));
            Err(error.help(format!("name one: oci:{}:TAG, of {}", path.display(), names.join(", "))))
        }
    }
}

fn name(entry: &ImageIndexEntry) -> Option<&str> {
    entry.annotations.as_ref()?.get(NAME).map(String::as_str)
}
