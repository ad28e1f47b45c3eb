//! Docker's `fluentd` log driver, as FireLens uses it: each line is a message of the forward protocol on Fluent Bit's
//! unix socket, with the time to the nanosecond.
//!
//! <https://github.com/moby/moby/blob/master/daemon/logger/fluentd/fluentd.go>,
//! <https://github.com/fluent/fluent-logger-golang>
use super::msgpack::Item;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Docker cuts lines into pieces of this size.
pub const PIECE: usize = 16 * 1024;
/// As long as this the driver tries to connect again.
const PATIENCE: Duration = Duration::from_secs(120);

/// The members of a record.
pub type Record = Vec<(Item, Item)>;

/// The log driver of one container.
pub struct Driver {
    socket: PathBuf,
    tag: String,
    connection: Option<UnixStream>,
    message: Vec<u8>,
    sent: u64,
    /// How often a connection was lost and made anew.
    pub reconnected: u64,
}

impl Driver {
    /// A driver that sends to the socket with a tag; it connects when it has something to send.
    pub fn new(socket: &Path, tag: &str) -> Driver {
        Driver {
            socket: socket.to_owned(),
            tag: tag.to_owned(),
            connection: None,
            message: Vec::new(),
            sent: 0,
            reconnected: 0,
        }
    }

    /// Sends a line that the container wrote; a long one in pieces.
    ///
    /// # Errors
    /// When nobody listens for two minutes.
    pub fn log(&mut self, source: &str, line: &[u8]) -> io::Result<()> {
        if line.len() < PIECE {
            let record = self.record(source, line);
            return self.send(record);
        }
        let pieces: Vec<&[u8]> = line.chunks(PIECE).collect();
        for (number, piece) in pieces.iter().enumerate() {
            let record = self.piece(source, piece, number + 1, number + 1 == pieces.len());
            self.send(record)?;
        }
        Ok(())
    }

    /// A record of the driver.
    pub fn record(&self, source: &str, line: &[u8]) -> Record {
        let mut record = vec![
            member("container_id", b"7a2c4d1f0b9e8a6c5d4f3e2b1a0987654321fedcba9876543210abcdef012345"),
            member("container_name", b"/ecs-shop-1-httpd-a4b1c2d3e4f5a6b7c801"),
            member("source", source.as_bytes()),
            member("log", line),
        ];
        record.rotate_left(FIRST[(self.sent % 8) as usize]);
        record
    }

    /// A piece of a long line.
    pub fn piece(&self, source: &str, piece: &[u8], ordinal: usize, last: bool) -> Record {
        let mut record = self.record(source, piece);
        record.push(member("partial_message", b"true"));
        record.push(member("partial_id", b"5f0c8e5bd1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f80910aabb"));
        record.push(member("partial_ordinal", ordinal.to_string().as_bytes()));
        record.push(member("partial_last", if last { b"true" } else { b"false" }));
        record
    }

    /// Sends a record. One that could not be written whole is sent again over a new connection.
    ///
    /// # Errors
    /// When nobody listens for two minutes.
    pub fn send(&mut self, record: Record) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time = [(now.as_secs() as u32).to_be_bytes(), now.subsec_nanos().to_be_bytes()].concat();
        let items = vec![Item::text(&self.tag), Item::Ext(0, time), Item::Map(record), Item::Map(Vec::new())];
        let mut message = std::mem::take(&mut self.message);
        message.clear();
        Item::Array(items).write(&mut message);
        let outcome = self.write(&message);
        self.message = message;
        self.sent += 1;
        outcome
    }

    fn write(&mut self, message: &[u8]) -> io::Result<()> {
        let start = Instant::now();
        loop {
            let written = self.connection().and_then(|connection| connection.write_all(message));
            match written {
                Err(_) if start.elapsed() < PATIENCE => {
                    self.reconnected += u64::from(self.connection.take().is_some());
                    thread::sleep(Duration::from_millis(20));
                }
                outcome => return outcome,
            }
        }
    }

    fn connection(&mut self) -> io::Result<&mut UnixStream> {
        if self.connection.is_none() {
            self.connection = Some(UnixStream::connect(&self.socket)?);
        }
        Ok(self.connection.as_mut().expect("just connected"))
    }
}

/// Which member comes first. Go walks a small map from one of its eight slots on, by chance, and four of them are empty: the
/// order in which the driver sets the fields is seen five times in eight, and each turned one once.
/// (Go's runtime, `internal/runtime/maps/table.go`: `Iter.Next`; in the maps before 1.24 it was the same.)
const FIRST: [usize; 8] = [0, 1, 2, 3, 0, 0, 0, 0];

fn member(key: &str, value: &[u8]) -> (Item, Item) {
    (Item::text(key), Item::Text(value.to_vec()))
}
