//! One blob on its way into a repository: mounted from another one, sent in chunks, or sent as a whole.
//!
//! Chunks can go on where an upload broke, where the registry can be trusted with them. Where it cannot, as ECR, and for small
//! blobs, one `PUT` streams the whole blob: all registries take that, and hold no more of it in memory.
use super::{
    Blob, Error, Event, Progress, Reference, Registry, Result,
    registry::{Right, answer::expect},
    retry::Patience,
};
use chunks::Session;
use reqwest::{Method, Response, Url, header};

mod chunks;
mod whole;

/// How much is held in memory and sent at a time, in bytes. Blobs with less are sent as a whole.
const CHUNK: u64 = 8 << 20;

/// What became of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Mounted,
    Sent,
}

/// What is known of an upload that broke.
#[derive(Default)]
struct Known {
    /// An upload in chunks that can go on.
    session: Option<Session>,
    /// A whole blob was sent, and its answer did not come.
    sent: bool,
}

/// Brings a blob into a repository that does not have it.
///
/// # Errors
/// When it cannot be read, or the registry does not take it.
pub(crate) async fn upload(
    registry: &Registry,
    to: &Reference,
    blob: &Blob,
    from: Option<&str>,
    progress: &dyn Progress,
) -> Result<Done> {
    let (mut known, mut patience) = (Known::default(), Patience::default());
    let work = Work { registry, to, blob, progress };
    loop {
        let before = known.offset();
        match work.go_on(&mut known, from).await {
            Ok(done) => return Ok(done),
            Err(error) => {
                if known.offset() > before {
                    patience.renew();
                }
                let said = error.to_string();
                patience.wait_after(error).await?;
                progress.event(&Event::Again { blob, why: &said });
            }
        }
    }
}

impl Known {
    /// How much of the blob has arrived and will not be sent again.
    fn offset(&self) -> u64 {
        self.session.as_ref().map_or(0, |session| session.offset)
    }

    /// Whether the answer that was lost may have been the one that the whole blob has arrived.
    fn may_be_there(&self) -> bool {
        self.sent || self.session.as_ref().is_some_and(|session| !session.sure)
    }
}

struct Work<'a> {
    registry: &'a Registry,
    to: &'a Reference,
    blob: &'a Blob,
    progress: &'a dyn Progress,
}

impl Work<'_> {
    async fn go_on(&self, known: &mut Known, from: Option<&str>) -> Result<Done> {
        if known.may_be_there() && self.registry.has_blob(self.to, &self.blob.digest).await? {
            return Ok(Done::Sent);
        }
        if self.blob.size > CHUNK && self.registry.takes_chunks() {
            if let Some(done) = self.in_chunks(&mut known.session, from).await? {
                return Ok(done);
            }
            self.registry.distrust_chunks();
        }
        known.session = None;
        self.as_a_whole(&mut known.sent, from).await
    }

    /// Begins an upload: its answer; `None` when the blob was mounted instead.
    async fn begin(&self, from: Option<&str>) -> Result<Option<Response>> {
        let mut url = self.registry.url(self.to, &format!("/v2/{}/blobs/uploads/", self.to.repository))?;
        if let Some(from) = from {
            url.query_pairs_mut().append_pair("mount", &self.blob.digest).append_pair("from", from);
        }
        let request = self.registry.request(self.to, Right::Push, Method::POST, url).await?;
        let request = request.header(header::CONTENT_LENGTH, 0);
        let answer = expect(self.to, self.registry.send(self.to, request).await?, &[201, 202]).await?;
        Ok((answer.status() == 202).then_some(answer))
    }

    /// Where the upload goes on.
    fn location(&self, answer: &Response) -> Result<Url> {
        let location = answer.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
        let location = location.ok_or_else(|| Error::new(format!("{}: the registry names no upload", self.to)))?;
        self.registry.url(self.to, location)
    }

    /// Where the upload is ended with the blob's digest.
    fn end(&self, location: &Url) -> Url {
        let mut url = location.clone();
        url.query_pairs_mut().append_pair("digest", &self.blob.digest);
        url
    }

    fn at(&self, offset: u64) {
        self.progress.event(&Event::At { blob: self.blob, offset });
    }
}
