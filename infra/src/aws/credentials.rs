//! Whose credentials, which region: found in the order of the AWS CLI (its user guide, "Configuration precedence").
//!
//! The SDK's own order differs from it: there, the variables win over a profile that was asked for by name, an unknown profile is
//! passed over in silence, and the keys of a profile win over a pipeline's token.
use super::Options;
use crate::{Error, Result};
use aws_config::{
    Region,
    ecs::EcsCredentialsProvider,
    environment::EnvironmentVariableCredentialsProvider,
    imds::{credentials::ImdsCredentialsProvider, region::ImdsRegionProvider},
    meta::{credentials::CredentialsProviderChain, region::RegionProviderChain},
    profile::{self, ProfileFileCredentialsProvider, ProfileFileRegionProvider, ProfileSet},
    provider_config::ProviderConfig,
    web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::provider::{
    ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future::ProvideCredentials as Found,
};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use std::env;

/// The variables that say the region. The first one wins.
const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// The variables of a pipeline's token (GitHub Actions, a pod of Kubernetes).
const TOKEN: [&str; 2] = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"];

const KEY: &str = "AWS_ACCESS_KEY_ID";

/// The variables that hold a key's secret; the second one is an old name that the SDK knows, too.
const SECRET: [&str; 2] = ["AWS_SECRET_ACCESS_KEY", "SECRET_ACCESS_KEY"];

/// A variable that is set to nothing counts as one that is not set, as in the AWS CLI.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

/// The region that the command line or a variable says, and which of them.
pub fn region(options: &Options) -> Option<(String, &'static str)> {
    let given = options.region.clone().map(|region| (region, "--region"));
    given.or_else(|| REGION.iter().find_map(|name| Some((variable(name)?, *name))))
}

/// The profile that is used: one that exists, or else the default one.
pub(super) struct Profile {
    pub name: String,
    /// It was asked for as an option, so that the variables do not count.
    explicit: bool,
    set: ProfileSet,
}

impl Profile {
    /// # Errors
    /// When the profile that was asked for does not exist, and when the files cannot be read.
    pub(super) async fn chosen(options: &Options) -> Result<Profile> {
        let option = options.profile.clone().map(|name| (name, "--profile"));
        let asked = option.or_else(|| Some((variable("AWS_PROFILE")?, "AWS_PROFILE")));
        let name = asked.as_ref().map_or("default", |(name, _)| name).to_string();
        let set = profile::load(&Fs::real(), &Env::real(), &EnvConfigFiles::default(), Some(name.clone().into())).await;
        let set = set.map_err(|error| Error::new(format!("the AWS configuration files: {error}")))?;
        match asked {
            Some((name, from)) if set.get_profile(&name).is_none() => Err(unknown(&name, from, &set)),
            _ => Ok(Profile { name, explicit: options.profile.is_some(), set }),
        }
    }

    /// Where the profile takes its credentials from, as far as it says so.
    fn says(&self, key: &str) -> bool {
        self.set.get_profile(&self.name).is_some_and(|profile| profile.get(key).is_some())
    }

    /// The region of the profile, or of the instance.
    pub(super) fn region(&self, config: &ProviderConfig) -> RegionProviderChain {
        let profile = ProfileFileRegionProvider::builder().configure(config).profile_name(&self.name).build();
        RegionProviderChain::first_try(profile).or_else(ImdsRegionProvider::builder().configure(config).build())
    }

    /// Asks one after the other: the variables, unless the profile was asked for by an option; a token, unless the profile takes
    /// a role; the profile; the container; the instance.
    ///
    /// # Errors
    /// When a variable is missing beside another one.
    pub(super) fn credentials(&self, config: &ProviderConfig) -> Result<SharedCredentialsProvider> {
        let profile = || ProfileFileCredentialsProvider::builder().configure(config).profile_name(&self.name).build();
        let token = || WebIdentityTokenCredentialsProvider::builder().configure(config).build();
        let mut chain = match self.explicit {
            true => CredentialsProviderChain::first_try("Profile", profile()),
            false => {
                check_key()?;
                let variables = EnvironmentVariableCredentialsProvider::new();
                let chain = CredentialsProviderChain::first_try("Environment", variables);
                let has_token = TOKEN.iter().all(|name| variable(name).is_some());
                match has_token && !self.says("role_arn") {
                    true => chain.or_else("WebIdentityToken", token()).or_else("Profile", profile()),
                    false => chain.or_else("Profile", profile()),
                }
            }
        };
        chain = chain.or_else("EcsContainer", EcsCredentialsProvider::builder().configure(config).build());
        chain = chain.or_else("Ec2InstanceMetadata", ImdsCredentialsProvider::builder().configure(config).build());
        let looked = if self.explicit { "" } else { "the environment variables, in " };
        let none = format!("there are none in {looked}profile `{}`, a container or an instance", self.name);
        Ok(SharedCredentialsProvider::new(chain.or_else("Nowhere", Nowhere(none))))
    }
}

/// # Errors
/// When there is a key without its secret.
fn check_key() -> Result<()> {
    let secret = SECRET.iter().any(|name| variable(name).is_some());
    match variable(KEY) {
        Some(_) if !secret => {
            let message = format!("{KEY} is set, but {} is not", SECRET[0]);
            Err(Error::new(message).help("set both, or unset both and use --profile"))
        }
        _ => Ok(()),
    }
}

fn unknown(name: &str, from: &str, set: &ProfileSet) -> Error {
    let file = |variable_name: &str, usual: &str| variable(variable_name).unwrap_or_else(|| usual.to_string());
    let config = file("AWS_CONFIG_FILE", "~/.aws/config");
    let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    let mut known: Vec<String> = set.profiles().map(|name| format!("`{name}`")).collect();
    known.sort();
    let help = match known.as_slice() {
        [] => "there are no profiles in these files: `aws configure sso` or `aws configure` makes one".to_string(),
        known => format!("profiles: {}", known.join(", ")),
    };
    Error::new(format!("no profile `{name}` ({from}) in {config} or {credentials}")).help(help)
}

/// The end of the chain: says where credentials were looked for.
#[derive(Debug)]
struct Nowhere(String);

impl ProvideCredentials for Nowhere {
    fn provide_credentials<'a>(&'a self) -> Found<'a>
    where
        Self: 'a,
    {
        // An error of this kind ends the chain with its own message.
        Found::ready(Err(CredentialsError::provider_error(self.0.clone())))
    }
}

/// Where it is known already, the region; else that which is looked for.
pub(super) async fn found_region(options: &Options, profile: &Profile, config: &ProviderConfig) -> Option<Region> {
    let said = region(options).map(|(region, _)| region).or_else(|| options.stack_region.clone());
    match said {
        Some(region) => Some(Region::new(region)),
        None => profile.region(config).region().await,
    }
}
