//! A registry, as the OCI distribution specification has it.
//!
//! This is done here, and not by a client library: those that there are read answers of any size into memory, send passwords
//! to any place that a registry names, and start an upload anew when a part of it fails.
use super::{Error, Kind, Reference, Result, SMALL, blob::Stream, digest, retry::retrying};
use answer::expect;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use oci_client::manifest;
use place::Place;
use reqwest::{Method, RequestBuilder, Response, Url, header};
use sign_in::SignIn;
use std::{
    fmt,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;

pub mod answer;
mod place;
mod sign_in;

pub use sign_in::{RegistryAuth, Right};

/// The manifests that can be read.
const MANIFESTS: [&str; 4] = [
    manifest::OCI_IMAGE_INDEX_MEDIA_TYPE,
    manifest::OCI_IMAGE_MEDIA_TYPE,
    manifest::IMAGE_MANIFEST_LIST_MEDIA_TYPE,
    manifest::IMAGE_MANIFEST_MEDIA_TYPE,
];

const CONNECT: Duration = Duration::from_secs(10);
/// Without a single byte for so long, a connection counts as broken.
const SILENCE: Duration = Duration::from_secs(60);

const USER_AGENT: &str = concat!("firelens-kit/", env!("CARGO_PKG_VERSION"));

/// A registry, and who we are there.
pub struct Registry {
    /// As it stands in references.
    pub name: String,
    place: Place,
    auth: RegistryAuth,
    client: reqwest::Client,
    /// Without a limit to how long an answer takes: it comes when the whole request has been sent.
    uploader: reqwest::Client,
    sign_in: Mutex<SignIn>,
    /// Whether blobs are sent in chunks, with which an upload can go on where it broke.
    chunks: AtomicBool,
}

/// Credentials stay out of it.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("name", &self.name).field("place", &self.place).finish_non_exhaustive()
    }
}

impl Registry {
    /// Prepares connections; none is made yet. Registries on this machine are spoken to without TLS.
    ///
    /// `endpoint` is where the registry is reached when that is not its own name, such as `http://127.0.0.1:5000`.
    ///
    /// # Errors
    /// When name or endpoint is no host.
    pub fn new(name: &str, auth: RegistryAuth, endpoint: Option<&str>) -> Result<Arc<Registry>> {
        install_tls();
        let place = Place::of(name, endpoint)?;
        let client = || {
            let client = reqwest::Client::builder().connect_timeout(CONNECT).user_agent(USER_AGENT);
            client.redirect(place::redirects())
        };
        let broken = |error: reqwest::Error| Error::new(format!("no connection can be made: {error}"));
        let uploader = client().build().map_err(broken)?;
        let client = client().read_timeout(SILENCE).build().map_err(broken)?;
        // ECR answers chunks as no client can understand: with a range that stays where the first one ended.
        let chunks = AtomicBool::new(!matches!(auth, RegistryAuth::Ecr { .. }));
        let (name, sign_in) = (name.to_string(), Mutex::default());
        Ok(Arc::new(Registry { name, place, auth, client, uploader, sign_in, chunks }))
    }

    /// A manifest, and its digest.
    ///
    /// # Errors
    /// When it cannot be had, is too big, or is not what its digest says.
    pub async fn manifest(&self, of: &Reference) -> Result<(Bytes, String)> {
        let bytes = retrying(|| async {
            let answer = self.send(of, self.manifest_request(of, Method::GET).await?).await?;
            answer::body(of, expect(of, answer, &[200]).await?, SMALL).await
        })
        .await?;
        let found = digest(&bytes);
        match &of.digest {
            Some(wanted) if *wanted != found => Err(Error::new(format!("{of} is damaged: its content is {found}"))),
            _ => Ok((bytes, found)),
        }
    }

