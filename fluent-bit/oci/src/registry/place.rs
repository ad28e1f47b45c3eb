//! Where a registry is reached, and which other places may get what.
use crate::{Error, Reference, Result};
use firelens_pipeline::host::is_this_machine;
use reqwest::{Url, redirect::Policy};

/// How many redirects a request follows.
const REDIRECTS: usize = 5;

/// A registry's scheme, host and port.
#[derive(Debug, Clone)]
pub(super) struct Place(Url);

impl Place {
    /// Registries on this machine are spoken to without TLS, all others with it. `endpoint` is where the registry is reached
    /// when that is not its own name, such as `http://127.0.0.1:5000`.
    ///
    /// # Errors
    /// When the name or the endpoint is no host.
    pub(super) fn of(name: &str, endpoint: Option<&str>) -> Result<Place> {
        if let Some(endpoint) = endpoint {
            let wrong = || Error::new(format!("`{endpoint}` is not the endpoint of a registry"));
            return parse(endpoint).ok_or_else(|| wrong().help("http://127.0.0.1:5000"));
        }
        let url = match name {
            "docker.io" => "https://index.docker.io".to_string(),
            name if is_this_machine(name) => format!("http://{name}"),
            name => format!("https://{name}"),
        };
        parse(&url).ok_or_else(|| Error::new(format!("`{name}` is not a registry")))
    }

    /// A path of the registry, or a whole URL that it names.
    ///
    /// # Errors
    /// When it is no URL, or leads from TLS to none.
    pub(super) fn url(&self, of: &Reference, location: &str) -> Result<Url> {
        let wrong = |why: &str| Error::new(format!("{of}: the registry names an invalid location: {why}"));
        let url = self.0.join(location).map_err(|error| wrong(&error.to_string()))?;
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.0.scheme() == "http" => Ok(url),
            "http" => Err(wrong("it is without TLS")),
            _ => Err(wrong("it is neither https nor http")),
        }
    }

    /// Whether credentials may go there: only to the registry's own scheme, host and port.
    pub(super) fn is_ours(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }

    /// Whether the user's password may go to this token service. Without TLS only that of a registry without TLS gets it, on
    /// the registry's own host or on this machine.
    pub(super) fn trusts(&self, realm: &Url) -> bool {
        let here = realm.host_str().is_some_and(is_this_machine) || realm.host_str() == self.0.host_str();
        realm.scheme() == "https" || (realm.scheme() == "http" && self.0.scheme() == "http" && here)
    }
}

/// A scheme and a host, and nothing else.
fn parse(text: &str) -> Option<Place> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.path() == "/";
    let plain = plain && url.query().is_none() && url.fragment().is_none() && url.has_host();
    (plain && matches!(url.scheme(), "http" | "https")).then_some(Place(url))
}

/// Redirects never lead from TLS to none.
pub(super) fn redirects() -> Policy {
    Policy::custom(|attempt| {
        let from_tls = attempt.previous().last().is_some_and(|from| from.scheme() == "https");
        if from_tls && attempt.url().scheme() != "https" {
            return attempt.error("the registry leads to a place without TLS");
        }
        if attempt.previous().len() > REDIRECTS { attempt.error("too many redirects") } else { attempt.follow() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> Place {
        Place::of(name, None).unwrap()
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn only_registries_on_this_machine_are_spoken_to_without_tls() {
        let scheme = |name: &str| place(name).0.scheme().to_string();
        for name in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.1.2.3", "[::1]:5000"] {
            assert_eq!(scheme(name), "http", "{name}");
        }
        for name in
            ["ghcr.io", "10.0.0.1:5000", "localhost.example.com", "127.evil.example", "127.0.0.1.evil.example:80"]
        {
            assert_eq!(scheme(name), "https", "{name}");
        }
    }

    #[test]
    fn an_endpoint_is_a_scheme_and_a_host() {
        assert_eq!(
            Place::of("x.example", Some("http://127.0.0.1:5000/")).unwrap().0.as_str(),
            "http://127.0.0.1:5000/"
        );
        for wrong in ["127.0.0.1:5000", "ftp://a", "http://", "http://a/b", "http://u@a", "http://a?b"] {
            assert!(Place::of("x.example", Some(wrong)).is_err(), "{wrong}");
        }
        assert!(Place::of("localhost:x@evil.example", None).is_err());
    }

    #[test]
    fn credentials_stay_with_the_registry() {
        let place = place("a.example.com");
        assert!(place.is_ours(&url("https://a.example.com/v2/x")));
        for other in ["http://a.example.com/v2/x", "https://b.example.com/", "https://a.example.com:1"] {
            assert!(!place.is_ours(&url(other)), "{other}");
        }
    }

    #[test]
    fn passwords_go_to_token_services_with_tls() {
        let with_tls = place("registry.example");
        assert!(with_tls.trusts(&url("https://auth.example/token")));
        for realm in ["http://registry.example/token", "http://127.0.0.1/token", "ftp://auth.example/"] {
            assert!(!with_tls.trusts(&url(realm)), "{realm}");
        }
        let local = place("127.0.0.1:5000");
        assert!(local.trusts(&url("http://127.0.0.1:5001/token")) && local.trusts(&url("http://localhost/token")));
        for realm in ["http://127.evil.example/token", "http://evil.example/token"] {
            assert!(!local.trusts(&url(realm)), "{realm}");
        }
    }

    #[test]
    fn locations_never_lead_from_tls_to_none() {
        let of = Reference::parse("a.example.com/b").unwrap();
        let (with_tls, local) = (place("a.example.com"), place("localhost:5000"));
        assert_eq!(with_tls.url(&of, "/v2/u?x=1").unwrap().as_str(), "https://a.example.com/v2/u?x=1");
        assert!(with_tls.url(&of, "https://store.example/u").is_ok());
        assert!(
            with_tls.url(&of, "http://a.example.com/u").is_err() && with_tls.url(&of, "file:///etc/passwd").is_err()
        );
        assert!(local.url(&of, "http://localhost:5000/u").is_ok());
    }
}
