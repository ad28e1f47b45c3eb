//! One request of HTTP/1.1, read with bounds: of its head, of its body, and of the time that it takes.
use std::{
    io::{self, Read},
    net::TcpStream,
    time::Duration,
};

/// The longest head, in bytes: browsers send less than one kilobyte, and cookies of other servers on this machine.
const LONGEST_HEAD: usize = 32 << 10;
/// The longest body. No `firelens.toml` comes near it.
pub const LONGEST_BODY: usize = 1 << 20;
/// The most headers.
const HEADERS: usize = 100;
/// How long a read may wait.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request that was read.
#[derive(Debug, Default)]
pub struct Request {
    pub method: String,
    /// As it was sent: the path, and nothing else.
    pub target: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Why a request cannot be answered as it was meant.
#[derive(Debug, PartialEq, Eq)]
pub enum Bad {
    /// It is no request, or has more than is read: the status that says so.
    Status(&'static str),
    /// Nobody is there any more.
    Gone,
}

impl From<io::Error> for Bad {
    fn from(_: io::Error) -> Bad {
        Bad::Gone
    }
}

impl Request {
    /// Reads one.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(stream: &mut TcpStream) -> Result<Request, Bad> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut bytes = Vec::new();
        let (mut request, head) = loop {
            if read_more(stream, &mut bytes)? == 0 {
                return Err(Bad::Gone);
            }
            if let Some(parsed) = parse(&bytes)? {
                break parsed;
            }
            if bytes.len() > LONGEST_HEAD {
                return Err(Bad::Status("431 Request Header Fields Too Large"));
            }
        };
        let length = request.length()?;
        request.body = bytes.split_off(head);
        while request.body.len() < length {
            if read_more(stream, &mut request.body)? == 0 {
                return Err(Bad::Gone);
            }
        }
        request.body.truncate(length);
        Ok(request)
    }

    /// The value of a header, when it is there once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }

    /// Whether a header is there.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    fn length(&self) -> Result<usize, Bad> {
        if self.has("transfer-encoding") {
            return Err(Bad::Status("411 Length Required"));
        }
        if !self.has("content-length") {
            return Ok(0);
        }
        let length = self.header("content-length").and_then(|length| length.parse().ok());
        match length {
            None => Err(Bad::Status("400 Bad Request")),
            Some(length) if length > LONGEST_BODY => Err(Bad::Status("413 Content Too Large")),
            Some(length) => Ok(length),
        }
    }
}

fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let mut buffer = [0; 8 << 10];
    let read = stream.read(&mut buffer)?;
    bytes.extend_from_slice(&buffer[..read]);
    Ok(read)
}

/// The request, and the length of its head; `None` when it has not come to its end.
fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, Bad> {
    let bad = || Bad::Status("400 Bad Request");
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let head = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(bad()),
    };
    let text = |text: Option<&str>| text.map(str::to_string).ok_or_else(bad);
    let headers = parsed.headers.iter().map(|header| {
        let value = std::str::from_utf8(header.value).map_err(|_| bad())?;
        Ok((header.name.to_string(), value.to_string()))
    });
    let headers = headers.collect::<Result<_, Bad>>()?;
    let (method, target) = (text(parsed.method)?, text(parsed.path)?);
    Ok(Some((Request { method, target, headers, body: Vec::new() }, head)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Write as _, net::TcpListener, thread};

    fn read(bytes: &'static [u8]) -> Result<Request, Bad> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let client = thread::spawn(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            // The server may have hung up.
            bytes.chunks(7).try_for_each(|chunk| stream.write_all(chunk)).unwrap_or_default();
        });
        let request = Request::read(&mut listener.accept().unwrap().0);
        client.join().unwrap();
        request
    }

    #[test]
    fn a_request_is_read_in_pieces() {
        let request = read(b"PUT /x HTTP/1.1\r\nHost: a\r\ncontent-length: 5\r\n\r\nhello, more").unwrap();
        assert_eq!((request.method.as_str(), request.target.as_str(), &request.body[..]), ("PUT", "/x", &b"hello"[..]));
        assert_eq!((request.header("HOST"), request.header("origin")), (Some("a"), None));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let status = |bytes| read(bytes).unwrap_err();
        assert_eq!(status(b"\x16\x03\x01\x02 TLS\r\n\r\n"), Bad::Status("400 Bad Request"));
        assert_eq!(status(b"PUT / HTTP/1.1\r\ncontent-length: -1\r\n\r\n"), Bad::Status("400 Bad Request"));
        assert_eq!(
            status(b"PUT / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"),
            Bad::Status("400 Bad Request")
        );
        assert_eq!(status(b"PUT / HTTP/1.1\r\ncontent-length: 1048577\r\n\r\n"), Bad::Status("413 Content Too Large"));
        assert_eq!(status(b"PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"), Bad::Status("411 Length Required"));
        assert_eq!(status(b"GET / HTTP/1.1\r\n"), Bad::Gone);
        let long: &'static [u8] = [b"GET / HTTP/1.1\r\na: ".to_vec(), vec![b'x'; 2 * LONGEST_HEAD]].concat().leak();
        assert_eq!(status(long), Bad::Status("431 Request Header Fields Too Large"));
    }
}
