//! Which formats read most of the lines.
use super::{
    header,
    infer::{self, Inferred},
    known::{self, Candidate},
    plausible::{self, Looks},
    reader::Reader,
    sample::{Line, Stream},
};
use firelens_compiler::spec::Format;
use firelens_filter::program::{Kind, LEVELS};
use std::collections::HashMap;

/// A format has to read one of so many of a stream's lines, or it is not worth its place.
const WORTH: usize = 1_000;

/// One that was inferred has to read this share of them: a few lines can be a client's invention.
const INFER: f64 = 0.01;

/// At most so many formats are chosen for a stream.
const MOST: usize = 10;

/// The formats of a container, and how many lines they read.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    pub container: String,
    pub stream: Stream,
    pub candidate: Candidate,
    /// Lines that are read by this one and by none before it, with values that make sense.
    pub lines: usize,
    /// The first of them, if there is a sample (an index).
    pub example: Option<usize>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Choice {
    /// In the order in which they are tried.
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
        for (candidate, read) in choose_formats(lines, from) {
            let kind = known::kind(&candidate.format);
            let container = container.clone().unwrap_or_else(|| usual_container(&candidate.format).to_string());
            let stream = stream.unwrap_or_else(|| usual_stream(kind));
            let example = read.first().copied();
            choice.formats.push(Chosen { container, stream, candidate, lines: read.len(), example });
        }
    }
    choice.formats.sort_by_key(|chosen| (rank(&chosen.candidate.format), std::cmp::Reverse(chosen.lines)));
    choice.unread = unread(&choice.formats, lines);
    choice
}

/// The lines that all formats together, in their order, do not read, or whose values make no sense then.
fn unread(formats: &[Chosen], lines: &[Line]) -> Vec<usize> {
    let mut readers: HashMap<(Option<&str>, Option<Stream>), Option<Reader>> = HashMap::new();
    let is_unread = |at: &usize| {
        let Line { text, container, stream, .. } = &lines[*at];
        let origin = (container.as_deref(), *stream);
        let reader = readers.entry(origin).or_insert_with(|| {
            let of_origin = formats.iter().filter(|chosen| {
                origin.0.is_none_or(|name| name == chosen.container)
                    && origin.1.is_none_or(|from| from == chosen.stream)
            });
            Reader::of_all(of_origin.map(|chosen| chosen.candidate.format.clone()).collect())
        });
        !reader.as_mut().is_some_and(|reader| reader.fits(text))
    };
    (0..lines.len()).filter(is_unread).collect()
}

/// Formats that read any text of a logger, or any object, come last: they would read the lines of others.
fn rank(format: &Format) -> u8 {
    match format {
        Format::Json { .. } => 1,
        Format::Rails { .. } => 2,
        _ => 0,
    }
}

/// The places that lines are from, each once.
fn origins(lines: &[Line]) -> Vec<(Option<String>, Option<Stream>)> {
    let mut origins: Vec<_> = lines.iter().map(|line| (line.container.clone(), line.stream)).collect();
    origins.sort();
    origins.dedup();
    origins
}

fn usual_container(format: &Format) -> &'static str {
    match format {
        Format::Access { .. } | Format::HttpdError { .. } => "httpd",
        Format::Rails { .. } | Format::Lograge { .. } | Format::Library { .. } => "rails",
        Format::Json { .. } | Format::Exception { .. } => "app",
    }
}

fn usual_stream(kind: Kind) -> Stream {
    if kind == Kind::Error { Stream::Stderr } else { Stream::Stdout }
}

/// A format, and the lines that it reads.
type Formats = Vec<(Candidate, Vec<usize>)>;

/// Formats that lines like these may be of.
type Phase = fn(&[&[u8]]) -> Vec<Candidate>;

/// What formats are looked for, one after the other: what an earlier one finds is not left to a later one.
const PHASES: [Phase; 5] = [|_| known::candidates(), json_shaped, behind_headers, columns, |_| vec![known::json()]];