    /// The digest of what a reference leads to; `None` when there is nothing.
    ///
    /// # Errors
    /// When the registry does not say.
    pub async fn digest_of(&self, of: &Reference) -> Result<Option<String>> {
        let found = retrying(|| async {
            let answer = self.send(of, self.manifest_request(of, Method::HEAD).await?).await?;
            Ok(answer::content_digest(expect(of, answer, &[200]).await?.headers()))
        });
        let found = match found.await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => self.manifest(of).await.map(|(_, found)| found),
            Err(error) => Err(error),
        };
        match found {
            Err(error) if error.kind == Kind::Missing => Ok(None),
            found => found.map(Some),
        }
    }

    async fn manifest_request(&self, of: &Reference, method: Method) -> Result<RequestBuilder> {
        let url = self.url(of, &format!("/v2/{}/manifests/{}", of.repository, of.target()))?;
        Ok(self.request(of, Right::Pull, method, url).await?.header(header::ACCEPT, MANIFESTS.join(", ")))
    }

    /// Whether a blob is in the repository.
    ///
    /// # Errors
    /// When the registry does not say.
    pub async fn has_blob(&self, of: &Reference, digest: &str) -> Result<bool> {
        let of = of.at(digest);
        retrying(|| async {
            let request = self.request(&of, Right::Pull, Method::HEAD, self.blob_url(&of, digest)?).await?;
            let answer = expect(&of, self.send(&of, request).await?, &[200, 404]).await?;
            Ok(answer.status() == 200)
        })
        .await
    }

    /// A blob's bytes from an offset on.
    pub(super) async fn blob(&self, of: &Reference, digest: &str, offset: u64) -> Result<Stream> {
        let mut request = self.request(of, Right::Pull, Method::GET, self.blob_url(of, digest)?).await?;
        if offset > 0 {
            request = request.header(header::RANGE, format!("bytes={offset}-"));
        }
        let answer = expect(of, self.send(of, request).await?, &[200, 206]).await?;
        let skip = match answer.status().as_u16() {
            200 => offset,
            _ if answer::part_start(answer.headers()) == Some(offset) => 0,
            _ => return Err(Error::new(format!("{of}: the registry answers with another part of the blob"))),
        };
        let of = of.clone();
        let pieces = answer.bytes_stream().map_err(move |error| Error::request(&of, &error));
        Ok(without(pieces.boxed(), skip))
    }

    fn blob_url(&self, of: &Reference, digest: &str) -> Result<Url> {
        self.url(of, &format!("/v2/{}/blobs/{digest}", of.repository))
    }

    /// Pushes a manifest; the reference is its tag or its digest.
    ///
    /// # Errors
    /// When the registry does not take it.
    pub async fn put_manifest(&self, to: &Reference, media_type: &str, bytes: &Bytes) -> Result<()> {
        let url = self.url(to, &format!("/v2/{}/manifests/{}", to.repository, to.target()))?;
        retrying(|| async {
            let request = self.request(to, Right::Push, Method::PUT, url.clone()).await?;
            let request = request.header(header::CONTENT_TYPE, media_type).body(bytes.clone());
            expect(to, self.send(to, request).await?, &[201]).await.map(drop)
        })
        .await
    }

    pub(super) async fn send(&self, to: &Reference, request: RequestBuilder) -> Result<Response> {
        request.send().await.map_err(|error| Error::request(to, &error))
    }

    /// Begins a request that uploads, however long that takes.
    pub(super) async fn upload(&self, to: &Reference, url: Url) -> Result<RequestBuilder> {
        let ours = self.place.is_ours(&url);
        let request = self.uploader.put(url);
        if ours { self.signed(to, Right::Push, request).await } else { Ok(request) }
    }

    /// A path of the registry, or a whole URL.
    pub(super) fn url(&self, of: &Reference, location: &str) -> Result<Url> {
        self.place.url(of, location)
    }

    pub(super) fn takes_chunks(&self) -> bool {
        self.chunks.load(Ordering::Relaxed)
    }

    /// From now on blobs are sent as a whole.
    pub(super) fn distrust_chunks(&self) {
        self.chunks.store(false, Ordering::Relaxed);
    }
}

/// A stream without its first bytes, for registries that give the whole where a part was asked for.
fn without(stream: Stream, skip: u64) -> Stream {
    if skip == 0 {
        return stream;
    }
    let mut left = skip;
    let rest = stream.map_ok(move |mut piece: Bytes| {
        let skipped = left.min(piece.len() as u64);
        left -= skipped;
        piece.split_off(skipped as usize)
    });
    rest.boxed()
}

/// rustls takes its cryptography from ring, in this whole process.
fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| _ = rustls::crypto::ring::default_provider().install_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    #[test]
    fn a_registry_does_not_show_its_credentials() {
        let auth = RegistryAuth::Login { user: "u".into(), password: "geheim".into() };
        assert!(!format!("{:?}", Registry::new("a.example.com", auth, None).unwrap()).contains("geheim"));
    }

    #[tokio::test]
    async fn the_beginning_of_a_stream_is_left_out() {
        let pieces = stream::iter(["abc", "def", "ghi"].map(|piece| Ok(Bytes::from(piece)))).boxed();
        let rest: Vec<Bytes> = without(pieces, 4).try_collect().await.unwrap();
        assert_eq!(rest.concat(), b"efghi");
    }
}
