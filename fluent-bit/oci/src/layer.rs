//! The one layer on top of the base: files, as a tar whose bytes follow from them alone.
use super::{Blob, digest};
use firelens_pipeline::User;
use flate2::{Compression, GzBuilder};
use std::{collections::BTreeSet, io::Write as _, path::Path};
use tar::{Builder, EntryType, Header};

pub const MEDIA_TYPE: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A file of the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it is in the image: `/firelens-kit/filter.wasm`.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// An empty folder of the image that is a volume of the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Where it is in the image, and where the task mounts its volume.
    pub path: String,
    /// Who writes into it.
    pub owner: User,
}

/// A layer, and what it is without compression.
#[derive(Debug, Clone)]
pub struct Layer {
    pub blob: Blob,
    /// The digest of the tar.
    pub diff_id: String,
}

/// A layer with these files, readable by everybody and owned by root, and the volume's folder. Neither order, clock nor user
/// have a part in its bytes.
pub fn layer(files: &[File], volume: Option<&Volume>) -> Layer {
    let mut files: Vec<(&str, &[u8])> =
        files.iter().map(|file| (file.path.trim_start_matches('/'), file.bytes.as_slice())).collect();
    files.sort_unstable();
    let volume = volume.map(|volume| (volume.path.trim_matches('/'), volume.owner));
    let parents = |path| Path::new(path).ancestors().skip(1);
    let folders: BTreeSet<&Path> = files
        .iter()
        .map(|(path, _)| *path)
        .chain(volume.map(|(path, _)| path))
        .flat_map(parents)
        .filter(|path| *path != Path::new(""))
        .collect();
    let mut tar = Builder::new(Vec::new());
    let mut add = |kind, mode, (uid, gid): (u32, u32), path: &Path, bytes: &[u8]| {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(bytes.len() as u64);
        header.set_mtime(0);
        header.set_uid(uid.into());
        header.set_gid(gid.into());
        tar.append_data(&mut header, path, bytes).expect("memory takes all");
    };
    const ROOT: (u32, u32) = (0, 0);
    folders.iter().for_each(|path| add(EntryType::Directory, 0o755, ROOT, path, b""));
    if let Some((path, owner)) = volume {
        add(EntryType::Directory, 0o755, (owner.uid, owner.gid.unwrap_or(0)), Path::new(path), b"");
    }
    files.iter().for_each(|(path, bytes)| add(EntryType::Regular, 0o644, ROOT, Path::new(path), bytes));
    let tar = tar.into_inner().expect("memory takes all");
    // 255: an unknown system, so that the header is the same on each.
    let mut gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::default());
    let packed = gzip.write_all(&tar).and_then(|()| gzip.finish()).expect("memory takes all");
    Layer { diff_id: digest(&tar), blob: Blob::of(MEDIA_TYPE, packed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read as _;

    fn file(path: &str, bytes: &[u8]) -> File {
        File { path: path.to_string(), bytes: bytes.to_vec() }
    }

    #[tokio::test]
    async fn the_layer_has_the_files_and_nothing_of_this_machine() {
        let layer = layer(
            &[file("/firelens-kit/pipeline.conf", b"[SERVICE]"), file("/firelens-kit/filter.wasm", b"\0asm")],
            None,
        );
        let packed = layer.blob.bytes(1 << 20).await.unwrap();
        assert_eq!(packed[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        let mut tar = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut tar).unwrap();
        assert_eq!(digest(&tar), layer.diff_id);
        let mut archive = tar::Archive::new(&tar[..]);
        let entries = archive.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let header = entry.header();
            let numbers = [header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap()];
            assert_eq!(numbers, [0; 3]);
            format!("{:o} {} {}", header.mode().unwrap(), entry.size(), entry.path().unwrap().display())
        });
        let entries: Vec<String> = entries.collect();
        assert_eq!(
            entries,
            ["755 0 firelens-kit", "644 4 firelens-kit/filter.wasm", "644 9 firelens-kit/pipeline.conf"]
        );
    }

    #[test]
    fn the_order_of_the_files_is_of_no_importance() {
        let (one, two) = (file("/a/one", b"1"), file("/a/two", b"2"));
        let forth = layer(&[one.clone(), two.clone()], None);
        assert_eq!(forth.blob.digest, layer(&[two, one.clone()], None).blob.digest);
        assert_ne!(forth.blob.digest, layer(&[one], None).blob.digest);
    }

    #[tokio::test]
    async fn the_folder_of_a_volume_has_its_owner() {
        let volume = Volume { path: "/var/lib/firelens-kit".into(), owner: "1000:2000".parse().unwrap() };
        let packed = layer(&[file("/a", b"1")], Some(&volume)).blob.bytes(1 << 20).await.unwrap();
        let mut archive = tar::Archive::new(GzDecoder::new(&packed[..]));
        let entries = archive.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let (header, path) = (entry.header(), entry.path().unwrap());
            let mode = header.mode().unwrap();
            format!("{mode:o} {}:{} {}", header.uid().unwrap(), header.gid().unwrap(), path.display())
        });
        let entries: Vec<String> = entries.collect();
        assert_eq!(entries, ["755 0:0 var", "755 0:0 var/lib", "755 1000:2000 var/lib/firelens-kit", "644 0:0 a"]);
    }
}
