//! A blob in chunks. An upload that breaks goes on behind the last one that arrived.
use super::{CHUNK, Done, Work};
use crate::{
    Error, Kind, Result,
    registry::{
        Right,
        answer::{arrived, expect, refusal},
    },
};
use bytes::BytesMut;
use futures::TryStreamExt as _;
use reqwest::{Method, Response, Url, header};

/// The least size of a chunk that the registry takes (OCI distribution specification, "Pushing a blob in chunks").
const CHUNK_MIN: &str = "oci-chunk-min-length";

/// Bigger chunks are not held in memory, whatever the registry wants.
const CHUNK_MAX: u64 = 64 << 20;

/// An upload that the registry has begun.
pub(super) struct Session {
    location: Url,
    /// How much of the blob it has.
    pub offset: u64,
    chunk: u64,
    /// Whether what it has is known: the last request had its answer.
    pub sure: bool,
}

/// What a registry knows of an upload whose last answer was lost.
enum Resumed {
    On,
    Forgotten,
    /// It does not tell, or what cannot be.
    Untold,
}

impl Work<'_> {
    /// Sends what is missing; `None` when the registry cannot be trusted with chunks.
    pub(super) async fn in_chunks(&self, known: &mut Option<Session>, from: Option<&str>) -> Result<Option<Done>> {
        if let Some(session) = known.as_mut().filter(|session| !session.sure) {
            match self.resume(session).await? {
                Resumed::On => {}
                Resumed::Forgotten => *known = None,
                Resumed::Untold => return Ok(None),
            }
        }
        let session = match known {
            Some(session) => session,
            None => {
                let Some(answer) = self.begin(from).await? else { return Ok(Some(Done::Mounted)) };
                let least = answer.headers().get(CHUNK_MIN).and_then(|least| least.to_str().ok()?.parse().ok());
                let chunk = least.unwrap_or(0).max(CHUNK);
                if chunk > CHUNK_MAX {
                    return Ok(None);
                }
                known.insert(Session { location: self.location(&answer)?, offset: 0, chunk, sure: true })
            }
        };
        self.at(session.offset);
        let mut pieces = self.blob.read(session.offset);
        let mut chunk = BytesMut::new();
        while let Some(piece) = pieces.try_next().await? {
            chunk.extend_from_slice(&piece);
            while chunk.len() as u64 >= session.chunk && session.offset + (chunk.len() as u64) < self.blob.size {
                let part = chunk.split_to(session.chunk as usize);
                if !self.send(session, part).await? {
                    return Ok(None);
                }
            }
        }
        self.finish(session, chunk).await?;
        Ok(Some(Done::Sent))
    }

    /// Asks how much of the blob has arrived.
    async fn resume(&self, session: &mut Session) -> Result<Resumed> {
        let request = self.registry.request(self.to, Right::Push, Method::GET, session.location.clone()).await?;
        let answer = self.registry.send(self.to, request).await?;
        match answer.status().as_u16() {
            204 => {
                let Some(offset) = arrived(answer.headers()).or(Some(0)).filter(|offset| *offset <= self.blob.size)
                else {
                    return Ok(Resumed::Untold);
                };
                session.offset = offset;
                session.location = self.location(&answer).unwrap_or(session.location.clone());
                session.sure = true;
                Ok(Resumed::On)
            }
            // docker-registry 2.8 cannot go on with an upload of which it has more than it last told.
            400 | 404 | 416 => Ok(Resumed::Forgotten),
            405 | 501 => Ok(Resumed::Untold),
            _ => Err(refusal(self.to, answer).await),
        }
    }

    /// Sends a chunk; `false` when the answer is not that of a registry that can be trusted with them.
    async fn send(&self, session: &mut Session, chunk: BytesMut) -> Result<bool> {
        let end = session.offset + chunk.len() as u64;
        let request = self.registry.request(self.to, Right::Push, Method::PATCH, session.location.clone()).await?;
        let request = request
            .header(header::CONTENT_RANGE, format!("{}-{}", session.offset, end - 1))
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(chunk.freeze());
        session.sure = false;
        let answer = self.registry.send(self.to, request).await?;
        if !self.is_taken(&answer, end) {
            let refused = refusal(self.to, answer).await;
            return if refused.kind == Kind::Passing || refused.kind == Kind::Unauthorized {
                Err(refused)
            } else {
                Ok(false)
            };
        }
        session.location = self.location(&answer)?;
        (session.offset, session.sure) = (end, true);
        self.at(end);
        Ok(true)
    }

    /// ECR says 201, and the end of the first chunk.
    fn is_taken(&self, answer: &Response, end: u64) -> bool {
        answer.status() == 202 && arrived(answer.headers()).is_none_or(|arrived| arrived == end)
    }

    /// Sends the rest and the blob's digest.
    async fn finish(&self, session: &mut Session, rest: BytesMut) -> Result<()> {
        let end = session.offset + rest.len() as u64;
        if end != self.blob.size {
            return Err(Error::passing(format!("{} ends after {end} of {} bytes", self.blob.digest, self.blob.size)));
        }
        let request = self.registry.request(self.to, Right::Push, Method::PUT, self.end(&session.location)).await?;
        let mut request = request.header(header::CONTENT_LENGTH, rest.len());
        if !rest.is_empty() {
            request = request
                .header(header::CONTENT_RANGE, format!("{}-{}", session.offset, end - 1))
                .header(header::CONTENT_TYPE, "application/octet-stream")
                .body(rest.freeze());
        }
        session.sure = false;
        expect(&self.to.at(&self.blob.digest), self.registry.send(self.to, request).await?, &[201, 204]).await?;
        self.at(self.blob.size);
        Ok(())
    }
}
