//! The router's image: the base's layers and one more for each platform, and an index over the platforms.
use super::{Base, Blob, Error, File, Platform, Result, base::OnPlatform, layer};
use firelens_pipeline::{Image as Known, Version};
use layer::{Layer, Volume};
use serde_json::{Map, Value, json};

pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// Docker's names for what the OCI names differently, though it is the same (OCI image specification, "Compatibility
/// matrix").
const SAME: [(&str, &str); 2] = [
    ("application/vnd.docker.image.rootfs.diff.tar.gzip", layer::MEDIA_TYPE),
    ("application/vnd.docker.image.rootfs.diff.tar", "application/vnd.oci.image.layer.v1.tar"),
];

/// This kit.
pub const KIT: &str = env!("CARGO_PKG_VERSION");

/// What the image says of itself, beside what the base says.
mod label {
    pub(super) const BASE_NAME: &str = "org.opencontainers.image.base.name";
    pub(super) const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";
    pub(super) const TITLE: &str = "org.opencontainers.image.title";
    pub(super) const VERSION: &str = "org.opencontainers.image.version";
    /// The kit's version.
    pub(super) const KIT: &str = "firelens-kit.version";
    /// The digest of the files that the kit put in.
    pub(super) const CONFIGURATION: &str = "firelens-kit.configuration";
    /// The release of Fluent Bit that they are for.
    pub(super) const FLUENT_BIT: &str = "firelens-kit.fluent-bit";
}

/// What an image is made with, beside base and files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The image's title.
    pub title: String,
    /// The release that is in the base, and that the files are for.
    pub fluent_bit: Version,
    /// A folder that the router writes to, where it is not root.
    pub volume: Option<Volume>,
}

/// An image, whose content is fixed and whose layers are still where the base is.
#[derive(Debug, Clone)]
pub struct Image {
    pub platforms: Vec<PlatformImage>,
    /// The digest of the files that were put in.
    pub configuration: String,
    pub fluent_bit: Version,
    pub(super) index: Blob,
}

/// The image of one platform.
#[derive(Debug, Clone)]
pub struct PlatformImage {
    pub platform: Platform,
    pub manifest: Blob,
    pub config: Blob,
    pub layers: Vec<Blob>,
}

impl Image {
    /// Puts the files on top of the base. The same base and files always give the same digest.
    ///
    /// # Errors
    /// When the base's Fluent Bit has no WASM filter, or there is nothing to put on top.
    pub fn assemble(base: &Base, files: &[File], options: &Options) -> Result<Image> {
        let fluent_bit = options.fluent_bit;
        if !fluent_bit.has_wasm_filter() {
            let error = Error::new(format!("{}: Fluent Bit {fluent_bit} has no WASM filter", base.source));
            return Err(error.help(format!("the first image that has it is {}", Known::FIRST_WITH_WASM)));
        }
        let volume = options.volume.as_ref();
        let layer = layer::layer(files, volume);
        let labels = labels(base, &layer, options);
        let platforms: Vec<PlatformImage> =
            base.platforms.iter().map(|on| on_platform(on, &layer, volume, &labels)).collect();
        let entries = base.platforms.iter().zip(&platforms).map(|(on, image)| {
            let mut entry = descriptor(&image.manifest);
            entry["platform"] = json!({ "architecture": on.platform.architecture, "os": on.platform.os });
            if let Some(variant) = &on.variant {
                entry["platform"]["variant"] = json!(variant);
            }
            entry
        });
        let index = json!({
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": entries.collect::<Vec<_>>(),
            "annotations": labels,
        });
        let index = Blob::of(INDEX, index.to_string());
        Ok(Image { platforms, configuration: layer.diff_id, fluent_bit, index })
    }

    /// The index's digest, by which the image is referred to.
    pub fn digest(&self) -> &str {
        &self.index.digest
    }

