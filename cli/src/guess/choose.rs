//! Which formats read most of the lines.
use super::{
    infer,
    known::{self, Candidate},
    sample::{Line, Stream},
};
use crate::test::record::{Framer, Input};
use firelens_filter::{
    Filter, compile,
    program::Kind,
    spec::{Container, Format, Spec},
};

/// A format has to read this share of a stream's lines, or it is not worth its place.
const WORTH: f64 = 0.01;

/// From this share of lines that nothing reads on, a format is inferred from them.
const INFER: f64 = 0.02;

/// At most so many formats are chosen for a stream.
const MOST: usize = 4;

/// The formats of a container, and how many lines they read.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    pub container: String,
    pub stream: Stream,
    pub candidate: Candidate,
    /// Lines that are read by this one and by none before it.
    pub lines: usize,
    /// No well-known one.
    pub inferred: bool,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    /// Those that read most lines come first.
    pub formats: Vec<Chosen>,
    /// The lines that nothing reads (indices).
    pub unread: Vec<usize>,
}

/// Chooses formats for all lines.
pub fn choose(lines: &[Line]) -> Choice {
    let mut choice = Choice::default();
    for (container, stream) in origins(lines) {
        let is_from = |line: &Line| (&line.container, line.stream) == (&container, stream);
        let from: Vec<usize> = (0..lines.len()).filter(|at| is_from(&lines[*at])).collect();
        let (formats, unread) = choose_formats(lines, from);
        choice.unread.extend(unread);
        for (candidate, lines, inferred) in formats {
            let kind = known::kind(&candidate.format);
            let container = container.clone().unwrap_or_else(|| usual_container(kind).to_string());
            let stream = stream.unwrap_or_else(|| usual_stream(kind));
            choice.formats.push(Chosen { container, stream, candidate, lines, inferred });
        }
    }
    choice.formats.sort_by_key(|chosen| std::cmp::Reverse(chosen.lines));
    choice.unread.sort_unstable();
    choice
}

/// The places that lines are from, each once.
fn origins(lines: &[Line]) -> Vec<(Option<String>, Option<Stream>)> {
    let mut origins: Vec<_> = lines.iter().map(|line| (line.container.clone(), line.stream)).collect();
    origins.sort();
    origins.dedup();
    origins
}

fn usual_container(kind: Kind) -> &'static str {
    match kind {
        Kind::Access | Kind::Error => "httpd",
        Kind::Rails => "rails",
        Kind::Json | Kind::Unparsed => "app",
    }
}

fn usual_stream(kind: Kind) -> Stream {
    if kind == Kind::Error { Stream::Stderr } else { Stream::Stdout }
}

type Formats = Vec<(Candidate, usize, bool)>;

/// Takes the format that reads most of the lines, then the one that reads most of the rest, and so on.
fn choose_formats(lines: &[Line], from: Vec<usize>) -> (Formats, Vec<usize>) {
    let (total, mut rest, mut formats) = (from.len(), from, Vec::new());
    let enough = |count: usize, share: f64| count > 0 && count as f64 >= share * total as f64;
    let mut candidates: Vec<(Candidate, bool)> = known::candidates().into_iter().map(|known| (known, false)).collect();
    let mut inferred = false;
    while formats.len() < MOST && !rest.is_empty() {
        let counts = candidates.iter().map(|(candidate, _)| unread(candidate, lines, &rest));
        // The first of several equals is the one that is preferred.
        let best = counts.enumerate().min_by_key(|(at, unread)| (unread.as_ref().map_or(usize::MAX, Vec::len), *at));
        if let Some((at, Some(left))) =
            best.filter(|(_, left)| left.as_ref().is_some_and(|left| enough(rest.len() - left.len(), WORTH)))
        {
            let (candidate, is_inferred) = candidates.remove(at);
            formats.push((candidate, rest.len() - left.len(), is_inferred));
            rest = left;
        } else if !inferred && enough(rest.len(), INFER) {
            inferred = true;
            let texts: Vec<&[u8]> = rest.iter().map(|at| lines[*at].text.as_slice()).collect();
            candidates = infer::formats(&texts).into_iter().map(|format| (known::access(&format), true)).collect();
        } else {
            break;
        }
    }
    (formats, rest)
}

/// The lines that a format cannot read; `None` when it is no format.
fn unread(candidate: &Candidate, lines: &[Line], from: &[usize]) -> Option<Vec<usize>> {
    let mut reader = Reader::new(&candidate.format)?;
    Some(from.iter().copied().filter(|at| !reader.reads(&lines[*at].text)).collect())
}

/// A filter with one format.
pub struct Reader {
    filter: Filter,
    framer: Framer,
    buffer: Vec<u8>,
    out: Vec<u8>,
}

impl Reader {
    /// `None` when the format is wrong.
    pub fn new(format: &Format) -> Option<Reader> {
        let container = Container { name: String::new(), stdout: vec![format.clone()], stderr: Vec::new() };
        let program = compile::compile(&Spec { containers: vec![container], ..Spec::default() }).ok()?;
        let framer = Framer::new(Input::Lines, None, Some("stdout"));
        Some(Reader { filter: Filter::new(program), framer, buffer: Vec::new(), out: Vec::new() })
    }

    pub fn reads(&mut self, line: &[u8]) -> bool {
        let record = self.framer.record(line, &mut self.buffer);
        self.filter.filter(b"", record, &mut self.out);
        self.filter.last_kind() != Kind::Unparsed
    }
}
