//! `firelens-kit inject`: the router, put into a task definition.
use crate::{Error, Ui, check, config, config::problem, offline::setup::DEFAULT_CONFIG, output, pipeline, ui};
use clap::ValueEnum;
use firelens_pipeline::{
    Image,
    pipeline::CONFIG_PATH,
    task_definition::{
        self,
        inject::{self, Apps, Injected, OwnLog, Request},
    },
};
use similar::{ChangeTag, TextDiff};
use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Put the log router into an ECS task definition
///
/// Adds the router's container with its health check, restart policy and disk buffer; the containers that firelens.toml
/// names get the log driver awsfirelens and wait until the router is healthy. Everything else stays as it is, and a second
/// time changes nothing. The task definition is plain JSON, with or without the wrapper that
/// `aws ecs describe-task-definition` prints around it. Without -o and --write nothing is written.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit inject taskdef.json --image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-router:1.4.0
  firelens-kit inject taskdef.json --write            # the router has an image already
  firelens-kit inject taskdef.json --check            # in CI: is it up to date?

  aws ecs describe-task-definition --task-definition shop > shop.json
  firelens-kit inject shop.json --image … --register -o new.json
  aws ecs register-task-definition --cli-input-json file://new.json

Exit codes: 0 all went well, 1 the task definition is not up to date (--check), 2 wrong usage, a wrong firelens.toml, a task
definition that contradicts it, or a file error")]
pub struct Args {
    /// The task definition; `-` is standard input
    #[arg(value_name = "TASKDEF")]
    task_definition: PathBuf,
    /// The configuration
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,
    /// The router's image, with your pipeline inside; without it, the router keeps the image that it has
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// Where the new task definition is written
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["write", "check"])]
    output: Option<PathBuf>,
    /// Change the file itself
    #[arg(long, conflicts_with = "check")]
    write: bool,
    /// Only tell whether the task definition is up to date
    #[arg(long)]
    check: bool,
    /// Leave out what only describe-task-definition prints: the wrapper, and keys that registering refuses
    #[arg(long)]
    register: bool,
    /// Also send the lines of containers without a logConfiguration, which is what is done anyway when firelens.toml names
    /// no container
    #[arg(long)]
    all: bool,
    /// Replace the log driver, or the FireLens output, that a container has
    #[arg(long)]
    replace_log_driver: bool,
    /// Give our configuration to the FireLens router that is there
    #[arg(long)]
    replace_router: bool,
    /// The name of a new router's container
    #[arg(long, value_name = "NAME", default_value = inject::ROUTER)]
    name: String,
    /// Whether the task ends when the router does for good. With `false` the app then goes on without its logs. A new router
    /// is essential
    #[arg(long, value_name = "BOOL")]
    essential: Option<bool>,
    /// The log group of a new router's own log; without it, the one of another container, or /ecs/FAMILY/NAME
    #[arg(long, value_name = "GROUP")]
    log_group: Option<String>,
    /// The region of this log group; without it, the one that the task definition shows, or AWS_REGION
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// What is printed: the changes, or the new task definition
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "diff")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Diff,
    Json,
}

/// Injects, prints and writes.
///
/// # Errors
/// A wrong configuration, a task definition that contradicts it, or a file that cannot be read or written.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let from_stdin = args.task_definition == Path::new("-");
    if from_stdin && args.write {
        return Err(Error::new("standard input cannot be changed; name a file with -o"));
    }
    if let Some(image) = &args.image {
        check_image(image)?;
    }
    let config = config::load(&args.config, ui)?;
    check::checked(&config, ui)?;
    let source = read(&args.task_definition, from_stdin)?;
    let name = if from_stdin { "standard input".to_string() } else { args.task_definition.display().to_string() };
    let request = request(&args, &config, &source);
    let injected = inject::inject(&source, &request).map_err(|problems| rendered(&name, &source, problems, ui))?;
    print(&args, &name, &source, &injected, ui)?;
    for note in &injected.notes {
        ui.note(note);
    }
    let changed = injected.text != source;
    if let Some(path) = args.output.as_ref().or((args.write && changed).then_some(&args.task_definition)) {
        output::write_file(path, injected.text.as_bytes())?;
        ui.eprint(&format!("wrote {}\n", path.display()));
    }
    Ok(ExitCode::from(u8::from(args.check && changed)))
}

