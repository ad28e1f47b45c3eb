use super::*;
use crate::{Source, digest};

fn base(labels: Value) -> Base {
    let on = |architecture: &str| OnPlatform {
        platform: Platform::new("linux", architecture),
        variant: (architecture == "arm64").then(|| "v8".to_string()),
        digest: Some(format!("sha256:{}", "ab".repeat(32))),
        config: json!({
            "architecture": architecture, "os": "linux", "created": "2026-01-01T00:00:00Z",
            "config": { "Entrypoint": ["/entrypoint.sh"], "Healthcheck": { "Test": ["NONE"] }, "Labels": labels },
            "rootfs": { "type": "layers", "diff_ids": [digest(b"tar")] },
            "history": [{ "created_by": "COPY" }],
        }),
        layers: vec![Blob::of(SAME[0].0, "packed")],
    };
    Base {
        source: Source::parse("docker://example.com/fluent-bit:5.0.9").unwrap(),
        name: Some("example.com/fluent-bit:5.0.9".to_string()),
        digest: Some(format!("sha256:{}", "cd".repeat(32))),
        platforms: vec![on("amd64"), on("arm64")],
    }
}

fn assemble(base: &Base, content: &str) -> Result<Image> {
    let file = File { path: "/firelens-kit/pipeline.conf".to_string(), bytes: content.as_bytes().to_vec() };
    let options = Options { title: "shop".to_string(), fluent_bit: Version::new(5, 0, 9), volume: None };
    Image::assemble(base, &[file], &options)
}

async fn json_of(blob: &Blob) -> Value {
    serde_json::from_slice(&blob.bytes(1 << 20).await.unwrap()).unwrap()
}

#[tokio::test]
async fn the_base_is_kept_and_one_layer_is_added() {
    let image = assemble(&base(json!({ "vendor": "them", label::TITLE: "theirs" })), "[SERVICE]").unwrap();
    let index = json_of(&image.index).await;
    assert_eq!(index["manifests"][1]["platform"], json!({ "architecture": "arm64", "os": "linux", "variant": "v8" }));
    let platform = &image.platforms[0];
    let manifest = json_of(&platform.manifest).await;
    assert_eq!(manifest["layers"].as_array().unwrap().len(), 2);
    assert_eq!(manifest["layers"][0]["mediaType"], layer::MEDIA_TYPE, "Docker's name for it is not the OCI's");
    assert_eq!(manifest["annotations"][label::BASE_DIGEST], format!("sha256:{}", "ab".repeat(32)));
    assert_eq!(index["annotations"][label::BASE_DIGEST], format!("sha256:{}", "cd".repeat(32)));
    let config = json_of(&platform.config).await;
    assert_eq!(config["config"]["Healthcheck"]["Test"][0], "NONE", "also what the OCI does not know");
    assert_eq!(config["rootfs"]["diff_ids"], json!([digest(b"tar"), image.configuration]));
    assert_eq!(config["history"].as_array().unwrap().len(), 2);
    let labels = &config["config"]["Labels"];
    assert_eq!([&labels["vendor"], &labels[label::TITLE], &labels[label::FLUENT_BIT]], ["them", "shop", "5.0.9"]);
    assert_eq!(labels[label::BASE_NAME], "example.com/fluent-bit:5.0.9");
}

#[test]
fn the_digest_and_the_tag_follow_from_the_content() {
    let base = base(Value::Null);
    let (one, same, other) =
        (assemble(&base, "1").unwrap(), assemble(&base, "1").unwrap(), assemble(&base, "2").unwrap());
    assert_eq!(one.digest(), same.digest());
    assert_ne!(one.tag(), other.tag());
    assert_eq!(one.tag(), format!("{KIT}-5.0.9-{}", &one.digest()[7..19]));
    // One layer of the base, one of ours, two configurations.
    assert_eq!(one.blobs().len(), 4);
}

#[test]
fn a_base_without_the_wasm_filter_is_refused() {
    let options = Options { title: "shop".to_string(), fluent_bit: Version::new(1, 9, 10), volume: None };
    let error = Image::assemble(&base(Value::Null), &[], &options).unwrap_err().to_string();
    assert!(error.contains("Fluent Bit 1.9.10 has no WASM filter"), "{error}");
}

#[tokio::test]
async fn a_volume_is_declared_beside_those_of_the_base() {
    let mut base = base(Value::Null);
    base.platforms[0].config["config"]["Volumes"] = json!({ "/theirs": {} });
    let volume = Volume { path: "/var/lib/firelens-kit".into(), owner: "1000".parse().unwrap() };
    let options = Options { title: "shop".to_string(), fluent_bit: Version::new(5, 0, 9), volume: Some(volume) };
    let image = Image::assemble(&base, &[], &options).unwrap();
    let volumes = async |at: usize| json_of(&image.platforms[at].config).await["config"]["Volumes"].clone();
    assert_eq!(volumes(0).await, json!({ "/theirs": {}, "/var/lib/firelens-kit": {} }));
    assert_eq!(volumes(1).await, json!({ "/var/lib/firelens-kit": {} }));
    let without = assemble(&self::base(Value::Null), "").unwrap();
    assert_eq!(json_of(&without.platforms[0].config).await["config"]["Volumes"], Value::Null);
}
