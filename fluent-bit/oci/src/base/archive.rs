//! A base image in a file that `docker save` wrote: a tar with `manifest.json`, configurations and layers. Its layers stay
//! where they are in it; they have no descriptors, so that their digests come from the configuration, or from reading them.
use super::{Base, OnPlatform, Platform, SMALL, Source, check_layers, config_of, platform_of};
use crate::{Blob, Error, Reference, Result, hex, layer::MEDIA_TYPE as GZIP, plain};
use serde_json::Value;
use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};
use tar::{Archive, EntryType};

const TAR: &str = "application/vnd.oci.image.layer.v1.tar";
const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// The most entries of an archive.
const ENTRIES: usize = 100_000;

/// The longest name of an entry that has one of its own, in bytes: what Linux takes as a path.
const NAME: u64 = 4096;

/// Where an entry's bytes are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Part {
    start: u64,
    size: u64,
}

pub(super) async fn open(path: &Path, wanted: &[Platform]) -> Result<Base> {
    let path = path.to_path_buf();
    let wanted = wanted.to_vec();
    let read = tokio::task::spawn_blocking(move || read(&path, &wanted));
    read.await.map_err(|error| Error::new(error.to_string()))?
}

fn read(path: &Path, wanted: &[Platform]) -> Result<Base> {
    let failed = |error: &io::Error| Error::file("read", path, error);
    let mut file = plain::open(path)?;
    let mut magic = [0; 2];
    if file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b] {
        let error = Error::new(format!("{} is compressed, and its parts cannot be found", path.display()));
        return Err(error.help(format!("gunzip {}", path.display())));
    }
    let no_archive_of = |error: io::Error| Error::new(format!("{} is no archive: {error}", path.display()));
    let parts = check_entries(&mut file).and_then(|()| parts(&mut file)).map_err(no_archive_of)?;
    let no_archive = |why: &str| Error::new(format!("{} was not written by docker save: {why}", path.display()));
    let part = |name: &str| parts.get(name).copied().ok_or_else(|| no_archive(&format!("it has no {name}")));
    let small = |file: &mut File, name: &str| {
        let part = part(name)?;
        if part.size > SMALL {
            return Err(no_archive(&format!("its {name} is too big")));
        }
        bytes(file, part).map_err(|error| failed(&error))
    };
    let manifest = small(&mut file, "manifest.json")?;
    let manifest: Value = serde_json::from_slice(&manifest).map_err(|error| no_archive(&error.to_string()))?;
    let [image] = manifest.as_array().map(Vec::as_slice).unwrap_or_default() else {
        let error = Error::new(format!("{} does not have one image, but several or none", path.display()));
        return Err(error.help("docker save IMAGE > FILE, with one image"));
    };
    let config = image["Config"].as_str().ok_or_else(|| no_archive("its image has no Config"))?;
    let config = config_of(&small(&mut file, config)?).map_err(|error| no_archive(&error))?;
    let names = image["Layers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let diff_ids = config["rootfs"]["diff_ids"].as_array().map(Vec::as_slice).unwrap_or_default();
    check_layers(&config, names.len()).map_err(|why| no_archive(&why))?;
    // A part that is named often is read once.
    let (mut layers, mut hashes) = (Vec::new(), HashMap::new());
    for (name, diff_id) in names.iter().zip(diff_ids) {
        let part = part(name.as_str().unwrap_or_default())?;
        layers.push(layer(&mut file, path, part, diff_id.as_str().unwrap_or_default(), &mut hashes)?);
    }
    let name = image["RepoTags"][0].as_str().filter(|name| Reference::parse(name).is_ok());
    let platform = platform_of(&config);
    let variant = config["variant"].as_str().map(str::to_string);
    let on = OnPlatform { variant, digest: None, layers, config, platform };
    Ok(Base {
        source: Source::DockerArchive(path.to_path_buf()),
        name: name.map(str::to_string),
        digest: None,
        platforms: Vec::from_iter(wanted.contains(&on.platform).then_some(on)),
    })
}

/// Looks at all entries before the names of any are read into memory.
fn check_entries(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    file.rewind()?;
    let mut count = 0;
    let mut archive = Archive::new(file);
    for entry in archive.entries_with_seek()?.raw(true) {
        let entry = entry?;
        count += 1;
        if count > ENTRIES {
            return Err(io::Error::other(format!("it has more than {ENTRIES} entries")));
        }
        let end = entry.raw_file_position().checked_add(entry.size());
        if end.is_none_or(|end| end > length) {
            return Err(io::Error::other("an entry is longer than the file"));
        }
        let header = entry.header().entry_type();
        let describes = header.is_gnu_longname() || header.is_gnu_longlink();
        let describes = describes || header.is_pax_global_extensions() || header.is_pax_local_extensions();
        if describes && entry.size() > NAME {
            return Err(io::Error::other(format!("an entry has a name or attributes of more than {NAME} bytes")));
        }
    }
    Ok(())
}

