//! Docker's `fluentd` log driver, as FireLens uses it: each record is a message of the forward protocol on a unix socket.
//! <https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1>
use super::process::Process;
use crate::{
    Error,
    offline::{join, record::Framer},
};
use rmp::encode;
use serde_json::{Map, Value};
use std::{
    io::{self, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// The key of a record's number. The module keeps what it does not know.
pub const NUMBER: &str = "firelens_kit_test";

/// The key that every record of Docker's has.
pub const CONTAINER_ID: &str = "container_id";

/// Its value, where the record that is tested has none.
pub const NO_CONTAINER_ID: &str = "firelens-kit-test";

/// Docker cuts lines into pieces of this size.
const PIECE: usize = 16 * 1024;

/// All records are from this second.
const TIME: u32 = 1_767_225_600;

/// How long the socket may take to be there, or to be there again.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a record is made of.
pub enum Message<'a> {
    /// A line as its program wrote it, whatever its bytes, and what Docker says about it.
    Line { around: &'a [(&'static str, String)], line: &'a [u8] },
    /// A record as JSON.
    Json(&'a [u8]),
}

impl<'a> Message<'a> {
    /// What Docker would send for a line.
    pub fn of(framer: &'a Framer, line: &'a [u8]) -> Message<'a> {
        if framer.is_record(line) { Message::Json(line) } else { Message::Line { around: framer.around(), line } }
    }
}

/// The maps that are sent for a record: one, or the pieces of a long line.
pub type Sent = Vec<Vec<u8>>;

/// Encodes a record with its number; `split`: a record for each line of its text, which the router joins.
///
/// # Errors
/// Why it cannot be sent: it is no JSON object.
pub fn encode(number: usize, message: Message, split: bool) -> Result<Sent, String> {
    match message {
        Message::Line { around, line } if split => {
            let lines = line.strip_suffix(b"\n").unwrap_or(line).split(|byte| *byte == b'\n');
            let each = lines.map(|line| encode(number, Message::Line { around, line }, false));
            Ok(each.collect::<Result<Vec<_>, _>>()?.concat())
        }
        Message::Line { around, line } => {
            let pieces: Vec<&[u8]> = if line.len() < PIECE { vec![line] } else { line.chunks(PIECE).collect() };
            let count = pieces.len();
            Ok(pieces
                .into_iter()
                .enumerate()
                .map(|(index, piece)| line_map(number, around, piece, index, count))
                .collect())
        }
        Message::Json(json) => match serde_json::from_slice::<Map<String, Value>>(json) {
            Ok(mut record) => match record.get("log").and_then(Value::as_str).filter(|_| split).map(str::to_string) {
                Some(log) => Ok(join::lines(&log)
                    .map(|line| {
                        record["log"] = line.into();
                        json_map(number, &record)
                    })
                    .collect()),
                None => Ok(vec![json_map(number, &record)]),
            },
            Err(error) => Err(error.to_string()),
        },
    }
}

fn line_map(number: usize, around: &[(&'static str, String)], piece: &[u8], index: usize, count: usize) -> Vec<u8> {
    let partial = if count > 1 { 4 } else { 0 };
    let mut map = Vec::with_capacity(piece.len() + 200);
    start(number, around.len() + 1 + partial, true, &mut map);
    for (key, value) in around {
        text(key.as_bytes(), &mut map);
        text(value.as_bytes(), &mut map);
    }
    text(b"log", &mut map);
    text(piece, &mut map);
    if count > 1 {
        let values =
            ["true".to_string(), format!("{number:064x}"), (index + 1).to_string(), (index + 1 == count).to_string()];
        let keys = ["partial_message", "partial_id", "partial_ordinal", "partial_last"];
        for (key, value) in keys.into_iter().zip(values) {
            text(key.as_bytes(), &mut map);
            text(value.as_bytes(), &mut map);
        }
    }
    map
}

fn json_map(number: usize, record: &Map<String, Value>) -> Vec<u8> {
    let mut map = Vec::new();
    start(number, record.len(), !record.contains_key(CONTAINER_ID), &mut map);
    members(record, &mut map);
    map
}

/// A map with its number, the container's id if it has none of its own, and `more` members.
fn start(number: usize, more: usize, add_id: bool, out: &mut Vec<u8>) {
    written(encode::write_map_len(out, (more + 1 + usize::from(add_id)) as u32).err());
    text(NUMBER.as_bytes(), out);
    written(encode::write_uint(out, number as u64).err());
    if add_id {
        text(CONTAINER_ID.as_bytes(), out);
        text(NO_CONTAINER_ID.as_bytes(), out);
    }
}

fn members(map: &Map<String, Value>, out: &mut Vec<u8>) {
    for (key, value) in map {
        text(key.as_bytes(), out);
        write_value(value, out);
    }
}

fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => written(encode::write_nil(out).err()),
        Value::Bool(boolean) => written(encode::write_bool(out, *boolean).err()),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(whole), _) => written(encode::write_uint(out, whole).err()),
            (_, Some(whole)) => written(encode::write_sint(out, whole).err()),
            _ => written(encode::write_f64(out, number.as_f64().unwrap_or_default()).err()),
        },
        Value::String(string) => text(string.as_bytes(), out),
        Value::Array(items) => {
            written(encode::write_array_len(out, items.len() as u32).err());
            items.iter().for_each(|item| write_value(item, out));
        }
        Value::Object(map) => {
            written(encode::write_map_len(out, map.len() as u32).err());
            members(map, out);
        }
    }
}

