//! A base image as an OCI image layout: two architectures, and a label that says which Fluent Bit is inside.
use firelens_oci::digest;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// Writes it into a folder.
pub fn write(folder: &Path) {
    fs::create_dir_all(folder.join("blobs/sha256")).unwrap();
    let manifests = ["amd64", "arm64"].map(|architecture| {
        // An archive without a file is two blocks of zeros.
        let layer = blob(folder, LAYER, &[0; 1024]);
        let config = json!({
            "architecture": architecture,
            "os": "linux",
            "config": { "Labels": { "com.aws-for-fluent-bit.fluent-bit.version": "5.0.9" } },
            "rootfs": { "type": "layers", "diff_ids": [layer["digest"]] },
            "history": [{ "created_by": "a test" }],
        });
        let config = blob(folder, CONFIG, config.to_string().as_bytes());
        let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer] });
        let mut manifest = blob(folder, MANIFEST, manifest.to_string().as_bytes());
        manifest["platform"] = json!({ "os": "linux", "architecture": architecture });
        manifest
    });
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
    fs::write(folder.join("index.json"), index.to_string()).unwrap();
    fs::write(folder.join("oci-layout"), json!({ "imageLayoutVersion": "1.0.0" }).to_string()).unwrap();
}

/// Writes a blob, and gives its descriptor.
fn blob(folder: &Path, media_type: &str, bytes: &[u8]) -> Value {
    let digest = digest(bytes);
    fs::write(folder.join("blobs/sha256").join(digest.trim_start_matches("sha256:")), bytes).unwrap();
    json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() })
}
