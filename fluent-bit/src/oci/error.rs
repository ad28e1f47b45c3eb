//! What goes wrong with images and registries, in words for the user.
use super::Reference;
use oci_client::errors::{OciDistributionError, OciErrorCode};
use std::{fmt, io, path::Path};

/// What kept an image from being read, written or pushed.
#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    text: Box<str>,
    help: Option<Box<str>>,
}

/// What a caller may want to do something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The registry does not know the user, or does not let it do that.
    Unauthorized,
    /// It is not there: a tag, a repository, a blob.
    Missing,
    /// The tag is there, with something else behind it.
    TagTaken,
    /// It may go well the next time: no answer, a broken connection, a registry that is busy.
    Passing,
    /// All else.
    Other,
}

impl Error {
    pub fn new(text: impl Into<String>) -> Error {
        Error { kind: Kind::Other, text: text.into().into(), help: None }
    }

    pub fn of(kind: Kind, text: impl Into<String>) -> Error {
        Error { kind, ..Error::new(text) }
    }

    pub fn help(self, help: impl Into<String>) -> Error {
        Error { help: Some(help.into().into()), ..self }
    }

    pub fn file(doing: &str, path: &Path, error: &io::Error) -> Error {
        Error::new(format!("cannot {doing} {}: {error}", path.display()))
    }

    /// The mend, if one is known.
    pub fn mend(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// A registry's answer to what was done with `of`.
    pub(super) fn answer(of: &Reference, error: OciDistributionError) -> Error {
        let (kind, said) = classify(error);
        Error::refused(of, kind, &said)
    }

    /// The status of an answer, and its body.
    pub(super) fn status(of: &Reference, status: u16, body: &[u8]) -> Error {
        Error::refused(of, kind_of(status), &said_in(status, body))
    }

    fn refused(of: &Reference, kind: Kind, said: &str) -> Error {
        let error = Error::of(kind, format!("{of}: {said}"));
        match kind {
            Kind::Unauthorized => error.help(format!("docker login {}", of.registry)),
            _ => error,
        }
    }

    /// A request that got no answer, or not a whole one.
    pub(super) fn request(of: &Reference, error: &reqwest::Error) -> Error {
        Error::of(Kind::Passing, format!("{of}: {}", no_answer(error)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        self.help.iter().try_for_each(|help| write!(f, "\n  help: {help}"))
    }
}

impl std::error::Error for Error {}

fn classify(error: OciDistributionError) -> (Kind, String) {
    match error {
        OciDistributionError::AuthenticationFailure(_) | OciDistributionError::UnauthorizedError { .. } => {
            (Kind::Unauthorized, UNAUTHORIZED.to_string())
        }
        OciDistributionError::RequestError(error) => match error.status() {
            Some(status) => (kind_of(status.as_u16()), said_in(status.as_u16(), b"")),
            None => (Kind::Passing, no_answer(&error)),
        },
        OciDistributionError::ServerError { code, message, .. } => (kind_of(code), said_in(code, message.as_bytes())),
        OciDistributionError::RegistryError { envelope, .. } => {
            let Some(first) = envelope.errors.into_iter().next() else {
                return (Kind::Other, "the registry refuses, and gives no reason".to_string());
            };
            let kind = match first.code {
                OciErrorCode::Denied | OciErrorCode::Unauthorized => Kind::Unauthorized,
                OciErrorCode::Toomanyrequests => Kind::Passing,
                OciErrorCode::ManifestUnknown
                | OciErrorCode::NameUnknown
                | OciErrorCode::NotFound
                | OciErrorCode::BlobUnknown => Kind::Missing,
                _ => Kind::Other,
            };
            (kind, first.message)
        }
        OciDistributionError::IoError(error) => (Kind::Passing, causes(&error)),
        error => (Kind::Other, error.to_string()),
    }
}

const UNAUTHORIZED: &str = "the registry does not accept the credentials";

fn kind_of(status: u16) -> Kind {
    match status {
        401 | 403 => Kind::Unauthorized,
        404 => Kind::Missing,
        408 | 429 | 500.. => Kind::Passing,
        _ => Kind::Other,
    }
}

/// What the registry says: the messages of an error document, or the status.
fn said_in(status: u16, body: &[u8]) -> String {
    let document: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let message = document["errors"][0]["message"].as_str().filter(|message| !message.is_empty());
    match (status, message) {
        (401, _) => UNAUTHORIZED.to_string(),
        (403, None) => "the registry does not allow it".to_string(),
        (404, None) => "not found".to_string(),
        (_, Some(message)) => message.to_string(),
        (status, None) => format!("the registry answers with HTTP {status}"),
    }
}

fn no_answer(error: &reqwest::Error) -> String {
    if error.is_timeout() { "the registry does not answer".to_string() } else { causes(error) }
}

/// The innermost reason, which is the one that says something. (reqwest's own texts name the URL, which can hold a
/// signature.)
fn causes(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
