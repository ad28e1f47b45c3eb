//! An image into files: a folder in the OCI image layout, or the archive that `docker load` reads.
use super::{Blob, Error, Image, Result, base::layout, hex, image::PlatformImage, image::descriptor};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};
use tar::{Builder, EntryType, Header};

/// What [`layout::MARK`] says.
const LAYOUT: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// By which layouts of this kit are known.
const OURS: &str = "firelens-kit.version";

/// Writes an image as the only one of a layout. What the folder has of it already stays; an older image of this kit in it
/// goes. `told` hears of each blob that is written.
///
/// # Errors
/// When the folder has something else in it, the base's layers cannot be read, or a file cannot be written. A folder that was
/// not there is then not there again.
pub async fn write_layout(image: &Image, folder: &Path, mut told: impl FnMut(&Blob, u64)) -> Result<()> {
    check_folder(folder)?;
    let made = !folder.exists();
    let written = fill(image, folder, &mut told).await;
    if written.is_err() && made {
        let _ = fs::remove_dir_all(folder);
    }
    written
}

async fn fill(image: &Image, folder: &Path, told: &mut impl FnMut(&Blob, u64)) -> Result<()> {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).map_err(|error| Error::file("create", &blobs, &error))?;
    put(&folder.join(layout::MARK), LAYOUT.as_bytes())?;
    let manifests = image.platforms.iter().map(|platform| &platform.manifest);
    let all: Vec<&Blob> = image.blobs().into_iter().chain(manifests).chain([&image.index]).collect();
    for blob in &all {
        let path = layout::blob(folder, &blob.digest)?;
        if fs::metadata(&path).is_ok_and(|there| there.len() == blob.size) {
            continue;
        }
        let beside = beside(&path);
        let copied = copy(blob, &beside, told).await;
        if let Err(error) = copied.and_then(|()| rename(&beside, &path)) {
            let _ = fs::remove_file(&beside);
            return Err(error);
        }
    }
    let mut entry = descriptor(&image.index);
    entry["annotations"] = json!({ layout::NAME: image.tag(), OURS: super::image::KIT });
    let index = json!({ "schemaVersion": 2, "mediaType": super::image::INDEX, "manifests": [entry] });
    put(&folder.join(layout::INDEX), index.to_string().as_bytes())?;
    remove_others(&blobs, &all)
}

/// A folder may be filled when it is not there, empty, or ours.
fn check_folder(folder: &Path) -> Result<()> {
    let empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::file("read", folder, &error)),
    };
    let index = fs::read(folder.join(layout::INDEX));
    let ours = match (&index, folder.join(layout::MARK).exists()) {
        (Ok(index), true) => {
            let index: Value = serde_json::from_slice(index).unwrap_or_default();
            let all = index["manifests"].as_array().map(Vec::as_slice).unwrap_or_default();
            all.iter().all(|entry| entry["annotations"][OURS].is_string())
        }
        // What was being written when it ended has no index yet.
        (Err(_), marked) => marked,
        _ => false,
    };
    if empty || ours {
        return Ok(());
    }
    let error = Error::new(format!("{} has something else in it", folder.display()));
    Err(error.help("name a folder that is not there, or one that firelens-kit build has written"))
}

/// Blobs of the image that was here before.
fn remove_others(blobs: &Path, wanted: &[&Blob]) -> Result<()> {
    let failed = |error: &io::Error| Error::file("read", blobs, error);
    for entry in fs::read_dir(blobs).map_err(|error| failed(&error))? {
        let entry = entry.map_err(|error| failed(&error))?;
        let name = entry.file_name();
        if !wanted.iter().any(|blob| hex(&blob.digest).is_some_and(|hex| name == hex)) {
            let path = entry.path();
            fs::remove_file(&path).map_err(|error| Error::file("remove", &path, &error))?;
        }
    }
    Ok(())
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
    let beside = beside(file);
    let written = archive(image, name, &beside, &mut told).await.and_then(|()| rename(&beside, file));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

async fn archive(image: &PlatformImage, name: &str, path: &Path, told: &mut impl FnMut(&Blob, u64)) -> Result<()> {
    let failed = |error: io::Error| Error::file("write", path, &error);
    let mut tar = Builder::new(File::create(path).map_err(failed)?);
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

async fn copy(blob: &Blob, path: &Path, told: &mut impl FnMut(&Blob, u64)) -> Result<()> {
    let mut file = File::create(path).map_err(|error| Error::file("write", path, &error))?;
    pour(blob, &mut file, path, told).await
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

/// Writes a small file as a whole.
fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = beside(path);
    fs::write(&beside, bytes).map_err(|error| Error::file("write", path, &error))?;
    rename(&beside, path)
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|error| Error::file("write", to, &error))
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}
