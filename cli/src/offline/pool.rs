//! Any number of lines through some work, on all processors, in order, with little memory.
//!
//! One thread reads pieces of whole lines and deals them out in turn; each worker does its pieces; the caller's thread
//! takes the results in the same turn. All queues are short, so that a slow taker slows down the input.
use super::{
    input::{self, Lines, Source},
    join::{Join, Joining, Texts},
};
use crate::Error;
use std::{
    ops::Range,
    panic,
    sync::{
        Arc,
        atomic::AtomicU64,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

/// Pieces that may wait before and behind each worker.
const QUEUE: usize = 2;

/// Some whole lines of a source.
pub struct Piece {
    /// Index of the source.
    pub source: usize,
    /// The first line's number, from 1.
    pub first_line: u64,
    /// Where the first line begins, in bytes of the unpacked text.
    pub offset: u64,
    pub bytes: Vec<u8>,
    /// Where lines were joined: the number of each one's first line, and its place.
    joined: Option<Vec<(u64, Range<usize>)>>,
}

impl Piece {
    /// Its lines without their ends, or what they were joined to, with the numbers of the first lines.
    pub fn lines(&self) -> Box<dyn Iterator<Item = (u64, &[u8])> + '_> {
        match &self.joined {
            Some(places) => Box::new(places.iter().map(|(number, place)| (*number, &self.bytes[place.clone()]))),
            None => Box::new((self.first_line..).zip(input::lines(&self.bytes))),
        }
    }
}

/// Where to begin: the index of a source, and the bytes of its unpacked text that are left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Start {
    pub source: usize,
    pub offset: u64,
}

/// What a worker does with each piece.
pub type Work<T> = Box<dyn FnMut(&Piece) -> Result<T, String>>;

/// Makes a worker's work, in its thread.
pub type MakeWork<T> = dyn Fn() -> Result<Work<T>, String> + Send + Sync;

type Results<T> = Receiver<Result<T, String>>;

/// Does the work for all lines of all sources, joined where there are rules; `position` counts the bytes that are read, as they
/// lie there.
///
/// # Errors
/// When a source cannot be read (what stands before that place is taken), or those of `take`.
pub fn run<T: Send + 'static>(
    work: Arc<MakeWork<T>>,
    sources: &[Source],
    start: Start,
    rules: Option<Join>,
    position: Arc<AtomicU64>,
    mut take: impl FnMut(T) -> Result<(), Error>,
) -> Result<(), Error> {
    let workers = thread::available_parallelism().map_or(1, |count| count.get().min(16));
    let (senders, (results, threads)): (Vec<_>, (Vec<_>, Vec<_>)) = (0..workers).map(|_| start_worker(&work)).unzip();
    let reader = start_reader(sources.to_vec(), start, rules, senders, position);
    // The pieces were dealt in turn: where the next one is missing, there are none behind it either. When this fails, the
    // reader may wait for input that never comes: it ends with the process.
    for result in results.iter().cycle().map_while(|results| results.recv().ok()) {
        take(result.map_err(Error::new)?)?;
    }
    threads.into_iter().for_each(join);
    join(reader)
}

fn join<T>(thread: JoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
}

fn start_worker<T: Send + 'static>(work: &Arc<MakeWork<T>>) -> (SyncSender<Piece>, (Results<T>, JoinHandle<()>)) {
    let (sender, pieces) = sync_channel::<Piece>(QUEUE);
    let (done, results) = sync_channel(QUEUE);
    let make = Arc::clone(work);
    let thread = thread::spawn(move || {
        // It is made for its first piece.
        let mut work = None;
        for piece in pieces {
            let result = match &mut work {
                Some(work) => Ok(work),
                None => make().map(|made| work.insert(made)),
            };
            if done.send(result.and_then(|work| work(&piece))).is_err() {
                return;
            }
        }
    });
    (sender, (results, thread))
}

fn start_reader(
    sources: Vec<Source>,
    start: Start,
    rules: Option<Join>,
    workers: Vec<SyncSender<Piece>>,
    position: Arc<AtomicU64>,
) -> JoinHandle<Result<(), Error>> {
    thread::spawn(move || {
        let mut turn = (0..workers.len()).cycle();
        for (index, source) in sources.iter().enumerate().skip(start.source) {
            let mut lines = source.open(&position)?;
            let mut offset = if index == start.source { start.offset } else { 0 };
            let mut first_line = 1 + lines.skip(offset).map_err(|error| source.read_error(0, &error))?;
            let mut joining = Joining::default();
            let mut deal = |piece| turn.next().is_some_and(|worker| workers[worker].send(piece).is_ok());
            while let Some(bytes) = next(&mut lines, source, first_line)? {
                let (count, size) = (memchr::memchr_iter(b'\n', &bytes).count() as u64, bytes.len() as u64);
                let piece = Piece { source: index, first_line, offset, bytes, joined: None };
                first_line += count;
                offset += size;
                let piece = match &rules {
                    Some(rules) => piece.joined(rules, &mut joining),
                    None => piece,
                };
                if !deal(piece) {
                    return Ok(());
                }
            }
            joining.end();
            let Texts { bytes, places } = joining.take();
            if !places.is_empty() && !deal(Piece { source: index, first_line, offset, bytes, joined: Some(places) }) {
                return Ok(());
            }
        }
        Ok(())
    })
}

impl Piece {
    /// The texts that are complete with its lines.
    fn joined(self, join: &Join, joining: &mut Joining) -> Piece {
        self.lines().for_each(|(number, line)| joining.push(join, number, line));
        let Texts { bytes, places } = joining.take();
        Piece { bytes, joined: Some(places), ..self }
    }
}

fn next(lines: &mut Lines, source: &Source, first_line: u64) -> Result<Option<Vec<u8>>, Error> {
    lines.next_piece().map_err(|error| source.read_error(first_line - 1, &error))
}