    /// The tag that says what is inside: the kit's version, Fluent Bit's, and the beginning of the digest. No other content
    /// has it.
    pub fn tag(&self) -> String {
        format!("{KIT}-{}-{}", self.fluent_bit, short(self.digest()))
    }

    /// What a target has to have: each once, the biggest first.
    pub fn blobs(&self) -> Vec<&Blob> {
        let all = self.platforms.iter().flat_map(|image| image.layers.iter().chain([&image.config]));
        let mut blobs: Vec<&Blob> = all.collect();
        blobs.sort_by(|one, other| other.size.cmp(&one.size).then(one.digest.cmp(&other.digest)));
        blobs.dedup_by(|one, other| one.digest == other.digest);
        blobs
    }
}

/// The first twelve digits of a digest.
fn short(digest: &str) -> &str {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    &hex[..hex.len().min(12)]
}

fn labels(base: &Base, layer: &Layer, options: &Options) -> Map<String, Value> {
    let mut labels = Map::new();
    let mut add = |key: &str, value: &str| labels.insert(key.to_string(), json!(value));
    add(label::TITLE, &options.title);
    add(label::VERSION, &format!("{KIT}-{}", short(&layer.diff_id)));
    base.name.iter().for_each(|name| _ = add(label::BASE_NAME, name));
    base.digest.iter().for_each(|digest| _ = add(label::BASE_DIGEST, digest));
    add(label::KIT, KIT);
    add(label::CONFIGURATION, &layer.diff_id);
    add(label::FLUENT_BIT, &options.fluent_bit.to_string());
    labels
}

fn on_platform(on: &OnPlatform, layer: &Layer, volume: Option<&Volume>, labels: &Map<String, Value>) -> PlatformImage {
    let config = Blob::of(CONFIG, config(&on.config, layer, volume, labels).to_string());
    let mut layers: Vec<Blob> = on.layers.iter().map(as_oci).collect();
    layers.push(layer.blob.clone());
    let mut annotations = labels.clone();
    on.digest.iter().for_each(|digest| _ = annotations.insert(label::BASE_DIGEST.to_string(), json!(digest)));
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(&config),
        "layers": layers.iter().map(descriptor).collect::<Vec<_>>(),
        "annotations": annotations,
    });
    let manifest = Blob::of(MANIFEST, manifest.to_string());
    PlatformImage { platform: on.platform.clone(), manifest, config, layers }
}

/// The base's configuration with one more layer, its history, our labels, and the volume.
///
/// ECS copies a folder of the image, with its owner, to the task's volume that is mounted there only if the image calls it a
/// volume; the owner is root otherwise (ECS developer guide, "Use bind mounts with Amazon ECS").
fn config(base: &Value, layer: &Layer, volume: Option<&Volume>, labels: &Map<String, Value>) -> Value {
    let mut config = base.clone();
    if let Some(diff_ids) = config["rootfs"]["diff_ids"].as_array_mut() {
        diff_ids.push(json!(layer.diff_id));
    }
    if let Some(history) = config.get_mut("history").and_then(Value::as_array_mut) {
        history.push(json!({ "created_by": format!("firelens-kit {KIT} build") }));
    }
    if !config["config"]["Labels"].is_object() {
        config["config"]["Labels"] = json!({});
    }
    if let Some(all) = config["config"]["Labels"].as_object_mut() {
        all.extend(labels.clone());
    }
    if let Some(volume) = volume {
        if !config["config"]["Volumes"].is_object() {
            config["config"]["Volumes"] = json!({});
        }
        config["config"]["Volumes"][&volume.path] = json!({});
    }
    config
}

fn as_oci(layer: &Blob) -> Blob {
    match SAME.iter().find(|(docker, _)| *docker == layer.media_type) {
        Some((_, oci)) => layer.as_type(oci),
        None => layer.clone(),
    }
}

pub(super) fn descriptor(blob: &Blob) -> Value {
    json!({ "mediaType": blob.media_type, "digest": blob.digest, "size": blob.size })
}

#[cfg(test)]
mod tests;
