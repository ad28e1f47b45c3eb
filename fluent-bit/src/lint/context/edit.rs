//! Edits that know how each kind of file is written.
use super::{Content, Context};
use crate::{
    conf::{Entry, Section, Span, Syntax, Text},
    lint::{Edit, Place},
};

impl Context {
    /// A new property at the end of a section, written as those before it. `None` where that cannot be done: in a YAML
    /// map on one line, say.
    pub fn insert(&self, section: &Section, key: &str, value: &str) -> Option<Edit> {
        // A misspelt one is mended instead; both would be one too many.
        let name = key.to_lowercase();
        if section.entries.iter().any(|entry| strsim::osa_distance(&entry.name, &name) <= 1) {
            return None;
        }
        let file = self.files.get(section.file)?;
        // FireLens's own `Match` and the secrets of a task definition stand elsewhere.
        let stands = |text: &Text| file.text.get(text.span.clone()) == Some(&text.text);
        let own =
            |entry: &&Entry| stands(&entry.key) && (!file.is_task_definition() || entry.text().is_some_and(stands));
        let last = section.entries.iter().filter(own).max_by_key(|entry| entry.value.span().end)?;
        let newline = if file.text.contains("\r\n") { "\r\n" } else { "\n" };
        let column = before(&file.text, last.key.span.start);
        let mut at = last.value.span().end;
        let text = match &file.content {
            Content::TaskDefinition(_) => {
                at += 1;
                let gap = match column.strip_suffix('"') {
                    Some(indent) if indent.trim().is_empty() => format!("{newline}{indent}"),
                    _ => " ".to_string(),
                };
                format!(",{gap}\"{key}\": \"{value}\"")
            }
            Content::Configuration(document) if document.syntax == Syntax::Classic => {
                let width = |entry: &Entry| entry.value.span().start - entry.key.span.start;
                let aligned = section.entries.iter().filter(own).all(|entry| width(entry) == width(last));
                let width = if aligned { width(last) } else { 0 };
                format!("{newline}{column}{key:<width$}{value}", width = width.max(key.len() + 1))
            }
            Content::Fluentd => return None,
            Content::Configuration(_) => {
                let block = column.chars().all(|c| c == ' ' || c == '-');
                let ends = file.text[at..].lines().next().unwrap_or_default().trim().is_empty();
                let one_line = !file.text[last.key.span.start..at].contains('\n');
                if !block || !ends || !one_line {
                    return None;
                }
                format!("{newline}{}{}: {value}", " ".repeat(column.len()), key.to_lowercase())
            }
        };
        Some(Edit { place: Place { file: section.file, start: at, end: at }, text })
    }

    /// Takes properties away, with their lines or their commas. `None` where that cannot be done.
    pub fn remove(&self, section: &Section, entries: &[&Entry]) -> Option<Vec<Edit>> {
        let file = self.files.get(section.file)?;
        let span = |entry: &&Entry| match &file.content {
            Content::TaskDefinition(_) => Some(pair_span(&file.text, entry, entries)),
            Content::Configuration(_) | Content::Fluentd => line_span(&file.text, entry),
        };
        let edit = |span| Edit { place: Place::new(section.file, &span), text: String::new() };
        entries.iter().map(|entry| span(entry).map(edit)).collect()
    }
}

/// The line of a property that stands alone on it.
fn line_span(text: &str, entry: &Entry) -> Option<Span> {
    let (start, end) = (entry.key.span.start, entry.value.span().end);
    let line = before(text, start);
    let rest = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    (line.trim().is_empty() && text[end..rest].trim().is_empty()).then(|| start - line.len()..rest)
}

/// A pair of a JSON object with the comma before it, or with the one behind it when nothing before it stays.
fn pair_span(text: &str, entry: &Entry, removed: &[&Entry]) -> Span {
    let quoted = |entry: &Entry| entry.key.span.start - 1..entry.value.span().end + 1;
    // Where the pair before ends, if there is one.
    let previous = |start: usize| text[..start].trim_end().strip_suffix(',').map(|rest| rest.trim_end().len());
    let Span { start, end } = quoted(entry);
    let mut first = start;
    while let Some(gone) = removed.iter().find(|other| Some(quoted(other).end) == previous(first)) {
        first = quoted(gone).start;
    }
    match (previous(first).and(previous(start)), text[end..].trim_start().strip_prefix(',')) {
        (Some(kept), _) => kept..end,
        (None, Some(rest)) => start..text.len() - rest.trim_start().len(),
        (None, None) => start..end,
    }
}

/// What stands in a line before a place.
fn before(text: &str, at: usize) -> &str {
    &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..at]
}
