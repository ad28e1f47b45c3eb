//! From files to a [`Context`].
use super::{Configuration, Content, Context, File, Role, Task, router};
use crate::{
    Version,
    conf::{self, Document, Entry, Folders, Item, Missing, Section, SectionKind, Syntax, Text, Variables},
    firelens,
    image::Image,
    lint::Place,
    pipeline::PARSERS_PATH,
    task_definition,
};
use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// A file that cannot be read.
#[derive(Debug)]
pub struct ReadError {
    pub path: PathBuf,
    pub error: io::Error,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for ReadError {}

impl Context {
    /// Reads files and what they include. `.json` is a task definition, everything else a configuration. Without a
    /// release, it is that of the router's image, or else the default.
    ///
    /// # Errors
    /// A file that cannot be read; what an include names may be missing.
    pub fn read(paths: &[PathBuf], version: Option<Version>, default: Version) -> Result<Context, ReadError> {
        Context::read_with(paths, &[], version, default)
    }

    /// The same. Includes are read from the folders of `paths` and from `folders`, and from nowhere else.
    ///
    /// # Errors
    /// Those of [`Context::read`].
    pub fn read_with(
        paths: &[PathBuf],
        folders: &[PathBuf],
        version: Option<Version>,
        default: Version,
    ) -> Result<Context, ReadError> {
        let mut reader = Reader::default();
        for path in paths {
            reader.open(path).map_err(|error| ReadError { path: path.clone(), error })?;
        }
        let own = paths.iter().map(|path| path.parent().unwrap_or(Path::new("")));
        own.chain(folders.iter().map(PathBuf::as_path)).for_each(|folder| reader.may.add(folder));
        reader.named = reader.files.len();
        let mains: Vec<usize> = (0..reader.files.len()).collect();
        for number in mains {
            let root = reader.folder(number);
            reader.follow(number, &root);
        }
        Ok(reader.finish(version, default))
    }
}

#[derive(Default)]
struct Reader {
    files: Vec<File>,
    tasks: Vec<Task>,
    /// For each file, its own includes and parser files: the place, and the files that it names.
    links: Vec<Link>,
    /// For each file, its path through all links.
    real: Vec<PathBuf>,
    /// How many of the files were named; the others were included.
    named: usize,
    /// Bytes of all files.
    total: u64,
    may: Folders,
}

/// That one file names another.
struct Link {
    from: usize,
    place: Place,
    what: Named,
    to: Result<Vec<usize>, Missing>,
}

/// For what a file names another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    Include,
    /// `Parsers_File`
    Parsers,
    /// `Streams_File`
    Streams,
}

