//! The request that carries the mark.
//!
//! It stands in the query and in the user agent, so that it is in the access line whichever of them the LogFormat has.
use super::Mark;
use crate::{Error, Result};
use jiff::Timestamp;
use reqwest::{Client, Url, redirect::Policy};
use std::time::Duration;

/// The parameter's name.
const PARAMETER: &str = "firelens-kit-verify";

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    url: Url,
    agent: String,
}

/// A request that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Just before it was sent.
    pub time: Timestamp,
    /// HTTP's, whatever it is: an access line says it all the same.
    pub status: u16,
}

impl Request {
    /// A GET of this URL, with the mark.
    ///
    /// # Errors
    /// When it is no URL of HTTP.
    pub fn new(url: &str, mark: &Mark) -> Result<Request> {
        let wrong = |why: &str| Error::new(format!("{url}: {why}")).help("write for example https://www.example.com/");
        let mut with_mark = Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
        if !["http", "https"].contains(&with_mark.scheme()) {
            return Err(wrong("it is not http or https"));
        }
        with_mark.query_pairs_mut().append_pair(PARAMETER, mark.as_str());
        let agent = format!("firelens-kit/{} ({PARAMETER}={mark})", env!("CARGO_PKG_VERSION"));
        Ok(Request { url: with_mark, agent })
    }

    /// Where it goes, the mark in it; without a password.
    pub fn url(&self) -> String {
        let mut shown = self.url.clone();
        if shown.password().is_some() {
            _ = shown.set_password(Some("***"));
        }
        shown.to_string()
    }
}

/// Sends it. A redirect is not followed: it was logged, too.
///
/// # Errors
/// When there is no answer.
pub async fn send(request: &Request) -> Result<Sent> {
    let failed = |error: reqwest::Error| {
        Error::new(format!("no answer from {}: {}", request.url(), innermost(&error)))
            .help("look whether it can be reached from here (`ingress` in [stack.app]), or send a request yourself and give its mark with --mark")
    };
    // Someone else may have chosen one before.
    _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().redirect(Policy::none()).timeout(PATIENCE).user_agent(&request.agent).build();
    let time = Timestamp::now();
    let answer = client.map_err(failed)?.get(request.url.clone()).send().await.map_err(failed)?;
    Ok(Sent { time, status: answer.status().as_u16() })
}

/// The last cause, which says something.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source()).last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_added_to_what_is_there() {
        let mark: Mark = "fk01234567".parse().unwrap();
        let url = |url: &str| Request::new(url, &mark).map(|request| request.url());
        assert_eq!(url("http://192.0.2.1:8080/").unwrap(), "http://192.0.2.1:8080/?firelens-kit-verify=fk01234567");
        assert_eq!(
            url("https://u:p@a.example/x?b=c").unwrap(),
            "https://u:***@a.example/x?b=c&firelens-kit-verify=fk01234567"
        );
        for wrong in ["www.example.com", "ftp://www.example.com/", ""] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
    }
}
