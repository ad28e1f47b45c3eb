//! As much of HTTP/1.1 as stands between a client and moto.
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::AsRawFd;

/// The lines in front of a request's or an answer's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub lines: Vec<String>,
    /// The body's length.
    pub length: usize,
}

impl Head {
    /// `None` when the other side has gone.
    pub fn read(stream: &mut impl BufRead) -> io::Result<Option<Head>> {
        let mut lines: Vec<String> = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            if line.trim_end().is_empty() {
                let length = lines.iter().find_map(|line| header(line, "content-length"));
                let length = length.and_then(|text| text.parse().ok()).unwrap_or(0);
                return Ok(Some(Head { lines, length }));
            }
            lines.push(line.trim_end().to_owned());
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| header(line, name))
    }
}

fn header<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = line.split_once(':')?;
    key.eq_ignore_ascii_case(name).then(|| value.trim())
}

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status line and the headers, but for those about the connection and the body's length.
    pub lines: Vec<String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        self.lines.first().is_some_and(|line| line.starts_with("HTTP/1.1 2"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// As it is sent, with the body's length.
    pub fn bytes(&self) -> Vec<u8> {
        let text = self.lines.iter().fold(String::new(), |text, line| text + line + "\r\n");
        let mut bytes = format!("{text}Content-Length: {}\r\n\r\n", self.body.len()).into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// Sends the request to a server and returns its answer.
pub fn ask(server: SocketAddr, head: &Head, body: &[u8]) -> io::Result<Answer> {
    let mut upstream = TcpStream::connect(server)?;
    let kept = head.lines.iter().filter(|line| header(line, "connection").is_none());
    let mut request = kept.fold(String::new(), |text, line| text + line + "\r\n");
    request.push_str("Connection: close\r\n\r\n");
    upstream.write_all(request.as_bytes())?;
    upstream.write_all(body)?;
    let mut upstream = BufReader::new(upstream);
    let answer = Head::read(&mut upstream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut content = Vec::new();
    upstream.read_to_end(&mut content)?;
    let dropped = ["connection", "content-length", "transfer-encoding"];
    let kept = answer.lines.into_iter().filter(|line| dropped.iter().all(|name| header(line, name).is_none()));
    Ok(Answer { lines: kept.collect(), body: content })
}

/// Sends the request to a server and returns its answer, with its length said and the connection kept.
pub fn hand_on(server: SocketAddr, head: &Head, body: &[u8]) -> io::Result<Vec<u8>> {
    ask(server, head, body).map(|answer| answer.bytes())
}

/// An answer; `headers` are whole lines without their ends.
pub fn answer(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let headers = headers.iter().fold(String::new(), |text, line| text + line + "\r\n");
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// An error as the AWS services that speak JSON say it.
pub fn json_error(status: &str, code: &str, message: &str) -> Vec<u8> {
    let body = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
    let code = format!("x-amzn-ErrorType: {code}");
    answer(status, &["Content-Type: application/x-amz-json-1.1", &code, "x-amzn-RequestId: of-the-proxy"], &body)
}

/// Ends a connection at once, with what is still unread.
pub fn reset(socket: &TcpStream) -> io::Result<()> {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    // SAFETY: the option is a linger, which lives through the call, and the socket is open.
    unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        )
    };
    socket.shutdown(Shutdown::Read)
}
