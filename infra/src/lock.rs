//! One deploy of a stack at a time, and a record of who did what and when, without a state file.
//!
//! Both are in the stack's log group for deploys. The lock is a log stream, `lock-000007`: CreateLogStream makes a stream
//! for one caller only (ResourceAlreadyExistsException for all others). Its holder writes a line into it every
//! [`HEARTBEAT`], and a last one when it is done; a holder that was silent for [`DEAD`], or whose process is gone on this
//! very host, is taken to be dead, and whoever makes the next stream has the lock.
use crate::{Aws, Error, Kind, Result, Stack, aws::error::Call as _, resource::log_group::LogGroup};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use serde::{Deserialize, Serialize};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::task::JoinHandle;

/// How often the holder shows that it lives.
pub const HEARTBEAT: Duration = Duration::from_secs(10);

/// A holder that was silent for so long is dead.
pub const DEAD: Duration = Duration::from_secs(60);

const PREFIX: &str = "lock-";

/// The stream of the record.
const RECORD: &str = "deploys";

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The caller's ARN.
    pub caller: String,
    pub host: String,
    pub pid: u32,
    /// Milliseconds since 1970.
    pub since: u64,
}

/// A line in the lock's stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sign {
    holder: Holder,
    released: bool,
}

/// The lock, held. [`Lock::release`] gives it back; a process that ends otherwise leaves it to grow old.
#[derive(Debug)]
pub struct Lock {
    aws: Aws,
    stream: Stream,
    holder: Holder,
    heart: JoinHandle<()>,
}

/// A log stream.
#[derive(Debug, Clone)]
struct Stream {
    group: String,
    name: String,
}

/// A line in the record of deploys.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// `deploy` or `destroy`
    pub verb: String,
    pub caller: String,
    pub host: String,
    pub version: String,
    /// What was done: `create bucket shop-archive-…`.
    pub done: Vec<String>,
    pub failed: Vec<String>,
}

impl Lock {
    /// Takes the lock.
    ///
    /// # Errors
    /// When somebody else holds it, with who that is; when AWS cannot be asked.
    pub async fn take(aws: &Aws, stack: &Stack) -> Result<Lock> {
        let group = ensure_group(aws, stack).await?;
        let holder = Holder { caller: aws.caller().to_string(), host: host(), pid: std::process::id(), since: now() };
        let number = match newest(aws, &group).await? {
            None => 1,
            Some((number, stream)) => {
                if let Some((sign, at)) = last_sign(aws, &stream).await? {
                    refuse_if_held(&sign, at, &stack.name)?;
                }
                number + 1
            }
        };
        let stream = Stream { group, name: format!("{PREFIX}{number:06}") };
        let made =
            aws.logs().create_log_stream().log_group_name(&stream.group).log_stream_name(&stream.name).send().await;
        made.call("logs:CreateLogStream", &stream.name).map_err(|error| taken(error, &stack.name))?;
        stream.say(aws, &Sign { holder: holder.clone(), released: false }).await?;
        let heart = tokio::spawn(beat(aws.clone(), stream.clone(), holder.clone()));
        Ok(Lock { aws: aws.clone(), stream, holder, heart })
    }

    /// Gives it back.
    ///
    /// # Errors
    /// When that cannot be said; it grows old then.
    pub async fn release(self) -> Result<()> {
        self.heart.abort();
        let sign = Sign { holder: self.holder.clone(), released: true };
        // A stack that was destroyed has no group any more, and so no lock.
        self.stream.say(&self.aws, &sign).await.or_else(|error| error.unless("ResourceNotFoundException"))
    }

    /// Writes into the record of deploys.
    ///
    /// # Errors
    /// When AWS does not take it.
    pub async fn record(&self, verb: &str, done: Vec<String>, failed: Vec<String>) -> Result<()> {
        let stream = Stream { group: self.stream.group.clone(), name: RECORD.to_string() };
        let made =
            self.aws.logs().create_log_stream().log_group_name(&stream.group).log_stream_name(RECORD).send().await;
        let made = made.call("logs:CreateLogStream", RECORD).map(drop);
        made.or_else(|error| error.unless("ResourceAlreadyExistsException"))?;
        let Holder { caller, host, .. } = self.holder.clone();
        let record =
            Record { verb: verb.to_string(), caller, host, version: env!("CARGO_PKG_VERSION").into(), done, failed };
        stream.say(&self.aws, &record).await
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.heart.abort();
    }
}

impl Stream {
    async fn say(&self, aws: &Aws, what: &impl Serialize) -> Result<()> {
        let message = serde_json::to_string(what).expect("plain data");
        let event = InputLogEvent::builder().message(message).timestamp(now() as i64).build();
        let event = event.expect("it has a message and a time");
        let put = aws.logs().put_log_events().log_group_name(&self.group).log_stream_name(&self.name);
        put.log_events(event).send().await.call("logs:PutLogEvents", &self.name).map(drop)
    }
}

async fn beat(aws: Aws, stream: Stream, holder: Holder) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        // One that does not get through is followed by the next.
        let _ = stream.say(&aws, &Sign { holder: holder.clone(), released: false }).await;
    }
}

