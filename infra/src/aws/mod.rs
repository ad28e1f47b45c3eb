//! The way to AWS: credentials, region and endpoints as every AWS tool finds them, and the clients.
use crate::{Place, Result, aws::error::Call as _};
use aws_config::{
    AppName, BehaviorVersion, Region, SdkConfig, provider_config::ProviderConfig, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_types::service_config::ServiceConfigKey;
use credentials::Profile;
use std::{env, fmt, path::PathBuf, sync::Arc, time::Duration};

mod clock;
mod credentials;
pub mod ec2;
mod ecs;
pub mod error;
mod help;
mod http;
mod raw;
mod registry_auth;
pub mod wait;

pub use credentials::region;
pub use error::Error;
pub use registry_auth::RegistryAuth;

/// What the user says about the way to AWS. What is left open comes from the environment and the AWS configuration files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    pub profile: Option<String>,
    pub region: Option<String>,
    /// The stack's region: after `region` and the variables, before that of the profile.
    pub stack_region: Option<String>,
    /// For all services, in place of AWS's own.
    pub endpoint_url: Option<String>,
    /// The ARN of a role to take first.
    pub assume_role: Option<String>,
    /// In place of those that are found.
    pub credentials: Option<Credentials>,
    /// The file of the certificates to trust, in place of `AWS_CA_BUNDLE`, or else of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// How long a try waits for its answer before it is given up and made again; [`ANSWER_TIMEOUT`] else.
    pub answer_timeout: Option<Duration>,
    /// How long a second takes while AWS is waited for, in place of [`SECOND_MS`] in the environment: less in front of what
    /// stands in for AWS.
    pub second: Option<Duration>,
}

/// The variable for tests: how many milliseconds a second takes while AWS is waited for, and before a call is made again. What AWS
/// may take at most, and what a call may take, stays as it is.
pub const SECOND_MS: &str = "FIRELENS_KIT_SECOND_MS";

/// An account in a region, and the clients to it. A copy is cheap, and shares the connections.
#[derive(Clone)]
pub struct Aws {
    config: SdkConfig,
    place: Place,
    /// Who we are: the ARN that STS tells.
    caller: Arc<str>,
    second: Duration,
    clients: Arc<Clients>,
}

struct Clients {
    logs: aws_sdk_cloudwatchlogs::Client,
    logs_clock: clock::Clock,
    ecr: aws_sdk_ecr::Client,
    ecs: aws_sdk_ecs::Client,
    ecs_raw: raw::Raw,
    ec2: raw::Raw,
    firehose: aws_sdk_firehose::Client,
    iam: aws_sdk_iam::Client,
    kinesis: aws_sdk_kinesis::Client,
    s3: aws_sdk_s3::Client,
    tagging: aws_sdk_resourcegroupstagging::Client,
}

/// Tries of a call, the first one included, where `AWS_MAX_ATTEMPTS` says nothing else. With the SDK's backoff, up to 20 s a pause.
const ATTEMPTS: u32 = 8;

/// Of two tries of a call, in seconds.
const LONGEST_PAUSE: u32 = 20;

/// Tries of the first call: a wrong endpoint or a missing network is to be said soon.
const FIRST_ATTEMPTS: u32 = 3;

/// A try that gets no answer is given up then, and made again.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// Answers that began but do not end: this many times as long.
const WHOLE_ANSWER: u32 = 4;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the kit calls itself in its requests.
const APP: &str = concat!("firelens-kit-", env!("CARGO_PKG_VERSION"));

impl Aws {
    /// Finds credentials and region, and asks who we are.
    ///
    /// # Errors
    /// Without a region, without credentials, or with wrong ones; when the file of `ca_bundle` or `AWS_CA_BUNDLE` cannot be read.
    pub async fn load(options: &Options) -> Result<Aws> {
        let config = config(options).await?;
        let Some(region) = config.region().map(ToString::to_string) else { return Err(Error::no_region()) };
        let sts = aws_sdk_sts::config::Builder::from(&config)
            .retry_config(retries(FIRST_ATTEMPTS.min(attempts()), second(options)))
            .build();
        let identity = aws_sdk_sts::Client::from_conf(sts).get_caller_identity().send().await;
        let identity = identity.call("sts:GetCallerIdentity", &region)?;
        let caller: Arc<str> = identity.arn().unwrap_or_default().into();
        let partition = caller.split(':').nth(1).unwrap_or("aws").to_string();
        let account = identity.account().unwrap_or_default().to_string();
        let plain_http = own_endpoint(&config, "S3").is_some_and(|endpoint| endpoint.starts_with("http://"));
        let place = Place { partition, account, region, plain_http };
        let clients = Arc::new(Clients::new(&config, &place));
        Ok(Aws { config, place, caller, second: second(options), clients })
    }

