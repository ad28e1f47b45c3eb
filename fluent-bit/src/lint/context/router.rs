//! The task around a router: what FireLens makes of its log options.
use super::{Configuration, Content, File, Role, Task};
use crate::{
    conf::{Entry, Section, SectionKind, Span, Syntax, Text, Value, Variables},
    firelens,
    task_definition::{Container, Spanned, Variable},
};
use std::path::Path;

/// Gives each task with a Fluent Bit router its configuration: the files that the router names, of those that are here, and
/// the outputs that the log options make. A file that no router names is in none.
pub(super) fn join(tasks: &[Task], files: &[File], configurations: &mut Vec<Configuration>) {
    let read = configurations.clone();
    let mut used = vec![false; read.len()];
    let mut joined = Vec::new();
    for (number, task) in tasks.iter().enumerate().filter(|(_, task)| !task.definition.fluentd()) {
        let Some(router) = task.definition.routers().next() else { continue };
        let own: Vec<usize> =
            Named::of(router).files.iter().filter_map(|path| find(path, task, files, &read)).collect();
        own.iter().for_each(|index| used[*index] = true);
        joined.push(configuration(number, task, router, files, own.iter().map(|index| &read[*index])));
    }
    let free = configurations.drain(..).zip(used).filter(|(own, used)| !used || own.role != Role::Pipeline);
    let free: Vec<Configuration> = free.map(|(own, _)| own).collect();
    configurations.extend(free.into_iter().chain(joined));
}

/// The files that a router is started with.
struct Named {
    /// Their paths in the container, in order.
    files: Vec<String>,
    /// The command names the first one, and FireLens's own is not read.
    command: bool,
}

impl Named {
    fn of(router: &Container) -> Named {
        let parts = [&router.entry_point, &router.command].into_iter().flatten();
        let words: Vec<&str> = parts.flat_map(|words| words.iter()).flat_map(|word| word.split_whitespace()).collect();
        let flag = words.iter().position(|word| ["-c", "--config"].contains(word));
        let command = flag.and_then(|at| words.get(at + 1)).map(|path| path.to_string());
        let firelens = router.firelens_configuration.as_ref();
        let custom = firelens.and_then(|it| it.option(firelens::CONFIG_VALUE)).map(|pair| pair.value.value.clone());
        let is_command = command.is_some();
        let files = command.or(custom).into_iter().chain(loaded(router)).collect();
        Named { files, command: is_command }
    }
}

/// What AWS's `init-` images load: `aws_fluent_bit_init_s3_1`, `aws_fluent_bit_init_file_2`, by their numbers.
fn loaded(router: &Container) -> Vec<String> {
    let mut all: Vec<(u64, &str)> = router
        .environment
        .iter()
        .filter_map(|variable| {
            let Variable { name, value } = &**variable;
            let (name, value) = (name.as_ref()?.to_ascii_lowercase(), value.as_ref()?);
            let kind = name.strip_prefix(firelens::INIT_PREFIX)?;
            let number = kind.strip_prefix("s3").or(kind.strip_prefix("file"))?;
            Some((number.trim_start_matches('_').parse().unwrap_or(u64::MAX), value.as_str()))
        })
        .collect();
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, path)| path.to_string()).collect()
}

/// Which of the files it is: one in the task definition's folder before others of the same name.
fn find(path: &str, task: &Task, files: &[File], read: &[Configuration]) -> Option<usize> {
    let name = Path::new(path).file_name()?;
    let here = files[task.file].path.parent();
    let mut same: Vec<usize> =
        (0..read.len()).filter(|index| files[read[*index].file].path.file_name() == Some(name)).collect();
    same.sort_by_key(|index| files[read[*index].file].path.parent() != here);
    same.first().copied()
}

