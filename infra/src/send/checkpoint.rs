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
    /// What the names of objects follow from, so that one that is sent again replaces itself: kept when inputs grow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
    /// A hash of all that decides what becomes of a line.
    pub configuration: String,
    /// Account and region.
    pub place: String,
    pub destinations: BTreeMap<String, Progress>,
}

/// Asked of the input with this index, and what it was.
pub(super) type BeganSo<'a> = dyn Fn(usize, &Input) -> Result<bool> + 'a;

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

    /// An input goes on behind the place where it ended: what follows in it is not confirmed.
    fn open_at(&mut self, end: Position) {
        self.finished = false;
        let next = Position { input: end.input + 1, offset: 0 };
        let mut confirmed = Vec::new();
        for range in std::mem::take(&mut self.confirmed) {
            match range.from < end && end < range.to {
                true => {
                    confirmed.push(Confirmed { to: end, ..range });
                    confirmed.extend((next < range.to).then_some(Confirmed { from: next, ..range }));
                }
                false => confirmed.push(range),
            }
        }
        self.confirmed = confirmed;
    }

    /// What an end in the middle may have doubled.
    pub fn may_be_doubled(&self) -> u64 {
        self.on_the_way.iter().map(|batch| batch.records).sum()
    }
}

impl Checkpoint {
    pub fn new(inputs: Vec<Input>, configuration: String, place: String) -> Checkpoint {
        Checkpoint { version: VERSION, inputs, seed: None, configuration, place, destinations: BTreeMap::new() }
    }

    /// What an earlier run left, when it was about the same. `began_so` is asked whether an input that is larger now begins with
    /// what was read then, and can be read on from there; such inputs are [`Checkpoint::grow`]n by the caller.
    ///
    /// # Errors
    /// When the file cannot be read, or is about something else: other inputs, another configuration, another account.
    pub fn read(path: &Path, now: &Checkpoint, began_so: &BeganSo<'_>) -> Result<Option<Checkpoint>> {
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
        match found.differs(now, began_so)? {
            Some(why) => Err(wrong(format!("{name} is the checkpoint of another replay: {why}"))),
            None => Ok(Some(found)),
        }
    }

    fn differs(&self, now: &Checkpoint, began_so: &BeganSo<'_>) -> Result<Option<String>> {
        if self.inputs.len() != now.inputs.len() {
            let (was, is) = (self.inputs.len(), now.inputs.len());
            return Ok(Some(format!("it had {was} input files, and now there are {is}")));
        }
        for (index, (was, is)) in self.inputs.iter().zip(&now.inputs).enumerate() {
            if was.size > is.size || (was.size < is.size && !began_so(index, was)?) {
                return Ok(Some(format!("{} had {} bytes, and has {} others now", is.path, was.size, is.size)));
            }
            if was.size == is.size && was.head != is.head {
                return Ok(Some(format!("{} begins with other bytes than then", is.path)));
            }
        }
        if self.configuration != now.configuration {
            return Ok(Some("the configuration, or an option that decides about records, was another".to_string()));
        }
        Ok((self.place != now.place).then(|| format!("it sent to {}, and this is {}", self.place, now.place)))
    }

    /// Goes on with inputs that are larger than then: which ones, and by how many bytes. The names of objects stay those of `seed`.
    pub fn grow(&mut self, now: &Checkpoint, seed: &str) -> Vec<(usize, u64)> {
        let sizes = self.inputs.iter().zip(&now.inputs).enumerate();
        let grown: Vec<(usize, u64)> = sizes
            .filter(|(_, (was, is))| was.size < is.size)
            .map(|(index, (was, is))| (index, is.size - was.size))
            .collect();
        if grown.is_empty() {
            return grown;
        }
        self.seed.get_or_insert_with(|| seed.to_string());
        for (index, _) in &grown {
            let end = Position { input: *index as u32, offset: self.inputs[*index].size };
            self.destinations.values_mut().for_each(|progress| progress.open_at(end));
        }
        self.inputs.clone_from(&now.inputs);
        grown
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
        let read = |now: &Checkpoint| Checkpoint::read(&path, now, &|_, _| Ok(false));
        assert_eq!(read(&fresh).unwrap(), Some(checkpoint.clone()));
        let larger = Checkpoint::new(vec![Input { size: 8, ..input.clone() }], "c".into(), "p".into());
        let error = read(&larger).unwrap_err().to_string();
        assert!(error.contains("a.log had 7 bytes, and has 8 others now"), "{error}");
        let began_so = Checkpoint::read(&path, &larger, &|index, was| Ok((index, was.size) == (0, 7)));
        assert_eq!(began_so.unwrap(), Some(checkpoint));
        let smaller = Checkpoint::new(vec![Input { size: 6, ..input }], "c".into(), "p".into());
        assert!(Checkpoint::read(&path, &smaller, &|_, _| Ok(true)).is_err(), "a file that lost lines");
        let other = Checkpoint { configuration: "d".into(), ..fresh.clone() };
        assert!(read(&other).is_err());
        fs::write(&path, "{}").unwrap();
        assert!(read(&fresh).unwrap_err().to_string().contains("is no checkpoint"));
        fs::remove_file(&path).unwrap();
        assert_eq!(read(&fresh).unwrap(), None);
    }

    #[test]
    fn what_an_input_grew_by_is_not_confirmed() {
        let input = |path: &str, size| Input { path: path.into(), size, head: "x".into() };
        let of =
            |sizes: [u64; 2]| Checkpoint::new(vec![input("a", sizes[0]), input("b", sizes[1])], "c".into(), "p".into());
        let whole = Confirmed { from: (0, 0).into(), to: (1, 20).into(), time: 9 };
        let done = Progress { confirmed: vec![whole], finished: true, ..Progress::default() };
        let grown = |sizes| {
            let mut checkpoint = of([10, 20]);
            checkpoint.destinations.insert("archive".into(), done.clone());
            let by = checkpoint.grow(&of(sizes), "seed");
            (by, checkpoint.seed.clone(), checkpoint.destinations["archive"].clone())
        };
        assert_eq!(grown([10, 20]), (vec![], None, done.clone()));
        let (by, seed, last) = grown([10, 25]);
        assert_eq!((by, seed.as_deref(), last.finished), (vec![(1, 5)], Some("seed"), false));
        assert_eq!(last.confirmed, [whole]);
        let (by, _, first) = grown([11, 20]);
        assert_eq!((by, first.finished), (vec![(0, 1)], false));
        let (to, from) = (Confirmed { to: (0, 10).into(), ..whole }, Confirmed { from: (1, 0).into(), ..whole });
        assert_eq!(first.confirmed, [to, from]);
        assert_eq!(first.start(), Some(((0, 10).into(), 9)));
    }
}
