//! For verbs that look at a stack: the configuration, and the way to AWS. Nothing is built, so the image is not known.
use crate::{
    Error, Ui,
    aws::AwsArgs,
    config::{self, Config, stack::Run},
    test::setup::DEFAULT_CONFIG,
};
use firelens_infra::{Aws, Stack, resource::service};
use std::path::PathBuf;

/// Which stack.
#[derive(Debug, Clone, clap::Args)]
pub struct StackArgs {
    /// The configuration (firelens.toml)
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    pub config: PathBuf,
}

/// The stack that the configuration describes, and the account that it is in.
///
/// # Errors
/// A wrong configuration, no way to AWS, or a service that is to be there and is not.
pub async fn look(args: &StackArgs, aws: &AwsArgs, ui: &Ui) -> Result<(Aws, Stack), Error> {
    let config = config::load(&args.config, ui)?;
    let aws = aws.connect_or(config.stack.region.as_deref()).await?;
    let stack = at(&config, &aws).await?;
    Ok((aws, stack))
}

/// The stack in this account.
///
/// # Errors
/// A wrong configuration, or a service that is to be there and is not.
pub async fn at(config: &Config, aws: &Aws) -> Result<Stack, Error> {
    let there = match &config.stack.run {
        Run::Existing(existing) => {
            let (task, _, _) = service::task_definition_of(aws, &existing.cluster, &existing.service).await?;
            Some(task)
        }
        Run::Own(_) | Run::None => None,
    };
    super::of(config, aws.place(), None, there.as_ref())
}