/// Takes the format that reads most of the lines, then the one that reads most of the rest, and so on.
fn choose_formats(lines: &[Line], from: Vec<usize>) -> Formats {
    let (total, mut rest, mut formats) = (from.len(), from, Formats::new());
    for phase in PHASES {
        if rest.is_empty() {
            break;
        }
        let mut scores = scores(phase(&texts(lines, &rest)), lines, &rest);
        while formats.len() < MOST
            && let Some(best) = take_best(&mut scores)
        {
            let inferred = best.candidate.inferred;
            let enough = match inferred {
                true => best.reads.len() as f64 >= INFER * total as f64,
                false => best.reads.len() * WORTH >= total,
            };
            if !enough {
                break;
            }
            rest.retain(|line| best.reads.binary_search(line).is_err());
            match inferred {
                // What was inferred from most of the lines hid the shapes of others.
                true => scores = self::scores(phase(&texts(lines, &rest)), lines, &rest),
                false => scores.iter_mut().for_each(|score| {
                    score.reads.retain(|line| best.reads.binary_search(line).is_err());
                }),
            }
            formats.push((best.candidate, best.reads));
        }
    }
    formats
}

fn texts<'a>(lines: &'a [Line], from: &[usize]) -> Vec<&'a [u8]> {
    from.iter().map(|at| lines[*at].text.as_slice()).collect()
}

/// The lines that can be inferred from: text, of no error log.
fn inferable<'a>(lines: &[&'a [u8]]) -> Vec<&'a str> {
    lines.iter().filter(|line| !is_of_error_log(line)).filter_map(|line| str::from_utf8(line).ok()).collect()
}

/// LogFormats that write JSON objects. They come before any other object: httpd's escapes in them are no JSON.
fn json_shaped(lines: &[&[u8]]) -> Vec<Candidate> {
    infer::json_formats(&inferable(lines)).into_iter().map(known::inferred).collect()
}

fn columns(lines: &[&[u8]]) -> Vec<Candidate> {
    infer::formats(&inferable(lines)).into_iter().map(known::inferred).collect()
}

