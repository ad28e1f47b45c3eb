//! `firelens-kit test`: lines through the filter, or expectations about them.
use crate::{
    Error, Ui, config,
    offline::{
        check, containers,
        expect::Suite,
        explain::Explainer,
        fields::Names,
        fluent_bit,
        host::Judge,
        input::Source,
        join::{Choice, Join, Joins},
        judge::tag_for,
        junit,
        progress::Progress,
        record::{Framer, Input},
        report::{self, FileReport},
        setup::{DEFAULT_CONFIG, Setup},
        stream::{self, Plan},
        update,
        view::{Format, Only, Screen, View},
    },
    output,
    ui::Out,
};
use firelens_infra::words;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// The exit code when an expectation failed.
const FAILED: u8 = 1;
/// The exit code when the module lost a record: a defect of ours.
const LOST: u8 = 3;
const LOST_REPORT: &str = "a record was lost, as it would be on ECS: please report it with its line";
/// The width of tables that go to no terminal.
const WIDTH: usize = 120;

/// Run log lines through the filter, or check expectations about them
///
/// The lines go through the very module that Fluent Bit loads. Without FILES, the expectations (*.test.toml) beside the
/// configuration are run.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = LONG_HELP)]
pub struct Args {
    /// Log files, plain or gzip; `-` is standard input. Or expectation files: *.test.toml
    files: Vec<PathBuf>,

    /// The configuration [default: ./firelens.toml if it is there, else the filter's own formats]
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["log_format", "error_log_format"])]
    config: Option<PathBuf>,

    /// Use this LogFormat, or nickname (combined, …), and no configuration; may be repeated
    #[arg(long, value_name = "FORMAT", allow_hyphen_values = true)]
    log_format: Vec<String>,

    /// Use this ErrorLogFormat, or `httpd_error`, and no configuration; may be repeated
    #[arg(long, value_name = "FORMAT", allow_hyphen_values = true)]
    error_log_format: Vec<String>,

    /// Run them through this Fluent Bit and the whole rendered pipeline, instead of through the module alone
    #[arg(long, value_name = "PATH", conflicts_with_all = ["log_format", "error_log_format"])]
    fluent_bit: Option<PathBuf>,

    /// What the lines of the input are
    #[arg(long, value_enum, default_value_t, help_heading = "Input")]
    input: Input,

    /// The container that the lines come from [default: any]
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    container: Option<String>,

    /// The stream that the lines were written to [default: either]
    #[arg(long, value_name = "STREAM", value_parser = ["stdout", "stderr"], help_heading = "Input")]
    stream: Option<String>,

    /// Fluent Bit's tag [default: the one that FireLens gives to the container's records]
    #[arg(long, help_heading = "Input")]
    tag: Option<String>,

    /// How results are printed
    #[arg(short, long, value_enum, default_value_t, help_heading = "Output")]
    format: Format,

    /// Say which formats were tried, where they failed, and which conditions held
    #[arg(long, help_heading = "Output")]
    explain: bool,

    /// Print these lines only: `unparsed`, `dropped`, or those of a route; may be repeated
    #[arg(long, value_name = "WHAT", help_heading = "Output")]
    only: Vec<String>,

    /// No summary, no progress
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,

    /// Write the expectations' results as JUnit XML
    #[arg(long, value_name = "FILE", help_heading = "Expectations")]
    junit: Option<PathBuf>,

    /// Write what came out into the expectation files, which keep their order and comments
    #[arg(long, help_heading = "Expectations")]
    update: bool,
}

const EXAMPLES: &str = "\
Examples:
  firelens-kit test access.log error.log         what becomes of each line, by ./firelens.toml
  zcat old.gz | firelens-kit test - -f ndjson    one JSON object a line
  firelens-kit test --only unparsed --explain access.log
  firelens-kit test --log-format '%h %l %u %t \"%r\" %>s %b' access.log
  firelens-kit test                              run all expectations
  firelens-kit test --junit results.xml          the same, for a CI system";