/// The log group with the stack's tag, made if it is not there.
async fn ensure_group(aws: &Aws, stack: &Stack) -> Result<String> {
    use crate::resource::{Known, Owner, Resource as _};
    let group = group(stack);
    match group.read(aws).await? {
        Some(found) if found.owner == Owner::Ours => {}
        Some(_) => {
            let text =
                format!("the {} {} is there already, and was not made by this stack", Kind::LogGroup, group.name);
            return Err(Error::new(text).help("it would hold the lock of the stack's deploys; delete it"));
        }
        None => {
            let made = group.create(aws, &Known::default(), &|_| {}).await;
            made.or_else(|error| error.unless("ResourceAlreadyExistsException"))?;
        }
    }
    Ok(group.name.clone())
}

/// The log group of lock and record.
pub fn group(stack: &Stack) -> Arc<LogGroup> {
    Arc::new(LogGroup {
        stack: stack.name.clone(),
        name: stack.deploys_log_group(),
        retention_days: Some(stack.log_retention_days as i32),
        kms_key: stack.kms_key.clone(),
        tags: stack.all_tags(),
        data: false,
    })
}

/// The newest lock, and its number.
async fn newest(aws: &Aws, group: &str) -> Result<Option<(u32, Stream)>> {
    let streams = aws.logs().describe_log_streams().log_group_name(group).log_stream_name_prefix(PREFIX);
    let mut pages = streams.into_paginator().items().send();
    let mut newest = None;
    while let Some(stream) = pages.next().await {
        let name = stream.call("logs:DescribeLogStreams", group)?.log_stream_name.unwrap_or_default();
        let number = name.strip_prefix(PREFIX).and_then(|number| number.parse::<u32>().ok());
        newest = newest.max(number.map(|number| (number, name)));
    }
    Ok(newest.map(|(number, name)| (number, Stream { group: group.to_string(), name })))
}

/// The last line of a lock, and when it was written (milliseconds since 1970).
async fn last_sign(aws: &Aws, stream: &Stream) -> Result<Option<(Sign, u64)>> {
    let events = aws.logs().get_log_events().log_group_name(&stream.group).log_stream_name(&stream.name);
    let events = events.start_from_head(false).limit(1).send().await.call("logs:GetLogEvents", &stream.name)?;
    let last = events.events().last().and_then(|event| {
        let sign = serde_json::from_str(event.message()?).ok()?;
        Some((sign, event.timestamp()?.unsigned_abs()))
    });
    Ok(last)
}

fn refuse_if_held(sign: &Sign, at: u64, stack: &str) -> Result<()> {
    let silent = Duration::from_millis(now().saturating_sub(at));
    let holder = &sign.holder;
    if sign.released || silent >= DEAD || is_dead(holder) {
        return Ok(());
    }
    let Holder { caller, host, pid, since } = holder;
    let minutes = now().saturating_sub(*since) / 60_000;
    let text = format!("another deploy of the stack `{stack}` is on its way: {caller} on {host} (process {pid})");
    let left = (DEAD - silent).as_secs();
    let help = format!(
        "since {minutes} min, last sign of life {} s ago; should it be dead, it counts as such in {left} s",
        silent.as_secs()
    );
    Err(Error::new(text).help(help))
}

/// Somebody made the same stream in the same moment.
fn taken(error: Error, stack: &str) -> Error {
    match error.is("ResourceAlreadyExistsException") {
        true => Error::new(format!("another deploy of the stack `{stack}` has just begun")).help("try again later"),
        false => error,
    }
}

/// A process of this host that is gone. Of others nobody knows.
fn is_dead(holder: &Holder) -> bool {
    let processes = Path::new("/proc");
    holder.host == host() && processes.join("self").exists() && !processes.join(holder.pid.to_string()).exists()
}

/// The host's name, with the time of its boot: containers and reused names do not pass for one another.
fn host() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_string();
    let name = match read("/proc/sys/kernel/hostname") {
        name if name.is_empty() => std::env::var("HOSTNAME").unwrap_or_else(|_| "unknown".into()),
        name => name,
    };
    match read("/proc/sys/kernel/random/boot_id") {
        boot if boot.is_empty() => name,
        boot => format!("{name} ({})", &boot[..boot.len().min(8)]),
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(host: String, pid: u32, released: bool) -> Sign {
        Sign { holder: Holder { caller: "arn:aws:iam::1:user/ann".into(), host, pid, since: now() }, released }
    }

    #[test]
    fn a_lock_is_free_when_it_was_given_back_or_its_holder_is_dead() {
        let elsewhere = || "elsewhere".to_string();
        let held = |sign: &Sign, seconds: u64| refuse_if_held(sign, now() - seconds * 1000, "shop").is_err();
        assert!(held(&sign(elsewhere(), 1, false), 5));
        assert!(!held(&sign(elsewhere(), 1, true), 5));
        assert!(!held(&sign(elsewhere(), 1, false), 61));
        assert!(held(&sign(host(), std::process::id(), false), 5));
        assert!(!held(&sign(host(), u32::MAX, false), 5));
    }

    #[test]
    fn the_refusal_says_who_it_is() {
        let error = refuse_if_held(&sign("build-7".into(), 42, false), now() - 3000, "shop").unwrap_err().to_string();
        assert!(error.contains("arn:aws:iam::1:user/ann on build-7 (process 42)"), "{error}");
        assert!(error.contains("last sign of life 3 s ago"), "{error}");
    }
}