impl Reader {
    /// The number of a file, which is read unless it was before.
    fn open(&mut self, path: &Path) -> io::Result<usize> {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if let Some(number) = self.real.iter().position(|other| *other == real) {
            return Ok(number);
        }
        let bytes = conf::read_file(&real)?;
        self.total += bytes.len() as u64;
        let (text, number) = (conf::decode(&bytes), self.files.len());
        let content = match path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
            true => {
                let (definition, problems) = task_definition::read(&text);
                self.tasks.extend(definition.map(|definition| Task { file: number, definition }));
                Content::TaskDefinition(problems)
            }
            false if is_fluentd(&text) => Content::Fluentd,
            false => Content::Configuration(conf::read(&text, Syntax::of(path), number)),
        };
        self.files.push(File { path: path.to_path_buf(), text, content });
        self.real.push(real);
        Ok(number)
    }

    fn folder(&self, number: usize) -> PathBuf {
        self.files[number].path.parent().unwrap_or(Path::new("")).to_path_buf()
    }

    /// Opens what a file names, and what that names. Paths are relative to the main file's folder, `root`; an include of
    /// a YAML file to its own.
    fn follow(&mut self, number: usize, root: &Path) {
        if self.links.iter().any(|link| link.from == number) {
            return;
        }
        let own = self.folder(number);
        let yaml = Syntax::of(&self.files[number].path) == Syntax::Yaml;
        for (text, what) in self.named(number) {
            let folder = if yaml && what == Named::Include { &own } else { root };
            let place = Place::new(number, &text.span);
            let opened = conf::resolve(folder, &beside(text, &own), &self.may)
                .and_then(|paths| paths.into_iter().map(|path| self.include(path)).collect::<Result<Vec<usize>, _>>());
            let inner = opened.clone().unwrap_or_default();
            self.links.push(Link { from: number, place, what, to: opened });
            inner.into_iter().for_each(|inner| self.follow(inner, root));
        }
    }

    /// Opens an included file, as long as there are not too many.
    fn include(&mut self, path: PathBuf) -> Result<usize, Missing> {
        if self.files.len() >= conf::MAX_FILES || self.total >= conf::MAX_TOTAL {
            return Err(Missing::TooMany);
        }
        self.open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => Missing::TooBig(path),
            _ => Missing::NoFile(path),
        })
    }

    /// What a file includes, and the parser and stream files that it names.
    fn named(&self, number: usize) -> Vec<(Text, Named)> {
        let Content::Configuration(document) = &self.files[number].content else { return Vec::new() };
        let named = |item: &Item| match item {
            Item::Include(path) => vec![(path.clone(), Named::Include)],
            Item::Section(section) if section.kind == SectionKind::Service => {
                let files = |name, what| {
                    let texts = section.all(name).flat_map(Entry::texts).filter(|text| !text.text.contains("${"));
                    texts.map(move |text| (text.clone(), what))
                };
                files("parsers_file", Named::Parsers).chain(files("streams_file", Named::Streams)).collect()
            }
            Item::Section(_) => Vec::new(),
        };
        document.items.iter().flat_map(named).collect()
    }

    fn finish(self, version: Option<Version>, default: Version) -> Context {
        let included = |number: &usize| {
            let links = self.links.iter().filter(|link| link.what == Named::Include && link.from != *number);
            links.flat_map(|link| link.to.iter().flatten()).any(|to| to == number)
        };
        let documents =
            (0..self.files.len()).filter(|number| matches!(self.files[*number].content, Content::Configuration(_)));
        let mut mains: Vec<usize> = documents.clone().filter(|number| !included(number)).collect();
        if mains.is_empty() {
            mains.extend(documents.take(1));
        }
        let mut configurations: Vec<Configuration> = mains.iter().map(|number| self.configuration(*number)).collect();
        router::join(&self.tasks, &self.files, &mut configurations);
        let image = router_image(&self.tasks);
        let version = version.or_else(|| image.as_ref()?.version).unwrap_or(default);
        let image = image.filter(|image| image.version == Some(version));
        Context { version, image, named: self.named, files: self.files, configurations, tasks: self.tasks }
    }

    fn configuration(&self, main: usize) -> Configuration {
        let (mut sections, mut missing, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        self.flatten(main, &mut sections, &mut missing, &mut seen);
        let whole = missing.iter().all(|(_, reason)| matches!(reason, Missing::Twice(_)));
        let mut variables = Variables::default();
        for document in seen.iter().filter_map(|number| self.document(*number)) {
            document.variables.iter().for_each(|variable| variables.set(&variable.name.text, &variable.value.text));
        }
        let parsers = self.parsers(&seen, &sections, &mut missing);
        let streams = self.streams(&seen, &sections, &mut missing);
        let syntax = Syntax::of(&self.files[main].path);
        let role = role(&sections, syntax);
        let firelens = role == Role::Pipeline && under_firelens(&sections);
        Configuration {
            file: main,
            role,
            syntax,
            sections,
            variables,
            missing,
            whole,
            firelens,
            task: None,
            parsers,
            streams,
        }
    }

    fn document(&self, number: usize) -> Option<&Document> {
        match &self.files[number].content {
            Content::Configuration(document) => Some(document),
            Content::TaskDefinition(_) | Content::Fluentd => None,
        }
    }

    /// A file's sections with those of its includes in their places. No file is read twice: Fluent Bit refuses that.
    fn flatten(
        &self,
        number: usize,
        sections: &mut Vec<Section>,
        missing: &mut Vec<(Place, Missing)>,
        seen: &mut Vec<usize>,
    ) {
        if seen.contains(&number) {
            return;
        }
        seen.push(number);
        for item in self.document(number).into_iter().flat_map(|document| &document.items) {
            match item {
                Item::Section(section) => sections.push(section.clone()),
                Item::Include(path) => {
                    let place = Place::new(number, &path.span);
                    match self.links.iter().find(|link| link.place == place).map(|link| &link.to) {
                        Some(Ok(files)) => {
                            for file in files {
                                if seen.contains(file) {
                                    missing.push((place.clone(), Missing::Twice(self.files[*file].path.clone())));
                                }
                                self.flatten(*file, sections, missing, seen);
                            }
                        }
                        Some(Err(reason)) => missing.push((place, reason.clone())),
                        None => {}
                    }
                }
            }
        }
    }

    /// The names of the parsers that are defined in the configuration's own files and in its parser files.
    fn parsers(&self, seen: &[usize], own: &[Section], missing: &mut Vec<(Place, Missing)>) -> Option<Vec<String>> {
        let files = self.files_of(Named::Parsers, seen, missing)?;
        let documents = files.into_iter().filter_map(|file| self.document(file));
        let names = own.iter().chain(documents.flat_map(Document::sections)).filter_map(parser_name).collect();
        (!own.iter().any(|section| is_variable(section, "parsers_file"))).then_some(names)
    }

    /// The queries of the stream processor, in the configuration's own files and in its stream files.
    fn streams(&self, seen: &[usize], own: &[Section], missing: &mut Vec<(Place, Missing)>) -> Option<Vec<Section>> {
        let files = self.files_of(Named::Streams, seen, missing)?;
        let documents = files.into_iter().filter_map(|file| self.document(file));
        let all = own.iter().chain(documents.flat_map(Document::sections));
        let streams = all.filter(|section| section.kind == SectionKind::StreamProcessor).cloned().collect();
        (!own.iter().any(|section| is_variable(section, "streams_file"))).then_some(streams)
    }

    /// The files that a configuration's own files name. `None` when one of them is not here.
    fn files_of(&self, what: Named, seen: &[usize], missing: &mut Vec<(Place, Missing)>) -> Option<Vec<usize>> {
        let mut found = Some(Vec::new());
        for link in self.links.iter().filter(|link| link.what == what && seen.contains(&link.from)) {
            match &link.to {
                Ok(files) => found.iter_mut().for_each(|found| found.extend(files)),
                Err(reason) => {
                    found = None;
                    missing.push((link.place.clone(), reason.clone()));
                }
            }
        }
        found
    }
}

