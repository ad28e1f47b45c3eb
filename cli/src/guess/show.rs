//! What is said about the formats that were found, and about lines that none of them reads.
use super::{
    choose::{Choice, Chosen},
    known,
    reader::{Reader, Reason},
    sample::Line,
    write::percent,
};
use crate::offline::explain;
use std::fmt::Write as _;

/// Lines and records are cut here.
const WIDTH: usize = 400;

/// So many lines that nothing reads are tried with every format, for the closest one.
const TRIED: usize = 20;

/// A format has to come so much further than one that is more usual: values that can be any text go far by themselves.
const NEARER: f64 = 0.1;

/// What reads the sample, with a record of each format, and the first line that nothing reads.
pub fn summary(names: &[String], lines: &[Line], choice: &Choice) -> String {
    let read = lines.len() - choice.unread.len();
    let mut text = format!("{}: {} lines", names.join(", "), lines.len());
    if lines.iter().any(|line| line.place.1 == super::sample::LIMIT) {
        let _ = write!(text, " (the first {} of a file)", super::sample::LIMIT);
    }
    let _ = writeln!(text, ", {} of them parsed", percent(read, lines.len()));
    for chosen in &choice.formats {
        format(&mut text, chosen, lines);
    }
    if let Some(first) = choice.unread.first() {
        let Line { text: line, place: (file, number), .. } = &lines[*first];
        let count = choice.unread.len();
        let _ = writeln!(text, "{count:>8}  not parsed, the first of them at {}:{number}:", names[*file]);
        let _ = writeln!(text, "          {}", shown(&String::from_utf8_lossy(line)));
    }
    text
}

/// `     4  httpd stdout: "combined"`, and its first record.
fn format(text: &mut String, chosen: &Chosen, lines: &[Line]) {
    let Chosen { container, stream, candidate, lines: count, example } = chosen;
    let inferred = if candidate.inferred { " (guessed from the values)" } else { "" };
    let _ = writeln!(text, "{count:>8}  {container} {}: {}{inferred}", stream.as_str(), candidate.toml);
    let reader = Reader::new(&candidate.format);
    if let (Some(mut reader), Some(example)) = (reader, *example)
        && let Some(fields) = reader.fitting(&lines[example].text)
    {
        let _ = writeln!(text, "          {}", shown(&serde_json::Value::Object(fields).to_string()));
    }
    if !candidate.uncertain.is_empty() {
        let _ = writeln!(text, "          uncertain: {}", candidate.uncertain.join(" "));
    }
}

/// The format that comes closest to lines that nothing reads, and why it does not read them.
pub fn closest(names: &[String], lines: &[Line], unread: &[usize]) -> Option<String> {
    let mut best: Option<(f64, usize, String, Reason)> = None;
    for candidate in known::candidates().into_iter().chain([known::json()]) {
        let Some(mut reader) = Reader::new(&candidate.format) else { continue };
        for at in unread.iter().take(TRIED) {
            let line = &lines[*at].text;
            let Some(reason) = reader.reason(line) else { continue };
            let far = match &reason {
                // It reads the whole line, as nonsense.
                Reason::Misfit { .. } => 0.99,
                Reason::Ends(failed) => failed.read() as f64 / (line.len() as f64 + 1.0),
            };
            if best.as_ref().is_none_or(|(best, ..)| far > best + NEARER) {
                best = Some((far, *at, candidate.toml.clone(), reason));
            }
        }
    }
    let (_, at, format, reason) = best?;
    let (file, number) = lines[at].place;
    let place = format!("{}:{number}", names.get(file)?);
    Some(match reason {
        Reason::Misfit { field, value } => {
            format!("the closest format is {format}, but at {place} its `{field}` would be `{}`\n", shown(&value))
        }
        Reason::Ends(failed) => {
            let [excerpt, marked] = explain::shown(&failed);
            format!("the closest format is {format}, which fails at {place}:\n  {excerpt}\n  {marked}\n")
        }
    })
}

/// Without control characters, and not too long.
fn shown(text: &str) -> String {
    let mut chars = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = chars.by_ref().take(WIDTH).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}
