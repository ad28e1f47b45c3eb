//! What can be wrong with the whole of a `firelens.toml`: with the pipeline that it describes, and with its stack.
use crate::{
    Error, Ui,
    config::{
        Config, Destination, Router,
        problem::{self, Code, Problem, Span},
    },
    pipeline::pipeline,
    stack,
};
use firelens_filter::names::{self, Giver, given_by};
use firelens_pipeline::{Image, Pipeline, Version, buffer, pipeline::STORAGE_PATH, value};
use std::path::Path;

/// Prints what is to be said about the whole file.
///
/// # Errors
/// When some of it is an error.
pub fn checked(config: &Config, ui: &Ui) -> Result<(), Error> {
    ui.eprint(&warnings(config, ui)?);
    Ok(())
}

/// What is to be said about the whole file, rendered.
///
/// # Errors
/// What is wrong with it as a whole, rendered.
pub fn warnings(config: &Config, ui: &Ui) -> Result<String, Error> {
    let problems = check(config);
    let path = config.path.display().to_string();
    let rendered = problem::render(&path, &config.source, &problems, ui.stderr_color);
    if problems.iter().any(|problem| problem.is_error) {
        return Err(Error::Rendered(rendered));
    }
    Ok(rendered)
}

/// What is wrong with the file as a whole: what no section alone can know.
pub fn check(config: &Config) -> Vec<Problem> {
    let pipeline = pipeline(config);
    let mut problems = Vec::new();
    problems.extend(check_release(&config.router));
    problems.extend(check_floating(&config.router));
    problems.extend(check_risks(config, &pipeline));
    problems.extend(check_memory(&config.router, &pipeline));
    problems.extend(check_disk(&config.router, &pipeline));
    problems.extend(check_init_image(&config.router));
    for destination in &config.destinations {
        problems.extend(check_target(destination, &pipeline));
        problems.extend(check_log_key(destination, config));
        problems.extend(check_limit(destination, &pipeline));
        problems.extend(check_folder(destination, &config.router));
        problems.extend(check_contradictions(destination));
    }
    problems.extend(check_variables(config, &pipeline));
    problems.extend(stack::check(config, &pipeline, config.stack.region.as_deref()));
    if config.destinations.is_empty() {
        let problem = Problem::error(Code::Destination, 0..0, "there is no destination: records would go nowhere");
        problems.push(problem.label("no [destination.NAME] in this file"));
    }
    problems
}

/// The release is known, and has the WASM filter.
fn check_release(router: &Router) -> Option<Problem> {
    let (version, span) = (router.version, router.places.release());
    if router.image.version.is_none() && router.places.fluent_bit.is_none() {
        let problem = Problem::error(Code::FluentBit, span, "it is not known which Fluent Bit is in this image");
        return Some(problem.label("an image of your own?").help("say it in [router]: fluent_bit = \"5.0.9\""));
    }
    let inside = router.image.version.filter(|_| router.image.exact);
    if let Some(inside) = inside.filter(|inside| *inside != version) {
        let problem =
            Problem::error(Code::FluentBit, span, format!("{} has Fluent Bit {inside}", router.image.reference));
        let problem = problem.label(format!("not {version}"));
        return Some(match &router.places.image {
            Some(image) => problem.related(image.clone(), "this image"),
            None => problem.help("name your image in [router]: image = \"…\""),
        });
    }
    if !version.has_wasm_filter() {
        let later = if router.exact { "" } else { " or later" };
        let problem = Problem::error(Code::FluentBit, span, format!("Fluent Bit {version}{later} has no WASM filter"));
        let help =
            format!("the first image that has it is {}; {} is the one to take", Image::FIRST_WITH_WASM, Image::DEFAULT);
        return Some(problem.label("the filter cannot run here").help(help));
    }
    if version.is_known() && router.exact {
        return None;
    }
    let problem = match router.exact {
        true => Problem::warning(
            Code::FluentBit,
            span,
            format!("Fluent Bit {version} is newer than this firelens-kit knows"),
        ),
        false => Problem::warning(Code::FluentBit, span, format!("this is Fluent Bit {version} or a later one")),
    };
    let help =
        format!("releases up to {} are known; fluent_bit = \"…\" in [router] says which one it is", Version::NEWEST);
    Some(problem.label(format!("rendered as for {}", version.min(Version::NEWEST))).help(help))
}

/// An image that means another one tomorrow.
fn check_floating(router: &Router) -> Option<Problem> {
    let image = &router.image;
    let span = router.places.image.clone().filter(|_| image.floating)?;
    let message = format!("{} can be another image tomorrow", image.reference);
    let problem = match router.places.fluent_bit {
        Some(_) => Problem::warning(Code::FloatingImage, span, message),
        None => Problem::error(Code::FloatingImage, span, message),
    };
    let help = format!("name a release, {}, or better pin its digest: …@sha256:…", Image::DEFAULT);
    Some(problem.label("no release, and no digest").help(help))
}

