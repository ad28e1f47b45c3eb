//! What went wrong between us and AWS: which call, on what, why, and how to mend it.
use super::{help, http::NoAnswer};
use aws_credential_types::provider::error::CredentialsError;
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

    /// That of this call, on this.
    pub(crate) fn of(self, call: &'static str, on: &str) -> Error {
        Error { call, on: on.into(), ..self }
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

    /// AWS does not know what the call is about.
    pub fn is_missing(&self) -> bool {
        self.code.as_deref().is_some_and(|code| MISSING.contains(&code))
            || self.message.contains("InvalidGroup.NotFound")
    }

    /// AWS has too many requests at the moment.
    pub fn throttled(&self) -> bool {
        self.code.as_deref().is_some_and(|code| THROTTLED.contains(&code))
    }

    /// AWS said that we may not.
    pub fn denied(&self) -> bool {
        self.code.as_deref().is_some_and(|code| DENIED.contains(&code))
    }

    /// The permission that is missing, when that is what AWS said: its message names it, mostly. Else the call's own.
    pub fn permission(&self) -> Option<&str> {
        let named = self.message.split("to perform: ").nth(1).and_then(|rest| rest.split([' ', ',']).next());
        let named = named.filter(|action| action.contains(':')).map(|action| action.trim_end_matches('.'));
        self.denied().then_some(named.unwrap_or(self.call))
    }
}

/// How the services say that something is not there.
const MISSING: [&str; 7] = [
    "NoSuchBucket",
    "NoSuchEntity",
    "ResourceNotFoundException",
    "RepositoryNotFoundException",
    "InvalidGroup.NotFound",
    "ClusterNotFoundException",
    "ServiceNotFoundException",
];

/// How the services say that there are too many requests: IAM; those that speak JSON; EC2; S3.
const THROTTLED: [&str; 5] =
    ["Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"];

/// How the services say that something is not allowed: S3, IAM and STS; those that speak JSON; EC2; SNS and its kin.
const DENIED: [&str; 5] =
    ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized"];

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
        if let Some(permission) = self.permission() {
            write!(f, "\n  the permission `{permission}` is missing")?;
        }
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
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
    let headers = error.raw_response().map(HttpResponse::headers);
    let request_id = headers.and_then(|all| REQUEST_ID.iter().find_map(|name| all.get(*name)));
    let service = error.as_service_error();
    let code = service.and_then(ProvideErrorMetadata::code);
    let message = match (service.and_then(ProvideErrorMetadata::message), error.raw_response()) {
        (Some(message), _) => message.to_string(),
        (None, Some(response)) if service.is_some() => format!("HTTP {}", response.status().as_u16()),
        _ => without_service(error),
    };
    let help = code.and_then(help::by_code).or_else(|| help::by_cause(error));
    Error {
        call,
        on: on.into(),
        code: code.map(Box::from),
        message: help::without_secrets(&message).into(),
        request_id: request_id.map(Box::from),
        help: help.map(Box::from),
    }
}

/// Where the services put a request's id.
const REQUEST_ID: [&str; 2] = ["x-amzn-requestid", "x-amz-request-id"];

/// What is not the service's word: the endpoint that gave no answer, and the last cause; an answer that cannot be read.
fn without_service(error: &(dyn std::error::Error + 'static)) -> String {
    let chain: Vec<_> = help::chain(error).collect();
    let Some(from) = chain.iter().position(|error| error.is::<NoAnswer>() || error.is::<CredentialsError>()) else {
        return joined(&chain);
    };
    match chain[from].is::<NoAnswer>() {
        true => joined(&[chain[from], chain[chain.len() - 1]]),
        false => joined(&chain[from..]),
    }
}

/// Each said once.
fn joined(chain: &[&(dyn std::error::Error + 'static)]) -> String {
    chain.iter().fold(String::new(), |text, error| match error.to_string() {
        cause if text.ends_with(&cause) => text,
        cause if text.is_empty() => cause,
        cause => format!("{text}: {cause}"),
    })
}
