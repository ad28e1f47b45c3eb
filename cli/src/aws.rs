//! The options that say which account and region, and the way there.
use crate::Error;
use firelens_infra::{Aws, aws::Options};
use std::{env, time::Duration};
use tokio::runtime::Builder;

/// What every verb that talks to AWS takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsArgs {
    /// The profile in the AWS configuration files; without it, $AWS_PROFILE or the default one
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The region; without it, $AWS_REGION or that of the profile
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Where all services are, in place of AWS's own; without it, $AWS_ENDPOINT_URL and $AWS_ENDPOINT_URL_<SERVICE>
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// The ARN of a role to take first
    #[arg(long, value_name = "ARN")]
    assume_role: Option<String>,
    /// How long a call waits for its answer before it is made again [default: 15]; $AWS_MAX_ATTEMPTS says how often, or 8 times
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    read_timeout: Option<Duration>,
}

/// `0.5`
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|seconds| !seconds.is_zero()).ok_or_else(|| "seconds are a number above 0".to_string())
}

impl AwsArgs {
    /// As it was given.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Finds credentials and region, and asks who we are.
    ///
    /// # Errors
    /// Without a region or without credentials, or when they are refused.
    pub async fn connect(&self) -> Result<Aws, Error> {
        Ok(Aws::load(&self.options()).await?)
    }

    /// The same, in this region.
    ///
    /// # Errors
    /// Without credentials, or when they are refused.
    pub async fn connect_in(&self, region: &str) -> Result<Aws, Error> {
        Ok(Aws::load(&Options { region: Some(region.to_string()), ..self.options() }).await?)
    }

    /// The same, in the configuration's region where neither the command line nor the environment says one.
    ///
    /// # Errors
    /// Those of [`AwsArgs::connect`].
    pub async fn connect_or(&self, region: Option<&str>) -> Result<Aws, Error> {
        let said =
            self.region.is_some() || REGION.iter().any(|name| env::var_os(name).is_some_and(|text| !text.is_empty()));
        match region {
            Some(region) if !said => self.connect_in(region).await,
            _ => self.connect().await,
        }
    }

    fn options(&self) -> Options {
        Options {
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
            assume_role: self.assume_role.clone(),
            answer_timeout: self.read_timeout,
            ..Options::default()
        }
    }
}

/// The variables that say the region.
const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// The number of an account, as an argument.
///
/// # Errors
/// When it has not twelve digits.
pub fn account(text: &str) -> Result<String, String> {
    match text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(text.to_string()),
        false => Err("the number of an account has 12 digits".to_string()),
    }
}

/// Does a verb's work that waits for a network.
///
/// # Errors
/// Those of the work.
pub fn run<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(work)
}
