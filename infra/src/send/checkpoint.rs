//! What was confirmed, in a file, so that a run that ended goes on where it was.
use super::batch::{Batch, Position};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::Path,
};

/// The layout of the file.
const VERSION: u32 = 1;

/// The file's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    version: u32,
    pub inputs: Vec<Input>,
    /// A hash of all that decides what becomes of a line.
    pub configuration: String,
    /// Account and region.
    pub place: String,
    pub destinations: BTreeMap<String, Progress>,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub path: String,
    /// As it lies there: packed, if it is.
    pub size: u64,
    /// SHA-256 of its first 64 KiB.
    pub head: String,
}

/// How far a destination is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Sorted, and apart from each other.
    pub confirmed: Vec<Confirmed>,
    /// Batches that were sent, and not answered yet.
    pub on_the_way: Vec<OnTheWay>,
    pub sent: u64,
    pub rejected: u64,
    /// All of the inputs is confirmed.
    pub finished: bool,
}

/// Between these places every record is there, or was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    pub from: Position,
    pub to: Position,
    /// The time of the last record, which a line behind it may have to take over.
    pub time: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnTheWay {
    pub from: Position,
    pub records: u64,
}

impl Progress {
    /// The end of what is confirmed from the beginning on, with its time.
    pub fn start(&self) -> Option<(Position, i64)> {
        let first = self.confirmed.first().filter(|first| first.from == Position::default())?;
        Some((first.to, first.time))
    }

    /// Where the confirmed range ends that this place is in.
    pub fn covers(&self, position: Position) -> Option<Position> {
        let index = self.confirmed.partition_point(|range| range.to <= position);
        self.confirmed.get(index).filter(|range| range.from <= position).map(|range| range.to)
    }

    pub(super) fn begin(&mut self, batch: &Batch) {
        self.on_the_way.retain(|other| other.from != batch.from);
        self.on_the_way.push(OnTheWay { from: batch.from, records: batch.events.len() as u64 });
    }

    pub(super) fn confirm(&mut self, batch: Confirmed, sent: u64, rejected: u64) {
        self.on_the_way.retain(|other| other.from != batch.from);
        self.sent += sent;
        self.rejected += rejected;
        let index = self.confirmed.partition_point(|range| range.from < batch.from);
        self.confirmed.insert(index, batch);
        self.confirmed.dedup_by(|next, range| {
            let joined = range.to == next.from;
            if joined {
                (range.to, range.time) = (next.to, next.time);
            }
            joined
        });
    }

    /// What an end in the middle may have doubled.
    pub fn may_be_doubled(&self) -> u64 {
        self.on_the_way.iter().map(|batch| batch.records).sum()
    }
}

impl Checkpoint {
    pub fn new(inputs: Vec<Input>, configuration: String, place: String) -> Checkpoint {
        Checkpoint { version: VERSION, inputs, configuration, place, destinations: BTreeMap::new() }
    }

