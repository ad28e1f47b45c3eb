//! What goes wrong with images and registries, in words for the user.
use super::Reference;
use std::{fmt, io, path::Path};

/// What kept an image from being read, written or pushed.
#[derive(Debug, Clone)]
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
    /// Names, labels and messages in the text may be somebody else's: nothing in it moves a cursor.
    pub fn new(text: impl Into<String>) -> Error {
        Error { kind: Kind::Other, text: printable(&text.into()).into(), help: None }
    }

    pub fn of(kind: Kind, text: impl Into<String>) -> Error {
        Error { kind, ..Error::new(text) }
    }

    /// It may go well the next time.
    pub fn passing(text: impl Into<String>) -> Error {
        Error::of(Kind::Passing, text)
    }

    pub fn help(self, help: impl Into<String>) -> Error {
        Error { help: Some(printable(&help.into()).into()), ..self }
    }

    pub fn file(doing: &str, path: &Path, error: &io::Error) -> Error {
        Error::new(format!("cannot {doing} {}: {error}", path.display()))
    }

    /// The mend, if one is known.
    pub fn mend(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The status of an answer, and its body.
    pub(super) fn status(of: &Reference, status: u16, body: &[u8]) -> Error {
        Error::refused(of, kind_of(status), &said_in(status, body))
    }

    pub(super) fn refused(of: &Reference, kind: Kind, said: &str) -> Error {
        let error = Error::of(kind, format!("{of}: {said}"));
        match kind {
            Kind::Unauthorized => error.help(format!("docker login {}", of.registry)),
            _ => error,
        }
    }

    /// A request that got no answer, or not a whole one. What went wrong with the body that was sent is said as it is.
    pub(super) fn request(of: &Reference, error: &reqwest::Error) -> Error {
        if let Some(own) = own(error) {
            return own.clone();
        }
        let kind = if error.is_redirect() || error.is_builder() { Kind::Other } else { Kind::Passing };
        Error::of(kind, format!("{of}: {}", no_answer(error)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        self.help.iter().try_for_each(|help| write!(f, "\n  help: {help}"))
    }
}

impl std::error::Error for Error {}

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
        (_, Some(message)) => message.chars().take(MESSAGE).collect(),
        (status, None) => format!("the registry answers with HTTP {status}"),
    }
}

/// The most characters of a registry's message that are shown.
const MESSAGE: usize = 500;

/// A text without what a terminal would obey: control characters, and marks that turn the direction of what follows.
fn printable(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Our own error among the causes.
fn own(error: &reqwest::Error) -> Option<&Error> {
    let mut error: &dyn std::error::Error = error;
    while let Some(source) = error.source() {
        if let Some(own) = source.downcast_ref() {
            return Some(own);
        }
        error = source;
    }
    None
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_registry_says_is_short_and_moves_no_cursor() {
        let of = Reference::parse("registry.example/a").unwrap();
        let body = serde_json::json!({ "errors": [{ "message": format!("bad \u{1b}]0;x\u{7}\u{202e}{}", "y".repeat(5000)) }] });
        let error = Error::status(&of, 400, body.to_string().as_bytes()).to_string();
        assert!(error.len() < 700 && !error.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{error:?}");
        assert!(error.contains("bad \u{fffd}]0;x\u{fffd}\u{fffd}yyy"), "{error}");
        let unreadable = Error::status(&of, 418, b"<html>").to_string();
        assert_eq!(unreadable, "registry.example/a: the registry answers with HTTP 418");
        assert_eq!(Error::status(&of, 503, b"").kind, Kind::Passing);
    }
}
