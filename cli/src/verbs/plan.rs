//! `firelens-kit plan`: what a deploy would do.
use crate::{
    Error, Ui,
    aws::{self, AwsArgs},
    deploy::{prepare::Prepared, show},
    image::Request,
    output::Format,
};
use firelens_infra::Plan;
use std::process::ExitCode;

/// Show what a deploy would create, change and delete on AWS
///
/// Reads what is there and compares it with firelens.toml, field by field; changes that were made by hand show. Nothing is
/// changed, and there is no state file: what carries the stack's tag is the stack.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit plan
  firelens-kit plan --detailed-exitcode      # in CI: is everything as it shall be?
  firelens-kit plan --format json | jq '.actions[] | select(.action != \"keep\")'
  firelens-kit plan --changes-only           # without what stays as it is
  firelens-kit plan --destroy                # what destroy would do

Exit codes:
  0  the plan was made
  1  with --detailed-exitcode: there are changes
  2  wrong usage, a wrong firelens.toml, something that is in the way, no way to AWS, or an error of AWS")]
pub struct Args {
    #[command(flatten)]
    request: Request,
    /// Show what `destroy` would do
    #[arg(long)]
    destroy: bool,
    /// As if the same were said to deploy or destroy: what holds logs and is not wanted goes, too
    #[arg(long)]
    delete_data: bool,
    /// Leave out what stays as it is
    #[arg(long)]
    changes_only: bool,
    /// Exit with 1 when there are changes
    #[arg(long)]
    detailed_exitcode: bool,
    /// Text or JSON
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

/// There are changes.
const CHANGES: u8 = 1;

/// Makes the plan and prints it.
///
/// # Errors
/// A wrong configuration, no way to AWS, or what AWS refuses.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let plan = aws::run(plan(&args, ui))?;
    let plan = if args.changes_only { plan.changes_only() } else { plan };
    match args.format {
        Format::Text => show::text(&plan, ui)?,
        Format::Json => ui.json(&format!("{}\n", show::json(&plan)))?,
    }
    Ok(match plan.is_clean() {
        _ if !plan.problems.is_empty() => ExitCode::from(Error::EXIT_CODE),
        false if args.detailed_exitcode => ExitCode::from(CHANGES),
        _ => ExitCode::SUCCESS,
    })
}

async fn plan(args: &Args, ui: &Ui) -> Result<Plan, Error> {
    if args.destroy {
        return Prepared::destroy(&args.request.config, &args.aws, args.delete_data, ui).await?.plan_of_removal().await;
    }
    Prepared::deploy(&args.request, &args.aws, args.delete_data, ui).await?.plan().await
}
