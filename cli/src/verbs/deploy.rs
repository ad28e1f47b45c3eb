//! `firelens-kit deploy`: the stack on AWS as `firelens.toml` says.
use super::plan::Format;
use crate::{
    Error, Ui,
    aws::{self, AwsArgs},
    deploy::{self, Consent, Work, prepare::Prepared, progress::Progress, report, show},
    image::Request,
};
use std::{process::ExitCode, time::Instant};

/// Make the stack on AWS as firelens.toml says: destinations, roles, the router's image, the service
///
/// Shows the plan and asks, builds and pushes the image if its content changed, and creates, changes and deletes what
/// differs: in the order of dependencies, side by side where there is none. What fails stops what depends on it; run it again,
/// and it goes on. Without a change nothing is called that changes anything. Two deploys of a stack at a time: the second is
/// refused. Ctrl-c lets what is on its way come to its end (for ten seconds); the second one ends at once. Both can be followed by
/// another deploy.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit deploy
  firelens-kit deploy --dry-run               # the same as plan
  firelens-kit deploy --yes                   # in CI
  firelens-kit deploy --yes --format json     # events as lines of JSON, the last one is a summary

Exit codes:
    0  the stack is as it shall be
    1  not all of it: something failed, or the work was stopped or not agreed to
    2  nothing was done: wrong usage, a wrong firelens.toml, something that is in the way, another deploy, no way to AWS
  130  ended at once, by a second ctrl-c or because a stop took too long")]
pub struct Args {
    #[command(flatten)]
    request: Request,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Show the plan, and do nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Delete what holds logs and is no longer wanted, with all that is in it
    #[arg(long)]
    delete_data: bool,
    /// Text, or lines of JSON on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

/// Plans, asks, and applies.
///
/// # Errors
/// What keeps it from beginning.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    aws::run(async {
        let prepared = Prepared::deploy(&args.request, &args.aws, args.delete_data, ui).await?;
        let plan = prepared.plan().await?;
        let json = args.format == Format::Json;
        show::plan(&plan, json, ui)?;
        if !plan.problems.is_empty() {
            return Ok(ExitCode::from(Error::EXIT_CODE));
        }
        if plan.is_clean() || args.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        if !args.yes && !deploy::consents("Do it?", Consent::Yes, ui)? {
            ui.note("nothing was done");
            return Ok(ExitCode::from(report::UNFINISHED));
        }
        let progress = Progress::new(json, ui);
        let start = Instant::now();
        let events = |event: firelens_infra::apply::Event| progress.event(&event);
        let outcome =
            deploy::apply(Work::Deploy, &prepared.aws, &prepared.stack, &plan, || prepared.plan(), ui, &events).await?;
        report::outcome(Work::Deploy, &outcome, start.elapsed(), json, ui)
    })
}