/// LogFormats after a header of syslog.
fn behind_headers(lines: &[&[u8]]) -> Vec<Candidate> {
    let mut groups: HashMap<header::Header, Vec<&str>> = HashMap::new();
    let texts = lines.iter().filter_map(|line| str::from_utf8(line).ok());
    for (header, rest) in texts.filter_map(header::split) {
        groups.entry(header).or_default().push(rest);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort();
    let of_group = |(header, lines): (header::Header, Vec<&str>)| {
        let lines: Vec<&str> = lines.into_iter().filter(|line| !is_of_error_log(line.as_bytes())).collect();
        let mut inner: Vec<Inferred> = known::log_formats().map(Inferred::certain).collect();
        inner.extend(infer::formats(&lines));
        let access = inner.into_iter().map(move |inner| {
            known::inferred(Inferred { format: format!("{}{}", header.format(false), inner.format), ..inner })
        });
        let error = known::error_formats().map(move |inner| known::error(&format!("{}{inner}", header.format(true))));
        access.chain(error.map(|candidate| Candidate { inferred: true, ..candidate }))
    };
    groups.into_iter().flat_map(of_group).collect()
}

/// How well a format reads lines.
struct Score {
    candidate: Candidate,
    /// Lines that it reads, with values that make sense: indices that rise.
    reads: Vec<usize>,
}

/// The formats that read any of the lines sensibly.
fn scores(candidates: Vec<Candidate>, lines: &[Line], from: &[usize]) -> Vec<Score> {
    let score = |candidate: Candidate| {
        let mut reader = Reader::new(&candidate.format)?;
        let (mut right, mut odd) = (0, 0);
        let mut fits = |line: &usize| {
            let fields = reader.fitting(&lines[*line].text)?;
            match plausible::looks(&fields) {
                Looks::Right => right += 1,
                Looks::Odd => odd += 1,
                Looks::Unknown => {}
            }
            Some(*line)
        };
        let reads: Vec<usize> = from.iter().filter_map(&mut fits).collect();
        (!reads.is_empty() && odd <= right).then_some(Score { candidate, reads })
    };
    candidates.into_iter().filter_map(score).collect()
}

/// The format that reads most lines; the first one of equals.
fn take_best(scores: &mut Vec<Score>) -> Option<Score> {
    let most = scores.iter().map(|score| score.reads.len()).max().filter(|most| *most > 0)?;
    let at = scores.iter().position(|score| score.reads.len() == most)?;
    Some(scores.remove(at))
}

/// Whether a level in brackets stands in the line, as in all that httpd writes into its error log: no LogFormat is inferred
/// from it.
fn is_of_error_log(line: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&line[..line.len().min(160)]);
    let mut brackets = start.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    brackets.any(|(inside, _)| inside.rsplit(':').next().is_some_and(|level| LEVELS.contains(&level)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(lines: &[&str]) -> Vec<String> {
        let line = |(number, text): (usize, &&str)| Line {
            text: text.as_bytes().to_vec(),
            place: (0, number + 1),
            container: None,
            stream: None,
        };
        let choice = choose(&lines.iter().enumerate().map(line).collect::<Vec<_>>());
        let shown =
            |chosen: &Chosen| format!("{} {} {}", chosen.container, chosen.stream.as_str(), chosen.candidate.toml);
        choice.formats.iter().map(shown).collect()
    }

    #[test]
    fn formats_that_differ_by_a_column() {
        let combined = r#"203.0.113.7 - bob [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8""#;
        assert_eq!(chosen(&[combined]), [r#"httpd stdout "combined""#]);
        assert_eq!(chosen(&[&format!("www:80 {combined}")]), [r#"httpd stdout "vhost_combined""#]);
        assert_eq!(chosen(&[&format!("{combined} 82 510")]), [r#"httpd stdout "combinedio""#]);
        let forwarded = chosen(&[&format!("203.0.113.9, 10.0.0.1 {}", &combined[12..])]);
        assert!(forwarded[0].contains("%{X-Forwarded-For}i %l"), "{forwarded:?}");
    }

    #[test]
    fn several_formats() {
        let lines = [
            r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 5"#,
            r#"203.0.113.7 - - [22/Nov/2026:07:38:33 +0000] "GET / HTTP/1.1" 200 5"#,
            "[Sun Nov 22 07:38:41.120934 2026] [core:notice] [pid 8:tid 140161] AH00094: Command line: 'httpd'",
            r#"{"level":"info","text":"a"}"#,
        ];
        assert_eq!(
            chosen(&lines),
            [r#"httpd stdout "common""#, r#"httpd stderr "httpd_error""#, r#"app stdout "json""#]
        );
    }

    /// What a format reads with values that make no sense was written with another one.
    #[test]
    fn values_decide() {
        let rest = r#"[22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0 (X11; Linux)""#;
        let plain = format!("203.0.113.7 - - {rest}");
        let one = |line: String| chosen(&[&line]).join(", ");
        assert_eq!(
            chosen(&[&plain, &plain, &format!("www.example.org:80 203.0.113.9 - - {rest}")]),
            [r#"httpd stdout "combined""#, r#"httpd stdout "vhost_combined""#]
        );
        assert!(one(format!("\"203.0.113.7\" - - {rest}")).contains(r#""%h""#));
        let two = one(format!("203.0.113.7 10.0.0.7 - - {rest}"));
        assert!(two.contains("%h") && !two.contains("%v"), "both are addresses: {two}");
        assert!(one(format!("{plain} \"203.0.113.60, 10.0.0.1\" \"-\" 614110")).contains("%{X-Forwarded-For}i"));
        let bracketed =
            format!("[22/Nov/2026:07:38:32 +0000] [www.example.org:443] [client 203.0.113.7] {}", &rest[29..]);
        assert!(one(bracketed).contains("[client %h]"));
        let error = "[2026-11-22 07:38:10] [core:error] [pid 42] [client 203.0.113.7:53110] AH01630: denied";
        assert!(one(error.to_string()).starts_with("httpd stderr "), "{}", one(error.to_string()));
        assert_eq!(one("[any] [crit] 7 203.0.113.7 \"GET / HTTP/1.1\" 200".to_string()), "");
    }

    #[test]
    fn nothing_is_chosen_for_other_text() {
        assert_eq!(chosen(&["Hello", "world, this is no log"]), [""; 0]);
        assert_eq!(chosen(&[]), [""; 0]);
    }
}
