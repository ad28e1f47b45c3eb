//! Base images that the tests make themselves: an OCI image layout for two architectures, with a few small layers.
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// The label of aws-for-fluent-bit.
pub const RELEASE: &str = "com.aws-for-fluent-bit.fluent-bit.version";

const OCI: &str = "application/vnd.oci.image";

/// A file that is in all of them.
pub const PROGRAM: &str = "fluent-bit/bin/fluent-bit";

/// A base image.
pub struct Base {
    /// Its label, if it has one.
    pub release: Option<&'static str>,
    /// How many bytes the biggest layer has; they cannot be compressed.
    pub bytes: usize,
    pub architectures: &'static [&'static str],
}

impl Default for Base {
    fn default() -> Base {
        Base { release: Some("5.0.9"), bytes: 10_000, architectures: &["amd64", "arm64"] }
    }
}

impl Base {
    /// Writes it as the only image of a layout.
    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder.join("blobs/sha256")).expect("a folder");
        fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
        let entries: Vec<Value> = self.architectures.iter().map(|architecture| self.on(folder, architecture)).collect();
        let kind = format!("{OCI}.index.v1+json");
        let index = json!({ "schemaVersion": 2, "mediaType": kind, "manifests": entries });
        let mut entry = put(folder, &kind, index.to_string().as_bytes());
        entry["annotations"] = json!({ "org.opencontainers.image.ref.name": "base" });
        let index = json!({ "schemaVersion": 2, "manifests": [entry] });
        fs::write(folder.join("index.json"), index.to_string()).expect("a file");
    }

    fn on(&self, folder: &Path, architecture: &str) -> Value {
        let system = tar("etc/system", b"the same on all");
        let program = tar(PROGRAM, &noise(self.bytes, architecture));
        let diff_ids = [&system, &program].map(|tar| digest(tar));
        let layers: Vec<Value> = [&system, &program]
            .map(|tar| put(folder, &format!("{OCI}.layer.v1.tar+gzip"), &gzip(tar)))
            .into_iter()
            .collect();
        let labels: Value = self.release.map_or(json!({ "vendor": "test" }), |release| json!({ RELEASE: release }));
        let config = json!({
            "created": "2026-01-01T00:00:00Z", "architecture": architecture, "os": "linux",
            "config": { "Entrypoint": ["/entrypoint.sh"], "Env": ["PATH=/fluent-bit/bin"], "Labels": labels },
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
            "history": [{ "created_by": "ADD system" }, { "created_by": "COPY fluent-bit" }],
        });
        let config = put(folder, &format!("{OCI}.config.v1+json"), config.to_string().as_bytes());
        let kind = format!("{OCI}.manifest.v1+json");
        let manifest = json!({ "schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers });
        let mut entry = put(folder, &kind, manifest.to_string().as_bytes());
        entry["platform"] = json!({ "os": "linux", "architecture": architecture });
        entry
    }
}

fn put(folder: &Path, media_type: &str, bytes: &[u8]) -> Value {
    let digest = digest(bytes);
    fs::write(folder.join("blobs").join(digest.replace(':', "/")), bytes).expect("a file");
    json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() })
}

pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

fn tar(path: &str, bytes: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_mode(0o755);
    header.set_size(bytes.len() as u64);
    tar.append_data(&mut header, path, bytes).expect("memory takes all");
    tar.into_inner().expect("memory takes all")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).and_then(|()| gzip.finish()).expect("memory takes all")
}

/// Bytes without a pattern, other ones for each name.
fn noise(count: usize, name: &str) -> Vec<u8> {
    let mut state = name.bytes().fold(0x9e37_79b9_7f4a_7c15u64, |state, byte| state.rotate_left(8) ^ u64::from(byte));
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}
