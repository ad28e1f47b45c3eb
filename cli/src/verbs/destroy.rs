//! `firelens-kit destroy`: the stack is taken away.
use crate::{
    Error, Ui, aws,
    deploy::{Work, WorkArgs, prepare::Prepared},
    offline::setup::DEFAULT_CONFIG,
};
use std::{path::PathBuf, process::ExitCode};

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
    #[command(flatten)]
    work: WorkArgs,
}

/// Plans, asks, and deletes.
///
/// # Errors
/// What keeps it from beginning.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let WorkArgs { aws, delete_data, .. } = &args.work;
    aws::run(async {
        let prepared = match &args.stack {
            Some(name) => Prepared::named(name, aws, *delete_data).await?,
            None => Prepared::destroy(&args.config, aws, *delete_data, ui).await?,
        };
        Work::Destroy.carry_out(&prepared, &args.work, ui).await
    })
}
