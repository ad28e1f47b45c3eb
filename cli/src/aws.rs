//! The options that say which account and region, and the way there.
use crate::Error;
use firelens_infra::{Aws, aws::Options};
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

    fn options(&self) -> Options {
        Options {
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
            assume_role: self.assume_role.clone(),
            ..Options::default()
        }
    }
}

/// Does a verb's work that waits for a network.
///
/// # Errors
/// Those of the work.
pub fn run<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(work)
}
