//! Edits that know how each kind of file is written.
use super::{Content, Context};
use crate::{
    conf::{Entry, Format, Section},
    lint::{Edit, Place},
};

impl Context {
    /// A new property at the end of a section, written as those before it. `None` where that cannot be done: in a YAML
    /// map on one line, say.
    pub fn insert(&self, section: &Section, key: &str, value: &str) -> Option<Edit> {
        let file = self.files.get(section.file)?;
        let own = |entry: &&Entry| file.text.get(entry.key.span.clone()) == Some(&entry.key.text);
        let last = section.entries.iter().filter(own).max_by_key(|entry| entry.value.span().end)?;
        let column = before(&file.text, last.key.span.start);
        let mut at = last.value.span().end;
        let text = match &file.content {
            Content::TaskDefinition(_) => {
                at += 1;
                let gap = match column.strip_suffix('"') {
                    Some(indent) if indent.trim().is_empty() => format!("\n{indent}"),
                    _ => " ".to_string(),
                };
                format!(",{gap}\"{key}\": \"{value}\"")
            }
            Content::Configuration(document) if document.format == Format::Classic => {
                let width = |entry: &Entry| entry.value.span().start - entry.key.span.start;
                let aligned = section.entries.iter().filter(own).all(|entry| width(entry) == width(last));
                let width = if aligned { width(last) } else { 0 };
                format!("\n{column}{key:<width$}{value}", width = width.max(key.len() + 1))
            }
            Content::Configuration(_) => {
                let block = column.chars().all(|c| c == ' ' || c == '-');
                let ends = file.text[at..].lines().next().unwrap_or_default().trim().is_empty();
                let plain = last.text().is_some_and(|text| file.text.get(text.span.clone()) == Some(&text.text));
                if !block || !ends || !plain {
                    return None;
                }
                format!("\n{}{}: {value}", " ".repeat(column.len()), key.to_lowercase())
            }
        };
        Some(Edit { place: Place { file: section.file, start: at, end: at }, text })
    }

    /// Takes a property away, with its line or its comma.
    pub fn remove(&self, section: &Section, entry: &Entry) -> Option<Edit> {
        let file = self.files.get(section.file)?;
        let text = &file.text;
        let (start, end) = (entry.key.span.start, entry.value.span().end);
        let span = match &file.content {
            Content::TaskDefinition(_) => {
                let (start, end) = (start - 1, end + 1);
                match text[end..].trim_start().strip_prefix(',') {
                    Some(rest) => start..text.len() - rest.trim_start().len(),
                    None => text[..start].trim_end().strip_suffix(',').map_or(start, str::len)..end,
                }
            }
            Content::Configuration(_) => {
                let (line, rest) = (before(text, start), text[end..].find('\n').map_or(text.len(), |at| end + at + 1));
                let whole = line.trim().is_empty() && text[end..rest].trim().is_empty();
                if !whole {
                    return None;
                }
                start - line.len()..rest
            }
        };
        Some(Edit { place: Place::new(section.file, &span), text: String::new() })
    }
}

/// What stands in a line before a place.
fn before(text: &str, at: usize) -> &str {
    &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..at]
}