    /// One that nothing is asked of.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Aws {
        let client = http::client(None).expect("a client needs no network");
        let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).http_client(client).build();
        let place = Place {
            partition: "aws".into(),
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            plain_http: false,
        };
        let clients = Arc::new(Clients::new(&config, &place));
        Aws { config, place, caller: "".into(), second: Duration::from_secs(1), clients }
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    pub fn caller(&self) -> &str {
        &self.caller
    }

    /// How long a second takes while AWS is waited for.
    pub fn second(&self) -> Duration {
        self.second
    }

    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The same in this region; without one, in ours.
    pub(crate) fn config_in(&self, region: Option<&str>) -> SdkConfig {
        let region = region.map(|region| Region::new(region.to_string()));
        self.config.to_builder().region(region.or(self.config.region().cloned())).build()
    }

    pub fn logs(&self) -> &aws_sdk_cloudwatchlogs::Client {
        &self.clients.logs
    }

    /// The time by the clock of CloudWatch Logs, in milliseconds since 1970.
    pub(crate) fn logs_now(&self) -> u64 {
        self.clients.logs_clock.now()
    }

    pub fn ecr(&self) -> &aws_sdk_ecr::Client {
        &self.clients.ecr
    }

    pub fn ecs(&self) -> &aws_sdk_ecs::Client {
        &self.clients.ecs
    }

    pub fn firehose(&self) -> &aws_sdk_firehose::Client {
        &self.clients.firehose
    }

    pub fn iam(&self) -> &aws_sdk_iam::Client {
        &self.clients.iam
    }

    pub fn kinesis(&self) -> &aws_sdk_kinesis::Client {
        &self.clients.kinesis
    }

    pub fn s3(&self) -> &aws_sdk_s3::Client {
        &self.clients.s3
    }

    pub fn tagging(&self) -> &aws_sdk_resourcegroupstagging::Client {
        &self.clients.tagging
    }
}

/// The credentials stay out of it.
impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").field("place", &self.place).field("caller", &self.caller).finish_non_exhaustive()
    }
}

impl Clients {
    fn new(config: &SdkConfig, place: &Place) -> Clients {
        let clock = clock::Clock::default();
        let logs = aws_sdk_cloudwatchlogs::config::Builder::from(config).interceptor(clock.clone());
        Clients {
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(logs.build()),
            logs_clock: clock,
            ecr: aws_sdk_ecr::Client::new(config),
            ecs: aws_sdk_ecs::Client::new(config),
            ecs_raw: raw::Raw::new(config, place, &ecs::ECS),
            ec2: raw::Raw::new(config, place, &ec2::EC2),
            firehose: aws_sdk_firehose::Client::new(config),
            iam: aws_sdk_iam::Client::new(config),
            kinesis: aws_sdk_kinesis::Client::new(config),
            s3: s3(config),
            tagging: aws_sdk_resourcegroupstagging::Client::new(config),
        }
    }
}

/// With the bucket in the path where the endpoint is the user's own: a name before its host is seldom one that is known.
fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    let own = own_endpoint(config, "S3").is_some();
    aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(config).force_path_style(own).build())
}

/// The user's own endpoint of a service, if any, by the name that the SDK has for the service: found as its clients do.
fn own_endpoint(config: &SdkConfig, service: &str) -> Option<String> {
    let of_all = config.endpoint_url().map(str::to_string);
    if config.get_origin("endpoint_url").is_client_config() {
        return of_all;
    }
    let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let own = key.ok().and_then(|key| config.service_config()?.load_config(key));
    own.or(of_all)
}

async fn config(options: &Options) -> Result<SdkConfig> {
    let answer = options.answer_timeout.unwrap_or(ANSWER_TIMEOUT);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(answer)
        .operation_attempt_timeout(answer * WHOLE_ANSWER)
        .build();
    let client = http::client(options.ca_bundle.as_deref())?;
    let profile = Profile::chosen(options).await?;
    let provider = ProviderConfig::without_region().with_http_client(client.clone());
    let region = credentials::found_region(options, &profile, &provider).await;
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .app_name(AppName::new(APP).expect("letters, digits, `-` and `.`"))
        .http_client(client)
        .retry_config(retries(attempts(), second(options)))
        .timeout_config(timeouts)
        .profile_name(&profile.name)
        .no_credentials()
        .region(region.clone());
    if let Some(endpoint) = &options.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    let config = loader.load().await;
    let provider = provider
        .with_region(region)
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack())
        .with_behavior_version(Some(BehaviorVersion::latest()));
    let credentials = match &options.credentials {
        Some(credentials) => SharedCredentialsProvider::new(credentials.clone()),
        None => profile.credentials(&provider)?,
    };
    let config = config.into_builder().credentials_provider(credentials).build();
    match &options.assume_role {
        Some(role) => Ok(assume(config, role).await),
        None => Ok(config),
    }
}

/// The tries that the user wants (AWS SDKs and Tools reference guide, "Retry behavior", `max_attempts`).
fn attempts() -> u32 {
    let wanted = env::var("AWS_MAX_ATTEMPTS").ok().and_then(|text| text.trim().parse().ok());
    wanted.filter(|attempts| *attempts > 0).unwrap_or(ATTEMPTS)
}

fn second(options: &Options) -> Duration {
    let given = || env::var(SECOND_MS).ok().and_then(|text| text.trim().parse().ok()).map(Duration::from_millis);
    options.second.or_else(given).unwrap_or(Duration::from_secs(1))
}

/// The SDK's own pauses: a second at first, twice as long each time, up to [`LONGEST_PAUSE`].
fn retries(attempts: u32, second: Duration) -> RetryConfig {
    let pauses = RetryConfig::standard().with_initial_backoff(second).with_max_backoff(second * LONGEST_PAUSE);
    pauses.with_max_attempts(attempts)
}

async fn assume(config: SdkConfig, role: &str) -> SdkConfig {
    let provider = aws_config::sts::AssumeRoleProvider::builder(role).session_name("firelens-kit").configure(&config);
    let provider = SharedCredentialsProvider::new(provider.build().await);
    config.into_builder().credentials_provider(provider).build()
}
