//! Files and standard input, in pieces of whole lines, unpacked when they are gzip.
use crate::Error;
pub use firelens_lines::lines;
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// How much is read at once. A piece is bigger only when a line is.
const PIECE: usize = 256 << 10;

/// The longest line, in bytes. Fluent Bit takes none of that length: Docker cuts lines into pieces of 16 KiB, and the filter
/// reads records of 1 MiB. What is longer is no log, or made to fill the memory.
pub const LONGEST: usize = 16 << 20;

/// As much of standard input is kept, for who reads it twice.
const KEPT: u64 = 256 << 20;

/// Where lines come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Stdin,
    /// Standard input that was read already.
    Read(Arc<[u8]>),
    File(PathBuf),
}

impl Source {
    /// `-` is standard input.
    pub fn from_argument(argument: &Path) -> Source {
        if argument == Path::new("-") { Source::Stdin } else { Source::File(argument.to_owned()) }
    }

    /// The name for messages.
    pub fn name(&self) -> String {
        match self {
            Source::Stdin | Source::Read(_) => "standard input".into(),
            Source::File(path) => path.display().to_string(),
        }
    }

    /// How many bytes there are, where that is known.
    pub fn size(&self) -> Option<u64> {
        match self {
            Source::Stdin => None,
            Source::Read(bytes) => Some(bytes.len() as u64),
            Source::File(path) => path.metadata().ok().filter(|meta| meta.is_file()).map(|meta| meta.len()),
        }
    }

    /// Opens the source; `position` counts the bytes that are read from it.
    ///
    /// # Errors
    /// When it cannot be opened or is no gzip in spite of its name.
    pub fn open(&self, position: &Arc<AtomicU64>) -> Result<Lines, Error> {
        let raw: Box<dyn Read + Send> = match self {
            Source::Stdin => Box::new(io::stdin()),
            Source::Read(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            Source::File(path) => Box::new(open_file(path)?),
        };
        let gzip_named = matches!(self, Source::File(path) if path.extension().is_some_and(|end| end == "gz"));
        let raw = Counted { inner: raw, position: Arc::clone(position) };
        Lines::new(raw, gzip_named, *self == Source::Stdin).map_err(|error| self.read_error(0, &error))
    }

    /// Whether it can be opened.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check(&self) -> Result<(), Error> {
        match self {
            Source::Stdin | Source::Read(_) => Ok(()),
            Source::File(path) => open_file(path).map(|_| ()),
        }
    }

    /// The same, for who reads it twice.
    ///
    /// # Errors
    /// When standard input cannot be read.
    pub fn kept(self) -> Result<Source, Error> {
        if self != Source::Stdin {
            return Ok(self);
        }
        let mut bytes = Vec::new();
        io::stdin().take(KEPT + 1).read_to_end(&mut bytes).map_err(|error| self.read_error(0, &error))?;
        if bytes.len() as u64 > KEPT {
            let message = format!("standard input has more than {} MiB, which is too much here", KEPT >> 20);
            return Err(Error::new(message).help("write it to a file, and name that"));
        }
        Ok(Source::Read(bytes.into()))
    }

    /// The error for a source that could be opened, but not read to its end.
    pub fn read_error(&self, lines: u64, error: &io::Error) -> Error {
        let name = self.name();
        let place = if lines == 0 { String::new() } else { format!(" after line {lines}") };
        match error.kind() {
            io::ErrorKind::FileTooLarge => {
                Error::new(format!("{name}: line {} is longer than {} MiB", lines + 1, LONGEST >> 20))
                    .help("no log driver sends such a line; take it out of the file")
            }
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Error::new(format!("{name}: the gzip data is damaged or cut off{place}: {error}"))
                    .help("try `gzip -t` on it, and copy it again")
            }
            _ => Error::new(format!("cannot read {name}{place}: {error}")),
        }
    }
}

