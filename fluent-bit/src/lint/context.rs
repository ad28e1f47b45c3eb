//! What the files say together: the configurations that Fluent Bit is started with, and the tasks around them.
use super::{
    Place,
    report::Source,
    secrets,
    tags::{self, Matcher},
};
use crate::{
    Image, Version,
    conf::{Document, Entry, Missing, Section, SectionKind, Syntax, Text, Variables},
    plugin::{self, Kind, Plugin},
    task_definition::{Container, Problem, Spanned, TaskDefinition},
};
use std::path::PathBuf;

mod edit;
mod flow;
mod read;
mod router;
mod streams;

pub use flow::{Flow, Parts, Reach, Rewrite, Stream};
pub use read::ReadError;

/// All that the rules look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// The Fluent Bit to lint for.
    pub version: Version,
    /// The image that this release is from.
    pub image: Option<Image>,
    /// Those that were named, then those that they include.
    pub files: Vec<File>,
    /// How many were named.
    pub named: usize,
    pub configurations: Vec<Configuration>,
    pub tasks: Vec<Task>,
}

/// A file, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    pub path: PathBuf,
    pub text: String,
    pub content: Content,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Configuration(Document),
    /// With what is wrong with it as such.
    TaskDefinition(Vec<Problem>),
    /// Fluentd's, which nobody here reads.
    Fluentd,
}

/// A task definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    pub file: usize,
    pub definition: TaskDefinition,
}

/// A main file with all that it includes; on ECS also what FireLens writes around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    /// The main file. Where there is none, the task definition.
    pub file: usize,
    pub role: Role,
    pub syntax: Syntax,
    /// In the order in which Fluent Bit reads them.
    pub sections: Vec<Section>,
    pub variables: Variables,
    /// The includes and parser files that are not here.
    pub missing: Vec<(Place, Missing)>,
    /// Nothing that it includes is missing.
    pub whole: bool,
    /// FireLens writes its inputs before it and its outputs behind it.
    pub firelens: bool,
    /// The task that it runs in.
    pub task: Option<usize>,
    /// The names of the parsers that its parser files define; `None` when one of these files is not here.
    pub parsers: Option<Vec<String>>,
    /// The queries of the stream processor; `None` when a file with them is not here.
    pub streams: Option<Vec<Section>>,
}

/// What a configuration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Fluent Bit is started with it.
    Pipeline,
    /// `parsers_file`
    Parsers,
    /// Plugins, upstream servers, streams.
    Other,
}

impl Context {
    /// The router's image has a property that its release of Fluent Bit does not have.
    pub fn image_adds(&self, plugin: &Plugin, property: &str) -> bool {
        self.image.as_ref().is_some_and(|image| image.adds(plugin.kind, plugin.name, property))
    }

    /// The configurations that Fluent Bit is started with.
    pub fn pipelines(&self) -> impl Iterator<Item = &Configuration> {
        self.configurations.iter().filter(|configuration| configuration.role == Role::Pipeline)
    }

    /// The documents, each with its file's number.
    pub fn documents(&self) -> impl Iterator<Item = (usize, &Document)> {
        self.files.iter().enumerate().filter_map(|(number, file)| match &file.content {
            Content::Configuration(document) => Some((number, document)),
            Content::TaskDefinition(_) | Content::Fluentd => None,
        })
    }

