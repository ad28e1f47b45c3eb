//! The way to AWS: credentials, region and endpoints as every AWS tool finds them, and the clients.
use crate::{Place, Result, aws::error::Call as _};
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::time::Duration;

pub mod error;

pub use error::Error;

/// What the user says about the way to AWS. What is left open comes from the environment and the AWS configuration files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    pub profile: Option<String>,
    pub region: Option<String>,
    /// For all services, in place of AWS's own.
    pub endpoint_url: Option<String>,
    /// The ARN of a role to take first.
    pub assume_role: Option<String>,
}

/// An account in a region, and the clients to it.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    place: Place,
    /// Who we are: the ARN that STS tells.
    caller: String,
}

/// Tries of a call, the first one included. With the SDK's backoff, up to 20 s a pause.
const ATTEMPTS: u32 = 8;

/// A try that gets no answer is given up then, and made again.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

impl Aws {
    /// Finds credentials and region, and asks who we are.
    ///
    /// # Errors
    /// Without a region, without credentials, or with wrong ones.
    pub async fn load(options: &Options) -> Result<Aws> {
        let config = config(options).await;
        let Some(region) = config.region().map(ToString::to_string) else { return Err(Error::no_region()) };
        let identity = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await;
        let identity = identity.call("sts:GetCallerIdentity", &region)?;
        let caller = identity.arn().unwrap_or_default().to_string();
        let partition = caller.split(':').nth(1).unwrap_or("aws").to_string();
        let account = identity.account().unwrap_or_default().to_string();
        Ok(Aws { config, place: Place { partition, account, region }, caller })
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn caller(&self) -> &str {
        &self.caller
    }

    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    pub fn logs(&self) -> aws_sdk_cloudwatchlogs::Client {
        aws_sdk_cloudwatchlogs::Client::new(&self.config)
    }

    pub fn ecr(&self) -> aws_sdk_ecr::Client {
        aws_sdk_ecr::Client::new(&self.config)
    }

    pub fn ecs(&self) -> aws_sdk_ecs::Client {
        aws_sdk_ecs::Client::new(&self.config)
    }

    pub fn firehose(&self) -> aws_sdk_firehose::Client {
        aws_sdk_firehose::Client::new(&self.config)
    }

    pub fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.config)
    }

    pub fn kinesis(&self) -> aws_sdk_kinesis::Client {
        aws_sdk_kinesis::Client::new(&self.config)
    }

    /// With the bucket in the path where the endpoint is the user's own.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let own = self.config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(own).build();
        aws_sdk_s3::Client::from_conf(config)
    }

    pub fn tagging(&self) -> aws_sdk_resourcegroupstagging::Client {
        aws_sdk_resourcegroupstagging::Client::new(&self.config)
    }
}

async fn config(options: &Options) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts);
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &options.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint) = &options.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    let config = loader.load().await;
    match &options.assume_role {
        Some(role) => assume(config, role).await,
        None => config,
    }
}

async fn assume(config: SdkConfig, role: &str) -> SdkConfig {
    let provider = aws_config::sts::AssumeRoleProvider::builder(role).session_name("firelens-kit").configure(&config);
    let provider = aws_credential_types::provider::SharedCredentialsProvider::new(provider.build().await);
    config.into_builder().credentials_provider(provider).build()
}
