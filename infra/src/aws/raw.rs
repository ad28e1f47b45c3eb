//! Calls without a client of the SDK: those of EC2, whose client alone takes minutes to compile, and those of ECS that
//! carry task definitions, whose fields the SDK may not know yet.
//!
//! The SDK's own runtime signs them, sends them, and makes them again. Their errors are like those of its clients.
use crate::{Place, partition::Partition};
use aws_config::SdkConfig;
use aws_runtime::{
    auth::{
        SigV4OperationSigningConfig,
        sigv4::{SCHEME_ID, SigV4AuthScheme},
    },
    retries::classifiers::AwsErrorCodeClassifier,
};
use aws_smithy_runtime::client::{
    identity::IdentityCache,
    orchestrator::operation::Operation,
    retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        auth::{
            AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
            static_resolver::StaticAuthSchemeOptionResolver,
        },
        identity::SharedIdentityResolver,
        orchestrator::{HttpRequest, HttpResponse, OrchestratorError},
        result::SdkError,
        runtime_components::RuntimeComponentsBuilder,
        runtime_plugin::StaticRuntimePlugin,
    },
};
use aws_smithy_types::{
    body::SdkBody,
    config_bag::Layer,
    error::{ErrorMetadata, metadata::ProvideErrorMetadata},
};
use aws_types::{SigningName, region::SigningRegion};
use std::fmt;

/// A service, as the SDK names it.
pub(super) struct Service {
    /// In signatures and endpoints: `ec2`
    pub name: &'static str,
    /// In the configuration (`AWS_ENDPOINT_URL_EC2`): `EC2`
    pub id: &'static str,
    /// Reads code and message of an error's body.
    pub failure: fn(&[u8]) -> Option<(String, String)>,
}

/// The way to a service.
#[derive(Debug, Clone)]
pub(super) struct Raw(Operation<Request, String, Failure>);

/// What is sent to `/`.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// The service's answer that it will not.
#[derive(Debug)]
pub(super) struct Failure(ErrorMetadata);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl ProvideErrorMetadata for Failure {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl Raw {
    pub(super) fn new(config: &SdkConfig, place: &Place, service: &Service) -> Raw {
        let failure = service.failure;
        let mut operation = Operation::builder()
            .service_name(service.name)
            .operation_name("raw")
            .endpoint_url(&endpoint(config, place, service))
            .retry_classifier(TransientErrorClassifier::<Failure>::new())
            .retry_classifier(AwsErrorCodeClassifier::<Failure>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .with_connection_poisoning()
            .runtime_plugin(signature(config, place, service))
            .serializer(serialize)
            .deserializer(move |response| read(response, failure));
        if let Some(version) = config.behavior_version() {
            operation = operation.behavior_version(version);
        }
        if let Some(retries) = config.retry_config() {
            operation = operation.standard_retry(retries);
        }
        if let Some(timeouts) = config.timeout_config() {
            operation = operation.timeout_config(timeouts.clone());
        }
        if let Some(client) = config.http_client() {
            operation = operation.http_client(client);
        }
        if let Some(sleep) = config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        if let Some(time) = config.time_source() {
            operation = operation.time_source(time);
        }
        Raw(operation.build())
    }

    /// The answer's body.
    pub(super) async fn send(&self, request: Request) -> Result<String, SdkError<Failure, HttpResponse>> {
        self.0.invoke(request).await
    }
}

/// The user's own endpoint, as the SDK's clients look for it, or that of the region.
fn endpoint(config: &SdkConfig, place: &Place, service: &Service) -> String {
    super::own_endpoint(config, service.id).unwrap_or_else(|| {
        let partition = Partition::named(&place.partition).unwrap_or_else(|| Partition::of_region(&place.region));
        let (fips, dual_stack) = (config.use_fips(), config.use_dual_stack());
        partition.endpoint(service.name, &place.region, fips.unwrap_or(false), dual_stack.unwrap_or(false))
    })
}

/// Signature Version 4, with the credentials of the SDK's clients.
fn signature(config: &SdkConfig, place: &Place, service: &Service) -> StaticRuntimePlugin {
    let mut layer = Layer::new("signature");
    layer.store_put(SigningName::from_static(service.name));
    layer.store_put(SigningRegion::from(aws_config::Region::new(place.region.clone())));
    layer.store_put(SigV4OperationSigningConfig::default());
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    let schemes = SharedAuthSchemeOptionResolver::new(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]));
    let cache = config.identity_cache().unwrap_or_else(|| IdentityCache::lazy().build());
    let mut components = RuntimeComponentsBuilder::new("signature");
    components.set_auth_scheme_option_resolver(Some(schemes));
    components.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
    components.set_identity_cache(Some(cache));
    if let Some(provider) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(provider));
    }
    StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
}

fn serialize(request: Request) -> Result<HttpRequest, BoxError> {
    let mut http = HttpRequest::new(SdkBody::from(request.body.as_str()));
    http.set_method("POST")?;
    http.set_uri("/")?;
    http.headers_mut().insert("user-agent", super::APP);
    http.headers_mut().insert("content-length", request.body.len().to_string());
    for (name, value) in request.headers {
        http.headers_mut().insert(name, value);
    }
    Ok(http)
}

fn read(
    response: &HttpResponse,
    failure: fn(&[u8]) -> Option<(String, String)>,
) -> Result<String, OrchestratorError<Failure>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return String::from_utf8(body.to_vec()).map_err(|error| OrchestratorError::other(Box::new(error)));
    }
    let (code, message) = match failure(body) {
        Some((code, message)) => (Some(code), Some(message)),
        None => (None, None),
    };
    let mut meta = ErrorMetadata::builder();
    meta = match code {
        Some(code) => meta.code(code),
        None => meta,
    };
    meta = match message {
        Some(message) => meta.message(message),
        None => meta,
    };
    Err(OrchestratorError::operation(Failure(meta.build())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ECS: Service = Service { name: "ecs", id: "ECS", failure: |_| None };

    fn of(change: impl Fn(aws_types::sdk_config::Builder) -> aws_types::sdk_config::Builder) -> String {
        let place = Place {
            partition: "aws".into(),
            account: "123456789012".into(),
            region: "us-east-1".into(),
            plain_http: false,
        };
        endpoint(&change(SdkConfig::builder()).build(), &place, &ECS)
    }

    #[test]
    fn calls_without_a_client_go_where_its_clients_would() {
        assert_eq!(of(|config| config), "https://ecs.us-east-1.amazonaws.com");
        assert_eq!(of(|config| config.use_fips(true)), "https://ecs-fips.us-east-1.amazonaws.com");
        assert_eq!(of(|config| config.use_dual_stack(true)), "https://ecs.us-east-1.api.aws");
        assert_eq!(of(|config| config.use_fips(true).use_dual_stack(true)), "https://ecs-fips.us-east-1.api.aws");
        let own = of(|config| config.use_fips(true).endpoint_url("http://127.0.0.1:5000"));
        assert_eq!(own, "http://127.0.0.1:5000", "the user's own comes first");
    }
}
