//! What several rules ask.
use super::*;
use crate::{
    Version,
    destination::Description,
    lint::context::Task,
    plugin::{self, Kind, Plugin},
    task_definition::{Container, Pair, Spanned},
};

pub(super) use crate::value::{is_off, is_on, size};

/// The plugins that send nothing away.
const LOCAL: [&str; 8] = ["null", "stdout", "file", "counter", "flowcounter", "exit", "lib", "plot"];

/// The output sends records to another machine.
pub(super) fn is_remote(configuration: &Configuration, output: &Section) -> bool {
    configuration.plugin_name(output).is_some_and(|name| !LOCAL.contains(&name.as_str()))
}

/// The outputs of all pipelines that send records to another machine.
pub(super) fn remote_outputs(context: &Context) -> impl Iterator<Item = (&Configuration, &Section)> {
    context.outputs().filter(|(configuration, output)| is_remote(configuration, output))
}

/// The pipelines that send records to another machine.
pub(super) fn remote_pipelines(context: &Context) -> impl Iterator<Item = &Configuration> {
    context.pipelines().filter(|pipeline| pipeline.outputs().any(|output| is_remote(pipeline, output)))
}

/// The type of destination that an output is, or that replaces it.
pub(super) fn destination(configuration: &Configuration, output: &Section) -> Option<&'static Description> {
    Description::of_plugin(&configuration.plugin_name(output)?)
}

/// The type of destination with this output of Fluent Bit itself.
pub(super) fn known_output(name: &str) -> Option<&'static Description> {
    Description::of_plugin(name).filter(|known| known.plugin == name)
}

/// The place of a section's plugin name, or of its title.
pub(super) fn name_place(section: &Section) -> Place {
    section.plugin().map_or_else(|| section.title_place(), |name| section.place(&name.span))
}

/// An edit that puts another text in the place of one.
pub(super) fn replace(section: &Section, text: &Text, new: &str) -> Edit {
    Edit { place: section.place(&text.span), text: new.to_string() }
}

/// With the nearest of some names, if one is near.
pub(super) fn did_you_mean(finding: Finding, wrong: &str, right: &[&str]) -> Finding {
    match firelens_nearest::nearest(wrong, right) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => finding,
    }
}

/// `output`, `filter`: what a section is, for messages.
pub(super) fn what(section: &Section) -> &'static str {
    if section.kind == SectionKind::StreamProcessor { "stream" } else { section.kind.title() }
}

/// `a` or `an`.
pub(super) fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// All sections of all configurations, processors too.
pub(super) fn sections(context: &Context) -> Vec<(&Configuration, &Section)> {
    let mut all = Vec::new();
    for configuration in &context.configurations {
        for section in &configuration.sections {
            all.push((configuration, section));
            all.extend(section.processors.iter().map(|processor| (configuration, &processor.section)));
        }
    }
    all
}

/// The sections that are plugins.
pub(super) fn plugins(context: &Context) -> Vec<(&Configuration, &Section)> {
    sections(context).into_iter().filter(|(_, section)| crate::lint::context::kind(section.kind).is_some()).collect()
}

/// What the table says about a section, in a release. Every filter can be a processor too.
pub(super) fn plugin(configuration: &Configuration, section: &Section, version: Version) -> Option<&'static Plugin> {
    let fixed = |kind, name| plugin::find(kind, name, version);
    match section.kind {
        SectionKind::Service => fixed(Kind::Service, "service"),
        SectionKind::Parser => fixed(Kind::Parser, "parser"),
        SectionKind::MultilineParser => fixed(Kind::MultilineParser, "multiline_parser"),
        SectionKind::Processor => {
            let filter = || plugin::find(Kind::Filter, &configuration.plugin_name(section)?, version);
            configuration.find(section, version).or_else(filter)
        }
        _ => configuration.find(section, version),
    }
}

/// What the core takes in every section, before it asks the plugin.
pub(super) fn is_core(name: &str) -> bool {
    ["name", "active", "condition", "routes", "processors"].contains(&name) || name.starts_with("_debug.")
}

/// Fluent Bit does not start with something unknown in such a section. Others it passes over.
pub(super) fn refuses(kind: SectionKind) -> bool {
    crate::lint::context::kind(kind).is_some()
}

/// Where a missing setting belongs: the title of `[SERVICE]`, or else of the configuration's first section.
pub(super) fn service_place(context: &Context, pipeline: &Configuration) -> Option<Place> {
    let own = |section: &&Section| !context.files[section.file].is_task_definition();
    let first = || pipeline.sections.iter().find(own);
    pipeline.of(SectionKind::Service).last().or_else(first).map(Section::title_place)
}

/// `.*` and its like: a rule that is meant for every record.
pub(super) fn is_everything(regex: &str) -> bool {
    ["^", ".*", "^.*$", "^.*", ".*$", ".+", "."].contains(&regex.trim_matches(['(', ')']))
}

/// The place of a container's name.
pub(super) fn container_place(task: &Task, container: &Spanned<Container>) -> Place {
    let span = container.name.as_ref().map_or(container.span.start..container.span.start, |name| name.span.clone());
    Place::new(task.file, &span)
}

/// The place of a container's log driver, or of its name.
pub(super) fn driver_place(task: &Task, container: &Spanned<Container>) -> Place {
    let driver = container.log_configuration.as_ref().and_then(|log| log.log_driver.as_ref());
    driver.map_or_else(|| container_place(task, container), |driver| Place::new(task.file, &driver.span))
}

