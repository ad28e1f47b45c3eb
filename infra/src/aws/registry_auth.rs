//! What a push to ECR signs in with.
use super::{Aws, Error, error::Call as _};
use crate::{Result, partition::EcrHost};
use aws_smithy_types::base64;
use std::fmt;

/// A user and a password for the account's registry, good for twelve hours.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryAuth {
    pub user: String,
    pub password: String,
    /// `https://123456789012.dkr.ecr.eu-west-1.amazonaws.com`
    pub endpoint: String,
}

/// The password stays out of it.
impl fmt::Debug for RegistryAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("RegistryAuth");
        out.field("user", &self.user).field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl RegistryAuth {
    /// Whether it may be sent to this host: the registry that ECR named, or another one of ECR in the same region. (The token
    /// opens all registries that let its holder in, those of other accounts, too.)
    pub fn is_for(&self, host: &str) -> bool {
        let own = self.endpoint.strip_prefix("https://").unwrap_or_default().trim_end_matches('/');
        let (Some(own), Some(there)) = (EcrHost::parse(own), EcrHost::parse(host)) else { return false };
        own.region == there.region && own.partition == there.partition
    }
}

impl Aws {
    /// Signs in to the account's registry.
    ///
    /// # Errors
    /// When ECR refuses, or answers with no token.
    pub async fn registry_auth(&self) -> Result<RegistryAuth> {
        const CALL: &str = "ecr:GetAuthorizationToken";
        let on = self.place().registry();
        let answer = self.ecr().get_authorization_token().send().await.call(CALL, &on)?;
        let unreadable = || Error::new("ECR's answer has no token for its registry").of(CALL, &on);
        let data = answer.authorization_data().first().ok_or_else(unreadable)?;
        let token = base64::decode(data.authorization_token().unwrap_or_default()).map_err(|_| unreadable())?;
        let token = String::from_utf8(token).map_err(|_| unreadable())?;
        let (user, password) = token.split_once(':').ok_or_else(unreadable)?;
        let endpoint = data.proxy_endpoint().ok_or_else(unreadable)?.to_string();
        Ok(RegistryAuth { user: user.to_string(), password: password.to_string(), endpoint })
    }
}

#[cfg(test)]
mod tests {
    use super::RegistryAuth;

    #[test]
    fn a_token_is_for_ecr_in_its_region_only() {
        let is_for = |endpoint: &str, host: &str| {
            let auth = RegistryAuth { user: "AWS".into(), password: "geheim".into(), endpoint: endpoint.into() };
            auth.is_for(host)
        };
        let endpoint = "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com";
        for host in [
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            "210987654321.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com",
            "123456789012.dkr-ecr.eu-west-1.on.aws",
        ] {
            assert!(is_for(endpoint, host) && is_for(&format!("{endpoint}/"), host), "{host}");
        }
        for host in [
            "123456789012.dkr.ecr.eu-west-2.amazonaws.com",
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
            "evil.example",
        ] {
            assert!(!is_for(endpoint, host), "{host}");
        }
        for endpoint in ["https://evil.example", "http://123456789012.dkr.ecr.eu-west-1.amazonaws.com", ""] {
            assert!(!is_for(endpoint, "123456789012.dkr.ecr.eu-west-1.amazonaws.com"), "{endpoint}");
            assert!(!is_for(endpoint, "evil.example"), "{endpoint}");
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let auth = RegistryAuth { user: "AWS".into(), password: "geheim".into(), endpoint: "https://e".into() };
        assert!(!format!("{auth:?}").contains("geheim"));
    }
}
