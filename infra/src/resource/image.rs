//! The router's image in its repository. An image never changes: other content is another image.
use super::{
    Changes, Found, Id, Kind, Known, Owner, Progress, Resource,
    kind::{Row, Use, no_names},
};
use crate::{Aws, Place, Result, Stack, plan::taken::Taken, stack::Registry};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::{fmt, sync::Arc};

/// An image that was built, and the way to a registry.
#[async_trait]
pub trait Content: fmt::Debug + Send + Sync {
    /// `sha256:…` of its index or manifest.
    fn digest(&self) -> &str;

    /// Says what is inside.
    fn tag(&self) -> &str;

    /// Whether a repository (`host/name`) has it. One that is not there has not.
    ///
    /// # Errors
    /// When the registry cannot be asked.
    async fn is_in(&self, aws: &Aws, repository: &str) -> Result<bool>;

    /// Brings it to a repository (`host/name`).
    ///
    /// # Errors
    /// What the registry refuses.
    async fn push(&self, aws: &Aws, repository: &str, progress: Progress<'_>) -> Result<()>;
}

#[derive(Debug, Clone)]
pub struct Image {
    pub registry: Registry,
    /// The repository's name in ECR.
    pub repository: String,
    pub content: Arc<dyn Content>,
}

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "image",
    rank: 2,
    single: true,
    terraform: None,
    cloudformation: None,
    arn: None,
    by_tag: false,
    named: no_names,
    left_over: None,
    rooms: &[],
    uses_rights: false,
    used: Use::Never,
    taken: |_, _| Taken::of_destination(),
};

#[async_trait]
impl Resource for Image {
    fn id(&self) -> Id {
        Id::new(Kind::Image, &self.repository)
    }

    fn depends_on(&self) -> Vec<Id> {
        match self.registry {
            Registry::Ecr { .. } => vec![Id::new(Kind::Repository, &self.repository)],
            Registry::Other(_) => Vec::new(),
        }
    }

    fn wanted(&self, _: &Known) -> Value {
        json!({ "tag": self.content.tag(), "digest": self.content.digest() })
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let there = self.content.is_in(aws, &self.host_and_name(aws.place())).await?;
        let attributes = self.wanted(&Known::default());
        Ok(there.then_some(Found { owner: Owner::Ours, attributes, physical: Some(self.reference(aws.place())) }))
    }

    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        self.content.push(aws, &self.host_and_name(aws.place()), progress).await?;
        known.set(self.id(), self.reference(aws.place()));
        Ok(())
    }

    /// It does not change: what is there has the same digest.
    async fn update(&self, _: &Aws, _: &Known, _: &mut Changes<'_>, _: Progress<'_>) -> Result<()> {
        Ok(())
    }

    /// It goes with its repository.
    async fn delete(&self, _: &Aws, _: Progress<'_>) -> Result<()> {
        Ok(())
    }

    fn foreseen(&self, place: &Place) -> Option<String> {
        Some(self.reference(place))
    }
}

impl Image {
    /// The router's image of a stack.
    pub fn of(stack: &str, registry: Registry, content: Arc<dyn Content>) -> Image {
        Image { registry, repository: Stack::named(stack).repository(), content }
    }

    /// `host/name@sha256:…`
    pub fn reference(&self, place: &Place) -> String {
        format!("{}@{}", self.host_and_name(place), self.content.digest())
    }

    fn host_and_name(&self, place: &Place) -> String {
        match &self.registry {
            Registry::Ecr { .. } => format!("{}/{}", place.registry(), self.repository),
            Registry::Other(repository) => repository.clone(),
        }
    }
}
