//! A mark in what comes piece by piece, plain or gzip, line by line.
use super::{Mark, Sighting};
use flate2::write::MultiGzDecoder;
use std::io::{self, Write};

/// What begins so is gzip (RFC 1952, "2.3.1. Member header and trailer").
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// No record is longer; a line that is, is nothing of ours.
const LONGEST_LINE: usize = 16 << 20;

/// The lines of an object, or of a record of a stream.
pub(super) struct Lines<'a> {
    mark: &'a Mark,
    place: &'a str,
    line: Vec<u8>,
    found: Option<Sighting>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(mark: &'a Mark, place: &'a str) -> Lines<'a> {
        Lines { mark, place, line: Vec::new(), found: None }
    }

    /// Takes all of something that begins so. It fails when the mark was found, and when it is no gzip although it begins so:
    /// nothing more is of use then.
    pub(super) fn reader<'b>(&'b mut self, begin: &[u8]) -> Box<dyn Write + Send + 'b> {
        match begin.starts_with(&GZIP) {
            true => Box::new(MultiGzDecoder::new(self)),
            false => Box::new(self),
        }
    }

    /// What was found when all was taken.
    pub(super) fn end(mut self) -> Option<Sighting> {
        self.end_line();
        self.found
    }

    fn end_line(&mut self) {
        if self.found.is_none() && self.line.len() <= LONGEST_LINE {
            self.found = self.mark.in_line(&self.line, self.place);
        }
        self.line.clear();
    }
}

impl Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            let room = (LONGEST_LINE + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                self.end_line();
            }
        }
        match self.found {
            Some(_) => Err(io::Error::other("it was found")),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The mark in what is there as a whole.
pub(super) fn in_bytes(mark: &Mark, place: &str, bytes: &[u8]) -> Option<Sighting> {
    let mut lines = Lines::new(mark, place);
    _ = lines.reader(bytes).write_all(bytes);
    lines.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_mark_is_found_wherever_it_is_cut() {
        let mark: Mark = "fk01234567".parse().unwrap();
        let text = "{\"route\":\"x\"}\n{\"query\":\"fk01234567\",\"route\":\"rest\"}\n{\"route\":\"y\"}";
        let members = [gzip(&text[..30]), gzip(&text[30..])].concat();
        for object in [text.as_bytes(), &text.as_bytes()[14..51], &members] {
            for piece in 1..object.len() {
                let mut lines = Lines::new(&mark, "key");
                let mut reader = lines.reader(object);
                _ = object.chunks(piece).try_for_each(|piece| reader.write_all(piece));
                drop(reader);
                let found = lines.end().unwrap_or_else(|| panic!("pieces of {piece}"));
                assert_eq!((found.route.as_deref(), found.place.as_str()), (Some("rest"), "key"));
            }
        }
        for object in [&text.as_bytes()[..14], &gzip("none"), &[0x1f, 0x8b, 7, 7, 7], b""] {
            assert_eq!(in_bytes(&mark, "key", object), None);
        }
    }
}
