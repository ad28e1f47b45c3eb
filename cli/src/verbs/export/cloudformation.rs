//! `firelens-kit export cloudformation`: the stack as one template.
use crate::{
    Error, Ui,
    export::{self, files},
    output::Format,
    stack::StackArgs,
};
use firelens_infra::export::{
    cloudformation::{CAPABILITY, CloudFormation, INLINE, NAME, Syntax},
    symbol,
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Write the stack as a CloudFormation template
///
/// One template for every account, region and partition. What differs between environments is a parameter, whose default is
/// what firelens.toml says: images, VPC and subnets, the tasks' number and size, retention, keys and secrets. Buckets, data
/// streams and destinations' log groups stay when the stack is deleted.
///
/// The router's image is pushed to the stack's own repository: create the stack, push the image, and update the stack with
/// the parameter RouterImage. Until then it has no task definition and no service.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit export cloudformation -o shop.yaml
  firelens-kit export cloudformation -o shop.json         # JSON, by the name's end
  aws cloudformation deploy --stack-name shop --template-file shop.yaml \\
      --capabilities CAPABILITY_NAMED_IAM \\
      --parameter-overrides VpcId=vpc-… SubnetIds=subnet-…,subnet-…
  firelens-kit push …/shop-log-router                     # the output RepositoryUri
  aws cloudformation deploy … --parameter-overrides RouterImage=…/shop-log-router@sha256:…

Exit codes: 0 written, 2 wrong usage, a wrong firelens.toml or one that a template cannot express,
or a file in the way that was not written by this export")]
pub struct Args {
    #[command(flatten)]
    stack: StackArgs,
    /// The template: its name ends with .yaml, .yml, .template or .json
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The summary: text on standard error, or JSON on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Writes it.
///
/// # Errors
/// A wrong configuration, one that a template cannot express, or a file that cannot be written or is not ours.
pub fn run(args: &Args, ui: &Ui) -> Result<ExitCode, Error> {
    let syntax = syntax(&args.output)?;
    let config = export::load_own(&args.stack, ui)?;
    let place = symbol::place(None, None);
    let stack = export::stack(&config, &place)?;
    let language = CloudFormation { file: files::name_of(&args.output)?, syntax };
    let files = export::files(&language, &config, &stack, &place, ui)?;
    let size: usize = files.iter().map(|file| file.text.len()).sum();
    let written = files::write_beside(&args.output, NAME, &files)?;
    if size > INLINE {
        ui.note(&format!(
            "the template has {size} bytes, and CloudFormation takes {INLINE} with a call: bring it to S3 first (--s3-bucket of \
             `aws cloudformation deploy`)"
        ));
    }
    ui.note(&format!("whoever creates the stack says --capabilities {CAPABILITY}: its roles have names"));
    args.format.print(&written, ui)
}

/// By the name's ending.
///
/// # Errors
/// With another ending, nobody knows which one is meant.
fn syntax(path: &Path) -> Result<Syntax, Error> {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    match end.as_deref() {
        Some("json") => Ok(Syntax::Json),
        Some("yaml" | "yml" | "template") => Ok(Syntax::Yaml),
        _ => {
            let name = path.display();
            let text = format!("--output {name}: a template is YAML (.yaml, .yml, .template) or JSON (.json)");
            Err(Error::new(text).help(path.with_extension("yaml").display().to_string()))
        }
    }
}
