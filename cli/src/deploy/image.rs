//! The router's image of a stack, on its way to the stack's registry.
use crate::{aws::AwsArgs, image::registry};
use async_trait::async_trait;
use firelens_infra::{
    Aws,
    resource::{Progress, image::Content},
};
use firelens_oci::{self as oci, Blob, Event, Image, Reference, Registry};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// An image that was built.
#[derive(Debug)]
pub struct Built {
    image: Image,
    tag: String,
    aws: AwsArgs,
}

impl Built {
    pub fn new(image: Image, aws: &AwsArgs) -> Built {
        Built { tag: image.tag(), image, aws: aws.clone() }
    }

    /// The way to a registry: that of the account's ECR is paved already.
    async fn registry(&self, aws: &Aws, name: &str) -> firelens_infra::Result<Arc<Registry>> {
        let own = |error: crate::Error| firelens_infra::Error::new(error.to_string());
        if name != aws.place().registry() {
            return registry::connect(name, &self.aws).await.map_err(own);
        }
        let auth = registry::with_token(name, aws.registry_auth().await?).map_err(own)?;
        Registry::new(name, auth, registry::endpoint(name).as_deref()).map_err(failed)
    }
}

#[async_trait]
impl Content for Built {
    fn digest(&self) -> &str {
        self.image.digest()
    }

    fn tag(&self) -> &str {
        &self.tag
    }

    async fn is_in(&self, aws: &Aws, repository: &str) -> firelens_infra::Result<bool> {
        let reference = Reference::parse(repository).map_err(failed)?.tagged(&self.tag);
        let found = self.registry(aws, &reference.registry).await?.digest_of(&reference).await.map_err(failed)?;
        Ok(found.as_deref() == Some(self.digest()))
    }

    async fn push(&self, aws: &Aws, repository: &str, progress: Progress<'_>) -> firelens_infra::Result<()> {
        let reference = Reference::parse(repository).map_err(failed)?;
        let registry = self.registry(aws, &reference.registry).await?;
        let moved = Moved { progress, bytes: Mutex::default() };
        oci::push(&self.image, &reference, &registry, &moved).await.map(drop).map_err(failed)
    }
}

fn failed(error: oci::Error) -> firelens_infra::Error {
    firelens_infra::Error::new(error.to_string())
}

/// How far a push is.
struct Moved<'a> {
    progress: Progress<'a>,
    /// Of each blob by its digest.
    bytes: Mutex<HashMap<String, u64>>,
}

const MIB: u64 = 1 << 20;

impl oci::Progress for Moved<'_> {
    fn event(&self, event: &Event) {
        match event {
            Event::At { blob, offset } => self.tell(blob, *offset),
            Event::Sent(blob) => self.tell(blob, blob.size),
            Event::Again { why, .. } => (self.progress)(&format!("{why}; trying again")),
            Event::There(_) | Event::Mounted(_) => {}
        }
    }
}

impl Moved<'_> {
    /// Said at each full MiB.
    fn tell(&self, blob: &Blob, offset: u64) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let before = bytes.values().sum::<u64>();
        bytes.insert(blob.digest.clone(), offset);
        let now = bytes.values().sum::<u64>();
        if now / MIB > before / MIB {
            (self.progress)(&format!("{} MiB pushed", now / MIB));
        }
    }
}
