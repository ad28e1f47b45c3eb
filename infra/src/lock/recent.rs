//! What the last deploy may have made a moment ago. AWS does not tell of it everywhere at once, and whoever takes the stack away
//! must not take it for what is not there.
use super::{RECORD, Record, Sign, Stream, last_line, newest};
use crate::{Aws, Error, Kind, Result, Stack, aws::wait};
use std::time::Duration;

/// How long the stream of the record may be unknown. It may not be there at all: a deploy goes on where it cannot be written.
const FOR_RECORD: Duration = Duration::from_secs(5);

/// A deploy that ended a moment ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// How long ago it ended, or gave its last sign of life, by the service's clock.
    pub ago: Duration,
    /// What it made or failed to make, `role shop-task`; `None` when it was killed before it could say so.
    pub made: Option<Vec<String>>,
}

/// The last deploy of the stack, as its record and its lock tell of it. `None` when there is none, or when the stack was destroyed
/// after it, even in part.
///
/// # Errors
/// When AWS cannot be asked.
pub async fn last_deploy(aws: &Aws, stack: &Stack) -> Result<Option<Recent>> {
    read(aws, stack).await.or_else(|error| error.unless("ResourceNotFoundException").map(|()| None))
}

async fn read(aws: &Aws, stack: &Stack) -> Result<Option<Recent>> {
    let group = stack.deploys_log_group();
    let Some(lock) = newest(aws, &group).await? else { return Ok(None) };
    let said = wait::known(aws, || last_line::<Sign>(aws, &lock.stream)).await?;
    let Some((sign, at)) = said else { return Ok(None) };
    let ago = |at: u64| Duration::from_millis(aws.logs_now().saturating_sub(at));
    if sign.holder.verb == "destroy" {
        return Ok(None);
    }
    if !sign.released {
        // One that may still be alive is waited for by nobody: the lock is refused.
        return Ok(sign.holder.is_dead().then(|| Recent { ago: ago(at), made: None }));
    }
    let stream = Stream { group, name: RECORD.to_string() };
    let record = wait::unless(aws, FOR_RECORD, Error::is_missing, || last_line::<Record>(aws, &stream)).await?;
    let deploy = record.filter(|(record, _)| record.verb == "deploy");
    Ok(deploy.map(|(record, at)| Recent { ago: ago(at), made: Some(made(&record)) }))
}

/// What it created. Images go with their repository.
fn made(record: &Record) -> Vec<String> {
    let image = format!("{} ", Kind::Image);
    let names = record.done.iter().chain(&record.failed).filter_map(|line| line.strip_prefix("create "));
    names.filter(|name| !name.starts_with(&image)).map(str::to_string).collect()
}
