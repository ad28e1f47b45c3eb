//! Which formats read most of the lines.
use super::{
    infer,
    known::{self, Candidate},
    sample::{Line, Stream},
};
use crate::offline::record::{Framer, Input};
use firelens_compiler::spec::{Container, Format, Spec};
use firelens_filter::{
    Filter,
    program::{Kind, LEVELS},
};
use serde_json::{Map, Value};
use std::net::IpAddr;

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
        Kind::Json | Kind::Exception | Kind::Unparsed => "app",
    }
}

fn usual_stream(kind: Kind) -> Stream {
    if kind == Kind::Error { Stream::Stderr } else { Stream::Stdout }
}

/// A format, how many lines it reads, and whether it was inferred.
type Formats = Vec<(Candidate, usize, bool)>;

/// Takes the format that reads most of the lines, then the one that reads most of the rest, and so on.
fn choose_formats(lines: &[Line], from: Vec<usize>) -> (Formats, Vec<usize>) {
    let (total, mut rest, mut formats) = (from.len(), from, Vec::new());
    let enough = |count: usize, share: f64| count > 0 && count as f64 >= share * total as f64;
    let mut candidates = candidates(&texts(lines, &rest));
    let mut inferred = false;
    while formats.len() < MOST && !rest.is_empty() {
        match best(&candidates, lines, &rest).filter(|best| enough(best.reads, WORTH)) {
            Some(best) => {
                let (candidate, is_inferred) = candidates.remove(best.candidate);
                formats.push((candidate, best.reads, is_inferred));
                rest = best.unread;
            }
            None if !inferred && enough(rest.len(), INFER) => {
                inferred = true;
                let mut others = texts(lines, &rest);
                others.retain(|line| !is_of_error_log(line));
                let formats = infer::formats(&others);
                candidates = formats.iter().map(|format| (known::access(format), true)).collect();
            }
            None => break,
        }
    }
    (formats, rest)
}

fn texts<'a>(lines: &'a [Line], from: &[usize]) -> Vec<&'a [u8]> {
    from.iter().map(|at| lines[*at].text.as_slice()).collect()
}

/// The well-known formats. Before the last one, JSON objects of any sort, stand the LogFormats that write such objects:
/// httpd's escapes in them are no JSON.
fn candidates(lines: &[&[u8]]) -> Vec<(Candidate, bool)> {
    let mut candidates: Vec<_> = known::candidates().into_iter().map(|known| (known, false)).collect();
    let json = infer::json_formats(lines);
    let before_json = candidates.len() - 1;
    candidates.splice(before_json..before_json, json.iter().map(|format| (known::access(format), true)));
    candidates
}

/// How well a format reads lines.
struct Score {
    candidate: usize,
    /// Lines that it reads, with values that make sense.
    reads: usize,
    unread: Vec<usize>,
}

/// The format that reads most of the lines sensibly; the first one of equals.
fn best(candidates: &[(Candidate, bool)], lines: &[Line], from: &[usize]) -> Option<Score> {
    let scores = candidates.iter().enumerate().filter_map(|(at, (candidate, _))| score(at, candidate, lines, from));
    scores.max_by_key(|score| (score.reads, std::cmp::Reverse(score.candidate)))
}

/// `None` when it is no format.
fn score(at: usize, candidate: &Candidate, lines: &[Line], from: &[usize]) -> Option<Score> {
    let mut reader = Reader::new(&candidate.format)?;
    let mut score = Score { candidate: at, reads: 0, unread: Vec::new() };
    for line in from {
        // A line whose values make no sense was written with another format.
        if reader.reads(&lines[*line].text) && reader.is_plausible() {
            score.reads += 1;
        } else {
            score.unread.push(*line);
        }
    }
    Some(score)
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
        let program = firelens_compiler::compile(&Spec { containers: vec![container], ..Spec::default() }).ok()?;
        let framer = Framer::new(Input::Lines, None, Some("stdout"));
        Some(Reader { filter: Filter::new(program), framer, buffer: Vec::new(), out: Vec::new() })
    }

    pub fn reads(&mut self, line: &[u8]) -> bool {
        let record = self.framer.record(line, &mut self.buffer);
        self.filter.filter(b"", record, &mut self.out);
        self.filter.last_kind() != Kind::Unparsed
    }

    /// Whether the values of the line that was read last make sense: a user's name can hold blanks, and so a format
    /// that lacks a column may read its value as a part of another one.
    fn is_plausible(&self) -> bool {
        let Ok(record) = serde_json::from_slice::<Map<String, Value>>(&self.out) else { return false };
        let all = |field: &str, fits: &dyn Fn(&str) -> bool| record.get(field).and_then(Value::as_str).is_none_or(fits);
        let is_address = |text: &str| text.parse::<IpAddr>().is_ok();
        let is_client = |text: &str| is_address(text) || is_host(text);
        all("ident", &|_| false)
            && all("user", &|user| !user.contains(' '))
            && all("client", &is_client)
            && all("vhost", &|vhost| is_host(vhost) && !is_address(vhost))
            && all("x_forwarded_for", &|list| list.split(',').all(|client| is_client(client.trim())))
            && all("message", &|message| !message.starts_with("[pid ") && !message.starts_with("[client "))
            && all("cookie", &|cookie| cookie.contains('='))
            && all("ssl_protocol", &|protocol| protocol.starts_with("TLS") || protocol.starts_with("SSL"))
    }
}

/// Whether a level in brackets stands in the line, as in all that httpd writes into its error log: no LogFormat is inferred
/// from it.
fn is_of_error_log(line: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&line[..line.len().min(120)]);
    let mut brackets = start.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    brackets.any(|(inside, _)| inside.rsplit(':').next().is_some_and(|level| LEVELS.contains(&level)))
}

/// The name of a host, as far as its characters tell.
fn is_host(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || ".-_".contains(c))
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
