//! `firelens-kit replay`: old log files into the destinations.
use crate::{
    Error, Ui,
    aws::AwsArgs,
    config::{self, Config},
    offline::{
        fields::Names,
        input::Source,
        judge::{Judge, tag_for},
        pool::Start,
        progress::Progress,
        record::{Framer, Input},
        setup::{DEFAULT_CONFIG, Setup},
    },
    output::Format,
    replay::{
        arguments, identity,
        report::Report,
        run::{self, Counts, Outcome, Plan, Resume, Way},
        target::{self, Destination},
    },
    stop,
};
use firelens_infra::{
    Aws,
    send::{Api, Checkpoint, DryRun, Hold, Input as Replayed, Ledger, Sent},
    words,
};
use firelens_pipeline::{Pipeline, firelens};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::SystemTime,
};
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

/// The exit code when some records cannot be sent.
const REJECTED: u8 = 1;

/// Send old log files through the filter to the destinations
///
/// The lines go through the very module that Fluent Bit loads, and what it makes of them goes where its routes say, in the
/// form that Fluent Bit's outputs send. A run that ends in the middle goes on from its checkpoint when it is run again; of a file
/// that has grown since, the new lines are sent.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, override_usage = "firelens-kit replay [OPTIONS] --to <DESTINATION>... <FILES>...")]
pub struct Args {
    /// Log files, plain or gzip; `-` is standard input
    files: Vec<PathBuf>,

    /// The destinations (of [destination.NAME]) that get the records whose route names them. What follows them and is no
    /// destination is a log file
    #[arg(long, value_name = "DESTINATION", required = true, num_args = 1..)]
    to: Vec<String>,

    /// The configuration
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,

    /// Only the records of this route; may be repeated
    #[arg(long, value_name = "ROUTE")]
    route: Vec<String>,

    /// Whatever a record's route names, send it to all DESTINATIONs
    #[arg(long)]
    all_routes: bool,

    /// Send nothing and call nobody; say what would be sent, and what would be rejected
    #[arg(long)]
    dry_run: bool,

    /// Where it is kept what was confirmed [default: beside the first file, FILE.replay.json]
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// Write the records that a destination cannot take to this file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,

    /// The summary's form
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// No progress
    #[arg(short, long)]
    quiet: bool,

    /// What the lines of the input are
    #[arg(long, value_enum, default_value_t, help_heading = "Input")]
    input: Input,

    /// The container that the lines come from [default: any]
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    container: Option<String>,

    /// The stream that the lines were written to [default: either]
    #[arg(long, value_name = "STREAM", value_parser = ["stdout", "stderr"], help_heading = "Input")]
    stream: Option<String>,

    #[command(flatten)]
    aws: AwsArgs,
}

const EXAMPLES: &str = "\
Examples:
  firelens-kit replay old/access.log.*.gz --to archive --dry-run     what would be sent
  firelens-kit replay access.log error.log --to archive live --rejected rejected.ndjson
  zcat old.gz | firelens-kit replay - --to archive                   without a checkpoint
  firelens-kit replay access.log --to archive --route failures       the records of one route

Exit codes: 0 everything was sent, 1 some records cannot be sent, 2 wrong usage, a wrong configuration, an error of AWS, or
stopped by ctrl-c: run the same command again then, and it goes on where it was; 130 ended at once, by a second ctrl-c or
because a stop took too long";

/// Runs the verb.
///
/// # Errors
/// What kept it from doing its work.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let config = config::load(&args.config, ui)?;
    let known: Vec<&str> = config.destinations.iter().map(|to| to.name.as_str()).collect();
    let (to, files) = arguments::split(&args.to, &args.files, &known)?;
    let args = Args { to, files, ..args };
    let sources: Vec<Source> = args.files.iter().map(|file| Source::from_argument(file)).collect();
    sources.iter().try_for_each(Source::check)?;
    let plan = args.plan(&config, sources)?;
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match args.dry_run {
        true => args.dry(&plan, &runtime, ui),
        false => args.send(plan, &config, &runtime, ui),
    }
}

impl Args {
    fn plan(&self, config: &Config, sources: Vec<Source>) -> Result<Plan, Error> {
        let setup = Setup::from_config(config)?;
        let pipeline = crate::pipeline::pipeline(config);
        let destinations = target::destinations(config, &self.to, &self.tag())?;
        let ways = self.ways(config, &pipeline, &destinations)?;
        let names = Arc::new(Names::new(&setup.program));
        let time_key = names.printed("time").into();
        let (framer, tag) = (
            Framer::new(self.input, self.container.as_deref(), self.stream.as_deref()),
            tag_for(self.container.as_deref()),
        );
        let Setup { program, host, .. } = setup;
        let host = Arc::new(host);
        let judge = move || Judge::new(Arc::clone(&host), &program, Arc::clone(&names), framer.clone(), &tag);
        Ok(Plan { sources, destinations, ways, judge: Arc::new(judge), time_key, now: now() })
    }

    /// The tag that FireLens would have given.
    fn tag(&self) -> String {
        match &self.container {
            Some(name) => firelens::tag(name, "replay"),
            None => "firelens-replay".to_string(),
        }
    }