/// The entries; links (of images that share layers) lead to what they are linked to.
fn parts(file: &mut File) -> io::Result<HashMap<String, Part>> {
    file.rewind()?;
    let (mut parts, mut links) = (HashMap::new(), Vec::new());
    let mut archive = Archive::new(file);
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        let path = entry.path()?;
        let name = path.to_string_lossy().into_owned();
        match entry.header().entry_type() {
            EntryType::Regular => {
                parts.insert(name, Part { start: entry.raw_file_position(), size: entry.size() });
            }
            EntryType::Symlink | EntryType::Link => {
                let to = entry.link_name()?.unwrap_or_default();
                links.push((name.clone(), join(&name, &to.to_string_lossy())));
            }
            _ => {}
        }
    }
    let found: Vec<_> = links.into_iter().filter_map(|(name, to)| Some((name, *parts.get(&to)?))).collect();
    parts.extend(found);
    Ok(parts)
}

/// `a/layer.tar` linked to `../b/layer.tar`: `b/layer.tar`.
fn join(name: &str, to: &str) -> String {
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            ".." => _ = parts.pop(),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn bytes(file: &mut File, part: Part) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(part.start))?;
    let mut bytes = vec![0; part.size as usize];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A layer without compression has the digest that the configuration says; one with has to be read for it.
fn layer(file: &mut File, path: &Path, part: Part, diff_id: &str, hashes: &mut HashMap<Part, String>) -> Result<Blob> {
    let failed = |error: io::Error| Error::file("read", path, &error);
    let magic = bytes(file, Part { size: part.size.min(4), ..part }).map_err(failed)?;
    let media_type = match magic.as_slice() {
        [0x1f, 0x8b, ..] => GZIP,
        [0x28, 0xb5, 0x2f, 0xfd] => ZSTD,
        _ => TAR,
    };
    let digest = match hashes.get(&part) {
        _ if media_type == TAR => diff_id.to_string(),
        Some(known) => known.clone(),
        None => {
            let found = hash(file, part).map_err(failed)?;
            hashes.insert(part, found.clone());
            found
        }
    };
    hex(&digest).ok_or_else(|| Error::new(format!("{}: `{digest}` is no digest", path.display())))?;
    Ok(Blob::in_file(media_type, &digest, part.size, path, part.start))
}

fn hash(file: &mut File, part: Part) -> io::Result<String> {
    file.seek(SeekFrom::Start(part.start))?;
    plain::digest(file.take(part.size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest;
    use serde_json::json;
    use tar::{Builder, Header};

    /// An archive with these entries; one that begins with `->` is a link.
    fn archive(entries: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut tar = Builder::new(file.reopen().unwrap());
        for (name, bytes) in entries {
            let mut header = Header::new_gnu();
            match bytes.strip_prefix(b"->") {
                Some(to) => {
                    header.set_entry_type(EntryType::Symlink);
                    header.set_size(0);
                    tar.append_link(&mut header, name, str::from_utf8(to).unwrap()).unwrap();
                }
                None => {
                    header.set_size(bytes.len() as u64);
                    tar.append_data(&mut header, name, *bytes).unwrap();
                }
            }
        }
        tar.finish().unwrap();
        file
    }

    /// An image with a plain layer that is linked to, and a compressed one.
    fn image(images: usize) -> tempfile::NamedTempFile {
        let plain = b"a layer".as_slice();
        let packed = b"\x1f\x8bpacked".as_slice();
        let config = json!({
            "os": "linux", "architecture": "arm64", "variant": "v8",
            "rootfs": { "diff_ids": [digest(plain), digest(b"unpacked")] },
        });
        let image =
            json!({ "Config": "c.json", "RepoTags": ["team/base:1"], "Layers": ["b/layer.tar", "p/layer.tar"] });
        let manifest = json!(vec![image; images]).to_string();
        archive(&[
            ("a/layer.tar", plain),
            ("b/layer.tar", b"->../a/layer.tar"),
            ("p/layer.tar", packed),
            ("c.json", config.to_string().as_bytes()),
            ("manifest.json", manifest.as_bytes()),
        ])
    }

    #[tokio::test]
    async fn layers_are_found_where_they_are_in_the_archive() {
        let file = image(1);
        let base = open(file.path(), &Platform::usual()).await.unwrap();
        assert_eq!((base.name.as_deref(), base.digest), (Some("team/base:1"), None));
        let [on] = base.platforms.as_slice() else { panic!("one platform") };
        assert_eq!((on.platform.to_string().as_str(), on.variant.as_deref()), ("linux/arm64", Some("v8")));
        let [plain, packed] = on.layers.as_slice() else { panic!("two layers") };
        assert_eq!([plain.media_type.as_str(), packed.media_type.as_str()], [TAR, GZIP]);
        assert_eq!(plain.bytes(100).await.unwrap(), "a layer");
        assert_eq!(packed.bytes(100).await.unwrap(), "\x1f\u{8b}packed".chars().map(|c| c as u8).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn what_is_no_archive_of_one_image_says_why() {
        let error = async |file: &Path| open(file, &Platform::usual()).await.unwrap_err().to_string();
        assert!(error(image(2).path()).await.contains("does not have one image, but several"));
        assert!(error(archive(&[("a", b"b")]).path()).await.contains("it has no manifest.json"));
        let packed = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(packed.path(), b"\x1f\x8b...").unwrap();
        assert!(error(packed.path()).await.contains("is compressed"));
    }
}
