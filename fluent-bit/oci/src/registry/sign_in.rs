//! Signing in to a registry: nothing, a user and a password with each request, or a token for each repository.
use super::{
    Registry,
    answer::{self, Challenge, SHORT},
};
use crate::{Error, Kind, Reference, Result, retry::retrying};
use reqwest::{Method, RequestBuilder, Url};
use std::{
    collections::HashMap,
    fmt,
    time::{Duration, Instant},
};

/// Who we are in a registry.
#[derive(Clone, PartialEq, Eq)]
pub enum RegistryAuth {
    Anonymous,
    /// A user and a password, for the registry or for the token service that it names.
    Login {
        user: String,
        password: String,
    },
    /// A token of Amazon ECR, for the registry itself and nobody else.
    Ecr {
        user: String,
        token: String,
    },
}

/// Passwords and tokens stay out of it.
impl fmt::Debug for RegistryAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegistryAuth::Anonymous => f.write_str("Anonymous"),
            RegistryAuth::Login { user, .. } => f.debug_struct("Login").field("user", user).finish_non_exhaustive(),
            RegistryAuth::Ecr { user, .. } => f.debug_struct("Ecr").field("user", user).finish_non_exhaustive(),
        }
    }
}

/// What requests may do to a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    Pull,
    Push,
}

/// A token is not used in its last seconds.
const SPARE: Duration = Duration::from_secs(15);

/// What is known of the way in.
#[derive(Default)]
pub(super) struct SignIn {
    challenge: Option<Challenge>,
    /// Until when each token is used, by repository and right.
    tokens: HashMap<(String, Right), (Instant, String)>,
}

impl Registry {
    /// Begins a request. What goes to another place than the registry's carries no credentials.
    pub(crate) async fn request(
        &self,
        to: &Reference,
        right: Right,
        method: Method,
        url: Url,
    ) -> Result<RequestBuilder> {
        let ours = self.place.is_ours(&url);
        let request = self.client.request(method, url);
        if ours { self.signed(to, right, request).await } else { Ok(request) }
    }

    /// The request with who we are. It has to be one to the registry itself.
    pub(super) async fn signed(&self, to: &Reference, right: Right, request: RequestBuilder) -> Result<RequestBuilder> {
        if let RegistryAuth::Ecr { user, token } = &self.auth {
            return Ok(request.basic_auth(user, Some(token)));
        }
        let mut known = self.sign_in.lock().await;
        if known.challenge.is_none() {
            known.challenge = Some(retrying(|| self.challenge(to)).await?);
        }
        let (realm, service) = match (&known.challenge, &self.auth) {
            (Some(Challenge::Bearer { realm, service }), _) => (realm.clone(), service.clone()),
            (Some(Challenge::Basic), RegistryAuth::Login { user, password }) => {
                return Ok(request.basic_auth(user, Some(password)));
            }
            _ => return Ok(request),
        };
        let key = (to.repository.clone(), right);
        if let Some((until, token)) = known.tokens.get(&key)
            && Instant::now() < *until
        {
            return Ok(request.bearer_auth(token));
        }
        let (token, lasts) = retrying(|| self.token(to, right, &realm, service.as_deref())).await?;
        let until = Instant::now().checked_add(lasts.saturating_sub(SPARE)).unwrap_or_else(Instant::now);
        known.tokens.insert(key, (until, token.clone()));
        Ok(request.bearer_auth(token))
    }

    /// How the registry wants to be signed in to.
    async fn challenge(&self, to: &Reference) -> Result<Challenge> {
        let url = self.place.url(to, "/v2/")?;
        let answer = self.client.get(url).send().await.map_err(|error| Error::request(to, &error))?;
        let found = answer::challenge(answer.headers())?;
        match answer.status().as_u16() {
            // A registry that is busy has not said how.
            status @ (408 | 429 | 500..) => Err(Error::status(to, status, b"")),
            _ => Ok(found),
        }
    }

    async fn token(
        &self,
        to: &Reference,
        right: Right,
        realm: &Url,
        service: Option<&str>,
    ) -> Result<(String, Duration)> {
        if !self.place.trusts(realm) {
            let host = realm.host_str().unwrap_or_default();
            let error = Error::new(format!("{to}: the registry's token service, {host}, is without TLS"));
            return Err(error.help("nothing was sent there: a registry with TLS has to name a token service with TLS"));
        }
        let actions = if right == Right::Push { "pull,push" } else { "pull" };
        let mut url = realm.clone();
        url.query_pairs_mut().append_pair("scope", &format!("repository:{}:{actions}", to.repository));
        if let Some(service) = service {
            url.query_pairs_mut().append_pair("service", service);
        }
        let request = self.client.get(url);
        let request = match &self.auth {
            RegistryAuth::Login { user, password } => request.basic_auth(user, Some(password)),
            _ => request,
        };
        let answer = request.send().await.map_err(|error| Error::request(to, &error))?;
        match answer.status().as_u16() {
            200 => answer::token(&answer::body(to, answer, SHORT).await?),
            status @ (408 | 429 | 500..) => Err(Error::status(to, status, b"")),
            _ => Err(Error::refused(to, Kind::Unauthorized, "the registry does not accept the credentials")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RegistryAuth;

    #[test]
    fn passwords_are_not_shown() {
        let login = RegistryAuth::Login { user: "u".into(), password: "geheim".into() };
        let ecr = RegistryAuth::Ecr { user: "AWS".into(), token: "geheim".into() };
        assert!(!format!("{login:?}{ecr:?}").contains("geheim"));
    }
}
