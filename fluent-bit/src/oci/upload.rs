//! One blob on its way into a repository: mounted from another one, or sent in chunks, which go on where they broke.
use super::{Blob, Error, Event, Kind, Progress, Reference, Registry, Result, registry::expect, retry::Patience};
use bytes::BytesMut;
use futures::TryStreamExt as _;
use reqwest::{Method, Response, Url, header};

/// How much is held in memory and sent at a time, in bytes. ECR takes parts from 5 MiB on.
const CHUNK: u64 = 8 << 20;

/// The least size of a chunk that the registry takes (OCI distribution specification, "Pushing a blob in chunks").
const CHUNK_MIN: &str = "oci-chunk-min-length";

/// What became of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Mounted,
    Sent,
}

/// Brings a blob into a repository that does not have it.
pub async fn upload(
    registry: &Registry,
    to: &Reference,
    blob: &Blob,
    from: Option<&str>,
    progress: &dyn Progress,
) -> Result<Done> {
    let (mut session, mut patience) = (None, Patience::default());
    loop {
        let before = session.as_ref().map_or(0, |session: &Session| session.offset);
        let work = Work { registry, to, blob, progress };
        match work.go_on(&mut session, from).await {
            Ok(done) => return Ok(done),
            Err(error) => {
                if session.as_ref().is_some_and(|session| session.offset > before) {
                    patience.renew();
                }
                let said = error.to_string();
                patience.wait_after(error).await?;
                progress.event(&Event::Again { blob, why: &said });
            }
        }
    }
}

/// An upload that the registry has begun.
struct Session {
    location: Url,
    /// How much of the blob it has.
    offset: u64,
    chunk: u64,
    /// Whether what it has is known: the last request had its answer.
    sure: bool,
}

struct Work<'a> {
    registry: &'a Registry,
    to: &'a Reference,
    blob: &'a Blob,
    progress: &'a dyn Progress,
}

impl Work<'_> {
    async fn go_on(&self, known: &mut Option<Session>, from: Option<&str>) -> Result<Done> {
        if let Some(session) = known.take_if(|session| !session.sure) {
            // The last answer may have been the one that the whole blob has arrived.
            if self.registry.has_blob(self.to, &self.blob.digest).await? {
                return Ok(Done::Sent);
            }
            *known = self.resume(session).await?;
        }
        if known.is_none() {
            *known = self.begin(from).await?;
        }
        let Some(session) = known else { return Ok(Done::Mounted) };
        self.progress.event(&Event::At { blob: self.blob, offset: session.offset });
        let mut pieces = self.blob.read(session.offset).await?;
        let mut chunk = BytesMut::new();
        while let Some(piece) = pieces.try_next().await? {
            chunk.extend_from_slice(&piece);
            while chunk.len() as u64 >= session.chunk && session.offset + (chunk.len() as u64) < self.blob.size {
                let part = chunk.split_to(session.chunk as usize);
                self.send(session, part).await?;
            }
        }
        let end = session.offset + chunk.len() as u64;
        if end != self.blob.size {
            let (digest, size) = (&self.blob.digest, self.blob.size);
            return Err(Error::of(Kind::Passing, format!("{digest} ends after {end} of {size} bytes")));
        }
        self.finish(session, chunk).await?;
        Ok(Done::Sent)
    }

    /// Begins an upload; `None` when the blob was mounted instead.
    async fn begin(&self, from: Option<&str>) -> Result<Option<Session>> {
        let mut url = self.registry.url(self.to, &format!("/v2/{}/blobs/uploads/", self.to.repository))?;
        if let Some(from) = from {
            url.query_pairs_mut().append_pair("mount", &self.blob.digest).append_pair("from", from);
        }
        let request = self.registry.request(Method::POST, url).header(header::CONTENT_LENGTH, 0);
        let answer = expect(self.to, self.registry.send(self.to, request).await?, &[201, 202]).await?;
        if answer.status() == 201 {
            return Ok(None);
        }
        let least = answer.headers().get(CHUNK_MIN).and_then(|least| least.to_str().ok()?.parse().ok());
        let chunk = least.unwrap_or(0).max(CHUNK);
        Ok(Some(Session { location: self.location(&answer)?, offset: 0, chunk, sure: true }))
    }

    /// Asks how much of the blob has arrived; `None` when the registry has forgotten the upload.
    async fn resume(&self, mut session: Session) -> Result<Option<Session>> {
        let request = self.registry.request(Method::GET, session.location.clone());
        let answer = self.registry.send(self.to, request).await?;
        match answer.status().as_u16() {
            204 => {
                session.offset = arrived(&answer).filter(|arrived| *arrived <= self.blob.size).unwrap_or(0);
                session.location = self.location(&answer).unwrap_or(session.location);
                session.sure = true;
                Ok(Some(session))
            }
            // docker-registry 2.8 cannot go on with an upload of which it has more than it last told.
            400 | 404 | 416 => Ok(None),
            status => Err(Error::status(self.to, status, &answer.bytes().await.unwrap_or_default())),
        }
    }

    async fn send(&self, session: &mut Session, chunk: BytesMut) -> Result<()> {
        let size = chunk.len() as u64;
        let range = format!("{}-{}", session.offset, session.offset + size - 1);
        let request = self
            .registry
            .request(Method::PATCH, session.location.clone())
            .header(header::CONTENT_RANGE, range)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(chunk.freeze());
        session.sure = false;
        let answer = expect(self.to, self.registry.send(self.to, request).await?, &[202]).await?;
        session.location = self.location(&answer)?;
        let end = session.offset + size;
        session.sure = arrived(&answer).is_none_or(|arrived| arrived == end);
        if !session.sure {
            return Err(Error::of(Kind::Passing, format!("{}: the registry has not taken all of a chunk", self.to)));
        }
        session.offset = end;
        self.progress.event(&Event::At { blob: self.blob, offset: end });
        Ok(())
    }

    /// Sends the rest, which can be the whole blob, and its digest.
    async fn finish(&self, session: &mut Session, rest: BytesMut) -> Result<()> {
        let size = rest.len();
        let mut url = session.location.clone();
        url.query_pairs_mut().append_pair("digest", &self.blob.digest);
        let mut request = self.registry.request(Method::PUT, url).header(header::CONTENT_LENGTH, size);
        if size > 0 {
            let range = format!("{}-{}", session.offset, self.blob.size - 1);
            request = request
                .header(header::CONTENT_RANGE, range)
                .header(header::CONTENT_TYPE, "application/octet-stream")
                .body(rest.freeze());
        }
        session.sure = false;
        expect(&self.to.at(&self.blob.digest), self.registry.send(self.to, request).await?, &[201, 204]).await?;
        self.progress.event(&Event::At { blob: self.blob, offset: self.blob.size });
        Ok(())
    }

    fn location(&self, answer: &Response) -> Result<Url> {
        let location = answer.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
        let location = location.ok_or_else(|| Error::new(format!("{}: the registry names no upload", self.to)))?;
        self.registry.url(self.to, location)
    }
}

/// How many bytes have arrived, from `Range: 0-41`.
fn arrived(answer: &Response) -> Option<u64> {
    let range = answer.headers().get(header::RANGE)?.to_str().ok()?;
    let (_, last) = range.trim_start_matches("bytes=").split_once('-')?;
    match last.parse::<u64>().ok()? {
        // The specification has no way to say that nothing has arrived; docker-registry says so.
        0 => None,
        last => Some(last + 1),
    }
}
