//! Errors in the services' own words and forms.
use crate::http;

pub(crate) fn throttled(service: &str) -> Vec<u8> {
    match service {
        "s3" => error(service, 503, "SlowDown", "Please reduce your request rate."),
        "ec2" => error(service, 503, "RequestLimitExceeded", "Request limit exceeded."),
        "iam" | "sts" => error(service, 400, "Throttling", "Rate exceeded"),
        _ => error(service, 400, "ThrottlingException", "Rate exceeded"),
    }
}

pub(crate) fn denied(service: &str, call: &str) -> Vec<u8> {
    match service {
        "s3" => error(service, 403, "AccessDenied", "Access Denied"),
        "ec2" => error(service, 403, "UnauthorizedOperation", "You are not authorized to perform this operation."),
        "iam" | "sts" => error(service, 403, "AccessDenied", &format!("User: of-the-test is not authorized to {call}")),
        _ => error(service, 400, "AccessDeniedException", &format!("User: of-the-test is not authorized to {call}")),
    }
}

/// An error in the service's own form.
pub(crate) fn error(service: &str, status: u16, code: &str, message: &str) -> Vec<u8> {
    let what = format!("<Code>{code}</Code><Message>{message}</Message>");
    let id = "<RequestId>of-the-proxy</RequestId>";
    let status = format!("{status} {code}");
    let body = match service {
        "s3" => format!("<Error>{what}{id}</Error>"),
        "ec2" => {
            format!("<Response><Errors><Error>{what}</Error></Errors><RequestID>of-the-proxy</RequestID></Response>")
        }
        "iam" | "sts" => format!("<ErrorResponse><Error><Type>Sender</Type>{what}</Error>{id}</ErrorResponse>"),
        _ => return http::json_error(&status, code, message),
    };
    http::answer(&status, &["Content-Type: text/xml", "x-amz-request-id: of-the-proxy"], &body)
}
