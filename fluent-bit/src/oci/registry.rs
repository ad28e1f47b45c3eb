//! A registry, as the OCI distribution specification has it. Reading is oci-client's; so is signing in.
//!
//! Writing is done here: oci-client starts an upload anew when a part of it fails, and expects an answer to a manifest that
//! is pushed by its digest which ECR does not give.
use super::{Error, Kind, Reference, RegistryAuth, Result, blob::Stream, digest, retry::retrying};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use oci_client::{
    Client, RegistryOperation,
    client::{BlobResponse, ClientConfig, ClientProtocol},
    errors::OciDistributionError,
    manifest,
};
use reqwest::{Method, RequestBuilder, Response, Url, header};
use std::{
    fmt,
    sync::{Arc, Once},
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// The manifests that can be read.
pub const MANIFESTS: [&str; 4] = [
    manifest::OCI_IMAGE_INDEX_MEDIA_TYPE,
    manifest::OCI_IMAGE_MEDIA_TYPE,
    manifest::IMAGE_MANIFEST_LIST_MEDIA_TYPE,
    manifest::IMAGE_MANIFEST_MEDIA_TYPE,
];

const CONNECT: Duration = Duration::from_secs(10);
/// Without a single byte for so long, a connection counts as broken.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a token is used. The shortest that the specification lets a registry give lasts 60 seconds.
const TOKEN: Duration = Duration::from_secs(45);

const USER_AGENT: &str = concat!("firelens-kit/", env!("CARGO_PKG_VERSION"));

/// A registry, and who we are there.
pub struct Registry {
    /// As it stands in references.
    pub name: String,
    /// `http` or `https`.
    scheme: &'static str,
    /// Where it is reached: a host, with its port if there is one.
    host: String,
    auth: RegistryAuth,
    reader: Client,
    writer: reqwest::Client,
    token: Mutex<Option<(Instant, String, Authorization)>>,
}

#[derive(Clone)]
enum Authorization {
    Bearer(String),
    Basic(String, String),
    None,
}

/// Credentials stay out of it.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("name", &self.name).field("host", &self.host).finish_non_exhaustive()
    }
}