/// What can be lost on this release.
fn check_risks(config: &Config, pipeline: &Pipeline) -> Vec<Problem> {
    if !pipeline.version.has_wasm_filter() {
        return Vec::new();
    }
    let warning = |message| {
        let problem = Problem::warning(Code::Release, config.router.places.release(), message);
        problem.label("of this release").help(format!(
            "{} has {}, where nothing of that is",
            Image::DEFAULT,
            Version::DEFAULT
        ))
    };
    pipeline.warnings().into_iter().map(warning).collect()
}

fn check_memory(router: &Router, pipeline: &Pipeline) -> Option<Problem> {
    let items = pipeline.memory();
    let sum: u32 = items.iter().map(|(_, mib)| mib).sum();
    if sum <= pipeline.router.memory_mib {
        return None;
    }
    let span = router.places.memory_mib.clone().or(router.places.router.clone()).unwrap_or_default();
    let items: Vec<String> = items.iter().map(|(what, mib)| format!("{what} {mib}")).collect();
    let message = format!("the router needs {sum} MiB of memory, and has {}", pipeline.router.memory_mib);
    let problem = Problem::error(Code::Memory, span, message).label("too little");
    Some(problem.help(format!("{} = {sum} MiB", items.join(" + "))))
}

fn check_disk(router: &Router, pipeline: &Pipeline) -> Option<Problem> {
    const MIB: u64 = 1 << 20;
    let (sum, room) = (pipeline.disk_sum().div_ceil(MIB), u64::from(pipeline.router.disk_mib));
    if sum <= room {
        return None;
    }
    let places = &router.places;
    let span = places.disk_mib.clone().or(places.outage.clone()).or(places.router.clone()).unwrap_or_default();
    let problem = Problem::error(Code::Disk, span, format!("the buffers need {sum} MiB of disk, and have {room}"));
    let help = "a shorter `outage`, fewer `records_per_second`, smaller `record_bytes`, or more `disk_mib`";
    Some(problem.label("too little for the outage to survive").help(help))
}

/// The key of `[router]` that leaves it few folders to write to.
fn few_folders(router: &Router) -> Option<(&'static str, Span)> {
    let Router { settings, places, .. } = router;
    let read_only = places.readonly_root_filesystem.clone().filter(|_| settings.readonly_root_filesystem);
    let user = places.user.clone().filter(|_| settings.user.is_some());
    read_only.map(|span| ("readonly_root_filesystem", span)).or(user.map(|span| ("user", span)))
}

/// The init process of aws-for-fluent-bit writes its configuration and a script to /init, and later releases to /tmp where
/// they cannot.
fn check_init_image(router: &Router) -> Option<Problem> {
    let (key, span) = few_folders(router).filter(|_| router.settings.readonly_root_filesystem)?;
    let init = router.image.is_aws() && router.image.tag.as_ref().is_some_and(|tag| tag.starts_with("init-"));
    let image = router.places.image.clone().filter(|_| init)?;
    let message = "the init process of this image writes to its root file system";
    let problem =
        Problem::error(Code::FluentBit, image, message).label("does not start").related(span, format!("`{key}`"));
    Some(problem.help("the image without `init-`: the kit's configuration needs no init process"))
}

/// The option of other outputs that names a folder which they write to.
const FOLDERS: [(&str, &str); 1] = [("file", "path")];

/// A folder that the user names is on the volume where the router cannot write anywhere else.
fn check_folder(destination: &Destination, router: &Router) -> Option<Problem> {
    let (key, span) = few_folders(router)?;
    let output = destination.output.as_ref()?;
    let other = || FOLDERS.iter().find(|(name, _)| *name == output.kind.plugin()).map(|(_, option)| *option);
    // A type of ours has its folder on the volume unless the file says otherwise.
    let (option, folder) = match output.kind.description().folder {
        Some(option) => (option, output.setting(option)?),
        None => other().map(|option| (option, output.setting(option).unwrap_or("the working directory")))?,
    };
    if Path::new(folder).starts_with(STORAGE_PATH) {
        return None;
    }
    let message = format!("the router cannot write to {folder}");
    let problem = Problem::error(Code::Option, place(destination, option), message).label("not on its volume");
    let help = format!("{option} = \"{STORAGE_PATH}/{}\"", destination.name);
    Some(problem.related(span, format!("`{key}`")).help(help))
}

