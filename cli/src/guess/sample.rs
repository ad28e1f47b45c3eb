//! The lines of a sample: of log files, or of Fluent Bit's records, which tell their container and stream too.
use crate::{
    Error,
    offline::{
        input::{self, Source},
        record::{Framer, Input},
    },
};
use serde_json::{Map, Value};
use std::sync::{Arc, atomic::AtomicU64};

/// How many lines of each file are looked at.
pub const LIMIT: usize = 10_000;

/// And how many bytes of it: all lines that are looked at are kept.
const BYTES: usize = 64 << 20;

/// A line, and where it is from as far as that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub text: Vec<u8>,
    /// The file, and the number of the line in it.
    pub place: (usize, usize),
    pub container: Option<String>,
    pub stream: Option<Stream>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    Stdout,
    Stderr,
}

impl Stream {
    pub fn as_str(self) -> &'static str {
        match self {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        }
    }
}

/// Reads the first lines of each source; empty ones are left out.
///
/// # Errors
/// When one cannot be read.
pub fn read(sources: &[Source]) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    for (file, source) in sources.iter().enumerate() {
        read_one(file, source, &mut lines)?;
    }
    Ok(lines)
}

fn read_one(file: usize, source: &Source, lines: &mut Vec<Line>) -> Result<(), Error> {
    let mut reader = source.open(&Arc::new(AtomicU64::new(0)))?;
    let framer = Framer::new(Input::Auto, None, None);
    let (mut number, mut bytes) = (0, 0);
    while number < LIMIT && bytes < BYTES {
        let piece = reader.next_piece().map_err(|error| source.read_error(number as u64, &error))?;
        let Some(piece) = piece else { break };
        for text in input::lines(&piece).take(LIMIT - number) {
            number += 1;
            bytes += text.len();
            lines.extend(line(text, (file, number), &framer));
        }
    }
    Ok(())
}

/// The line, or the one inside of the record that it is.
fn line(text: &[u8], place: (usize, usize), framer: &Framer) -> Option<Line> {
    let mut buffer = Vec::new();
    let is_record = std::ptr::eq(framer.record(text, &mut buffer).as_ptr(), text.as_ptr());
    let line = match serde_json::from_slice::<Map<String, Value>>(text) {
        Ok(record) if is_record => {
            let text = |key: &str| record.get(key).and_then(Value::as_str);
            Line {
                text: text("log")?.trim_end_matches(['\n', '\r']).as_bytes().to_vec(),
                place,
                container: text("container_name").map(container_name),
                stream: match text("source") {
                    Some("stdout") => Some(Stream::Stdout),
                    Some("stderr") => Some(Stream::Stderr),
                    _ => None,
                },
            }
        }
        _ => Line { text: text.to_vec(), place, container: None, stream: None },
    };
    (!line.text.trim_ascii().is_empty()).then_some(line)
}

/// The container's name in the task definition: on EC2, Docker's name for it is `/ecs-<family>-<revision>-<name>-<hash>`.
fn container_name(docker: &str) -> String {
    let docker = docker.trim_start_matches('/');
    let parts: Vec<&str> = docker.split('-').collect();
    let is_revision = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let revision = parts.iter().take(parts.len().saturating_sub(2)).rposition(is_revision);
    match revision {
        Some(revision) if parts[0] == "ecs" => parts[revision + 1..parts.len() - 1].join("-"),
        _ => docker.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_containers() {
        for (docker, name) in [
            ("httpd", "httpd"),
            ("/httpd", "httpd"),
            ("/ecs-shop-web-7-httpd-a0b1c2d3", "httpd"),
            ("ecs-shop-12-my-app-a0b1c2d3", "my-app"),
            ("ecs-shop", "ecs-shop"),
            ("", ""),
        ] {
            assert_eq!(container_name(docker), name);
        }
    }

    #[test]
    fn lines_and_records() {
        let framer = Framer::new(Input::Auto, None, None);
        let record = br#"{"container_name":"web","source":"stderr","log":"a \"b\"\n","ecs_cluster":"c"}"#;
        let read = line(record, (0, 1), &framer).unwrap();
        assert_eq!((read.text.as_slice(), read.stream), (&br#"a "b""#[..], Some(Stream::Stderr)));
        assert_eq!(read.container.as_deref(), Some("web"));
        let json = br#"{"level":"info"}"#;
        assert_eq!(line(json, (0, 1), &framer).unwrap().text, json);
        assert_eq!(line(b"a\xff", (0, 1), &framer).unwrap().text, b"a\xff");
        assert_eq!(line(br#"{"container_name":"web"}"#, (0, 1), &framer), None);
        assert_eq!(line(b"  ", (0, 1), &framer), None);
    }
}
