//! A call that failed: whether it can be made again, and how soon.
use crate::{Error, aws::error::Call as _};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Why a batch was not taken.
#[derive(Debug)]
pub enum Failure {
    /// The destination asks for fewer calls.
    Throttled(Error),
    /// It can be different next time.
    Passing(Error),
    /// It will be the same next time.
    Final(Error),
}

/// AWS's words for too many calls, in all services (AWS SDK reference, "Retry behavior").
const THROTTLED: [&str; 9] = [
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "ServiceUnavailableException",
    "SlowDown",
];

/// Whether a code, of a call or of one record, asks for fewer calls.
pub(super) fn throttles(code: &str) -> bool {
    THROTTLED.contains(&code)
}

impl Failure {
    /// The SDK's error; `call` and `on` as in [`Error`].
    pub(crate) fn of<E>(error: SdkError<E, HttpResponse>, call: &'static str, on: &str) -> Failure
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
        let throttled = code.is_some_and(throttles);
        let status = error.raw_response().map(|response| response.status().as_u16());
        let passing = match &error {
            SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
            SdkError::DispatchFailure(failure) => failure.is_timeout() || failure.is_io(),
            _ => status.is_some_and(|status| status >= 500 || status == 429),
        };
        let error = Err::<(), _>(error).call(call, on).expect_err("it is one");
        match (throttled, passing) {
            (true, _) => Failure::Throttled(error),
            (_, true) => Failure::Passing(error),
            _ => Failure::Final(error),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        match failure {
            Failure::Throttled(error) | Failure::Passing(error) | Failure::Final(error) => error,
        }
    }
}
