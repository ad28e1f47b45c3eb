//! An image into files: a folder in the OCI image layout, or the archive that `docker load` reads.
use super::{Blob, Error, Image, Result, SMALL, base::layout, hex, image::PlatformImage, image::descriptor, plain};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};
use tar::{Builder, EntryType, Header};
use tempfile::NamedTempFile;

/// What [`layout::MARK`] says.
const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// By which layouts of this kit are known.
const OURS: &str = "firelens-kit.version";

/// Writes an image as the only one of a layout. What the folder has of it already stays; an older image of this kit in it
/// goes, and nothing else. No link is followed. `told` hears of each blob that is written.
///
/// # Errors
/// When the folder has something else in it, or a link where the layout has a file or a folder; when the base's layers cannot
/// be read, or a file cannot be written. What was new then goes again.
pub async fn write_layout(image: &Image, folder: &Path, mut told: impl FnMut(&Blob, u64)) -> Result<()> {
    check_folder(folder)?;
    let mut new = New::default();
    let written = fill(image, folder, &mut new, &mut told).await;
    if written.is_err() {
        new.remove();
    }
    written
}

/// What was not there before.
#[derive(Default)]
struct New {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl New {
    /// Makes a folder, unless it is there; its parents too.
    fn folder(&mut self, folder: &Path) -> Result<()> {
        let missing = folder.ancestors().take_while(|folder| fs::symlink_metadata(folder).is_err());
        let missing = missing.filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_path_buf);
        let missing: Vec<PathBuf> = missing.collect();
        fs::create_dir_all(folder).map_err(|error| Error::file("create", folder, &error))?;
        self.folders.extend(missing);
        Ok(())
    }

    /// A folder that somebody else has put something into meanwhile stays.
    fn remove(self) {
        self.files.iter().for_each(|file| _ = fs::remove_file(file));
        self.folders.iter().for_each(|folder| _ = fs::remove_dir(folder));
    }
}

async fn fill(image: &Image, folder: &Path, new: &mut New, told: &mut impl FnMut(&Blob, u64)) -> Result<()> {
    let before = before(folder)?;
    new.folder(&folder.join("blobs/sha256"))?;
    if put(&folder.join(layout::MARK), LAYOUT.as_bytes())? {
        new.files.push(folder.join(layout::MARK));
    }
    let manifests = image.platforms.iter().map(|platform| &platform.manifest);
    let all: Vec<&Blob> = image.blobs().into_iter().chain(manifests).chain([&image.index]).collect();
    for blob in &all {
        if !is_there(folder, blob)? {
            let path = layout::blob(folder, &blob.digest)?;
            let mut beside = Beside::create(&path)?;
            pour(blob, beside.file.as_file_mut(), &path, told).await?;
            if beside.keep(&path)? {
                new.files.push(path);
            }
        }
    }
    let mut entry = descriptor(&image.index);
    entry["annotations"] = json!({ layout::NAME: image.tag(), OURS: super::image::KIT });
    let index = json!({ "schemaVersion": 2, "mediaType": super::image::INDEX, "manifests": [entry] });
    put(&folder.join(layout::INDEX), index.to_string().as_bytes())?;
    let now: BTreeSet<&str> = all.iter().map(|blob| blob.digest.as_str()).collect();
    before.iter().filter(|digest| !now.contains(digest.as_str())).try_for_each(|digest| {
        let path = layout::blob(folder, digest)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file("remove", &path, &error)),
            _ => Ok(()),
        }
    })
}

/// Whether a blob is in the folder already, with its own content.
fn is_there(folder: &Path, blob: &Blob) -> Result<bool> {
    let path = layout::blob(folder, &blob.digest)?;
    if !path.symlink_metadata().is_ok_and(|there| there.is_file()) {
        return Ok(false);
    }
    let found = plain::digest(plain::open_inside(&path)?).map_err(|error| Error::file("read", &path, &error))?;
    Ok(found == blob.digest)
}

/// A folder may be filled when it is not there, empty, or ours. Neither it nor what is written in it is a link.
fn check_folder(folder: &Path) -> Result<()> {
    for part in ["", "blobs", "blobs/sha256", layout::MARK, layout::INDEX] {
        // A slash at its end would stand for what a link leads to.
        no_link(&folder.join(part).components().collect::<PathBuf>())?;
    }
    let empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::file("read", folder, &error)),
    };
    // What was being written when it ended has a mark, and no index yet.
    let ours = folder.join(layout::MARK).exists() && index(folder)?.is_none_or(|index| is_ours(&index));
    if empty || ours {
        return Ok(());
    }
    let error = Error::new(format!("{} has something else in it", folder.display()));
    Err(error.help("name a folder that is not there, or one that firelens-kit build has written"))
}

fn no_link(path: &Path) -> Result<()> {
    if !fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink()) {
        return Ok(());
    }
    let error = Error::new(format!("{} is a link, which is not followed", path.display()));
    Err(error.help("name it by its own path"))
}

fn is_ours(index: &Value) -> bool {
    let all = index["manifests"].as_array().map(Vec::as_slice).unwrap_or_default();
    !all.is_empty() && all.iter().all(|entry| entry["annotations"][OURS].is_string())
}