fn open_file(path: &Path) -> Result<File, Error> {
    let file = File::open(path).map_err(|error| Error::file("read", path, &error))?;
    match file.metadata() {
        Ok(meta) if meta.is_dir() => Err(Error::new(format!(
            "cannot read {}: it is a folder\n  name the log files in it: {}/*.log",
            path.display(),
            path.display()
        ))),
        _ => Ok(file),
    }
}

/// Counts what is read, for progress.
struct Counted<R> {
    inner: R,
    position: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.position.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The pieces of one source.
pub struct Lines {
    reader: Box<dyn Read + Send>,
    /// Hand out what there is at once: somebody may be waiting for it.
    eager: bool,
    /// The beginning of a line whose end was not read yet.
    rest: Vec<u8>,
    ended: bool,
}

impl Lines {
    fn new(mut raw: impl Read + Send + 'static, gzip_named: bool, eager: bool) -> io::Result<Lines> {
        let mut magic = Vec::new();
        while magic.len() < 2 && magic.last() != Some(&b'\n') {
            if (&mut raw).take(1).read_to_end(&mut magic)? == 0 {
                break;
            }
        }
        let gzip = magic == [0x1f, 0x8b];
        if gzip_named && !gzip {
            return Err(io::Error::other("its name ends in .gz, but it is not gzip; rename it"));
        }
        let raw = Cursor::new(magic).chain(raw);
        let reader: Box<dyn Read + Send> =
            if gzip { Box::new(MultiGzDecoder::new(BufReader::with_capacity(PIECE, raw))) } else { Box::new(raw) };
        Ok(Lines { reader, eager: eager && !gzip, rest: Vec::new(), ended: false })
    }

    /// Leaves out so many bytes of the unpacked text, and gives the number of lines that ended in them. Before anything
    /// else is read.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        let (mut left, mut lines) = ((&mut self.reader).take(bytes), 0);
        let mut buffer = [0; 64 << 10];
        loop {
            match left.read(&mut buffer) {
                Ok(0) => return Ok(lines),
                Ok(read) => lines += memchr::memchr_iter(b'\n', &buffer[..read]).count() as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The next lines, all of them whole; the last one of all may lack its newline. None: that was all.
    ///
    /// # Errors
    /// When the source cannot be read. The lines in front of that place were handed out before.
    pub fn next_piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.ended {
            return Ok(None);
        }
        let mut piece = std::mem::take(&mut self.rest);
        piece.reserve(PIECE);
        let mut searched = 0;
        loop {
            let full = piece.len() >= PIECE || self.eager;
            if let Some(newline) = full.then(|| memchr::memrchr(b'\n', &piece[searched..])).flatten() {
                let end = searched + newline + 1;
                self.rest = piece[end..].to_vec();
                piece.truncate(end);
                return Ok(Some(piece));
            }
            if full {
                searched = piece.len();
            }
            // A full piece that holds no newline is one line.
            let too_long = full && piece.len() > LONGEST;
            match if too_long { Err(io::ErrorKind::FileTooLarge.into()) } else { self.read_more(&mut piece) } {
                Ok(true) => {}
                Ok(false) => {
                    self.ended = true;
                    return Ok(Some(piece).filter(|piece| !piece.is_empty()));
                }
                // What was read before it broke is handed out first; the next call meets the error again.
                Err(error) if piece.contains(&b'\n') => {
                    let end = memchr::memrchr(b'\n', &piece).map_or(0, |newline| newline + 1);
                    piece.truncate(end);
                    self.reader = Box::new(Broken(Some(error)));
                    return Ok(Some(piece));
                }
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
            }
        }
    }

    /// Appends a piece's worth of bytes, or fewer when somebody waits for them; `false` at the end.
    fn read_more(&mut self, piece: &mut Vec<u8>) -> io::Result<bool> {
        if !self.eager {
            return Ok((&mut self.reader).take(PIECE as u64).read_to_end(piece)? > 0);
        }
        let mut buffer = [0; 64 << 10];
        let read = loop {
            match self.reader.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        piece.extend_from_slice(&buffer[..read]);
        Ok(read > 0)
    }
}

/// A reader that failed before.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    /// Gives a few bytes at a time, as pipes do.
    struct Dribble(Cursor<Vec<u8>>, usize);

    impl Read for Dribble {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = buffer.len().min(self.1);
            self.0.read(&mut buffer[..size])
        }
    }

