//! The task around a router: what FireLens makes of its log options.
use super::{Configuration, Content, File, Role, Task};
use crate::{
    conf::{Entry, Format, Section, SectionKind, Span, Text, Value, Variables},
    task_definition::{Container, Spanned, TaskDefinition},
};
use std::path::Path;

/// The socket that Docker's log driver writes to, in the configuration that FireLens generates.
pub const SOCKET: &str = "/var/run/fluent.sock";

/// The log options that FireLens itself takes; all others are properties of an output.
pub const FIRELENS_OPTIONS: [&str; 3] = ["log-driver-buffer-limit", "include-pattern", "exclude-pattern"];

/// The container is a router.
pub fn is_router(container: &Container) -> bool {
    container.firelens_configuration.is_some()
}

/// The task's containers that are no router.
pub fn containers(task: &TaskDefinition) -> impl Iterator<Item = &Spanned<Container>> {
    task.containers.iter().filter(|container| !is_router(container))
}

/// The containers whose log goes to the router.
pub fn awsfirelens(task: &TaskDefinition) -> impl Iterator<Item = &Spanned<Container>> {
    containers(task).filter(|container| container.log_driver() == Some("awsfirelens"))
}

/// Gives each task with a router its configuration: the custom file, if it is among the files, and the outputs that the
/// log options make.
pub fn join(tasks: &[Task], files: &[File], configurations: &mut Vec<Configuration>) {
    for (number, task) in tasks.iter().enumerate() {
        let Some(router) = task.definition.routers().next() else { continue };
        let outputs: Vec<Section> = awsfirelens(&task.definition)
            .filter_map(|container| output(container, &files[task.file].text, task.file))
            .collect();
        let found = custom_file(router, files, configurations);
        match found {
            Some(index) => {
                let configuration = &mut configurations[index];
                (configuration.firelens, configuration.task) = (true, Some(number));
                configuration.sections.extend(outputs);
            }
            None => configurations.push(Configuration {
                file: task.file,
                role: Role::Pipeline,
                format: Format::Classic,
                sections: outputs,
                variables: Variables::default(),
                missing: Vec::new(),
                firelens: true,
                task: Some(number),
                parsers: None,
                streams: Some(Vec::new()),
            }),
        }
    }
}

/// The configuration whose file has the name that the router gives, or the only one that there is.
fn custom_file(router: &Container, files: &[File], configurations: &[Configuration]) -> Option<usize> {
    let free = |configuration: &Configuration| configuration.role == Role::Pipeline && configuration.task.is_none();
    let path = router.firelens_configuration.as_ref()?.option("config-file-value").map(|pair| pair.value.as_str());
    let name = path.and_then(|path| Path::new(path).file_name());
    let named = |configuration: &Configuration| files[configuration.file].path.file_name() == name;
    let all: Vec<usize> = (0..configurations.len()).filter(|index| free(&configurations[*index])).collect();
    let found = all.iter().find(|index| name.is_some() && named(&configurations[**index]));
    found.or(all.first().filter(|_| all.len() == 1)).copied()
}

/// The `[OUTPUT]` that FireLens writes for a container: none without options. Its own `Match` comes first, so that one in
/// the options replaces it; the options follow by name.
fn output(container: &Container, text: &str, file: usize) -> Option<Section> {
    let log = container.log_configuration.as_ref()?;
    let options = log.options.iter().flat_map(|options| options.iter());
    let properties = options.filter(|pair| !FIRELENS_OPTIONS.contains(&pair.name.value.as_str()));
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
    let pattern = Text { text: format!("{}-firelens*", name.value), span: name.span.clone() };
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
