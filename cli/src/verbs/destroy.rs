//! `firelens-kit destroy`: the stack is taken away.
use super::plan::Format;
use crate::{
    Error, Ui,
    aws::{self, AwsArgs},
    deploy::{self, Consent, Work, prepare::Prepared, progress::Progress, report, show},
    test::setup::DEFAULT_CONFIG,
};
use std::{path::PathBuf, process::ExitCode, time::Instant};

/// Take the stack away from AWS
///
/// Deletes what carries the stack's tag, and nothing else: what depends on others first. It need not be as firelens.toml says,
/// nor whole. A service that is not the stack's is given back: it runs its task definition without the router again. What holds
/// logs (buckets, log groups and data streams of destinations) stays unless --delete-data is given. The plan is shown, and the
/// stack's name asked for.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit destroy
  firelens-kit destroy --delete-data          # the logs, too
  firelens-kit destroy --stack shop --yes     # without a firelens.toml

Exit codes:
    0  nothing of the stack is left, but for what holds logs
    1  not all of it: something failed, or the work was stopped or not agreed to
    2  nothing was done: wrong usage, a wrong firelens.toml, another deploy, no way to AWS
  130  ended at once, by a second ctrl-c or because a stop took too long")]
pub struct Args {
    /// The configuration
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,
    /// The stack's name, in place of a configuration
    #[arg(long, value_name = "NAME", conflicts_with = "config")]
    stack: Option<String>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Show the plan, and do nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Delete what holds logs, with all that is in it
    #[arg(long)]
    delete_data: bool,
    /// Text, or lines of JSON on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

/// Plans, asks, and deletes.
///
/// # Errors
/// What keeps it from beginning.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    aws::run(async {
        let prepared = match &args.stack {
            Some(name) => Prepared::named(name, &args.aws, args.delete_data).await?,
            None => Prepared::destroy(&args.config, &args.aws, args.delete_data, ui).await?,
        };
        let plan = prepared.plan_of_removal().await?;
        let json = args.format == Format::Json;
        show::plan(&plan, json, ui)?;
        if plan.is_clean() || args.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        let name = &prepared.stack.name;
        if !args.yes && !deploy::consents("All of this goes.", Consent::Name(name), ui)? {
            ui.note("nothing was done");
            return Ok(ExitCode::from(report::UNFINISHED));
        }
        let progress = Progress::new(json, ui);
        let start = Instant::now();
        let events = |event: firelens_infra::apply::Event| progress.event(&event);
        let again = || prepared.plan_of_removal();
        let outcome = deploy::apply(Work::Destroy, &prepared.aws, &prepared.stack, &plan, again, ui, &events).await?;
        report::outcome(Work::Destroy, &outcome, start.elapsed(), json, ui)
    })
}
