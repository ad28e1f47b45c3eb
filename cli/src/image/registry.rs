//! Who we are in a registry, and the way to it.
use crate::{Error, aws::AwsArgs};
use firelens_pipeline::oci::{Registry, RegistryAuth, credentials};
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
    let (account, rest) = registry.split_once(".dkr.ecr.").or_else(|| registry.split_once(".dkr.ecr-fips."))?;
    let (region, domain) = rest.split_once('.')?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (is_account && domain.starts_with("amazonaws.com")).then_some(region)
}

/// Who we are in a registry: a token for ECR, and elsewhere what `docker login` or `podman login` keeps.
///
/// # Errors
/// When AWS gives no token, or a credential helper fails.
pub async fn auth(registry: &str, aws: &AwsArgs) -> Result<RegistryAuth, Error> {
    let Some(region) = ecr_region(registry) else { return Ok(credentials::find(registry)?) };
    let token = aws.connect_in(region).await?.registry_auth().await?;
    Ok(RegistryAuth::Basic(token.user, token.password))
}

/// A registry, with who we are there.
///
/// # Errors
/// As in [`auth`], and when the way to it is no URL.
pub async fn connect(registry: &str, aws: &AwsArgs) -> Result<Arc<Registry>, Error> {
    Ok(Registry::new(registry, auth(registry, aws).await?, endpoint(registry).as_deref())?)
}

#[cfg(test)]
mod tests {
    use super::ecr_region;

    #[test]
    fn registries_of_ecr_are_known_by_their_names() {
        assert_eq!(ecr_region("123456789012.dkr.ecr.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        assert_eq!(ecr_region("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"), Some("cn-north-1"));
        for other in ["public.ecr.aws", "ghcr.io", "x.dkr.ecr.eu-west-1.amazonaws.com", "127.0.0.1:5000"] {
            assert_eq!(ecr_region(other), None, "{other}");
        }
    }
}
