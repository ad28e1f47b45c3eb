//! What each test begins with.
use aws_credential_types::Credentials;
use e2e::fault_proxy::FaultProxy;
use e2e::moto::Moto;
use firelens_infra::Aws;
use firelens_infra::aws::Options;
use firelens_infra::names::STACK_TAG;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

pub const REGION: &str = "eu-central-1";
/// A key of the user's.
pub const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/0d1f2c3b-1111-4222-8333-444455556666";

/// moto, the proxy before it, and the clients that go through the proxy.
pub struct Stage {
    pub aws: Aws,
    pub proxy: FaultProxy,
    pub moto: Moto,
}

impl Stage {
    pub async fn set() -> Stage {
        let moto = Moto::start();
        let proxy = FaultProxy::start(moto.address).expect("a proxy");
        let aws = Aws::load(&options(&proxy.url())).await.expect("moto knows everybody");
        proxy.forget();
        Stage { aws, proxy, moto }
    }
}

impl Stage {
    /// A call to moto itself, by somebody else.
    pub fn call(&self, service: &str, target: &str, operation: &str, body: Value) -> Value {
        self.moto.call(REGION, service, &format!("{target}.{operation}"), &body)
    }

    pub fn logs(&self, operation: &str, body: Value) -> Value {
        self.call("logs", "Logs_20140328", operation, body)
    }
}

/// Those of everything in these tests.
pub fn tags() -> BTreeMap<String, String> {
    [(STACK_TAG, "shop"), ("team", "web")].map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// The way to an endpoint, with credentials that moto takes.
pub fn options(endpoint: &str) -> Options {
    Options {
        region: Some(REGION.into()),
        endpoint_url: Some(endpoint.into()),
        credentials: Some(credentials()),
        answer_timeout: Some(Duration::from_secs(10)),
        second: Some(Duration::from_millis(5)),
        ..Options::default()
    }
}

pub fn credentials() -> Credentials {
    Credentials::builder().access_key_id("test").secret_access_key("geheim").provider_name("test").build()
}
