//! The image that the router's is built from: its manifests and configurations for each platform, and its layers, which are
//! not read yet.
use super::{Blob, Error, Platform, Reference, Registry, RegistryAuth, Result, SMALL, hex};
use firelens_pipeline::Version;
use oci_client::manifest::{ImageIndexEntry, OciDescriptor, OciImageManifest, OciManifest};
use serde_json::Value;
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};
use store::Store;

mod archive;
pub(super) mod layout;
mod store;

/// The most layers of an image. Container runtimes take some 125.
const LAYERS: usize = 500;

/// The biggest layer, in bytes: what ECR takes ("Amazon ECR service quotas": 52,000 MiB).
const LAYER: u64 = 52_000 << 20;

/// Where a base image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Registry(Reference),
    /// A folder in the OCI image layout. The tag is an image's `org.opencontainers.image.ref.name` in it.
    Layout {
        path: PathBuf,
        tag: Option<String>,
    },
    /// What `docker save` writes.
    DockerArchive(PathBuf),
}

impl Source {
    /// A reference, or `oci:DIR[:TAG]` or `docker-archive:FILE` as skopeo has them; folders and files that are there are
    /// recognised without that.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Source> {
        if let Some(text) = text.strip_prefix("oci:") {
            return Ok(match text.rsplit_once(':') {
                Some((path, tag)) if !tag.contains('/') => Source::Layout { path: path.into(), tag: Some(tag.into()) },
                _ => Source::Layout { path: text.into(), tag: None },
            });
        }
        if let Some(path) = text.strip_prefix("docker-archive:") {
            return Ok(Source::DockerArchive(path.into()));
        }
        let path = Path::new(text);
        if path.join(layout::MARK).is_file() {
            return Ok(Source::Layout { path: path.into(), tag: None });
        }
        if path.is_file() {
            return Ok(Source::DockerArchive(path.into()));
        }
        if text.starts_with(['.', '/']) {
            return Err(Error::new(format!("{text} is neither an OCI image layout nor a file")));
        }
        Reference::parse(text.strip_prefix("docker://").unwrap_or(text)).map(Source::Registry)
    }
}

impl Source {
    /// The registry that it is in, if it is in one.
    pub fn registry(&self) -> Option<&str> {
        match self {
            Source::Registry(reference) => Some(&reference.registry),
            Source::Layout { .. } | Source::DockerArchive(_) => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Registry(reference) => reference.fmt(f),
            Source::Layout { path, tag: Some(tag) } => write!(f, "oci:{}:{tag}", path.display()),
            Source::Layout { path, tag: None } => write!(f, "oci:{}", path.display()),
            Source::DockerArchive(path) => write!(f, "docker-archive:{}", path.display()),
        }
    }
}

/// A base image.
#[derive(Debug, Clone)]
pub struct Base {
    /// Where it was found, for messages.
    pub source: Source,
    /// Its reference in a registry, if it has one.
    pub name: Option<String>,
    /// The digest of its index, or of its only manifest; a docker-archive has none.
    pub digest: Option<String>,
    /// The wanted platforms that it has, in the order in which they were wanted.
    pub platforms: Vec<OnPlatform>,
}

/// What a base image is on one platform.
#[derive(Debug, Clone)]
pub struct OnPlatform {
    pub platform: Platform,
    /// The architecture's variant, such as `v8`.
    pub variant: Option<String>,
    /// The digest of its manifest.
    pub digest: Option<String>,
    /// The configuration, with all that the OCI specification does not know.
    pub config: Value,
    pub layers: Vec<Blob>,
}

impl Base {
    /// Reads the manifests and configurations of the platforms that are wanted and there.
    ///
    /// `auth` is who we are in its registry, and `endpoint` where that is reached, if not under its own name.
    ///
    /// # Errors
    /// When it cannot be read, or has none of the platforms.
    pub async fn open(
        source: &Source,
        wanted: &[Platform],
        auth: RegistryAuth,
        endpoint: Option<&str>,
    ) -> Result<Base> {
        let base = match source {
            Source::Registry(reference) => {
                let registry = Registry::new(&reference.registry, auth, endpoint)?;
                from_registry(&registry, reference, wanted).await?
            }
            Source::Layout { path, tag } => layout::open(path, tag.as_deref(), wanted).await?,
            Source::DockerArchive(path) => archive::open(path, wanted).await?,
        };
        if base.platforms.is_empty() {
            let wanted: Vec<String> = wanted.iter().map(Platform::to_string).collect();
            return Err(Error::new(format!("{source} is not for {}", wanted.join(" or "))));
        }
        Ok(base)
    }

    /// The reference that always means this very image, if it is in a registry.
    pub fn pinned(&self) -> Option<Reference> {
        match (&self.source, &self.digest) {
            (Source::Registry(reference), Some(digest)) => Some(reference.at(digest)),
            _ => None,
        }
    }

    /// The Fluent Bit that the labels say is inside.
    ///
    /// # Errors
    /// When a label is no version, or the platforms have different ones.
    pub fn fluent_bit(&self) -> Result<Option<Version>> {
        let mut found: Option<Version> = None;
        for on in &self.platforms {
            let Some((label, text)) = release(&on.config) else { continue };
            let wrong = |error: &dyn fmt::Display| Error::new(format!("{}: its label {label}: {error}", self.source));
            let version: Version = text.parse().map_err(|error| wrong(&error))?;
            if let Some(other) = found.replace(version).filter(|other| *other != version) {
                return Err(wrong(&format!("Fluent Bit {other} on one platform, {version} on another")));
            }
        }
        Ok(found)
    }
}