    /// What an earlier run left, when it was about the same.
    ///
    /// # Errors
    /// When the file cannot be read, or is about something else: other inputs, another configuration, another account.
    pub fn read(path: &Path, now: &Checkpoint) -> Result<Option<Checkpoint>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::new(format!("cannot read the checkpoint {}: {error}", path.display()))),
        };
        let name = path.display();
        let help = format!("take {name} away to send everything anew, or name another file with --checkpoint");
        let wrong = |why: String| Error::new(why).help(help.clone());
        let found: Checkpoint =
            serde_json::from_slice(&text).map_err(|error| wrong(format!("{name} is no checkpoint: {error}")))?;
        if found.version != VERSION {
            return Err(wrong(format!("{name} is the checkpoint of another firelens-kit")));
        }
        match found.differs(now) {
            Some(why) => Err(wrong(format!("{name} is the checkpoint of another replay: {why}"))),
            None => Ok(Some(found)),
        }
    }

    fn differs(&self, now: &Checkpoint) -> Option<String> {
        if self.inputs.len() != now.inputs.len() {
            return Some(format!("it had {} input files, and now there are {}", self.inputs.len(), now.inputs.len()));
        }
        for (was, is) in self.inputs.iter().zip(&now.inputs) {
            if was.size != is.size {
                return Some(format!("{} had {} bytes, and has {} now", is.path, was.size, is.size));
            }
            if was.head != is.head {
                return Some(format!("{} begins with other bytes than then", is.path));
            }
        }
        if self.configuration != now.configuration {
            return Some("the configuration, or an option that decides about records, was another".to_string());
        }
        (self.place != now.place).then(|| format!("it sent to {}, and this is {}", self.place, now.place))
    }

    /// Writes the file through a new one beside it, so that nobody ever sees half of it.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_vec(self).map_err(|error| Error::new(error.to_string()))?;
        replace(path, &text).map_err(|error| {
            Error::new(format!("cannot write the checkpoint {}: {error}", path.display()))
                .help("name another file with --checkpoint")
        })
    }
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut beside = tempfile::Builder::new().prefix(&format!(".{name}.")).suffix(".tmp").tempfile_in(folder)?;
    beside.write_all(text)?;
    if let Ok(there) = fs::metadata(path) {
        beside.as_file().set_permissions(there.permissions())?;
    }
    beside.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: u64, to: u64) -> Confirmed {
        Confirmed { from: (0, from).into(), to: (0, to).into(), time: to as i64 }
    }

    fn progress(ranges: &[(u64, u64)]) -> Progress {
        let mut progress = Progress::default();
        ranges.iter().for_each(|(from, to)| progress.confirm(range(*from, *to), 1, 0));
        progress
    }

    #[test]
    fn ranges_join_whatever_their_order() {
        let whole = vec![range(0, 50)];
        assert_eq!(progress(&[(0, 10), (10, 30), (30, 50)]).confirmed, whole);
        assert_eq!(progress(&[(30, 50), (0, 10), (10, 30)]).confirmed, whole);
        assert_eq!(progress(&[(30, 50), (0, 10)]).confirmed, [range(0, 10), range(30, 50)]);
    }

    #[test]
    fn places_are_covered_from_their_range_on() {
        let progress = progress(&[(0, 10), (30, 50)]);
        let covers = |offset: u64| progress.covers((0, offset).into()).map(|to| to.offset);
        assert_eq!([covers(0), covers(9), covers(10), covers(29)], [Some(10), Some(10), None, None]);
        assert_eq!([covers(30), covers(49), covers(50)], [Some(50), Some(50), None]);
        assert_eq!(progress.covers((1, 0).into()), None);
        assert_eq!(progress.start(), Some(((0, 10).into(), 10)));
    }

    #[test]
    fn what_began_later_than_the_beginning_is_no_start() {
        assert_eq!(progress(&[(30, 50)]).start(), None);
    }

    #[test]
    fn a_file_comes_back_as_it_was() {
        let path = std::env::temp_dir().join(format!("firelens-kit-checkpoint-{}", std::process::id()));
        let input = Input { path: "a.log".into(), size: 7, head: "x".into() };
        let mut checkpoint = Checkpoint::new(vec![input.clone()], "c".into(), "p".into());
        let fresh = checkpoint.clone();
        checkpoint.destinations.insert("archive".into(), progress(&[(0, 10), (30, 50)]));
        checkpoint.write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path, &fresh).unwrap(), Some(checkpoint));
        let other = Checkpoint::new(vec![Input { size: 8, ..input }], "c".into(), "p".into());
        let error = Checkpoint::read(&path, &other).unwrap_err().to_string();
        assert!(error.contains("a.log had 7 bytes, and has 8 now"), "{error}");
        let other = Checkpoint { configuration: "d".into(), ..fresh.clone() };
        assert!(Checkpoint::read(&path, &other).is_err());
        fs::write(&path, "{}").unwrap();
        assert!(Checkpoint::read(&path, &fresh).unwrap_err().to_string().contains("is no checkpoint"));
        fs::remove_file(&path).unwrap();
        assert_eq!(Checkpoint::read(&path, &fresh).unwrap(), None);
    }
}
