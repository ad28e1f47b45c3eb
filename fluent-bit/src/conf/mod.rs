//! Reading Fluent Bit's configurations, with the place of everything that stands in them.
//!
//! Both formats, classic and YAML, become the same [`Document`]. The readers accept what Fluent Bit accepts and go on
//! after a [`Fault`], so that all of them are shown at once. `src/config_format` of Fluent Bit is the measure.
use std::{ops::Range, path::Path};

mod classic;
mod include;
mod variables;
mod yaml;

pub use include::{Folders, Include, MAX_FILE, MAX_FILES, MAX_TOTAL, Missing, read_file, resolve};
pub use variables::{Resolved, Variables, names};

/// Bytes of a file's text.
pub type Span = Range<usize>;

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    pub span: Span,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Classic,
    Yaml,
}

impl Syntax {
    /// Fluent Bit goes by the ending: `.yaml` and `.yml` are YAML, everything else is classic.
    pub fn of(path: &Path) -> Syntax {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("yaml" | "yml") => Syntax::Yaml,
            _ => Syntax::Classic,
        }
    }
}

/// A file, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub syntax: Syntax,
    /// Sections and includes, in the file's order.
    pub items: Vec<Item>,
    /// `@SET` and `env`.
    pub variables: Vec<Variable>,
    pub faults: Vec<Fault>,
}

/// One part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Section(Section),
    /// The path as it was written.
    Include(Text),
}

/// A section: `[INPUT]`, or an element of `pipeline.inputs`.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    pub kind: SectionKind,
    /// Which file it stands in, for who reads several.
    pub file: usize,
    /// `INPUT` as it was written; the first key where YAML has no title for it.
    pub title: Text,
    pub entries: Vec<Entry>,
    /// `[…]` within a classic section, `rules` and `nodes` in YAML.
    pub groups: Vec<Group>,
    /// `processors`, in YAML.
    pub processors: Vec<Processor>,
}

/// What a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SectionKind {
    Service,
    Input,
    Filter,
    Output,
    Custom,
    Processor,
    Parser,
    MultilineParser,
    StreamProcessor,
    Plugins,
    UpstreamServers,
    /// Any other: Fluent Bit takes them and does nothing with them.
    Other,
}

/// A property.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// As it was written.
    pub key: Text,
    /// The key as Fluent Bit looks it up: lower case, YAML's camelCase as snake_case.
    pub name: String,
    pub value: Value,
}

/// A property's value. In the classic format it is always a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(Text),
    List(Vec<Value>, Span),
    Map(Vec<Entry>, Span),
}

/// Properties within a section.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub title: Text,
    pub entries: Vec<Entry>,
}

/// A processor of an input or output.
#[derive(Debug, Clone, PartialEq)]
pub struct Processor {
    /// `logs`, `metrics` or `traces`.
    pub signal: Text,
    pub section: Section,
}

/// `@SET name=value`, or an entry of `env`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: Text,
    pub value: Text,
}

/// Something that Fluent Bit refuses, or takes for something else than was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub sort: Sort,
    pub message: String,
    pub span: Span,
    pub help: Option<String>,
}

/// The sorts of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The classic format's rules for spaces before a key.
    Indentation,
    /// A line that is no header, no property and no command; YAML that is none.
    Syntax,
    /// YAML with another shape than Fluent Bit takes.
    Shape,
}

/// Reads a text. `file` is kept in the sections.
pub fn read(text: &str, syntax: Syntax, file: usize) -> Document {
    match syntax {
        Syntax::Classic => classic::read(text, file),
        Syntax::Yaml => yaml::read(text, file),
    }
}

/// The text of a file. Bytes that are not UTF-8 become `?`, one for one, so that every place stays where it is.
pub fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|_| text.push('?'));
    }
    text
}

impl Document {
    fn new(syntax: Syntax) -> Document {
        Document { syntax, items: Vec::new(), variables: Vec::new(), faults: Vec::new() }
    }

    /// The sections, without those that are included.
    pub fn sections(&self) -> impl Iterator<Item = &Section> {
        self.items.iter().filter_map(|item| match item {
            Item::Section(section) => Some(section),
            Item::Include(_) => None,
        })
    }

    fn fault(&mut self, sort: Sort, span: Span, message: impl Into<String>, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_string());
        self.faults.push(Fault { sort, message: message.into(), span, help });
    }
}

impl SectionKind {
    /// The title in the classic format, or what stands for it.
    pub fn title(self) -> &'static str {
        match self {
            SectionKind::Service => "service",
            SectionKind::Input => "input",
            SectionKind::Filter => "filter",
            SectionKind::Output => "output",
            SectionKind::Custom => "custom",
            SectionKind::Processor => "processor",
            SectionKind::Parser => "parser",
            SectionKind::MultilineParser => "multiline_parser",
            SectionKind::StreamProcessor => "stream_processor",
            SectionKind::Plugins => "plugins",
            SectionKind::UpstreamServers => "upstream_servers",
            SectionKind::Other => "other",
        }
    }
}

impl Section {
    fn new(kind: SectionKind, file: usize, title: Text) -> Section {
        Section { kind, file, title, entries: Vec::new(), groups: Vec::new(), processors: Vec::new() }
    }

    /// The first property of this name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.all(name).next()
    }

    /// The last property of this name: the one that counts where a later one replaces the earlier.
    pub fn last(&self, name: &str) -> Option<&Entry> {
        self.all(name).last()
    }

    /// All properties of this name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.name == name)
    }

    /// The `name` property: which plugin it is. Fluent Bit takes the first.
    pub fn plugin(&self) -> Option<&Text> {
        self.get("name").and_then(Entry::text)
    }
}

impl Entry {
    /// The value, if it is a text.
    pub fn text(&self) -> Option<&Text> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::List(..) | Value::Map(..) => None,
        }
    }

    /// The values: each element of a list, or the one text.
    pub fn texts(&self) -> Vec<&Text> {
        match &self.value {
            Value::Text(text) => vec![text],
            Value::List(list, _) => list.iter().filter_map(Value::text).collect(),
            Value::Map(..) => Vec::new(),
        }
    }
}

impl Value {
    fn text(&self) -> Option<&Text> {
        match self {
            Value::Text(text) => Some(text),
            Value::List(..) | Value::Map(..) => None,
        }
    }

    /// Where it stands.
    pub fn span(&self) -> &Span {
        match self {
            Value::Text(text) => &text.span,
            Value::List(_, span) | Value::Map(_, span) => span,
        }
    }
}