    /// Where each route's records go, and last those without a route.
    fn ways(&self, config: &Config, pipeline: &Pipeline, to: &[Destination]) -> Result<Vec<Way>, Error> {
        let routes: Vec<&str> = config.routes.iter().map(|route| route.name.as_str()).collect();
        if let Some(wanted) = self.route.iter().find(|wanted| !routes.contains(&wanted.as_str())) {
            return Err(Error::new(format!("--route {wanted}: there is no such route")).suggest(wanted, &routes));
        }
        let way = |route: Option<&str>, named: Vec<&str>| {
            let wanted = self.route.is_empty() || route.is_some_and(|route| self.route.iter().any(|one| one == route));
            let goes = |to: &Destination| wanted && (self.all_routes || named.contains(&to.name.as_str()));
            let to = to.iter().enumerate().filter(|(_, to)| goes(to)).map(|(index, _)| index).collect();
            Way { to, tag: pipeline.tag(route, &self.tag()).into() }
        };
        let mut ways: Vec<Way> = (config.routes.iter())
            .map(|route| way(Some(&route.name), route.to.iter().map(String::as_str).collect()))
            .collect();
        ways.push(way(None, pipeline.default_destinations()));
        let unused = to.iter().enumerate().find(|(index, _)| !ways.iter().any(|way| way.to.contains(index)));
        match unused {
            Some((_, to)) => Err(self.no_way(&to.name)),
            None => Ok(ways),
        }
    }

    fn no_way(&self, destination: &str) -> Error {
        let which = if self.route.is_empty() { "no route leads" } else { "none of these routes leads" };
        Error::new(format!("--to {destination}: {which} there")).help("with --all-routes it gets the records anyway")
    }

    fn dry(&self, plan: &Plan, runtime: &Runtime, ui: &Ui) -> Result<ExitCode, Error> {
        let ledger = Ledger::new(Checkpoint::new(vec![], String::new(), String::new()), None);
        if let Some(path) = &self.rejected {
            ledger.write_rejected(path, false)?;
        }
        let apis: Vec<Arc<dyn Api>> = plan.destinations.iter().map(|_| Arc::new(DryRun) as Arc<dyn Api>).collect();
        self.do_run(plan, &apis, ledger, Resume::default(), runtime, ui)
    }

    fn send(&self, mut plan: Plan, config: &Config, runtime: &Runtime, ui: &Ui) -> Result<ExitCode, Error> {
        let aws = runtime.block_on(self.aws.connect_to(config, ui))?;
        plan.destinations.iter_mut().for_each(|to| to.name_bucket(config.name.as_deref(), aws.place()));
        let (fresh, path) = (self.fresh(&plan, config, &aws)?, self.checkpoint_path(&plan)?);
        let _hold = path.as_deref().map(Hold::take).transpose()?;
        let began_so = |index: usize, was: &Replayed| plan.began_so(index, was);
        let found = path.as_deref().map(|path| Checkpoint::read(path, &fresh, &began_so)).transpose()?.flatten();
        let resumed = found.is_some();
        let mut checkpoint = found.unwrap_or_else(|| fresh.clone());
        let seed = checkpoint.seed.clone().unwrap_or_else(|| seed(&checkpoint));
        let before = checkpoint.inputs.clone();
        let grown = checkpoint.grow(&fresh, &seed);
        let ledger = Ledger::new(checkpoint, path.clone());
        let place = path.as_deref().unwrap_or(Path::new(""));
        if resumed && plan.destinations.iter().all(|to| ledger.progress(&to.name).finished) {
            return self.nothing_new(&plan, &ledger, place, ui);
        }
        for (index, by) in grown {
            plan.say_grown(index, &before[index], by, ui)?;
        }
        let resume = if resumed { self.resume(&plan, &ledger, place, ui) } else { Resume::default() };
        if let Some(path) = &self.rejected {
            ledger.write_rejected(path, resumed)?;
        }
        let apis = runtime.block_on(connect(&mut plan, &aws, &seed))?;
        self.do_run(&plan, &apis, ledger, resume, runtime, ui)
    }

    /// Everything was sent by the runs before.
    fn nothing_new(&self, plan: &Plan, ledger: &Ledger, checkpoint: &Path, ui: &Ui) -> Result<ExitCode, Error> {
        let path = checkpoint.display();
        ui.note(&format!("everything was sent before, says {path}\n  help: remove {path} to send everything again"));
        let sent = plan.destinations.iter().map(|_| Ok(Sent::default())).collect();
        let outcome = Outcome { counts: Counts::default(), sent, unread: None };
        let report = Report { plan, outcome: &outcome, ledger, dry_run: false, seconds: 0.0 };
        if self.format == Format::Json {
            ui.json(&format!("{:#}\n", report.json()))?;
        }
        Ok(self.code(report.any_rejected()))
    }

