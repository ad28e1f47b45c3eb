//! An image into a registry: only what is not there, and never another content under a tag that is taken.
use super::{Blob, Error, Image, Kind, Reference, Registry, Result, upload::Done, upload::upload};
use futures::{StreamExt as _, TryStreamExt as _, stream};

/// How many blobs are on their way at once.
const AT_ONCE: usize = 3;

/// What happens during a push.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The target has it.
    There(&'a Blob),
    /// It was mounted from another repository of the registry.
    Mounted(&'a Blob),
    /// So much of it is there now.
    At { blob: &'a Blob, offset: u64 },
    /// It is tried once more.
    Again { blob: &'a Blob, why: &'a str },
    /// All of it has arrived.
    Sent(&'a Blob),
}

/// Whoever wants to know how far a push is.
pub trait Progress: Send + Sync {
    fn event(&self, event: &Event);
}

/// Nobody does.
pub struct Quiet;

impl Progress for Quiet {
    fn event(&self, _: &Event) {}
}

/// What a push did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The image by its tag and its digest.
    pub reference: Reference,
    /// Whether the image was there, wholly and under its tag: nothing was done.
    pub was_there: bool,
    /// How many blobs were moved, and their bytes.
    pub sent: u64,
    pub sent_bytes: u64,
    pub mounted: u64,
    /// How many blobs the target had.
    pub there: u64,
}

/// Pushes an image. Its tag is the reference's, or else [`Image::tag`].
///
/// # Errors
/// When the tag has another content, the registry refuses, or the base's layers cannot be read.
pub async fn push(image: &Image, to: &Reference, registry: &Registry, progress: &dyn Progress) -> Result<Pushed> {
    let (to, mut pushed) = begin(image, to, registry).await?;
    if pushed.was_there {
        return Ok(pushed);
    }
    let to_bring = stream::iter(image.blobs().into_iter().cloned()).map(|blob| bring(registry, &to, blob, progress));
    let mut brought = to_bring.buffer_unordered(AT_ONCE);
    while let Some((blob, done)) = brought.try_next().await? {
        pushed.add(&blob, done);
    }
    for platform in &image.platforms {
        put(registry, &to.at(&platform.manifest.digest), &platform.manifest).await?;
    }
    put_tag(registry, &to, image).await?;
    Ok(pushed)
}

/// What a push would do. Nothing is changed; what another repository of the registry is known to have counts as mounted.
///
/// # Errors
/// When the tag has another content, or the registry refuses.
pub async fn rehearse(image: &Image, to: &Reference, registry: &Registry) -> Result<Pushed> {
    let (to, mut pushed) = begin(image, to, registry).await?;
    if pushed.was_there {
        return Ok(pushed);
    }
    let look = |blob: Blob| {
        let to = &to;
        async move {
            let done = match mountable(&blob, to, registry) {
                _ if registry.has_blob(to, &blob.digest).await? => None,
                Some(_) => Some(Done::Mounted),
                None => Some(Done::Sent),
            };
            Ok((blob, done))
        }
    };
    let mut seen = stream::iter(image.blobs().into_iter().cloned()).map(look).buffer_unordered(AT_ONCE);
    while let Some((blob, done)) = seen.try_next().await? {
        pushed.add(&blob, done);
    }
    Ok(pushed)
}

/// The reference with its tag, and whether the image is there under it.
async fn begin(image: &Image, to: &Reference, registry: &Registry) -> Result<(Reference, Pushed)> {
    let tag = to.tag.clone().unwrap_or_else(|| image.tag());
    let to = to.tagged(&tag);
    let was_there = match registry.digest_of(&to).await? {
        Some(found) if found == image.digest() => true,
        Some(found) => return Err(taken(&to, image, &found)),
        None => false,
    };
    let pushed = Pushed { reference: to.at(image.digest()), was_there, sent: 0, sent_bytes: 0, mounted: 0, there: 0 };
    Ok((to, pushed))
}

impl Pushed {
    fn add(&mut self, blob: &Blob, done: Option<Done>) {
        match done {
            None => self.there += 1,
            Some(Done::Mounted) => self.mounted += 1,
            Some(Done::Sent) => {
                self.sent += 1;
                self.sent_bytes += blob.size;
            }
        }
    }
}

/// Another repository of the registry that has it.
fn mountable<'a>(blob: &'a Blob, to: &Reference, registry: &Registry) -> Option<&'a str> {
    blob.repository_in(&registry.name).filter(|from| *from != to.repository)
}

/// Sees to it that the target has a blob; `None` when it had it.
async fn bring(
    registry: &Registry,
    to: &Reference,
    blob: Blob,
    progress: &dyn Progress,
) -> Result<(Blob, Option<Done>)> {
    if registry.has_blob(to, &blob.digest).await? {
        progress.event(&Event::There(&blob));
        return Ok((blob, None));
    }
    let from = mountable(&blob, to, registry);
    let done = upload(registry, to, &blob, from, progress).await.map_err(|error| no_repository(to, error))?;
    progress.event(&match done {
        Done::Mounted => Event::Mounted(&blob),
        Done::Sent => Event::Sent(&blob),
    });
    Ok((blob, Some(done)))
}

async fn put(registry: &Registry, to: &Reference, manifest: &Blob) -> Result<()> {
    let bytes = manifest.bytes(manifest.size).await?;
    registry.put_manifest(to, &manifest.media_type, &bytes).await
}

/// Puts the tag. A registry whose tags are immutable refuses one that is there: that can be ours, when the answer to the first
/// try was lost or somebody else has pushed the same image meanwhile, or another image.
async fn put_tag(registry: &Registry, to: &Reference, image: &Image) -> Result<()> {
    let Err(refused) = put(registry, to, &image.index).await else { return Ok(()) };
    match registry.digest_of(to).await {
        Ok(Some(found)) if found == image.digest() => Ok(()),
        Ok(Some(found)) if refused.kind == Kind::Other => Err(taken(to, image, &found)),
        _ => Err(refused),
    }
}

fn taken(to: &Reference, image: &Image, found: &str) -> Error {
    let error = Error::of(Kind::TagTaken, format!("{to} is another image: {found}, not {}", image.digest()));
    error.help("a tag is never used for a second content; without a tag the image gets its own")
}

/// Registries make a repository on the first push; ECR does not.
fn no_repository(to: &Reference, error: Error) -> Error {
    match error.kind {
        Kind::Missing => {
            error.help(format!("does {} exist? aws ecr create-repository --repository-name {0}", to.repository))
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Base, RegistryAuth, Source};

    /// Callers drive many things at once.
    #[test]
    fn the_work_can_go_from_thread_to_thread() {
        fn assert_send<T: Send>(_: &dyn Fn() -> T) {}
        fn never() -> Image {
            unreachable!("nothing is called")
        }
        let registry = Registry::new("localhost:1", RegistryAuth::Anonymous, None).unwrap();
        assert_send(&|| async { push(&never(), &Reference::parse("a/b").unwrap(), &registry, &Quiet).await });
        let source = Source::parse("a/b").unwrap();
        assert_send(&|| Base::open(&source, &[], RegistryAuth::Anonymous, None));
    }
}
