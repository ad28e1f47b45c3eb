//! How to mend what AWS refuses for a reason that is not the call's own: credentials, the region, the way there.
use super::http::NoAnswer;
use aws_credential_types::provider::error::CredentialsError;
use std::error::Error;

const EXPIRED: &str = "the credentials have expired: get new ones (`aws sso login`, `aws login`, or a new session)";
const UNKNOWN: &str = "AWS does not know the access key: look at the profile (--profile, AWS_PROFILE) and the \
                       AWS_ACCESS_KEY_ID of the environment; in a region that the account has not enabled, no key is known";
const WRONG_SECRET: &str = "the secret access key is not that of the access key, or the session token is not";
const CLOCK: &str = "this machine's clock is wrong";
const REGION: &str = "it is in another region: give that one with --region or AWS_REGION";
const NONE: &str = "give --profile, sign in with `aws sso login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
const LOGIN: &str = "the session of `aws login` is read by the AWS CLI alone: run `eval \"$(aws configure export-credentials \
                     --format env)\"` first (with --profile NAME for another profile), or use a profile with \
                     `credential_process = aws configure export-credentials --profile NAME`";
const THROTTLED: &str = "AWS asked to slow down until the last try: run it again in a minute";
const ENDPOINT: &str = "look at the region (--region, AWS_REGION), at --endpoint-url and AWS_ENDPOINT_URL, and at the \
                        way to the network from here";
const TRUST: &str = "the endpoint's certificate is not trusted: name the file of its authority in AWS_CA_BUNDLE";

/// By AWS's code (Amazon S3 API reference, "Error responses"; the API references' "Common errors").
pub(super) fn by_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "TokenRefreshRequired" => EXPIRED,
        "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId" | "AuthFailure" => UNKNOWN,
        "SignatureDoesNotMatch" | "InvalidSignatureException" | "InvalidToken" | "IncompleteSignature" => WRONG_SECRET,
        "RequestTimeTooSkewed" => CLOCK,
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => REGION,
        "ThrottlingException" | "Throttling" | "SlowDown" | "RequestLimitExceeded" | "TooManyRequestsException" => {
            THROTTLED
        }
        _ => return None,
    })
}

/// By what kept the call from being made.
pub(super) fn by_cause(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let chain = || chain(error);
    let says = |words: &[&str]| chain().any(|cause| words.iter().any(|word| cause.to_string().contains(word)));
    if chain().any(|cause| cause.is::<CredentialsError>()) {
        return Some(match () {
            // What aws-config says of a profile with `login_session`.
            () if says(&["credentials-login"]) => LOGIN,
            () if says(&["expired", "Expired"]) => EXPIRED,
            () => NONE,
        });
    }
    let unreached = chain().any(|cause| cause.is::<NoAnswer>());
    unreached.then(|| if says(&["invalid peer certificate"]) { TRUST } else { ENDPOINT })
}

/// An error, what it comes from, and so on.
pub(super) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

/// The message without the request that AWS repeats when a signature does not match: the session token is in it.
pub(super) fn without_secrets(message: &str) -> &str {
    message.split("The Canonical String for this request").next().unwrap_or_default().trim_end()
}
