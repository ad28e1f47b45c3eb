//! A request's body, whole or up to where the connection is to break.
use crate::http::Head;
use std::io::{self, BufRead, Read as _};

/// What came.
pub enum Body {
    Whole(Vec<u8>),
    /// As much as was let through.
    Broken(Vec<u8>),
}

/// Reads a body that says its length, or one in chunks.
pub fn read(stream: &mut impl BufRead, head: &Head, limit: usize) -> io::Result<Body> {
    let mut body = Vec::new();
    if head.header("transfer-encoding") != Some("chunked") {
        stream.take(head.length.min(limit) as u64).read_to_end(&mut body)?;
        return match body.len() {
            length if length < head.length.min(limit) => Err(io::ErrorKind::UnexpectedEof.into()),
            length if length < head.length => Ok(Body::Broken(body)),
            _ => Ok(Body::Whole(body)),
        };
    }
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        stream.take(size as u64).read_to_end(&mut body)?;
        stream.read_line(&mut line)?;
        if size == 0 {
            return Ok(Body::Whole(body));
        }
        if body.len() > limit {
            return Ok(Body::Broken(body));
        }
    }
}
