//! A section of a classic configuration.

/// `[TITLE]` with its properties, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    title: &'static str,
    comment: String,
    entries: Vec<(String, String)>,
}

impl Section {
    pub(super) fn new(title: &'static str, comment: impl Into<String>) -> Section {
        Section { title, comment: comment.into(), entries: Vec::new() }
    }

    pub(super) fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Section {
        self.entries.push((name.into(), value.into()));
        self
    }

    pub(super) fn text(&self) -> String {
        let width = self.entries.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let comment = self.comment.lines().map(|line| format!("# {line}\n"));
        let entries = self.entries.iter().map(|(name, value)| format!("    {name:width$}  {value}\n"));
        comment.chain([format!("[{}]\n", self.title)]).chain(entries).collect()
    }
}
