//! What becomes of captured values after the whole pattern has matched.
use super::Captures;
use super::ends::{CODE, is_code};
use crate::program::{FieldId, Refine};
use crate::swar;

/// Applies the pattern's refinements to what it captured.
pub(crate) fn refine(steps: &[Refine], text: &[u8], captures: &mut Captures) {
    for step in steps {
        match *step {
            Refine::Request { from, method, path, query, protocol } => {
                let Some(span) = captures.span(from) else { continue };
                if let Some(parts) = split_request(text, span.start as usize, span.end as usize) {
                    captures.forget(from);
                    captures.set(method, span.start as usize, parts.method);
                    split_path(text, parts.method + 1, parts.path, path, query, captures);
                    if let Some(start) = parts.protocol {
                        captures.set(protocol, start, span.end as usize);
                    }
                }
            }
            Refine::Path { from, query } => {
                let Some(span) = captures.span(from) else { continue };
                split_path(text, span.start as usize, span.end as usize, from, query, captures);
            }
            Refine::Query { from } => {
                let Some(span) = captures.span(from) else { continue };
                match text.get(span.start as usize..span.end as usize) {
                    Some([b'?', ..]) => captures.set(from, span.start as usize + 1, span.end as usize),
                    Some([] | [b'-']) => captures.forget(from),
                    _ => {}
                }
            }
            Refine::Address { from, port } => {
                let Some(span) = captures.span(from) else { continue };
                split_address(text, span.start as usize, span.end as usize, from, port, captures);
            }
            Refine::Join { from, last } => {
                let (Some(span), Some(last)) = (captures.span(from), captures.span(last)) else { continue };
                captures.set(from, span.start as usize, last.end as usize);
            }
            Refine::Code { from, code } => {
                let Some(span) = captures.span(from) else { continue };
                let message = text.get(span.start as usize..span.end as usize).unwrap_or_default();
                if is_code(message, 0) && message.get(CODE..CODE + 2) == Some(b": ") {
                    captures.set(code, span.start as usize, span.start as usize + CODE);
                    captures.set(from, span.start as usize + CODE + 2, span.end as usize);
                }
            }
        }
    }
}

struct Request {
    /// End of the method.
    method: usize,
    /// End of the path with its query.
    path: usize,
    protocol: Option<usize>,
}

/// `METHOD path HTTP/n.n`, or `METHOD path` as in HTTP/0.9, whatever the method and the version. A path without a protocol
/// begins with a slash, so that other text is not taken for one.
fn split_request(text: &[u8], start: usize, end: usize) -> Option<Request> {
    let method = swar::find_apart(text, start, end, b' ');
    let rest = text.get(method + 1..end)?;
    if method == start || matches!(rest, [] | [b' ', ..]) {
        return None;
    }
    match rest.iter().rposition(|byte| *byte == b' ') {
        Some(last) if is_protocol(&rest[last + 1..]) => {
            let path = method + 1 + last;
            Some(Request { method, path, protocol: Some(path + 1) })
        }
        None if rest.starts_with(b"/") => Some(Request { method, path: end, protocol: None }),
        _ => None,
    }
}

/// `HTTP/` and two numbers.
fn is_protocol(text: &[u8]) -> bool {
    let Some([b'0'..=b'9', rest @ .., b'0'..=b'9']) = text.strip_prefix(b"HTTP/") else { return false };
    rest.iter().filter(|byte| **byte == b'.').count() == 1 && rest.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'.'))
}

#[inline(always)]
fn split_path(text: &[u8], start: usize, end: usize, path: FieldId, query: FieldId, captures: &mut Captures) {
    let mark = swar::find_apart(text, start, end, b'?');
    captures.set(path, start, mark);
    if mark < end {
        captures.set(query, mark + 1, end);
    }
}

/// `1.2.3.4:56`, `[::1]:56`, `::1:56`.
fn split_address(text: &[u8], start: usize, end: usize, address: FieldId, port: FieldId, captures: &mut Captures) {
    let whole = text.get(start..end).unwrap_or_default();
    let Some(colon) = whole.iter().rposition(|b| *b == b':') else { return };
    let digits = &whole[colon + 1..];
    let is_port = (1..=5).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    if !is_port || colon == 0 || whole[colon - 1] == b':' {
        return;
    }
    let (mut from, mut to) = (start, start + colon);
    if whole[0] == b'[' && whole[colon - 1] == b']' {
        from += 1;
        to -= 1;
    }
    captures.set(address, from, to);
    captures.set(port, start + colon + 1, end);
}