impl Registry {
    /// Prepares connections; none is made yet. Registries on this machine are spoken to without TLS.
    ///
    /// `endpoint` is where the registry is reached when that is not its own name, such as `http://127.0.0.1:5000`.
    ///
    /// # Errors
    /// When the endpoint is no URL.
    pub fn new(name: &str, auth: RegistryAuth, endpoint: Option<&str>) -> Result<Arc<Registry>> {
        install_tls();
        let (scheme, host) = match endpoint {
            Some(endpoint) => split(endpoint)?,
            None if is_local(name) => ("http", name.to_string()),
            None if name == "docker.io" => ("https", "index.docker.io".to_string()),
            None => ("https", name.to_string()),
        };
        let config = ClientConfig {
            protocol: if scheme == "http" { ClientProtocol::Http } else { ClientProtocol::Https },
            connect_timeout: Some(CONNECT),
            read_timeout: Some(SILENCE),
            user_agent: USER_AGENT,
            ..ClientConfig::default()
        };
        let broken = |error: &dyn fmt::Display| Error::new(format!("no connection can be made: {error}"));
        let reader = Client::try_from(config).map_err(|error| broken(&error))?;
        let writer =
            reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE).user_agent(USER_AGENT).build();
        let writer = writer.map_err(|error| broken(&error))?;
        let token = Mutex::default();
        Ok(Arc::new(Registry { name: name.to_string(), scheme, host, auth, reader, writer, token }))
    }

    /// A manifest, and its digest.
    ///
    /// # Errors
    /// When it cannot be had, or is not what its digest says.
    pub async fn manifest(&self, of: &Reference) -> Result<(Bytes, String)> {
        let place = self.place(of);
        let (bytes, _) = retrying(|| async {
            let answer = self.reader.pull_manifest_raw(&place, &self.auth, &MANIFESTS).await;
            answer.map_err(|error| Error::answer(of, error))
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
        let place = self.place(of);
        let found = retrying(|| async {
            let answer = self.reader.fetch_manifest_digest(&place, &self.auth).await;
            answer.map_err(|error| Error::answer(of, error))
        });
        found_or_not(found.await.map(Some))
    }

    /// Whether a blob is in the repository.
    ///
    /// # Errors
    /// When the registry does not say.
    pub async fn has_blob(&self, of: &Reference, digest: &str) -> Result<bool> {
        self.reader.store_auth_if_needed(&self.host, &self.auth).await;
        let place = self.place(of);
        retrying(|| async {
            self.reader.blob_exists(&place, digest).await.map_err(|error| Error::answer(&of.at(digest), error))
        })
        .await
    }

    /// A blob's bytes from an offset on.
    pub(super) async fn blob(&self, of: &Reference, digest: &str, offset: u64) -> Result<Stream> {
        self.reader.store_auth_if_needed(&self.host, &self.auth).await;
        let place = self.place(of);
        let answer = match offset {
            0 => self.reader.pull_blob_stream(&place, digest).await.map(BlobResponse::Full),
            _ => self.reader.pull_blob_stream_partial(&place, digest, offset, None).await,
        };
        let (stream, skip) = match answer.map_err(|error| Error::answer(of, error))? {
            BlobResponse::Full(stream) => (stream, offset),
            BlobResponse::Partial(stream) => (stream, 0),
        };
        let of = of.clone();
        let pieces = stream.map_err(move |error| Error::answer(&of, OciDistributionError::IoError(error)));
        Ok(without(pieces.boxed(), skip))
    }

    /// Pushes a manifest; the reference is its tag or its digest.
    ///
    /// # Errors
    /// When the registry does not take it.
    pub async fn put_manifest(&self, to: &Reference, media_type: &str, bytes: &Bytes) -> Result<()> {
        let path = format!("/v2/{}/manifests/{}", to.repository, to.target());
        retrying(|| async {
            let request = self.request(Method::PUT, self.url(to, &path)?).header(header::CONTENT_TYPE, media_type);
            expect(to, self.send(to, request.body(bytes.clone())).await?, &[201]).await.map(drop)
        })
        .await
    }

    /// Begins a request. What goes to another host than the registry's, or without its TLS, carries no credentials.
    pub(super) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.writer.request(method, url)
    }

    /// Sends a request that writes to a repository.
    pub(super) async fn send(&self, to: &Reference, request: RequestBuilder) -> Result<Response> {
        let ours = request.try_clone().and_then(|request| request.build().ok());
        let request = match ours.is_some_and(|request| self.is_ours(request.url())) {
            true => match self.authorization(to).await? {
                Authorization::Bearer(token) => request.bearer_auth(token),
                Authorization::Basic(user, password) => request.basic_auth(user, Some(password)),
                Authorization::None => request,
            },
            false => request,
        };
        request.send().await.map_err(|error| Error::request(to, &error))
    }

    /// A path of the registry, or a whole URL.
    pub(super) fn url(&self, of: &Reference, location: &str) -> Result<Url> {
        let base = Url::parse(&format!("{}://{}", self.scheme, self.host));
        let url = base.and_then(|base| base.join(location));
        url.map_err(|error| Error::new(format!("{of}: the registry names a wrong place: {error}")))
    }

    fn is_ours(&self, url: &Url) -> bool {
        let own = Url::parse(&format!("{}://{}", self.scheme, self.host));
        own.is_ok_and(|own| own.origin() == url.origin())
    }

    /// What requests to the repository sign in with.
    async fn authorization(&self, to: &Reference) -> Result<Authorization> {
        let mut token = self.token.lock().await;
        if let Some((since, repository, known)) = token.as_ref()
            && *repository == to.repository
            && since.elapsed() < TOKEN
        {
            return Ok(known.clone());
        }
        let place = self.place(to);
        let bearer = retrying(|| async {
            let answer = self.reader.auth(&place, &self.auth, RegistryOperation::Push).await;
            answer.map_err(|error| Error::answer(to, error))
        });
        let found = match (bearer.await?, &self.auth) {
            (Some(token), _) => Authorization::Bearer(token),
            (None, RegistryAuth::Basic(user, password)) => Authorization::Basic(user.clone(), password.clone()),
            (None, _) => Authorization::None,
        };
        *token = Some((Instant::now(), to.repository.clone(), found.clone()));
        Ok(found)
    }

    fn place(&self, of: &Reference) -> oci_client::Reference {
        let (host, repository) = (self.host.clone(), of.repository.clone());
        match &of.digest {
            Some(digest) => oci_client::Reference::with_digest(host, repository, digest.clone()),
            None => oci_client::Reference::with_tag(host, repository, of.target().to_string()),
        }
    }
}