/// All of the router's configuration is among the files, or there is none: an image of one's own, and one of AWS's `init-` images,
/// can bring one that nobody sees here.
pub(super) fn is_seen(pipeline: &Configuration, task: &Task) -> bool {
    let hidden = |router: &Spanned<Container>| {
        let custom =
            router.firelens_configuration.as_ref().is_some_and(|it| it.option(firelens::CONFIG_VALUE).is_some());
        let init = router.environment.iter().filter_map(|variable| variable.name.as_ref());
        let command = router.command.is_some() || router.entry_point.is_some();
        let init = init.into_iter().any(|name| name.to_ascii_lowercase().starts_with(firelens::INIT_PREFIX));
        custom || command || init || router.environment_files || !has_known_image(router)
    };
    pipeline.file != task.file || !task.definition.routers().any(hidden)
}

/// The router's image is one of AWS's or of Fluent Bit's own, with the plugins that these have.
pub(super) fn has_known_image(router: &Container) -> bool {
    let image = router.image.as_ref().and_then(|image| crate::Image::parse(image.as_str()).ok());
    image.is_some_and(|image| image.version.is_some())
}

/// The router's image is one of AWS's `init-` ones.
pub(super) fn is_init(router: &Container) -> bool {
    router.image.as_ref().is_some_and(|image| image.contains(":init-"))
}

impl Container {
    /// A folder is on a volume, or in memory, that this container can write to.
    pub(super) fn writes_to(&self, folder: &str) -> bool {
        let volumes = self.mount_points.iter().filter(|mount| !mount.read_only.as_ref().is_some_and(|it| it.value));
        let mut paths = volumes.filter_map(|mount| mount.container_path.as_ref()).chain(&self.tmpfs);
        paths.any(|path| is_within(folder, path.as_str()))
    }
}

/// A path is a folder, or lies in it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Seconds that a `stopTimeout` is longer than `Grace`, as `inject` writes it.
pub(super) const STOP_MARGIN: i64 = 15;

/// Seconds from SIGTERM to SIGKILL, unless the task definition says otherwise.
pub(super) const STOP_TIMEOUT: i64 = 30;

/// The `Grace` to write: that of `inject`, or what the router's `stopTimeout` has room for.
pub(super) fn grace(context: &Context, pipeline: &Configuration) -> i64 {
    let task = pipeline.task.and_then(|task| context.tasks.get(task));
    let timeout = task
        .and_then(|task| task.definition.routers().next())
        .map(|router| router.stop_timeout.as_ref().map_or(STOP_TIMEOUT, |timeout| timeout.value));
    timeout.map_or(30, |timeout| (timeout - 5).clamp(1, 30))
}

/// The router's health check, as `inject` writes it.
pub(super) const HEALTH_CHECK: &str = "\"healthCheck\": { \"command\": [\"CMD-SHELL\", \"curl -fsS \
    http://127.0.0.1:2020/api/v1/uptime || exit 1\"], \"interval\": 5, \"timeout\": 5, \"retries\": 5, \"startPeriod\": \
    30 }, with HTTP_Server On in [SERVICE]";

/// The options of a container's log driver.
pub(super) fn options(container: &Spanned<Container>) -> impl Iterator<Item = &Pair> {
    let options = container.log_configuration.iter().filter_map(|log| log.options.as_ref());
    options.flat_map(|options| options.iter())
}

/// The place of what a filter or output matches.
pub(super) fn match_place(section: &Section) -> Place {
    let entry = section.last("match_regex").or(section.last("match"));
    entry.map_or_else(|| section.title_place(), |entry| section.place(entry.value.span()))
}

/// The outputs that get records whose lines a multi-line parser joined, each with the filter that does.
pub(super) fn joined_outputs(context: &Context) -> Vec<(&Configuration, &Section, &Section)> {
    let mut found = Vec::new();
    for pipeline in context.pipelines() {
        let parses = |filter: &&Section| pipeline.is(filter, "multiline") && filter.get("multiline.parser").is_some();
        let filters: Vec<&Section> = pipeline.of(SectionKind::Filter).filter(parses).collect();
        if filters.is_empty() {
            continue;
        }
        let flow = pipeline.flow(context);
        let reaches: Vec<_> = filters.iter().map(|filter| flow.reach(pipeline.matches(filter).as_ref())).collect();
        for output in pipeline.outputs() {
            let own = pipeline.matches(output);
            let joins = reaches.iter().position(|reach| reach.meets(own.as_ref()));
            found.extend(joins.map(|index| (pipeline, output, filters[index])));
        }
    }
    found
}

/// `<region>`, `YOUR_BUCKET`, `my-REPLACE_ME`, `xxxxxxxx`.
pub(super) fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let angled =
        lower.replace("?<", "").split_once('<').and_then(|(_, rest)| rest.split_once('>')).is_some_and(|(name, _)| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "_- .".contains(c);
            !name.is_empty() && name.chars().all(plain)
        });
    let words = ["your_", "your-", "replace_me", "replace-me", "replaceme", "changeme", "change_me", "xxxxxx"];
    let begins =
        |word: &str| lower.find(word).is_some_and(|at| !lower[..at].ends_with(|c: char| c.is_ascii_alphanumeric()));
    angled || words.iter().any(|word| begins(word))
}
