//! A blob in one `PUT`, which streams it. One that breaks is sent again from the beginning.
use super::{Done, Work};
use crate::{Error, Result, registry::answer::expect};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, channel::mpsc};
use reqwest::{Body, header};
use std::time::Duration;

/// How long an upload may stand still while its source or its target does not answer. A source counts as broken after 60
/// seconds, and is then read again.
const STANDSTILL: Duration = Duration::from_secs(150);

/// How long a registry may take to check and to store a blob that it has wholly.
const STORING: Duration = Duration::from_secs(600);

impl Work<'_> {
    /// Sends the blob. `sent` is set while it is not known whether it has arrived.
    pub(super) async fn as_a_whole(&self, sent: &mut bool, from: Option<&str>) -> Result<Done> {
        let Some(answer) = self.begin(from).await? else { return Ok(Done::Mounted) };
        let url = self.end(&self.location(&answer)?);
        let (tell, mut told) = mpsc::unbounded();
        let pieces = self.blob.read(0).inspect_ok(move |piece: &Bytes| _ = tell.unbounded_send(piece.len() as u64));
        // Without its length the body would come in chunks of HTTP, which not every registry takes.
        let request = self
            .registry
            .upload(self.to, url)
            .await?
            .header(header::CONTENT_LENGTH, self.blob.size)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(Body::wrap_stream(pieces));
        *sent = true;
        self.at(0);
        let mut answer = std::pin::pin!(self.registry.send(self.to, request));
        let mut offset = 0;
        let answer = loop {
            let patience = if offset < self.blob.size { STANDSTILL } else { STORING };
            tokio::select! {
                answer = &mut answer => break answer?,
                Some(more) = told.next() => {
                    offset += more;
                    // All of it has arrived only with the answer.
                    if offset < self.blob.size {
                        self.at(offset);
                    }
                }
                () = tokio::time::sleep(patience) => {
                    return Err(Error::passing(format!("{}: the registry does not answer", self.to)));
                }
            }
        };
        *sent = false;
        expect(&self.to.at(&self.blob.digest), answer, &[201, 204]).await?;
        self.at(self.blob.size);
        Ok(Done::Sent)
    }
}
