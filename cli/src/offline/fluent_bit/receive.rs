//! What arrived at the destinations, as far as they have written it.
use super::forward::{CONTAINER_ID, NO_CONTAINER_ID, NUMBER};
use crate::offline::scan::Members;
use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

/// A record that arrived.
#[derive(Debug)]
pub(super) struct Came {
    /// As it arrived, without what was put in for the test.
    pub text: Arc<[u8]>,
    /// The destinations, each as often as it got the record.
    pub at: Vec<usize>,
}

/// The destinations' files.
pub(super) struct Receivers {
    files: Vec<Receiver>,
    came: HashMap<usize, Came>,
    count: usize,
}

struct Receiver {
    path: PathBuf,
    read: u64,
    /// A line whose end is not written yet.
    rest: Vec<u8>,
}

impl Receivers {
    /// The files of these destinations in a folder.
    pub(super) fn new(folder: &Path, names: &[String]) -> Receivers {
        let file = |name: &String| Receiver { path: folder.join(name), read: 0, rest: Vec::new() };
        Receivers { files: names.iter().map(file).collect(), came: HashMap::new(), count: 0 }
    }

    /// Reads what is new.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn read(&mut self) -> io::Result<()> {
        for to in 0..self.files.len() {
            for line in self.files[to].lines()? {
                let Some((number, text)) = without_additions(&line) else { continue };
                self.count += 1;
                self.came.entry(number).or_insert_with(|| Came { text: text.into(), at: Vec::new() }).at.push(to);
            }
        }
        Ok(())
    }

    /// How much has arrived in all.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn came(&self, number: usize) -> Option<&Came> {
        self.came.get(&number)
    }

    /// A record has arrived at a destination.
    pub(super) fn has(&self, number: usize, to: usize) -> bool {
        self.came(number).is_some_and(|came| came.at.contains(&to))
    }
}

impl Receiver {
    /// The lines that were written since the last time.
    fn lines(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        file.seek(SeekFrom::Start(self.read))?;
        self.read += file.read_to_end(&mut self.rest)? as u64;
        let end = memchr::memrchr(b'\n', &self.rest).map_or(0, |end| end + 1);
        let rest = self.rest.split_off(end);
        let whole = std::mem::replace(&mut self.rest, rest);
        Ok(whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect())
    }
}

/// The record's number, and the record without what the test put in.
fn without_additions(line: &[u8]) -> Option<(usize, Vec<u8>)> {
    let no_id = format!("\"{NO_CONTAINER_ID}\"");
    let mut number = None;
    let mut record = b"{".to_vec();
    for (key, value) in Members::new(line) {
        if key == NUMBER.as_bytes() {
            number = str::from_utf8(value).ok().and_then(|text| text.parse().ok());
            continue;
        }
        if key == CONTAINER_ID.as_bytes() && value == no_id.as_bytes() {
            continue;
        }
        if record.len() > 1 {
            record.push(b',');
        }
        record.push(b'"');
        record.extend_from_slice(key);
        record.extend_from_slice(b"\":");
        record.extend_from_slice(value);
    }
    record.push(b'}');
    Some((number?, record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_test_put_in_is_taken_away() {
        let line = br#"{"firelens_kit_test":7, "container_id":"firelens-kit-test","a":{"b":[1,"}"]},"route":"rest"}"#;
        let (number, text) = without_additions(line).unwrap();
        assert_eq!((number, &text[..]), (7, &br#"{"a":{"b":[1,"}"]},"route":"rest"}"#[..]));
        let own = br#"{"firelens_kit_test":0,"container_id":"7a2c"}"#;
        assert_eq!(without_additions(own).unwrap(), (0, br#"{"container_id":"7a2c"}"#.to_vec()));
        assert_eq!(without_additions(br#"{"log":"of somebody else"}"#), None);
    }
}
