//! What a registry answers. All of it is somebody else's text: its size is bounded, and what is shown of it is cleaned.
use crate::{Error, Reference, Result, hex};
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt as _;
use http_auth::parser::ChallengeParser;
use reqwest::{Response, Url, header::HeaderMap};
use serde_json::Value;
use std::time::Duration;

/// The longest error document or token that is read, in bytes. Tokens of Azure have some 2 KB, of Docker Hub some 4 KB.
pub const SHORT: u64 = 64 << 10;

/// How long a small answer may take to arrive as a whole.
const WHOLE: Duration = Duration::from_secs(120);

/// How a token lasts when its registry does not say (distribution's "Token Authentication Specification").
const TOKEN_SECONDS: u64 = 60;

/// Reads a body of at most so many bytes.
///
/// # Errors
/// When it has more, breaks off, or does not end.
pub async fn body(of: &Reference, answer: Response, limit: u64) -> Result<Bytes> {
    let too_big = || Error::new(format!("{of}: the registry's answer has more than {limit} bytes"));
    if answer.content_length().is_some_and(|length| length > limit) {
        return Err(too_big());
    }
    let read = async {
        let (mut all, mut pieces) = (BytesMut::new(), answer.bytes_stream());
        while let Some(piece) = pieces.try_next().await.map_err(|error| Error::request(of, &error))? {
            if (all.len() + piece.len()) as u64 > limit {
                return Err(too_big());
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    };
    let late = |_| Error::passing(format!("{of}: the registry's answer does not end"));
    tokio::time::timeout(WHOLE, read).await.map_err(late)?
}

/// An answer with one of these statuses.
///
/// # Errors
/// The registry's own words, for any other.
pub async fn expect(of: &Reference, answer: Response, statuses: &[u16]) -> Result<Response> {
    match statuses.contains(&answer.status().as_u16()) {
        true => Ok(answer),
        false => Err(refusal(of, answer).await),
    }
}

/// What an answer says that is not the one that was hoped for.
pub async fn refusal(of: &Reference, answer: Response) -> Error {
    let status = answer.status().as_u16();
    Error::status(of, status, &body(of, answer, SHORT).await.unwrap_or_default())
}

/// How a registry wants to be signed in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// Everybody may come in.
    None,
    /// A user and a password with each request.
    Basic,
    /// A token of the service at `realm`.
    Bearer { realm: Url, service: Option<String> },
}

/// The challenge of a `WWW-Authenticate` header.
///
/// # Errors
/// When a token is to be had from a place that is no URL.
pub fn challenge(headers: &HeaderMap) -> Result<Challenge> {
    let mut found = Challenge::None;
    for value in headers.get_all(reqwest::header::WWW_AUTHENTICATE) {
        let text = value.to_str().unwrap_or_default();
        for challenge in ChallengeParser::new(text).map_while(std::result::Result::ok) {
            let parameter = |name: &str| {
                let found = challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.to_unescaped())
            };
            if challenge.scheme.eq_ignore_ascii_case("bearer") {
                let realm = parameter("realm").and_then(|realm| Url::parse(&realm).ok());
                let realm = realm.ok_or_else(|| Error::new("the registry names no token service"))?;
                return Ok(Challenge::Bearer { realm, service: parameter("service") });
            }
            if challenge.scheme.eq_ignore_ascii_case("basic") {
                found = Challenge::Basic;
            }
        }
    }
    Ok(found)
}

/// A token service's answer: the token, and how long it lasts.
///
/// # Errors
/// When there is none in it, or one that cannot stand in a header.
pub fn token(body: &[u8]) -> Result<(String, Duration)> {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    let token = ["token", "access_token"].iter().find_map(|key| document[key].as_str());
    let fits = |token: &&str| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let token = token.filter(fits).ok_or_else(|| Error::new("the token service's answer has no token"))?;
    let seconds = document["expires_in"].as_u64().unwrap_or(TOKEN_SECONDS);
    Ok((token.to_string(), Duration::from_secs(seconds)))
}

/// The digest that a manifest's headers say, if they say one that is known here.
pub fn content_digest(headers: &HeaderMap) -> Option<String> {
    let digest = headers.get("docker-content-digest")?.to_str().ok()?;
    hex(digest).map(|_| digest.to_string())
}

/// Where the part begins that was answered, from `Content-Range: bytes 5-9/10`.
pub fn part_start(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(reqwest::header::CONTENT_RANGE)?.to_str().ok()?;
    range.trim().strip_prefix("bytes")?.trim_start().split('-').next()?.parse().ok()
}

/// How many bytes of an upload have arrived, from `Range: 0-41`.
pub fn arrived(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(reqwest::header::RANGE)?.to_str().ok()?;
    let (_, last) = range.trim_start_matches("bytes=").split_once('-')?;
    match last.parse::<u64>().ok()? {
        // The specification has no way to say that nothing has arrived; docker-registry says so.
        0 => None,
        last => last.checked_add(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn challenges_are_read() {
        let challenge = |text: &str| super::challenge(&headers("www-authenticate", text));
        assert_eq!(challenge(r#"Basic realm="x",service="ecr.amazonaws.com""#).unwrap(), Challenge::Basic);
        let bearer = challenge(r#"Basic realm="x", Bearer realm="https://auth.example/token",service="r""#).unwrap();
        let Challenge::Bearer { realm, service } = bearer else { panic!("a token is asked for") };
        assert_eq!((realm.as_str(), service.as_deref()), ("https://auth.example/token", Some("r")));
        assert_eq!(challenge("Negotiate").unwrap(), Challenge::None);
        assert_eq!(super::challenge(&HeaderMap::new()).unwrap(), Challenge::None);
        assert!(challenge(r#"Bearer realm="here""#).is_err() && challenge("Bearer service=x").is_err());
    }

    #[test]
    fn tokens_are_read() {
        assert_eq!(token(br#"{"token":"a.b","expires_in":300}"#).unwrap(), ("a.b".into(), Duration::from_secs(300)));
        assert_eq!(token(br#"{"access_token":"c"}"#).unwrap(), ("c".into(), Duration::from_secs(60)));
        for wrong in [&b"{}"[..], b"", b"[", br#"{"token":""}"#, br#"{"token":"a\r\nb"}"#, br#"{"token":7}"#] {
            assert!(token(wrong).is_err());
        }
    }

    #[test]
    fn ranges_and_digests_are_read() {
        assert_eq!(part_start(&headers("content-range", "bytes 5-9/10")), Some(5));
        assert_eq!(arrived(&headers("range", "0-41")), Some(42));
        assert_eq!(arrived(&headers("range", "bytes=0-0")), None);
        assert_eq!(arrived(&headers("range", &format!("0-{}", u64::MAX))), None);
        assert_eq!(content_digest(&headers("docker-content-digest", "sha256:../../x")), None);
    }
}
