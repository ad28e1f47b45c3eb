//! The truth table of stack traces: what a program of each language writes, and the records that it becomes.
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// The lines of one language, and what they become.
#[derive(Debug, Deserialize)]
pub struct Table {
    /// The language's name.
    #[serde(skip)]
    pub language: String,
    /// What is written, line by line.
    pub text: String,
    /// What it becomes, in order.
    pub records: Vec<Record>,
}

/// What some lines become.
#[derive(Debug, Deserialize)]
pub struct Record {
    /// So many of them.
    pub lines: usize,
    /// The class of the first exception.
    pub exception: Option<String>,
    /// Its message.
    pub message: Option<String>,
}

impl Table {
    /// The lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }

    /// Each record's text: its lines, with a newline between them.
    pub fn texts(&self) -> Vec<String> {
        let mut lines = self.lines();
        self.records.iter().map(|record| lines.by_ref().take(record.lines).collect::<Vec<_>>().join("\n")).collect()
    }
}

/// All of them.
pub fn tables() -> Vec<Table> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("traces");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let table = |file: &std::path::PathBuf| {
        let text = fs::read_to_string(file).expect("text");
        let mut table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        table.language = file.file_stem().expect("a name").to_string_lossy().into_owned();
        assert_eq!(
            table.records.iter().map(|record| record.lines).sum::<usize>(),
            table.lines().count(),
            "{}",
            file.display()
        );
        table
    };
    files.iter().map(table).collect()
}