/// Bytes that are said to be text, as Docker sends lines that are not UTF-8.
fn text(bytes: &[u8], out: &mut Vec<u8>) {
    written(encode::write_str_len(out, bytes.len() as u32).err());
    out.extend_from_slice(bytes);
}

/// Memory takes everything.
fn written<E: std::fmt::Debug>(error: Option<E>) {
    debug_assert!(error.is_none(), "{error:?}");
}

/// The log driver.
pub struct Driver {
    socket: PathBuf,
    connection: Option<UnixStream>,
    message: Vec<u8>,
}

impl Driver {
    pub fn new(socket: &Path) -> Driver {
        Driver { socket: socket.to_owned(), connection: None, message: Vec::new() }
    }

    /// Waits until Fluent Bit listens.
    ///
    /// # Errors
    /// When it ends before, or does not listen for a minute.
    pub fn wait(&mut self, process: &mut Process) -> Result<(), Error> {
        self.write(&[], process, "before it listened")
    }

    /// Sends a record.
    ///
    /// # Errors
    /// When Fluent Bit ends, or does not listen any more.
    pub fn send(&mut self, tag: &str, maps: &Sent, process: &mut Process) -> Result<(), Error> {
        for map in maps {
            let mut message = std::mem::take(&mut self.message);
            message.clear();
            written(encode::write_array_len(&mut message, 4).err());
            text(tag.as_bytes(), &mut message);
            written(encode::write_ext_meta(&mut message, 8, 0).err());
            message.extend_from_slice(&TIME.to_be_bytes());
            message.extend_from_slice(&[0; 4]);
            message.extend_from_slice(map);
            written(encode::write_map_len(&mut message, 0).err());
            let outcome = self.write(&message, process, "while records were sent");
            self.message = message;
            outcome?;
        }
        Ok(())
    }

    /// A message that could not be written whole is written again over a new connection.
    fn write(&mut self, message: &[u8], process: &mut Process, when: &str) -> Result<(), Error> {
        let start = Instant::now();
        loop {
            match self.connection().and_then(|connection| connection.write_all(message)) {
                Ok(()) => return Ok(()),
                Err(error) if start.elapsed() < PATIENCE && error.kind() != io::ErrorKind::InvalidInput => {
                    self.connection = None;
                    process.check(when)?;
                    thread::sleep(Duration::from_millis(50));
                }
                Err(error) => return Err(process.failed(&format!("does not listen: {error}"))),
            }
        }
    }

    fn connection(&mut self) -> io::Result<&mut UnixStream> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => UnixStream::connect(&self.socket)?,
        };
        Ok(self.connection.insert(connection))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text without the bytes that say types and lengths.
    fn shown(map: &[u8]) -> String {
        map.iter().filter(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect()
    }

    #[test]
    fn a_line_goes_with_what_docker_says_about_it() {
        let around = [("container_name", "httpd".to_string()), ("source", "stdout".to_string())];
        let sent = encode(5, Message::Line { around: &around, line: b"a\xffb" }, false).unwrap();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0][0], 0x85);
        assert!(sent[0].ends_with(b"\xa3log\xa3a\xffb"));
        assert!(shown(&sent[0]).contains("firelens_kit_test"));
    }

    #[test]
    fn a_long_line_goes_in_pieces() {
        let sizes =
            |length: usize| encode(0, Message::Line { around: &[], line: &vec![b'x'; length] }, false).unwrap().len();
        assert_eq!([PIECE - 1, PIECE, PIECE + 1, 3 * PIECE].map(sizes), [1, 1, 2, 3]);
        let sent = encode(1, Message::Line { around: &[], line: &vec![b'x'; PIECE + 1] }, false).unwrap();
        assert!(shown(&sent[0]).ends_with("partial_ordinal1partial_lastfalse"), "{}", shown(&sent[0]));
        assert!(shown(&sent[1]).ends_with("partial_ordinal2partial_lasttrue"));
    }

    #[test]
    fn a_record_keeps_its_values() {
        let json = br#"{"container_id":"7a","n":-2,"u":18446744073709551615,"f":1.5,"l":[null,true,{"a":"b"}]}"#;
        let sent = encode(0, Message::Json(json), false).unwrap();
        let id = b"\xaccontainer_id\xa27a";
        let numbers = b"\xa1n\xfe\xa1u\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa1f\xcb\x3f\xf8\0\0\0\0\0\0";
        let list = b"\xa1l\x93\xc0\xc3\x81\xa1a\xa1b";
        let expected = [&id[..], numbers, list].concat();
        assert!(sent[0].ends_with(&expected), "{:x?}", sent[0]);
        assert!(
            encode(0, Message::Json(b"[1]"), false).is_err()
                && encode(0, Message::Json(b"{\"a\":nan}"), false).is_err()
        );
    }

    #[test]
    fn the_lines_of_a_joined_text_are_records_of_their_own() {
        let count = |message, split| encode(0, message, split).unwrap().len();
        let line = || Message::Line { around: &[], line: b"a\n\n" };
        assert_eq!([count(line(), false), count(line(), true)], [1, 2]);
        let json = || Message::Json(b"{\"log\":\"a\\n b\\nc\"}");
        assert_eq!([count(json(), false), count(json(), true)], [1, 3]);
        assert_eq!(
            encode(0, json(), true).unwrap()[2],
            encode(0, Message::Json(b"{\"log\":\"c\"}"), false).unwrap()[0]
        );
        assert_eq!(count(Message::Json(b"{\"log\":1}"), true), 1);
    }
}
