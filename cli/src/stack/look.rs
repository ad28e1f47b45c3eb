//! For verbs that look at a stack: the configuration, and the way to AWS. Nothing is built, so the image is not known.
use crate::{
    Error, Ui,
    aws::AwsArgs,
    config::{
        self, Config,
        stack::{Existing, Run},
    },
    offline::setup::DEFAULT_CONFIG,
};
use firelens_infra::{Aws, Stack, resource::service};
use serde_json::Value;
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
    let aws = aws.connect_to(&config, ui).await?;
    let stack = at(&config, &aws).await?;
    Ok((aws, stack))
}

/// The stack in this account.
///
/// # Errors
/// A wrong configuration, or a service that is to be there and is not.
pub async fn at(config: &Config, aws: &Aws) -> Result<Stack, Error> {
    let there = adopted(config, aws).await?;
    super::of(config, aws.place(), None, there.as_ref())
}

/// The task definition of the service that is adopted, if one is.
///
/// # Errors
/// When it is not there, or AWS cannot be asked.
pub async fn adopted(config: &Config, aws: &Aws) -> Result<Option<Value>, Error> {
    let Run::Existing(Existing { cluster, service, .. }) = &config.stack.run else { return Ok(None) };
    match service::task_definition_of(aws, cluster, service).await? {
        Some(task) => Ok(Some(task)),
        None => Err(service::why_missing(aws, cluster, service).await.into()),
    }
}

/// The stack as far as it may still be there. Of a service that is adopted and has gone, its last task definition with the
/// router tells what else there is.
///
/// # Errors
/// A wrong configuration, or when AWS cannot be asked.
pub async fn remaining(config: &Config, aws: &Aws) -> Result<Stack, Error> {
    let (Run::Existing(existing), Some(name)) = (&config.stack.run, &config.name) else {
        return super::of(config, aws.place(), None, None);
    };
    let task = match service::task_definition_of(aws, &existing.cluster, &existing.service).await? {
        Some(task) => Some(task),
        None => service::task_definition_left(aws, name).await?,
    };
    match task {
        Some(task) => super::of(config, aws.place(), None, Some(&task)),
        None => Ok(Stack::named(name)),
    }
}