    /// The checkpoint of a run that has sent nothing yet.
    fn fresh(&self, plan: &Plan, config: &Config, aws: &Aws) -> Result<Checkpoint, Error> {
        let inputs = plan.sources.iter().map(|source| match source {
            Source::File(path) => identity::input(path),
            Source::Stdin | Source::Read(_) => Ok(Default::default()),
        });
        let inputs = inputs.collect::<Result<Vec<_>, Error>>()?;
        let options =
            format!("{:?} {:?} {:?} {:?} {}", self.input, self.container, self.stream, self.route, self.all_routes);
        let place = format!("{} {}", aws.place().account, aws.place().region);
        Ok(Checkpoint::new(inputs, identity::configuration(config, &options), place))
    }

    /// What is read from a pipe cannot be read again.
    fn checkpoint_path(&self, plan: &Plan) -> Result<Option<PathBuf>, Error> {
        let piped = plan.sources.iter().any(|source| !matches!(source, Source::File(path) if path.is_file()));
        match (&self.checkpoint, piped) {
            (Some(_), true) => Err(Error::new("--checkpoint: a pipe cannot be read a second time")
                .help("write it to a file first, and replay that")),
            (None, true) => Ok(None),
            (Some(path), false) => Ok(Some(path.clone())),
            (None, false) => Ok(self.files.first().map(|first| identity::default_path(first))),
        }
    }

    /// Where the first of the destinations has to go on.
    fn resume(&self, plan: &Plan, ledger: &Ledger, path: &Path, ui: &Ui) -> Resume {
        let starts = plan.destinations.iter().filter(|to| !ledger.progress(&to.name).finished);
        let starts: Vec<_> = starts.map(|to| (ledger.progress(&to.name), to)).collect();
        let first = starts.iter().map(|(progress, _)| progress.start()).min_by_key(|start| start.map(|(at, _)| at));
        let doubled: u64 = starts.iter().map(|(progress, _)| progress.may_be_doubled()).sum();
        let mut text = format!("going on from {}", path.display());
        if doubled > 0 {
            let records = words::count(doubled, "record");
            text.push_str(&format!("; {records} had no answer when it ended, and may be there twice now"));
        }
        ui.note(&text);
        match first.flatten() {
            Some((at, time)) => {
                Resume { start: Start { source: at.input as usize, offset: at.offset }, time: Some(time) }
            }
            None => Resume::default(),
        }
    }

    fn do_run(
        &self,
        plan: &Plan,
        apis: &[Arc<dyn Api>],
        ledger: Ledger,
        resume: Resume,
        runtime: &Runtime,
        ui: &Ui,
    ) -> Result<ExitCode, Error> {
        let ledger = Arc::new(ledger);
        let stop = CancellationToken::new();
        runtime.block_on(async { stop::on_interrupt(*ui, stop.clone()) });
        // Nothing else is printed while it goes on.
        let ui_of_bar = Ui { stdout_terminal: false, ..*ui };
        let mut progress = Progress::new(&plan.sources, &ui_of_bar, self.quiet);
        let outcome = run::run(plan, apis, &ledger, resume, runtime, &mut progress, &stop);
        progress.finish();
        let failed = outcome.sent.iter().any(Result::is_err) || outcome.unread.is_some() || stop.is_cancelled();
        if !failed {
            plan.destinations.iter().try_for_each(|to| ledger.finish(&to.name))?;
        }
        let report =
            Report { plan, outcome: &outcome, ledger: &ledger, dry_run: self.dry_run, seconds: progress.seconds() };
        match self.format {
            Format::Text => ui.eprint(&report.text()),
            Format::Json => ui.json(&format!("{:#}\n", report.json()))?,
        }
        let code = self.code(report.any_rejected());
        for (to, error) in
            plan.destinations.iter().zip(&outcome.sent).filter_map(|(to, sent)| Some((to, sent.as_ref().err()?)))
        {
            ui.error(&format!("{}: {error}", to.name));
        }
        match outcome.unread {
            _ if stop.is_cancelled() => Err(self.stopped(plan)?),
            Some(error) => Err(error),
            None if failed => Ok(Error::EXIT_CODE.into()),
            None => Ok(code),
        }
    }

    fn stopped(&self, plan: &Plan) -> Result<Error, Error> {
        let kept = match self.checkpoint_path(plan)? {
            Some(path) if !self.dry_run => format!("; what was confirmed is in {}", path.display()),
            _ => String::new(),
        };
        let again = if kept.is_empty() { "begins anew" } else { "goes on from there" };
        Ok(Error::new(format!("stopped{kept}")).help(format!("run the same command again: it {again}")))
    }

    fn code(&self, rejected: bool) -> ExitCode {
        if rejected { REJECTED.into() } else { ExitCode::SUCCESS }
    }
}

/// What the names of objects follow from.
fn seed(checkpoint: &Checkpoint) -> String {
    identity::hash(&[checkpoint.configuration.as_bytes(), format!("{:?}", checkpoint.inputs).as_bytes()])
}

async fn connect(plan: &mut Plan, aws: &Aws, seed: &str) -> Result<Vec<Arc<dyn Api>>, Error> {
    let mut apis = Vec::new();
    for to in &mut plan.destinations {
        apis.push(to.target.connect(aws, seed).await?);
    }
    Ok(apis)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(i64::MAX)
}