/// The folder's index, if it has one.
fn index(folder: &Path) -> Result<Option<Value>> {
    let path = folder.join(layout::INDEX);
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    Ok(Some(serde_json::from_slice(&plain::read(&path, SMALL)?).unwrap_or_default()))
}

/// The blobs of the image that the folder has. Only these are deleted, whatever else is beside them.
fn before(folder: &Path) -> Result<BTreeSet<String>> {
    let Some(index) = index(folder)? else { return Ok(BTreeSet::new()) };
    let mut found = BTreeSet::new();
    let mut left: Vec<String> = digests(&index["manifests"]);
    while let Some(digest) = left.pop() {
        if hex(&digest).is_none() || !found.insert(digest.clone()) {
            continue;
        }
        // An index or a manifest names more; a blob that is damaged, or none of these, does not.
        let read = layout::read_blob(folder, &digest).ok().filter(|bytes| super::digest(bytes) == digest);
        let content: Value = read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        left.extend(digests(&content["manifests"]));
        for blob in digests(&content["layers"]).into_iter().chain(digests(&json!([content["config"]]))) {
            found.extend(hex(&blob).is_some().then_some(blob));
        }
    }
    Ok(found)
}

/// The digests of descriptors.
fn digests(descriptors: &Value) -> Vec<String> {
    let all = descriptors.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(|descriptor| descriptor["digest"].as_str().map(str::to_string)).collect()
}

/// Writes one platform of an image as `docker load` reads it. Layers stay compressed, as go-containerregistry and others
/// write them.
///
/// # Errors
/// When the base's layers cannot be read, or the file cannot be written; it is then as it was.
pub async fn write_docker_archive(
    image: &PlatformImage,
    name: &str,
    file: &Path,
    mut told: impl FnMut(&Blob, u64),
) -> Result<()> {
    no_link(file)?;
    let mut beside = Beside::create(file)?;
    archive(image, name, beside.file.as_file_mut(), file, &mut told).await?;
    beside.keep(file).map(drop)
}

async fn archive(
    image: &PlatformImage,
    name: &str,
    file: &mut File,
    path: &Path,
    told: &mut impl FnMut(&Blob, u64),
) -> Result<()> {
    let failed = |error: io::Error| Error::file("write", path, &error);
    let mut tar = Builder::new(file);
    let config = format!("{}.json", hex(&image.config.digest).unwrap_or_default());
    let mut names: Vec<String> = Vec::new();
    for layer in &image.layers {
        let layer_name = format!("{}.tar.gz", hex(&layer.digest).unwrap_or_default());
        // A layer can be there twice; its name then leads to the same bytes.
        if !names.contains(&layer_name) {
            let mut header = header(layer.size);
            tar.append_data(&mut header, &layer_name, io::empty()).map_err(failed)?;
            pour(layer, tar.get_mut(), path, told).await?;
            pad(tar.get_mut(), layer.size).map_err(failed)?;
        }
        names.push(layer_name);
    }
    let config_bytes = image.config.bytes(image.config.size).await?;
    let manifest = json!([{ "Config": config, "RepoTags": [name], "Layers": names }]).to_string();
    for (name, bytes) in [(config.as_str(), &config_bytes[..]), ("manifest.json", manifest.as_bytes())] {
        tar.append_data(&mut header(bytes.len() as u64), name, bytes).map_err(failed)?;
    }
    tar.into_inner().and_then(|file| file.sync_all()).map_err(failed)
}

fn header(size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_size(size);
    header.set_mtime(0);
    header
}

/// A tar is made of blocks of 512 bytes.
fn pad(file: &mut File, size: u64) -> io::Result<()> {
    let missing = size.next_multiple_of(512) - size;
    file.write_all(&[0; 512][..missing as usize])
}

async fn pour(blob: &Blob, file: &mut File, path: &Path, told: &mut impl FnMut(&Blob, u64)) -> Result<()> {
    let mut done = 0;
    blob.copy(|piece| {
        file.write_all(piece).map_err(|error| Error::file("write", path, &error))?;
        done += piece.len() as u64;
        told(blob, done);
        Ok(())
    })
    .await
}

/// Writes a small file as a whole; whether there was none before.
fn put(path: &Path, bytes: &[u8]) -> Result<bool> {
    let mut beside = Beside::create(path)?;
    beside.file.write_all(bytes).map_err(|error| Error::file("write", path, &error))?;
    beside.keep(path)
}

/// A new file beside the one that it will replace, with a name that nobody knows before. It is deleted unless it is kept.
struct Beside {
    file: NamedTempFile,
}

/// What a new file may be, before the user's mask.
const MODE: u32 = 0o666;

impl Beside {
    /// # Errors
    /// When it cannot be made.
    fn create(path: &Path) -> Result<Beside> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".firelens-kit-").permissions(fs::Permissions::from_mode(MODE));
        let file = builder.tempfile_in(folder).map_err(|error| Error::file("write", path, &error))?;
        if let Some(there) = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file) {
            let same = file.as_file().set_permissions(there.permissions());
            same.map_err(|error| Error::file("write", path, &error))?;
        }
        Ok(Beside { file })
    }

    /// Takes the other one's place, even if that is a link; whether there was none.
    fn keep(self, path: &Path) -> Result<bool> {
        let new = fs::symlink_metadata(path).is_err();
        self.file.persist(path).map_err(|error| Error::file("write", path, &error.error))?;
        Ok(new)
    }
}
