//! Any bytes as an image layout, whose index is the first part and whose blobs are the others, or behind a `T` as an archive
//! of `docker save`: it is refused with a clean message, or each of its blobs is what its digest says.
#![no_main]
use firelens_fuzz::oci;
use firelens_oci::{RegistryAuth, Source, digest};
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));

/// A folder of this process.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("firelens-fuzz-{}", std::process::id()));
    fs::create_dir_all(folder.join("blobs/sha256")).expect("a folder");
    fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
    folder
});

fuzz_target!(|input: &[u8]| {
    if let Some(archive) = input.strip_prefix(b"T") {
        let path = FOLDER.join("base.tar");
        fs::write(&path, archive).expect("a file");
        RUNTIME.block_on(oci::build(&Source::DockerArchive(path), RegistryAuth::Anonymous));
        return;
    }
    let parts = oci::parts(input);
    let Some((index, blobs)) = parts.split_first() else { return };
    fs::write(FOLDER.join("index.json"), index).expect("a file");
    let blobs = blobs.iter().map(|blob| {
        let path = FOLDER.join("blobs").join(digest(blob).replace(':', "/"));
        fs::write(&path, blob).expect("a file");
        path
    });
    let written: Vec<PathBuf> = blobs.collect();
    RUNTIME.block_on(oci::build(&Source::Layout { path: FOLDER.clone(), tag: None }, RegistryAuth::Anonymous));
    written.iter().for_each(|path| _ = fs::remove_file(path));
});
