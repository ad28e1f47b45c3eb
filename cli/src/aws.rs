//! The options that say which account and region, and the way there.
use crate::{Error, Ui, config::Config};
use firelens_infra::{
    Aws,
    aws::{Options, region},
};
use std::time::Duration;
use tokio::runtime::Builder;

/// What every verb that talks to AWS takes.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsArgs {
    /// The profile in the AWS configuration files; wins over keys in variables, as in the AWS CLI [default: $AWS_PROFILE]
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// The region [default: $AWS_REGION, $AWS_DEFAULT_REGION, `region` in [stack], or that of the profile]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    #[allow(rustdoc::invalid_html_tags, reason = "it is the option's help")]
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

    /// The same, in the configuration's region where neither the command line nor a variable says one. Where they say another
    /// one, the user is told: whatever the stack has in the other region, this command does not see.
    ///
    /// # Errors
    /// Those of [`AwsArgs::connect`].
    pub async fn connect_to(&self, config: &Config, ui: &Ui) -> Result<Aws, Error> {
        let wanted = config.stack.region.clone();
        if let (Some((region, from)), Some(wanted)) = (self.said_region(), &wanted)
            && region != *wanted
        {
            let path = config.path.display();
            ui.warning(&format!("using region {region} from {from}; {path} has [stack] region = \"{wanted}\""));
        }
        Ok(Aws::load(&Options { stack_region: wanted, ..self.options() }).await?)
    }

    /// The region that the command line or a variable says, and which of them.
    pub fn said_region(&self) -> Option<(String, &'static str)> {
        region(&self.options())
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