const LONG_HELP: &str = "\
Examples:
  What becomes of each line, by ./firelens.toml:
      firelens-kit test access.log error.log
  One JSON object a line, from standard input:
      zcat old.gz | firelens-kit test - --format ndjson
      {\"record\":{\"kind\":\"access\",…},\"route\":\"failures\",\"to\":[\"cloudwatch\"],\"dropped\":false}
  Why some lines cannot be parsed:
      firelens-kit test --only unparsed --explain access.log
  Try a LogFormat without a configuration:
      firelens-kit test --log-format '%h %l %u %t \"%r\" %>s %b' access.log
  Lines as the container httpd writes them to stderr:
      firelens-kit test --container httpd --stream stderr error.log
  Run all expectations, or those of one file:
      firelens-kit test
      firelens-kit test shop.test.toml
  The same through a real Fluent Bit and the whole rendered pipeline:
      firelens-kit test --fluent-bit /usr/local/bin/fluent-bit
  Accept what came out, and look at it:
      firelens-kit test --update && git diff

An expectation file:
  [[test]]
  name = \"a health check is dropped\"
  line = '''10.0.0.1 - - [22/Nov/2026:07:38:32 +0000] \"GET /up HTTP/1.1\" 200 2 \"-\" \"ELB-HealthChecker/2.0\"'''
  dropped = true
  route = \"health-checks\"

  [[test]]
  record = { container_name = \"httpd\", source = \"stdout\", log = '''…''' }
  expect = { kind = \"access\", status = 503, absent = [\"user\"], route = \"failures\", to = [\"cloudwatch\"] }

  Other keys: container and stream (of a `line`), tag; exact = true (every field that the filter makes is to be named).

Exit codes:
  0  all went well
  1  an expectation failed
  2  wrong usage, a wrong file, or one that cannot be read
  3  a record was lost: a defect to report";

/// The filters of configurations.
type Setups = HashMap<Option<PathBuf>, Setup>;

/// Runs the verb.
///
/// # Errors
/// What kept it from doing its work.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let is_suite = |path: &&PathBuf| path.to_string_lossy().ends_with(".test.toml");
    let suites: Vec<PathBuf> = args.files.iter().filter(is_suite).cloned().collect();
    if suites.len() == args.files.len() {
        args.refuse("goes with log files, not with expectations", &args.line_options())?;
        return args.run_expectations(&suites, ui);
    }
    if let Some(suite) = suites.first() {
        let message = format!("{} holds expectations, and the other files are logs", suite.display());
        return Err(Error::new(format!("{message}\n  run the command once for each sort")));
    }
    let options = [("--junit", args.junit.is_some()), ("--update", args.update)];
    args.refuse("goes with expectations (*.test.toml), not with log files", &options)?;
    args.run_lines(ui)
}

impl Args {
    fn line_options(&self) -> [(&'static str, bool); 6] {
        [
            ("--input", self.input != Input::default()),
            ("--container", self.container.is_some()),
            ("--stream", self.stream.is_some()),
            ("--tag", self.tag.is_some()),
            ("--explain", self.explain),
            ("--only", !self.only.is_empty()),
        ]
    }

    fn refuse(&self, why: &str, options: &[(&str, bool)]) -> Result<(), Error> {
        match options.iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Error::new(format!("{option} {why}"))),
            None => Ok(()),
        }
    }

    /// The configuration that was named, or the one that is found here.
    fn config_path(&self) -> Option<PathBuf> {
        let here = || Some(PathBuf::from(DEFAULT_CONFIG)).filter(|path| path.exists());
        self.config.clone().or_else(here)
    }

    fn formats_given(&self) -> bool {
        !self.log_format.is_empty() || !self.error_log_format.is_empty()
    }

    fn setup(&self, config: Option<PathBuf>, ui: &Ui) -> Result<Setup, Error> {
        match config {
            _ if self.formats_given() => Setup::from_formats("", &self.log_format, &self.error_log_format),
            Some(path) => Setup::load(&path, ui),
            None => Setup::plain(),
        }
    }

    fn run_lines(&self, ui: &Ui) -> Result<ExitCode, Error> {
        let sources: Vec<Source> = self.files.iter().map(|file| Source::from_argument(file)).collect();
        check_sources(&sources)?;
        let mut setup = self.setup(self.config_path(), ui)?;
        let join = self.join(&setup.joins, ui);
        let sources = match &self.fluent_bit {
            Some(program) => {
                let sources = sources.into_iter().map(Source::kept).collect::<Result<Vec<_>, _>>()?;
                fluent_bit::send_lines(program, &mut setup, &sources, &self.framer(), &self.tag(), join.as_ref(), ui)?;
                sources
            }
            None => sources,
        };
        let routes = setup.routes();
        let plan = self.plan(setup, join, ui)?;
        let mut progress = Progress::new(&sources, ui, self.quiet);
        let summary = stream::run(plan, &sources, &mut Out::new(ui, self.format != Format::Table), &mut progress);
        progress.finish();
        let summary = summary?;
        if !self.quiet {
            let space = if ui.stdout_terminal { "\n" } else { "" };
            ui.eprint(&format!("{space}{}", summary.render(&routes, progress.seconds())));
        }
        if self.explain && !self.quiet && !summary.any_unparsed() {
            ui.note("each line fits a format: there is nothing to explain");
        }
        if summary.lost() > 0 {
            ui.error(&summary.lost_report(self.fluent_bit.is_some()));
            return Ok(LOST.into());
        }
        Ok(ExitCode::SUCCESS)
    }

    fn plan(&self, setup: Setup, join: Option<Join>, ui: &Ui) -> Result<Plan, Error> {
        let names = Arc::new(Names::new(&setup.program));
        let screen = Screen { width: width(ui), colour: ui.stdout_color };
        let only = self.only(&setup)?;
        let view = View::new(self.format, only, Arc::clone(&names), &setup.routes(), screen);
        let (tag, framer) = (self.tag(), self.framer());
        let Setup { spec, program, host, .. } = setup;
        let (host, program) = (Arc::new(host), Arc::new(program));
        let explainer = self.explain.then(|| {
            let (program, spec, names, tag) = (Arc::clone(&program), Arc::new(spec), Arc::clone(&names), tag.clone());
            Box::new(move || Explainer::new(&program, Arc::clone(&spec), Arc::clone(&names), &tag)) as _
        });
        let judge = move || Judge::new(Arc::clone(&host), &program, Arc::clone(&names), framer.clone(), &tag);
        Ok(Plan { judge: Box::new(judge), explainer, view, join })
    }

    /// The rules for the lines, if the container and the stream say which.
    fn join(&self, joins: &Joins, ui: &Ui) -> Option<Join> {
        match joins.of_stream(self.container.as_deref(), self.stream.as_deref()) {
            Choice::Rules(joiner) => Some(Join::new(joiner, self.framer())),
            Choice::Alone => None,
            Choice::Unclear => {
                ui.note("no lines are joined, since `multiline` differs: name the --container and the --stream of the lines");
                None
            }
        }
    }

    fn tag(&self) -> String {
        self.tag.clone().unwrap_or_else(|| tag_for(self.container.as_deref()))
    }

    fn framer(&self) -> Framer {
        Framer::new(self.input, self.container.as_deref(), self.stream.as_deref())
    }

    fn only(&self, setup: &Setup) -> Result<Vec<Only>, Error> {
        let routes: Vec<&str> = setup.program.routes.iter().map(|route| route.name.as_str()).collect();
        let known: Vec<&str> = ["unparsed", "dropped"].into_iter().chain(routes.iter().copied()).collect();
        let parse = |what: &String| match what.as_str() {
            "unparsed" => Ok(Only::Unparsed),
            "dropped" => Ok(Only::Dropped),
            name => routes
                .iter()
                .position(|route| *route == name)
                .map(Only::Route)
                .ok_or_else(|| Error::new(format!("--only {name}: there is no such route")).suggest(name, &known)),
        };
        self.only.iter().map(parse).collect()
    }

    fn run_expectations(&self, named: &[PathBuf], ui: &Ui) -> Result<ExitCode, Error> {
        let mut setups = Setups::new();
        let files = if named.is_empty() {
            self.find_suites(&mut setups, ui)?
        } else {
            named.iter().map(|file| (file.clone(), self.config_for(file))).collect()
        };
        let mut suites = Vec::new();
        for (file, config) in files {
            if !setups.contains_key(&config) {
                setups.insert(config.clone(), self.setup(config.clone(), ui)?);
            }
            suites.push((Suite::load(&file, ui), config));
        }
        let suites = all_good(suites)?;
        if let Some(program) = &self.fluent_bit {
            for (config, setup) in &mut setups {
                let own = suites.iter().filter(|(_, of)| of == config);
                fluent_bit::send_cases(program, setup, own.flat_map(|(suite, _)| &suite.cases), ui)?;
            }
        }
        let mut reports = Vec::new();
        for (suite, config) in &suites {
            let outcomes = check::run(suite, &setups[config])?;
            containers::check(suite, &outcomes, &setups[config], config.as_deref())?;
            reports.push(FileReport { path: suite.path.clone(), outcomes });
        }
        if let Some(path) = &self.junit {
            let xml = junit::render(&reports).map_err(Error::new)?;
            output::write_file(path, xml.as_bytes())?;
        }
        if self.update {
            return update_files(suites.iter().map(|(suite, _)| suite).zip(&reports), ui);
        }
        self.print_reports(&reports, ui)
    }

    /// The configuration for expectations: the one that was named, or lies beside them or here.
    fn config_for(&self, file: &Path) -> Option<PathBuf> {
        let beside = || Some(file.with_file_name(DEFAULT_CONFIG)).filter(|path| path.exists());
        self.config.clone().or_else(beside).or_else(|| self.config_path())
    }

    /// The expectations that belong to the configuration.
    fn find_suites(&self, setups: &mut Setups, ui: &Ui) -> Result<Vec<(PathBuf, Option<PathBuf>)>, Error> {
        let usage = "name log files (`firelens-kit test access.log`), `-` for standard input, or write expectations \
                     (`firelens-kit test --help` shows some)";
        let nothing = "there is nothing to test: no FILES are given";
        let Some(path) = self.config_path().filter(|_| !self.formats_given()) else {
            let why = if self.formats_given() { "" } else { ", and there is no firelens.toml here" };
            return Err(Error::new(format!("{nothing}{why}\n  {usage}")));
        };
        let config = config::load(&path, ui)?;
        let files = config::test_files(&config)?;
        if files.is_empty() {
            let why = format!("{} has no expectations (*.test.toml beside it)", path.display());
            return Err(Error::new(format!("{nothing}, and {why}\n  {usage}")));
        }
        setups.insert(Some(path.clone()), Setup::from_config(&config)?);
        Ok(files.into_iter().map(|file| (file, Some(path.clone()))).collect())
    }

    fn print_reports(&self, reports: &[FileReport], ui: &Ui) -> Result<ExitCode, Error> {
        let text = report::render(self.format, reports);
        match self.format {
            Format::Table => ui.print(&text)?,
            Format::Json | Format::Ndjson => ui.json(&text)?,
        }
        if reports.iter().any(|report| report.lost() > 0) {
            ui.error(LOST_REPORT);
            return Ok(LOST.into());
        }
        let failed = reports.iter().any(|report| report.failed() > 0);
        if failed && !self.quiet {
            ui.eprint("what came out is right? `firelens-kit test --update` writes it into the files\n");
        }
        Ok(if failed { FAILED.into() } else { ExitCode::SUCCESS })
    }
}

/// All that cannot be read is named before anything is printed.
fn check_sources(sources: &[Source]) -> Result<(), Error> {
    all_good(sources.iter().map(|source| (source.check(), ())).collect()).map(|_| ())
}

/// The values, or all the errors in one.
fn all_good<T, U>(results: Vec<(Result<T, Error>, U)>) -> Result<Vec<(T, U)>, Error> {
    let (mut good, mut errors) = (Vec::new(), Vec::new());
    for (result, more) in results {
        match result {
            Ok(value) => good.push((value, more)),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(good) } else { Err(Error::Rendered(errors.iter().map(Error::rendered).collect())) }
}

fn update_files<'a>(files: impl Iterator<Item = (&'a Suite, &'a FileReport)>, ui: &Ui) -> Result<ExitCode, Error> {
    let mut lost = 0;
    for (suite, report) in files {
        lost += report.lost();
        let text = update::updated(&suite.source, &report.outcomes)
            .map_err(|error| Error::new(format!("{}: {error}", suite.path.display())))?;
        if text != suite.source {
            output::write_file(&suite.path, text.as_bytes())?;
        }
        let changed = (report.failed() - report.lost()) as u64;
        let all = words::count(report.outcomes.len() as u64, "test");
        ui.eprint(&format!("{}: {changed} of {all} updated\n", suite.path.display()));
    }
    if lost > 0 {
        ui.error(LOST_REPORT);
        return Ok(LOST.into());
    }
    Ok(ExitCode::SUCCESS)
}

fn width(ui: &Ui) -> usize {
    let said = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    ui.columns().or_else(said).unwrap_or(WIDTH)
}
