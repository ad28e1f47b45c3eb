//! Who we are in a registry, and the way to it.
use crate::{Error, aws::AwsArgs};
use firelens_infra::{aws, partition::EcrHost};
use firelens_oci::{Registry, RegistryAuth, credentials};
use std::sync::Arc;

/// Where ECR's registries are, in place of their own names: for tests and proxies.
pub const ENDPOINT: &str = "FIRELENS_KIT_REGISTRY_ENDPOINT";

/// Where a registry is reached, if not under its own name.
pub fn endpoint(registry: &str) -> Option<String> {
    let endpoint = std::env::var(ENDPOINT).ok().filter(|endpoint| !endpoint.is_empty())?;
    ecr_region(registry).map(|_| endpoint)
}

/// The region of a private registry of ECR: `123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
pub fn ecr_region(registry: &str) -> Option<&str> {
    EcrHost::parse(registry).map(|host| host.region)
}

/// Who we are in a registry: a token for ECR, and elsewhere what `docker login` or `podman login` keeps.
///
/// # Errors
/// When AWS gives no token, or one for another place, or a credential helper fails.
pub async fn auth(registry: &str, aws: &AwsArgs) -> Result<RegistryAuth, Error> {
    let Some(region) = ecr_region(registry) else { return Ok(credentials::find(registry)?) };
    with_token(registry, aws.connect_in(region).await?.registry_auth().await?)
}

/// The token as credentials for a registry.
///
/// # Errors
/// When it is for another one: it is not sent then.
pub fn with_token(registry: &str, token: aws::RegistryAuth) -> Result<RegistryAuth, Error> {
    match token.is_for(registry) {
        true => Ok(RegistryAuth::Ecr { user: token.user, token: token.password }),
        false => Err(Error::new(format!("the token of AWS is for {}, not for {registry}", token.endpoint))),
    }
}

/// A registry, with who we are there.
///
/// # Errors
/// As in [`auth`], and when the way to it is no URL.
pub async fn connect(registry: &str, aws: &AwsArgs) -> Result<Arc<Registry>, Error> {
    Ok(Registry::new(registry, auth(registry, aws).await?, endpoint(registry).as_deref())?)
}