/// A limit that the user sets holds the outage that the user wants to survive.
fn check_limit(destination: &Destination, pipeline: &Pipeline) -> Option<Problem> {
    let output = destination.output.as_ref()?;
    let known = output.kind.description();
    let limit = value::limit(output.setting(known.limit)?)?;
    let span = place(destination, known.limit);
    if let Some(why) = known.limit_breaks {
        let message = "with this limit the output refuses every record after a restart with files waiting";
        let problem = Problem::warning(Code::Buffer, span, message).label(why);
        return Some(problem.help("take it away; what the outage needs is in the sum of the disk anyway"));
    }
    let need = pipeline.disk_need(&destination.name);
    if limit >= need || !pipeline.used().any(|to| to.name == destination.name) {
        return None;
    }
    let outage = output.load.unwrap_or(pipeline.router.load).outage;
    let message = format!("{} on disk do not hold an outage of {outage} seconds", buffer::size(limit));
    let problem = Problem::error(Code::Buffer, place(destination, known.limit), message).label("the oldest records go");
    let help =
        format!("it takes {}; without this line that is the limit, or say a shorter `outage`", buffer::size(need));
    Some(problem.help(help))
}

/// Options that the output refuses together, or in this form.
fn check_contradictions(destination: &Destination) -> Option<Problem> {
    let output = destination.output.as_ref()?;
    let refused = (output.kind.description().refuses)(output)?;
    let span = place(destination, refused.property);
    let mut problem = Problem::error(Code::Option, span, refused.message).label(refused.label);
    if let Some(beside) = refused.beside {
        problem = problem.related(place(destination, beside), "the other");
    }
    Some(match refused.help {
        Some(help) => problem.help(help),
        None => problem,
    })
}

/// The name of the AWS resource is known, and is one that it can have.
fn check_target(destination: &Destination, pipeline: &Pipeline) -> Option<Problem> {
    let output = pipeline.destinations.iter().find(|output| output.name == destination.name)?;
    let target = output.kind.target()?;
    let key = output.kind.description().key(target.property);
    let span = place(destination, "");
    match output.setting(target.property) {
        None => {
            let message = format!("`{key}` is missing in [destination.{}]", destination.name);
            let problem = Problem::error(Code::MissingKey, span, message).label("goes where?");
            Some(problem.help(match (target.default)("", output) {
                Some(_) => "with a `name` at the top of the file it gets its own from that",
                None => target.rule,
            }))
        }
        Some(name) if destination.output.as_ref().is_some_and(|own| own.setting(target.property).is_none()) => {
            let rule = target.wrong(name).filter(|_| !name.contains('$'))?;
            let problem = Problem::error(Code::Name, span, format!("`{name}` cannot be the name of its resource"));
            Some(problem.label("makes it too long").help(format!("say a shorter `{key}`: {rule}")))
        }
        Some(_) => None,
    }
}

/// An output with `log_key` sends that one field, and nothing at all of records that do not have it.
fn check_log_key(destination: &Destination, config: &Config) -> Option<Problem> {
    let output = destination.output.as_ref()?;
    let key = output.setting("log_key")?;
    let span = place(destination, "log_key");
    if key == "log" && !config.spec.keep_log {
        let problem =
            Problem::error(Code::LogKey, span, "records that were parsed have no `log`, and would be dropped here");
        let help = "take log_key away, so that whole records are sent, or write keep_log = \"always\" at the top";
        return Some(problem.label("parsing takes it away").help(help));
    }
    let mut always = given_by(&[Giver::Docker, Giver::FireLens]).chain(names::OURS);
    if key.is_empty() || always.any(|field| field == key) {
        return None;
    }
    let message = format!("records without `{key}` are dropped here");
    let help = "without log_key whole records are sent";
    if config.program.names.iter().any(|name| name == key) || reads_json(config) {
        return Some(Problem::warning(Code::LogKey, span, message).label("not all records have it").help(help));
    }
    Some(Problem::error(Code::LogKey, span, message).label("no format gives this field").help(help))
}

/// Whether lines can bring fields of any name.
fn reads_json(config: &Config) -> bool {
    use firelens_compiler::spec::Format;
    let mut formats =
        config.spec.containers.iter().flat_map(|container| container.stdout.iter().chain(&container.stderr));
    formats.any(|format| match format {
        Format::Json { .. } | Format::Lograge { .. } | Format::Rails { .. } => true,
        Format::Library { library, .. } => library.reads_json(),
        _ => false,
    })
}

/// No two secrets arrive in the same environment variable.
fn check_variables(config: &Config, pipeline: &Pipeline) -> Vec<Problem> {
    let mut seen: Vec<(String, Span)> = Vec::new();
    let mut problems = Vec::new();
    for output in &pipeline.destinations {
        let Some(destination) = config.destinations.iter().find(|to| to.name == output.name) else { continue };
        for secret in &output.secrets {
            let (variable, span) = (output.variable(secret), place(destination, &secret.property));
            if let Some((_, first)) = seen.iter().find(|(name, _)| *name == variable) {
                let message = format!("two secrets would be in the variable {variable}");
                let problem =
                    Problem::error(Code::Secret, span, message).label("again").related(first.clone(), "first here");
                problems.push(problem.help("give one of the destinations another name"));
                continue;
            }
            seen.push((variable, span));
        }
    }
    problems
}

fn place(destination: &Destination, property: &str) -> Span {
    destination.places.get(&property.to_lowercase()).cloned().unwrap_or_default()
}
