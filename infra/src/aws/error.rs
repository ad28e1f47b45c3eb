//! What went wrong between us and AWS: which call, on what, why, and how to mend it.
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::fmt;

/// A call that failed for good, or what keeps us from calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The call, in IAM's form: `logs:CreateLogGroup`. Empty when none was made.
    pub call: &'static str,
    /// What it was about.
    pub on: Box<str>,
    /// AWS's code of the error (`AccessDeniedException`).
    pub code: Option<Box<str>>,
    pub message: Box<str>,
    pub request_id: Option<Box<str>>,
    pub help: Option<Box<str>>,
}

impl Error {
    pub fn new(message: impl Into<String>) -> Error {
        let message = message.into().into_boxed_str();
        Error { call: "", on: "".into(), code: None, message, request_id: None, help: None }
    }

    pub fn help(self, help: impl Into<String>) -> Error {
        Error { help: Some(help.into().into_boxed_str()), ..self }
    }

    pub(crate) fn no_region() -> Error {
        Error::new("no AWS region").help("give --region, set AWS_REGION, or `region` in the AWS configuration file")
    }

    /// Whether AWS's code is this one.
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// The error, unless it is this one, which is as good as success.
    ///
    /// # Errors
    /// Any other error, itself.
    pub fn unless(self, code: &str) -> crate::Result<()> {
        if self.is(code) { Ok(()) } else { Err(self) }
    }

    /// AWS said that we may not.
    pub fn denied(&self) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"].contains(&code)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.call.is_empty() {
            write!(f, "{} on {}: ", self.call, self.on)?;
        }
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        if self.denied() {
            write!(f, "\n  the permission `{}` is missing for it", self.call)?;
        }
        match &self.help {
            Some(help) => write!(f, "\n  {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// Turns the SDK's result into ours, with the call's name and what it was about.
pub trait Call<T> {
    /// # Errors
    /// The SDK's error, as ours.
    fn call(self, call: &'static str, on: &str) -> crate::Result<T>;
}

impl<T, E> Call<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn call(self, call: &'static str, on: &str) -> crate::Result<T> {
        self.map_err(|error| from_sdk(&error, call, on))
    }
}

fn from_sdk<E>(error: &SdkError<E, HttpResponse>, call: &'static str, on: &str) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let request_id = error.raw_response().and_then(|response| response.headers().get("x-amzn-requestid"));
    let request_id = request_id.or_else(|| error.raw_response()?.headers().get("x-amz-request-id"));
    let (code, message) = match error.as_service_error() {
        Some(service) => (service.code().map(Box::from), service.message().map(str::to_string)),
        None => (None, None),
    };
    let status = error.raw_response().map(|response| response.status().as_u16());
    let message = message.or_else(|| Some(format!("HTTP {}", status?))).unwrap_or_else(|| causes(error));
    Error { call, on: on.into(), code, message: message.into(), request_id: request_id.map(Box::from), help: None }
}

/// The error and what it comes from, the last cause said once.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
