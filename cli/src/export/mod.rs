//! What the languages of `firelens-kit export` share: the arguments, the stack to be written, and the writing of the files.
use crate::{
    Error, Ui, aws, check,
    config::{
        self, Config,
        problem::{self, Code, Problem},
        stack::Run,
    },
    output::Format,
    pipeline, stack,
    stack::StackArgs,
};
pub use firelens_infra::export::File;
use firelens_infra::{
    Place, Stack,
    export::{Language, Unsupported, symbol},
    stack::Registry,
};
use std::{path::PathBuf, process::ExitCode};

pub mod archives;
pub mod files;
pub mod records;

pub use files::Written;

/// What every language takes.
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    #[command(flatten)]
    stack: StackArgs,
    /// The folder for the files; it is made if it is not there
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// The summary: text on standard error, or JSON on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Write this account's number out, in place of what finds it where the stack is made
    #[arg(long, value_name = "NUMBER", value_parser = aws::account)]
    account: Option<String>,
    /// The same for the region; without it, it is that of [stack] in the configuration, if it names one
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
}

impl ExportArgs {
    /// The configuration, and the stack that it describes. What is not known of the place, and the router's image, are
    /// [marks](symbol) in it.
    ///
    /// # Errors
    /// A wrong configuration, and one with a service that is not the stack's: whoever made it has its task definition.
    pub fn read(&self, ui: &Ui) -> Result<(Config, Stack, Place), Error> {
        self.stack_of(load_own(&self.stack, ui)?)
    }

    /// The same for the destinations alone, whatever runs the router.
    ///
    /// # Errors
    /// A wrong configuration.
    pub fn destinations(&self, ui: &Ui) -> Result<(Config, Stack, Place), Error> {
        let mut config = load(&self.stack, ui)?;
        config.stack.run = Run::None;
        self.stack_of(config)
    }

    fn stack_of(&self, config: Config) -> Result<(Config, Stack, Place), Error> {
        let region = self.region.clone().or(config.stack.region.clone()).or_else(|| named(&config));
        let place = symbol::place(self.account.as_deref(), region.as_deref());
        let stack = stack(&config, &place)?;
        Ok((config, stack, place))
    }

    /// Writes the files and says so.
    ///
    /// # Errors
    /// When one of them is not ours, or cannot be written: none is then. The same of a folder that has the name of a file.
    pub fn write(&self, language: &str, files: &[File], ui: &Ui) -> Result<ExitCode, Error> {
        files::check_folder(&self.output)?;
        self.format.print(&files::write(&self.output, language, files)?, ui)
    }
}

impl Format {
    /// # Errors
    /// When the output cannot be written.
    pub fn print(self, written: &Written, ui: &Ui) -> Result<ExitCode, Error> {
        match self {
            Format::Text => ui.eprint(&written.text()),
            Format::Json => ui.json(&format!("{}\n", written.json()))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A configuration whose service, if it has any, is the stack's.
///
/// # Errors
/// A wrong configuration, and one with a service that is there already: whoever made it has its task definition.
pub fn load_own(args: &StackArgs, ui: &Ui) -> Result<Config, Error> {
    let config = load(args, ui)?;
    match config.stack.run {
        Run::Existing(_) => Err(rendered(&config, adopted(&config))),
        Run::Own(_) | Run::None => Ok(config),
    }
}

fn load(args: &StackArgs, ui: &Ui) -> Result<Config, Error> {
    let config = config::load(&args.config, ui)?;
    if symbol::is_in(&config.source) {
        let path = config.path.display();
        return Err(Error::new(format!(
            "{path} has characters of Unicode's private use area, which cannot be exported"
        )));
    }
    check::checked(&config, ui)?;
    Ok(config)
}

/// The stack that it describes there. The router's image is a mark, behind the repository that the file names.
///
/// # Errors
/// What contradicts itself or the place.
pub fn stack(config: &Config, place: &Place) -> Result<Stack, Error> {
    let image = match stack::registry(config) {
        Registry::Ecr { .. } => symbol::IMAGE.to_string(),
        Registry::Other(repository) => format!("{repository}@{}", symbol::IMAGE),
    };
    stack::of(config, place, Some(&image), None)
}

/// The region that a destination names: everything is in the same one.
fn named(config: &Config) -> Option<String> {
    let pipeline = pipeline::pipeline(config);
    let mut regions = pipeline.used().filter_map(|output| output.setting("region"));
    regions.find(|region| !region.contains('$')).map(str::to_string)
}

/// An error about a place in the configuration.
pub fn rendered(config: &Config, problem: Problem) -> Error {
    Error::Rendered(problem::render(&config.path.display().to_string(), &config.source, &[problem], false))
}

/// The files of a language. What they leave out is noted.
///
/// # Errors
/// What the language cannot express, and a file that has to name a place which is not known.
pub fn files(
    language: &dyn Language,
    config: &Config,
    stack: &Stack,
    place: &Place,
    ui: &Ui,
) -> Result<Vec<File>, Error> {
    let export = language.export(stack, place).map_err(|found| unsupported(config, found))?;
    if let Some(file) = export.files.iter().find(|file| symbol::is_in(&file.text)) {
        return Err(unknown_place(&file.name));
    }
    for out in export.left_out {
        let destination = out.destination.as_ref().map_or(String::new(), |name| format!("{name}: "));
        ui.note(&format!("{destination}{}", out.message));
    }
    Ok(export.files)
}

/// The account and the region are in a bucket's name, the region is in the dashboard.
fn unknown_place(file: &str) -> Error {
    Error::new(format!("{file} needs the account and the region"))
        .help("--account NUMBER --region REGION, or a `bucket` for each archive and `region` in [stack]")
}

/// What a language cannot express, at its place.
fn unsupported(config: &Config, found: Unsupported) -> Error {
    let destination = config.destinations.iter().find(|to| Some(&to.name) == found.destination.as_ref());
    match destination.and_then(|to| to.places.get("")) {
        Some(place) => {
            let problem = Problem::error(Code::Export, place.clone(), found.message.as_str());
            let problem = problem.label("cannot be exported");
            rendered(config, found.help.into_iter().fold(problem, Problem::help))
        }
        None => Error::new(found.to_string()),
    }
}

fn adopted(config: &Config) -> Problem {
    let place = config.stack.places.existing.clone().unwrap_or_default();
    Problem::error(Code::Export, place, "a service that is there cannot be exported")
        .label("its task definition and roles are kept elsewhere")
        .help(
            "`firelens-kit inject` puts the router into that task definition; without this table, the rest is exported",
        )
}
