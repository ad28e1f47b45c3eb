//! The HTTP client of all calls: the certificates that it trusts, and errors that name the endpoint.
use super::Error;
use crate::Result;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::HttpRequest,
        result::ConnectorError,
        runtime_components::{RuntimeComponents, RuntimeComponentsBuilder},
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::{
    env, fmt, fs,
    path::{Path, PathBuf},
};

/// The file of the certificates to trust, in place of the system's (AWS SDKs and Tools reference guide, "General
/// configuration", `ca_bundle`).
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// # Errors
/// When the file of the certificates cannot be read, or holds none.
pub(super) fn client(ca_bundle: Option<&Path>) -> Result<SharedHttpClient> {
    let named = || env::var_os(CA_BUNDLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let trust = match ca_bundle.map(Path::to_path_buf).or_else(named) {
        None => TrustStore::default(),
        Some(path) => TrustStore::empty().with_pem_certificate(certificates(&path)?),
    };
    let context = TlsContext::builder().with_trust_store(trust).build();
    let context = context.map_err(|error| Error::new(format!("TLS: {error}")))?;
    let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context).build_https();
    Ok(SharedHttpClient::new(Named(client)))
}

fn certificates(path: &Path) -> Result<Vec<u8>> {
    let failed = |text: String| Error::new(format!("{}: {text}", path.display())).help(NEEDED);
    let pem = fs::read(path).map_err(|error| failed(error.to_string()))?;
    match CertificateDer::pem_slice_iter(&pem).next() {
        Some(Ok(_)) => Ok(pem),
        Some(Err(error)) => Err(failed(error.to_string())),
        None => Err(failed("no certificate is in it".into())),
    }
}

const NEEDED: &str = "AWS_CA_BUNDLE names a file of certificates in PEM";

/// There was no answer, or no whole one.
#[derive(Debug)]
pub(super) struct NoAnswer {
    /// `https://logs.eu-west-1.amazonaws.com`
    pub endpoint: String,
    source: BoxError,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer from {}", self.endpoint)
    }
}

impl std::error::Error for NoAnswer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// A client whose errors are a [`NoAnswer`] each.
#[derive(Debug)]
struct Named<T>(T);

impl HttpClient for Named<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Named(self.0.http_connector(settings, components)))
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        self.0.validate_base_client_config(components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> std::result::Result<(), BoxError> {
        self.0.validate_final_config(components, config)
    }
}

impl HttpConnector for Named<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let endpoint = endpoint(request.uri());
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move { answer.await.map_err(|error| named(error, endpoint)) })
    }
}

/// What stands before the path.
fn endpoint(uri: &str) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("https", uri));
    format!("{scheme}://{}", rest.split(['/', '?']).next().unwrap_or_default())
}

/// The error of the same kind, since the kind decides whether the call is made again.
fn named(error: ConnectorError, endpoint: String) -> ConnectorError {
    let (timeout, io, user, other) = (error.is_timeout(), error.is_io(), error.is_user(), error.as_other());
    let connection = error.connection_metadata().cloned();
    let source = Box::new(NoAnswer { endpoint, source: error.into_source() });
    let error = match (timeout, io, user) {
        (true, _, _) => ConnectorError::timeout(source),
        (_, true, _) => ConnectorError::io(source),
        (_, _, true) => ConnectorError::user(source),
        _ => ConnectorError::other(source, other),
    };
    match connection {
        Some(connection) => error.with_connection(connection),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn an_endpoint_is_what_stands_before_the_path() {
        assert_eq!(endpoint("https://s3.eu-west-1.amazonaws.com/bucket?tagging"), "https://s3.eu-west-1.amazonaws.com");
        assert_eq!(endpoint("http://127.0.0.1:5000?x"), "http://127.0.0.1:5000");
    }
}