    fn pieces(bytes: &[u8], at_once: usize, eager: bool) -> Vec<Vec<u8>> {
        let mut lines = Lines::new(Dribble(Cursor::new(bytes.to_vec()), at_once), false, eager).unwrap();
        std::iter::from_fn(|| lines.next_piece().unwrap()).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn pieces_end_at_line_ends_and_nothing_is_missing() {
        let text: Vec<u8> = (0..100_000).flat_map(|number| format!("line {number}\n").into_bytes()).collect();
        for (at_once, eager) in [(7, false), (1000, true), (1 << 20, false)] {
            let pieces = pieces(&text, at_once, eager);
            assert!(pieces.iter().all(|piece| piece.ends_with(b"\n")));
            assert!(pieces.concat() == text);
        }
    }

    #[test]
    fn a_line_longer_than_a_piece_stays_whole() {
        let long = [vec![b'x'; 3 * PIECE], b"\nshort".to_vec()].concat();
        let pieces = pieces(&long, 10_000, false);
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [3 * PIECE + 1, 5]);
        assert!(pieces.concat() == long);
    }

    #[test]
    fn standard_input_is_not_held_back() {
        assert_eq!(pieces(b"a\nb\nc", 2, true), [b"a\n".to_vec(), b"b\n".to_vec(), b"c".to_vec()]);
    }

    #[test]
    fn a_line_without_an_end_is_refused_in_bounded_memory() {
        // As many bytes as a packed file of 2 MB can hold.
        let endless = Cursor::new(b"short\n".to_vec()).chain(io::repeat(b'x').take(2 << 30));
        let mut lines = Lines::new(endless, false, false).unwrap();
        assert_eq!(lines.next_piece().unwrap().unwrap(), b"short\n");
        let error = lines.next_piece().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert!(lines.next_piece().unwrap().is_none());
        let message = Source::File("a.gz".into()).read_error(1, &error).to_string();
        assert!(message.starts_with("a.gz: line 2 is longer than 16 MiB"), "{message}");
        let longest = [vec![b'x'; LONGEST], b"\n".to_vec()].concat();
        assert!(pieces(&longest, 1 << 20, false).concat() == longest);
    }

    #[test]
    fn empty_input_has_no_pieces() {
        assert_eq!(pieces(b"", 1, false), Vec::<Vec<u8>>::new());
        assert_eq!(pieces(b"\n", 1, false), [b"\n"]);
    }

    #[test]
    fn gzip_of_several_members_is_unpacked() {
        let both = [gzip(b"a\nb"), gzip(b"c\n")].concat();
        assert_eq!(pieces(&both, 3, false), [b"a\nbc\n"]);
    }

    #[test]
    fn cut_gzip_gives_its_lines_and_then_an_error() {
        let text: Vec<u8> = (0..50_000).flat_map(|number| format!("line {}\n", number * 7919).into_bytes()).collect();
        let packed = gzip(&text);
        let mut lines = Lines::new(Cursor::new(packed[..packed.len() / 2].to_vec()), true, false).unwrap();
        let mut found = Vec::new();
        let error = loop {
            match lines.next_piece() {
                Ok(Some(piece)) => found.extend(piece),
                Ok(None) => panic!("the error was lost"),
                Err(error) => break error,
            }
        };
        assert!(text.starts_with(&found) && found.ends_with(b"\n"));
        let message = Source::File("a.gz".into()).read_error(3, &error).to_string();
        assert!(message.contains("a.gz") && message.contains("after line 3"), "{message}");
        assert!(lines.next_piece().unwrap().is_none());
    }

    #[test]
    fn a_gz_name_without_gzip_is_an_error() {
        assert!(Lines::new(Cursor::new(b"plain".to_vec()), true, false).is_err());
    }
}