/// An answer with one of these statuses.
pub(super) async fn expect(of: &Reference, answer: Response, statuses: &[u16]) -> Result<Response> {
    let status = answer.status().as_u16();
    if statuses.contains(&status) {
        return Ok(answer);
    }
    let body = answer.bytes().await.unwrap_or_default();
    Err(Error::status(of, status, &body))
}

fn found_or_not<T>(found: Result<Option<T>>) -> Result<Option<T>> {
    match found {
        Err(error) if error.kind == Kind::Missing => Ok(None),
        found => found,
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

fn split(endpoint: &str) -> Result<(&'static str, String)> {
    let wrong = || Error::new(format!("`{endpoint}` is no endpoint of a registry")).help("http://127.0.0.1:5000");
    let (scheme, host) = match endpoint.split_once("://") {
        Some(("http", host)) => ("http", host),
        Some(("https", host)) => ("https", host),
        _ => return Err(wrong()),
    };
    let host = host.trim_end_matches('/');
    if host.is_empty() || host.contains('/') {
        return Err(wrong());
    }
    Ok((scheme, host.to_string()))
}

/// As Docker has it: `localhost` and 127.0.0.0/8.
fn is_local(registry: &str) -> bool {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
    host == "localhost" || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    #[test]
    fn registries_on_this_machine_are_spoken_to_without_tls() {
        assert!(["localhost", "localhost:5000", "127.0.0.1:5000", "127.1.2.3"].into_iter().all(is_local));
        assert!(!["ghcr.io", "10.0.0.1:5000", "localhost.example.com"].into_iter().any(is_local));
        assert_eq!(split("http://127.0.0.1:5000/").unwrap(), ("http", "127.0.0.1:5000".to_string()));
        assert!(["127.0.0.1:5000", "ftp://a", "http://", "http://a/b"].into_iter().all(|text| split(text).is_err()));
    }

    #[test]
    fn credentials_stay_with_the_registry() {
        let auth = RegistryAuth::Basic("u".into(), "geheim".into());
        let registry = Registry::new("a.example.com", auth, None).unwrap();
        let ours = |text: &str| registry.is_ours(&Url::parse(text).unwrap());
        assert!(ours("https://a.example.com/v2/x"));
        assert!(
            !ours("http://a.example.com/v2/x") && !ours("https://b.example.com/") && !ours("https://a.example.com:1")
        );
        assert!(!format!("{registry:?}").contains("geheim"));
    }

    #[tokio::test]
    async fn the_beginning_of_a_stream_is_left_out() {
        let pieces = stream::iter(["abc", "def", "ghi"].map(|piece| Ok(Bytes::from(piece)))).boxed();
        let rest: Vec<Bytes> = without(pieces, 4).try_collect().await.unwrap();
        assert_eq!(rest.concat(), b"efghi");
    }
}