/// All that Fluent Bit reads in a task, as one configuration.
fn configuration<'a>(
    number: usize,
    task: &Task,
    router: &Container,
    files: &[File],
    own: impl Iterator<Item = &'a Configuration>,
) -> Configuration {
    let (parsers, mains): (Vec<&Configuration>, Vec<&Configuration>) = own.partition(|it| it.role == Role::Parsers);
    let generated = |path: &Path| path.ends_with(firelens::RESERVED[0].trim_start_matches('/'));
    let includes = |it: &&Configuration| it.missing.iter().any(|(_, reason)| reason.path().is_some_and(generated));
    let firelens = !Named::of(router).command || mains.is_empty() || mains.iter().any(includes);
    let mut whole = mains.first().map_or_else(
        || Configuration {
            file: task.file,
            role: Role::Pipeline,
            syntax: Syntax::Classic,
            sections: Vec::new(),
            variables: Variables::default(),
            missing: Vec::new(),
            whole: true,
            firelens,
            task: None,
            parsers: None,
            streams: Some(Vec::new()),
        },
        |first| (*first).clone(),
    );
    (whole.role, whole.firelens, whole.task) = (Role::Pipeline, firelens, Some(number));
    for more in mains.iter().skip(1) {
        whole.add(more);
    }
    let names = parsers.iter().filter_map(|it| it.parsers.as_ref()).flatten().cloned();
    whole.parsers = whole.parsers.map(|known| known.into_iter().chain(names).collect());
    if firelens {
        let outputs = task.definition.firelens_apps();
        whole.sections.extend(outputs.filter_map(|container| output(container, &files[task.file].text, task.file)));
    }
    whole
}

impl Configuration {
    /// Another file that Fluent Bit reads after this one.
    fn add(&mut self, more: &Configuration) {
        self.sections.extend(more.sections.iter().cloned());
        self.missing.extend(more.missing.iter().cloned());
        self.variables.add(&more.variables);
        self.whole &= more.whole;
        self.parsers = self.parsers.take().zip(more.parsers.clone()).map(|(own, more)| [own, more].concat());
        self.streams = self.streams.take().zip(more.streams.clone()).map(|(own, more)| [own, more].concat());
    }
}

/// The `[OUTPUT]` that FireLens writes for a container: none without options. Its own `Match` comes first, so that one in
/// the options replaces it; the options follow by name.
fn output(container: &Container, text: &str, file: usize) -> Option<Section> {
    let log = container.log_configuration.as_ref()?;
    let options = log.options.iter().flat_map(|options| options.iter());
    let properties = options.filter(|pair| !firelens::LOG_OPTIONS.contains(&pair.name.value.as_str()));
    let inner =
        |text: &Spanned<String>| Text { text: text.value.clone(), span: text.span.start + 1..text.span.end - 1 };
    let mut entries: Vec<Entry> =
        properties.map(|pair| as_written(inner(&pair.name), inner(&pair.value), &log.span)).collect();
    let secrets = log.secret_options.iter().filter_map(|secret| {
        let name = inner(secret.name.as_ref()?);
        Some(entry(name.clone(), Text { text: format!("${{{}}}", name.text), span: name.span }))
    });
    entries.extend(secrets);
    if entries.is_empty() {
        return None;
    }
    entries.sort_by(|a, b| a.key.text.cmp(&b.key.text));
    let name = container.name.as_ref()?;
    let span = log.log_driver.as_ref().map_or(name.span.clone(), |driver| driver.span.clone());
    let pattern = Text { text: firelens::matches(&name.value), span: name.span.clone() };
    entries.insert(0, entry(Text { text: "Match".to_string(), span: span.clone() }, pattern));
    debug_assert!(entries.iter().all(|entry| text.get(entry.key.span.clone()).is_some()));
    let title = Text { text: "output".to_string(), span };
    Some(Section { kind: SectionKind::Output, file, title, entries, groups: Vec::new(), processors: Vec::new() })
}

fn entry(key: Text, value: Text) -> Entry {
    Entry { name: key.text.to_lowercase(), key, value: Value::Text(value) }
}

/// An option as Fluent Bit reads the line `KEY VALUE` that FireLens writes of it: a key ends at its first space.
fn as_written(key: Text, value: Text, within: &Span) -> Entry {
    match key.text.split_once(' ') {
        Some((first, rest)) => {
            let span = key.span.start..(key.span.start + first.len()).min(within.end);
            let text = format!("{rest} {}", value.text).trim().to_string();
            entry(Text { text: first.to_string(), span }, Text { text, span: value.span })
        }
        None => entry(key, value),
    }
}

impl File {
    /// The file is a task definition.
    pub fn is_task_definition(&self) -> bool {
        matches!(self.content, Content::TaskDefinition(_))
    }
}