/// The label of aws-for-fluent-bit 3.x.
const AWS_LABEL: &str = "com.aws-for-fluent-bit.fluent-bit.version";
const TITLE: &str = "org.opencontainers.image.title";
const VERSION: &str = "org.opencontainers.image.version";

/// The label with the release, and its value: aws-for-fluent-bit's own, or the OCI one of Fluent Bit's image
/// (`dockerfiles/Dockerfile` at v5.0.9; the debug image's ends in `-debug`).
fn release(config: &Value) -> Option<(&'static str, &str)> {
    let label = |name: &str| config["config"]["Labels"][name].as_str();
    if let Some(version) = label(AWS_LABEL) {
        return Some((AWS_LABEL, version));
    }
    let version = label(VERSION).filter(|_| matches!(label(TITLE), Some("Fluent Bit" | "Fluent Bit Debug")))?;
    Some((VERSION, version.strip_suffix("-debug").unwrap_or(version)))
}

async fn from_registry(registry: &Arc<Registry>, reference: &Reference, wanted: &[Platform]) -> Result<Base> {
    let (bytes, digest) = registry.manifest(reference).await?;
    let store = Store::Registry { registry: Arc::clone(registry), reference: reference.clone() };
    let platforms = platforms(&store, &bytes, &digest, wanted).await?;
    let name = Some(Reference { digest: None, ..reference.clone() }.to_string());
    Ok(Base { source: Source::Registry(reference.clone()), name, digest: Some(digest), platforms })
}

/// The platforms of an index or a single manifest.
async fn platforms(store: &Store, bytes: &[u8], digest: &str, wanted: &[Platform]) -> Result<Vec<OnPlatform>> {
    match parse(store, bytes)? {
        OciManifest::Image(manifest) => {
            let on = on_platform(store, manifest, digest, None).await?;
            Ok(Vec::from_iter(wanted.contains(&on.platform).then_some(on)))
        }
        OciManifest::ImageIndex(index) => from_entries(store, &index.manifests, wanted).await,
    }
}

async fn from_entries(store: &Store, entries: &[ImageIndexEntry], wanted: &[Platform]) -> Result<Vec<OnPlatform>> {
    let mut found = Vec::new();
    for platform in wanted {
        let fits = |entry: &&ImageIndexEntry| {
            let fits = |of: &oci_client::manifest::Platform| {
                of.os.to_string() == platform.os && of.architecture.to_string() == platform.architecture
            };
            entry.platform.as_ref().is_some_and(fits)
        };
        let Some(entry) = entries.iter().find(fits) else { continue };
        let bytes = store.manifest(&entry.digest).await?;
        let OciManifest::Image(manifest) = parse(store, &bytes)? else {
            return Err(Error::new(format!("{store}: {} is an index in an index", entry.digest)));
        };
        let variant = entry.platform.as_ref().and_then(|platform| platform.variant.clone());
        found.push(on_platform(store, manifest, &entry.digest, variant).await?);
    }
    Ok(found)
}

fn parse(store: &Store, bytes: &[u8]) -> Result<OciManifest> {
    serde_json::from_slice(bytes).map_err(|error| Error::new(format!("{store}: this is no manifest: {error}")))
}

async fn on_platform(
    store: &Store,
    manifest: OciImageManifest,
    digest: &str,
    variant: Option<String>,
) -> Result<OnPlatform> {
    let config = store.blob(&manifest.config)?.bytes(SMALL).await?;
    let config = config_of(&config).map_err(|error| Error::new(format!("{store}: its configuration: {error}")))?;
    check_layers(&config, manifest.layers.len()).map_err(|why| Error::new(format!("{store}: {why}")))?;
    let layers = manifest.layers.iter().map(|layer| store.blob(layer)).collect::<Result<Vec<_>>>()?;
    Ok(OnPlatform { platform: platform_of(&config), variant, digest: Some(digest.to_string()), config, layers })
}

/// An image's configuration, with what is needed of it.
fn config_of(bytes: &[u8]) -> std::result::Result<Value, String> {
    let config: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    match config["rootfs"]["diff_ids"].is_array() && config["architecture"].is_string() {
        true => Ok(config),
        false => Err("it has no rootfs.diff_ids, or no architecture: this is no container's image".to_string()),
    }
}

/// Each layer is in the configuration, and they are not endless.
fn check_layers(config: &Value, layers: usize) -> std::result::Result<(), String> {
    let diff_ids = config["rootfs"]["diff_ids"].as_array().map_or(0, Vec::len);
    match layers {
        _ if layers > LAYERS => Err(format!("it has {layers} layers, more than {LAYERS}")),
        _ if layers != diff_ids => Err(format!("it has {layers} layers, and {diff_ids} in its configuration")),
        _ => Ok(()),
    }
}

fn platform_of(config: &Value) -> Platform {
    let text = |key: &str| config[key].as_str().unwrap_or_default();
    Platform::new(text("os"), text("architecture"))
}

/// Its size, if it is one.
fn size(descriptor: &OciDescriptor) -> Result<u64> {
    let wrong = || Error::new(format!("`{}` is no digest that is known here", descriptor.digest));
    hex(&descriptor.digest).ok_or_else(wrong)?;
    match descriptor.size.try_into() {
        Ok(size) if size <= LAYER => Ok(size),
        Ok(_) => Err(Error::new(format!("{} is bigger than the {LAYER} bytes that ECR takes", descriptor.digest))),
        Err(_) => Err(Error::new(format!("{} has a negative size", descriptor.digest))),
    }
}

#[cfg(test)]
mod tests;