    /// The filters of all pipelines with this name.
    pub fn filters<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a Configuration, &'a Section)> {
        self.pipelines().flat_map(move |pipeline| {
            pipeline
                .of(SectionKind::Filter)
                .filter(move |filter| pipeline.is(filter, name))
                .map(move |it| (pipeline, it))
        })
    }

    /// The outputs of all pipelines.
    pub fn outputs(&self) -> impl Iterator<Item = (&Configuration, &Section)> {
        self.pipelines().flat_map(|pipeline| pipeline.outputs().map(move |output| (pipeline, output)))
    }

    /// All containers that are routers, each with its task.
    pub fn routers(&self) -> impl Iterator<Item = (&Task, &Spanned<Container>)> {
        self.tasks.iter().flat_map(|task| task.definition.routers().map(move |router| (task, router)))
    }

    /// Those of them with Fluent Bit inside.
    pub fn fluent_bit_routers(&self) -> impl Iterator<Item = (&Task, &Spanned<Container>)> {
        self.routers().filter(|(_, router)| !router.is_fluentd())
    }

    /// The files' texts, as they were read.
    pub fn texts(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.text.as_str()).collect()
    }

    /// The files as the report shows them: without the secrets.
    pub fn sources(&self) -> Vec<Source> {
        let source = |(file, text): (&File, String)| Source { path: file.path.display().to_string(), text };
        self.files.iter().zip(secrets::texts(self)).map(source).collect()
    }
}

impl Configuration {
    /// FireLens's own input is one of its inputs, and nothing that it includes is missing.
    pub fn is_whole_firelens(&self) -> bool {
        self.firelens && self.whole
    }

    /// The sections of a kind.
    pub fn of(&self, kind: SectionKind) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(move |section| section.kind == kind)
    }

    /// The outputs that send records: all but `null` and `counter`.
    pub fn outputs(&self) -> impl Iterator<Item = &Section> {
        self.of(SectionKind::Output)
    }

    /// A setting of `[SERVICE]`, the last one of this name.
    pub fn setting(&self, name: &str) -> Option<(&Section, &Entry)> {
        let all = self.of(SectionKind::Service).filter_map(|section| Some((section, section.last(name)?)));
        all.last()
    }

    /// A setting's value, if it is there and known.
    pub fn setting_value(&self, name: &str) -> Option<String> {
        self.setting(name).and_then(|(_, entry)| self.value(entry))
    }

    /// A text with its variables replaced, where they are known.
    pub fn resolve(&self, text: &Text) -> Option<String> {
        self.variables.resolve(&text.text).known()
    }

    /// An entry's value, if it is a text and known.
    pub fn value(&self, entry: &Entry) -> Option<String> {
        entry.text().and_then(|text| self.resolve(text))
    }

    /// The value of a section's property, if it is there and known.
    pub fn property(&self, section: &Section, name: &str) -> Option<String> {
        section.last(name).and_then(|entry| self.value(entry))
    }

    /// The section's plugin, in lower case.
    pub fn plugin_name(&self, section: &Section) -> Option<String> {
        section.plugin().and_then(|name| self.resolve(name)).map(|name| name.to_lowercase())
    }

    /// The section is of this plugin.
    pub fn is(&self, section: &Section, name: &str) -> bool {
        self.plugin_name(section).is_some_and(|own| own == name)
    }

    /// Which plugin it is, in this release.
    pub fn find(&self, section: &Section, version: Version) -> Option<&'static Plugin> {
        plugin::find(kind(section.kind)?, &self.plugin_name(section)?, version)
    }

    /// What a filter or output matches. `None` when it matches nothing.
    pub fn matches(&self, section: &Section) -> Option<Matcher> {
        let text = |name: &str| section.last(name).and_then(Entry::text);
        let regex = text("match_regex").map(|regex| match self.resolve(regex) {
            Some(regex) => Matcher::regex(&regex),
            None => Matcher::Regex(None),
        });
        let pattern = text("match")
            .map(|pattern| Matcher::Pattern(self.resolve(pattern).unwrap_or_else(|| tags::rewritten(&pattern.text))));
        match (regex, pattern) {
            (Some(regex), Some(pattern)) => Some(Matcher::Either(Box::new(regex), Box::new(pattern))),
            (regex, pattern) => regex.or(pattern),
        }
    }
}

/// The plugin table's kind of a section.
pub fn kind(section: SectionKind) -> Option<Kind> {
    match section {
        SectionKind::Input => Some(Kind::Input),
        SectionKind::Filter => Some(Kind::Filter),
        SectionKind::Output => Some(Kind::Output),
        SectionKind::Custom => Some(Kind::Custom),
        SectionKind::Processor => Some(Kind::Processor),
        _ => None,
    }
}
