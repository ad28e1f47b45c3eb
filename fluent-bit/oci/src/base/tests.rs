use super::*;
use crate::digest;
use serde_json::json;
use std::fs;
use tempfile::TempDir;

/// A layout with one image for these architectures.
fn layout(architectures: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
    fs::write(folder.path().join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    let put = |bytes: &[u8]| {
        let digest = digest(bytes);
        fs::write(layout::blob(folder.path(), &digest).unwrap(), bytes).unwrap();
        json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": bytes.len() })
    };
    let entries: Vec<Value> = architectures
        .iter()
        .map(|architecture| {
            let layer = put(b"no tar, but nobody looks");
            let config = json!({
                "os": "linux", "architecture": architecture, "config": { "Labels": { AWS_LABEL: "v5.0.9" } },
                "rootfs": { "type": "layers", "diff_ids": [layer["digest"]] },
            });
            let config = put(config.to_string().as_bytes());
            let manifest = json!({ "schemaVersion": 2, "config": config, "layers": [layer] });
            let mut entry = put(manifest.to_string().as_bytes());
            entry["mediaType"] = json!("application/vnd.oci.image.manifest.v1+json");
            entry["platform"] = json!({ "os": "linux", "architecture": architecture });
            entry
        })
        .collect();
    let index = json!({ "schemaVersion": 2, "manifests": entries });
    fs::write(folder.path().join("index.json"), index.to_string()).unwrap();
    folder
}

async fn open(folder: &TempDir, wanted: &[Platform]) -> Result<Base> {
    let source = Source::parse(folder.path().to_str().unwrap())?;
    Base::open(&source, wanted, RegistryAuth::Anonymous, None).await
}

#[tokio::test]
async fn the_platforms_of_a_layout_are_found_and_its_release() {
    let base = open(&layout(&["arm64", "riscv64", "amd64"]), &Platform::usual()).await.unwrap();
    let platforms: Vec<String> = base.platforms.iter().map(|on| on.platform.to_string()).collect();
    assert_eq!(platforms, ["linux/amd64", "linux/arm64"]);
    assert_eq!(base.fluent_bit().unwrap(), Some(Version::new(5, 0, 9)));
    let error = open(&layout(&["riscv64"]), &Platform::usual()).await.unwrap_err().to_string();
    assert!(error.ends_with("is not for linux/amd64 or linux/arm64"), "{error}");
}

#[tokio::test]
async fn a_damaged_manifest_is_not_taken() {
    let folder = layout(&["amd64"]);
    for entry in fs::read_dir(folder.path().join("blobs/sha256")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("schemaVersion", "schemaversion")).unwrap();
    }
    let error = open(&folder, &Platform::usual()).await.unwrap_err().to_string();
    assert!(error.ends_with("is damaged"), "{error}");
}

#[test]
fn sources_are_recognised() {
    let shown = |text: &str| Source::parse(text).unwrap().to_string();
    let folder = layout(&["amd64"]);
    let path = folder.path().to_str().unwrap();
    assert_eq!(shown(path), format!("oci:{path}"));
    assert_eq!(shown("oci:some/dir:1.2"), "oci:some/dir:1.2");
    assert_eq!(shown("oci:/some/dir"), "oci:/some/dir");
    assert_eq!(shown(&format!("{path}/index.json")), format!("docker-archive:{path}/index.json"));
    assert_eq!(shown("docker://fluent/fluent-bit:5.0.9"), "docker.io/fluent/fluent-bit:5.0.9");
    assert!(Source::parse("./not/there").unwrap_err().to_string().contains("neither"));
}

#[test]
fn labels_say_the_release() {
    let labels = |labels: Value| json!({ "config": { "Labels": labels } });
    let found = |all: Value| release(&labels(all)).map(|(_, version)| version.to_string());
    assert_eq!(found(json!({ AWS_LABEL: "5.0.9", TITLE: "x" })).as_deref(), Some("5.0.9"));
    assert_eq!(found(json!({ TITLE: "Fluent Bit Debug", VERSION: "5.0.9-debug" })).as_deref(), Some("5.0.9"));
    assert_eq!(found(json!({ TITLE: "router", VERSION: "1.0.0" })), None);
    assert_eq!(found(Value::Null), None);
}
