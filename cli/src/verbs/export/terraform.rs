//! `firelens-kit export terraform`: the stack as a Terraform module.
use crate::{
    Error, Ui,
    export::{self, ExportArgs},
};
use firelens_infra::export::terraform::{NAME, Terraform};
use std::process::ExitCode;

/// Write the stack as a Terraform module, for the provider hashicorp/aws 6
///
/// The router's image is the module's variable router_image: build it with `build`, or push it with `push`. Account, region
/// and partition are those of the provider, unless they are given here or in the configuration.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit export terraform -o infra/logs
  firelens-kit export terraform -o infra/logs --import    # for a stack that deploy made
  firelens-kit export terraform -o . --format json | jq -r '.files[].path'

Exit codes:
  0  the files are as the configuration says
  2  wrong usage, a wrong configuration, a part of it that Terraform cannot express, or a file that is not ours or cannot
     be written: nothing is written then")]
pub struct Args {
    #[command(flatten)]
    export: ExportArgs,
    /// Write imports.tf, too: `import` blocks for a stack that `deploy` made
    #[arg(long)]
    import: bool,
}

/// Writes the module.
///
/// # Errors
/// A wrong configuration, a part of it that Terraform cannot express, or a file that is not ours or cannot be written.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let (config, stack, place) = args.export.read(ui)?;
    let files = export::files(&Terraform { imports: args.import }, &config, &stack, &place, ui)?;
    args.export.write(NAME, &files, ui)
}