/// The file that we render beside `pipeline.conf` is there under its name in the image.
fn beside(text: Text, own: &Path) -> Text {
    let name = Path::new(PARSERS_PATH).file_name().map(|name| own.join(name));
    let path = name.filter(|path| text.text == PARSERS_PATH && path.is_file());
    match path.and_then(|path| path.canonicalize().ok()) {
        Some(path) => Text { text: path.display().to_string(), ..text },
        None => text,
    }
}

/// Which file it is depends on a variable.
fn is_variable(section: &Section, property: &str) -> bool {
    section.all(property).flat_map(Entry::texts).any(|text| text.text.contains("${"))
}

fn parser_name(section: &Section) -> Option<String> {
    let parser = matches!(section.kind, SectionKind::Parser | SectionKind::MultilineParser);
    section.plugin().filter(|_| parser).map(|name| name.text.clone())
}

/// A file with parsers only is a parser file. One without any section that Fluent Bit knows is for something else.
fn role(sections: &[Section], syntax: Syntax) -> Role {
    let is = |kinds: &[SectionKind]| sections.iter().any(|section| kinds.contains(&section.kind));
    if is(&[SectionKind::Service, SectionKind::Input, SectionKind::Filter, SectionKind::Output, SectionKind::Custom]) {
        return Role::Pipeline;
    }
    match is(&[SectionKind::Parser, SectionKind::MultilineParser]) {
        true => Role::Parsers,
        false if sections.is_empty() && syntax == Syntax::Classic => Role::Pipeline,
        false => Role::Other,
    }
}

/// A configuration without inputs is one that FireLens includes; the one with FireLens's socket is what it generates,
/// unless it has settings as well: FireLens writes none.
fn under_firelens(sections: &[Section]) -> bool {
    let mut inputs = sections.iter().filter(|section| section.kind == SectionKind::Input).peekable();
    let socket = |input: &Section| {
        input.get("unix_path").and_then(|entry| entry.text()).is_some_and(|it| it.text == firelens::SOCKET)
    };
    // With the input for health checks it is what FireLens generates, printed with what it includes.
    let checks = sections.iter().any(|section| {
        section.kind == SectionKind::Input
            && section.last("tag").and_then(Entry::text).is_some_and(|tag| tag.text == firelens::HEALTH_CHECK)
    });
    let settings = |input: &Section| {
        sections.iter().any(|section| section.kind == SectionKind::Service && section.file == input.file)
    };
    inputs.peek().is_none() || inputs.any(|input| socket(input) && (checks || !settings(input)))
}

/// Fluentd's sections have angle brackets.
fn is_fluentd(text: &str) -> bool {
    let is = |line: &str| ["<source>", "<match", "<filter", "<label", "<system>"].iter().any(|it| line.starts_with(it));
    text.lines().any(|line| is(line.trim_start())) && !text.lines().any(|line| line.starts_with('['))
}

/// The first router's image whose release is known.
fn router_image(tasks: &[Task]) -> Option<Image> {
    let routers = tasks.iter().flat_map(|task| task.definition.routers()).filter(|router| !router.is_fluentd());
    let mut images = routers.filter_map(|router| Image::parse(router.image.as_ref()?.as_str()).ok());
    images.find(|image| image.version.is_some())
}