fn read(path: &Path, from_stdin: bool) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let read = match from_stdin {
        true => io::stdin().read_to_end(&mut bytes).map(drop),
        false => fs::read(path).map(|read| bytes = read),
    };
    read.map_err(|error| Error::file("read", path, &error))?;
    String::from_utf8(bytes).map_err(|_| Error::new(format!("{} is not UTF-8", path.display())))
}

/// A tag that moves would change the router of tasks that are started later.
fn check_image(reference: &str) -> Result<(), Error> {
    let image = Image::parse(reference).map_err(|error| Error::new(error.to_string()))?;
    let fixed = image.tag.as_ref().is_some_and(|tag| tag.bytes().any(|byte| byte.is_ascii_digit()));
    if image.floating && !fixed {
        return Err(Error::new(format!("the image {reference} can be another one tomorrow"))
            .help("name a tag that stays, or a digest (@sha256:…)"));
    }
    if image.version.is_some() {
        return Err(Error::new(format!("the image {reference} has no pipeline inside"))
            .help(format!("build one from it, with your pipeline at {CONFIG_PATH}")));
    }
    Ok(())
}

fn request(args: &Args, config: &config::Config, source: &str) -> Request {
    let names: Vec<String> = config.spec.containers.iter().map(|container| container.name.clone()).collect();
    let shown = task_definition::read(source).0.and_then(|task| task.region().map(str::to_string));
    let environment = || ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(|name| std::env::var(name).ok());
    Request {
        apps: Apps { unconfigured: args.all || names.is_empty(), names },
        replace_log_driver: args.replace_log_driver,
        replace_router: args.replace_router,
        limit_driver_buffer: false,
        register: args.register,
        router: inject::Router {
            name: args.name.clone(),
            image: args.image.clone(),
            essential: args.essential,
            log: OwnLog { group: args.log_group.clone(), region: args.region.clone().or(shown).or_else(environment) },
            ..inject::Router::of(&pipeline::pipeline(config))
        },
    }
}

/// All that is wrong, with its places.
fn rendered(name: &str, source: &str, problems: Vec<task_definition::Problem>, ui: &Ui) -> Error {
    let problems: Vec<problem::Problem> = problems.into_iter().map(problem::Problem::from).collect();
    Error::Rendered(problem::render(name, source, &problems, ui.stderr_color))
}

fn print(args: &Args, name: &str, source: &str, injected: &Injected, ui: &Ui) -> Result<(), Error> {
    match args.format {
        Format::Json => ui.document(injected.text.as_bytes())?,
        Format::Diff if injected.text == source => ui.eprint(&format!("{name} is up to date\n")),
        Format::Diff => ui.print(&diff(&ui::harmless(name), source, &injected.text))?,
    }
    Ok(())
}

/// A unified diff, in colours.
fn diff(name: &str, old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut text = format!("{0}--- {name}{0:#}\n{0}+++ {name} with the router{0:#}\n", ui::BOLD);
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        text.push_str(&format!("{0}{1}{0:#}\n", ui::DIM, hunk.header()));
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', ui::REMOVED),
                ChangeTag::Insert => ('+', ui::ADDED),
                ChangeTag::Equal => (' ', ui::PLAIN),
            };
            let line = change.value().trim_end_matches(['\n', '\r']);
            text.push_str(&format!("{style}{sign}{line}{style:#}\n"));
            if change.missing_newline() {
                text.push_str("\\ No newline at end of file\n");
            }
        }
    }
    text
}
