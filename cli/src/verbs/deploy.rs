//! `firelens-kit deploy`: the stack on AWS as `firelens.toml` says.
use crate::{
    Error, Ui, aws,
    deploy::{Work, WorkArgs, prepare::Prepared},
    image::Request,
};
use std::process::ExitCode;

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
    #[command(flatten)]
    work: WorkArgs,
}

/// Plans, asks, and applies.
///
/// # Errors
/// What keeps it from beginning.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let WorkArgs { aws, delete_data, .. } = &args.work;
    aws::run(async {
        let prepared = Prepared::deploy(&args.request, aws, *delete_data, ui).await?;
        Work::Deploy.carry_out(&prepared, &args.work, ui).await
    })
}
