//! The proxy's connections: each request is written down and answered, by what is behind the proxy or with a fault.
use super::{Fault, Request, Shared, Upstream, denied, error, throttled};
use crate::http::{self, Head};
use crate::partial;
use std::io::{self, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

pub(super) fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for connection in listener.incoming() {
        if shared.closed.load(Ordering::Relaxed) {
            return;
        }
        let Ok(connection) = connection else { continue };
        let shared = Arc::clone(shared);
        thread::spawn(move || drop(serve(&connection, &shared)));
    }
}

fn serve(connection: &TcpStream, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(connection);
    let mut answers = connection;
    while let Some(head) = Head::read(&mut stream)? {
        if head.header("expect").is_some() {
            answers.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut body = vec![0; head.length];
        stream.read_exact(&mut body)?;
        let request = Request { call: call(&head, &body), head, body, fault: None };
        let service = request.service().to_owned();
        let at_work = shared.upstream.begin();
        if let Upstream::Aws(cloud) = &shared.upstream
            && let Some(answer) = cloud.reject(&request).or_else(|| cloud.deny(&request))
        {
            shared.note(&request, None);
            answers.write_all(&answer)?;
            continue;
        }
        if let Upstream::Aws(cloud) = &shared.upstream
            && cloud.throttles(&request)
        {
            shared.note(&request, Some(Fault::Throttle));
            answers.write_all(&throttled(&service))?;
            continue;
        }
        let fault = shared.meet(&request);
        if fault == Some(Fault::Lost) {
            shared.upstream.ask(&request)?;
        }
        // Counted before a test can learn of the fault, and heal it.
        let healed = shared.state().healed;
        shared.note(&request, fault);
        // What gets no answer until all is well again does not keep time from passing.
        let at_work = at_work.filter(|_| !matches!(fault, Some(Fault::Hold | Fault::Hang | Fault::Lost)));
        let answer = match fault {
            None => shared.upstream.ask(&request)?,
            Some(Fault::Hold) => {
                shared.hold(healed);
                let _at_work = shared.upstream.begin();
                shared.upstream.ask(&request)?
            }
            Some(Fault::Reset) => return http::reset(connection),
            Some(Fault::Hang | Fault::Lost) => return shared.hang(),
            Some(Fault::Partial(nth)) => {
                partial::hand_on(shared.upstream.address(), &request.call, &request.head, &request.body, nth)?
            }
            Some(Fault::Internal) => error(&service, 500, "InternalFailure", "it is not the caller's fault"),
            Some(Fault::Throttle) => throttled(&service),
            Some(Fault::Denied) => denied(&service, &request.call),
            Some(Fault::Answer(body)) if ["s3", "ec2", "iam", "sts"].contains(&service.as_str()) => {
                http::answer("200 OK", &["Content-Type: text/xml"], body)
            }
            Some(Fault::Answer(body)) => http::answer("200 OK", &["Content-Type: application/x-amz-json-1.1"], body),
            Some(Fault::Error(status, code, message)) => error(&service, status, code, message),
        };
        drop(at_work);
        answers.write_all(&answer)?;
    }
    Ok(())
}

/// The service stands in the signature's scope, the operation in the target, in the body of a query, or in the path. Who brings a
/// token in place of a signature talks to STS.
fn call(head: &Head, body: &[u8]) -> String {
    let scope = head.header("authorization").and_then(|text| text.split_once("Credential="));
    let target = head.header("x-amz-target").and_then(|target| target.rsplit('.').next());
    let form = String::from_utf8_lossy(body);
    let action = form.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let unsigned = if action.is_some_and(|action| action.starts_with("AssumeRoleWith")) { "sts" } else { "unsigned" };
    let service = scope.and_then(|(_, scope)| scope.split('/').nth(3)).unwrap_or(unsigned);
    match target.or(action) {
        Some(operation) => format!("{service}:{operation}"),
        None => {
            let request = head.lines.first().map_or("", String::as_str);
            format!("{service}:{}", request.trim_end_matches(" HTTP/1.1"))
        }
    }
}
