//! One deploy of a stack at a time, and a record of who did what and when, without a state file.
//!
//! Both are in the stack's log group for deploys. The lock is a log stream, `lock-000007`: CreateLogStream makes a stream
//! for one caller only (ResourceAlreadyExistsException for all others). Its holder writes a line into it every
//! [`HEARTBEAT`], and a last one when it is done; a holder that was silent for [`DEAD`], or whose process is gone on this
//! very machine, is taken to be dead, and whoever makes the next stream has the lock. A holder that sees a newer stream
//! than its own was taken to be dead (its machine slept, say), and begins nothing more. Silence is measured by the service's
//! clock alone: when it took a line, and what time it says it is now. Whoever gives the lock back deletes the streams of
//! those before.
use crate::{
    Aws, Error, Kind, Result, Stack,
    aws::{error::Call as _, wait},
    resource::log_group::{Class, LogGroup},
};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub mod recent;
pub(crate) mod rights;

/// How often the holder shows that it lives.
pub const HEARTBEAT: Duration = Duration::from_secs(10);

/// A holder that was silent for so long is dead.
pub const DEAD: Duration = Duration::from_secs(60);

/// One that has made its stream and not said who it is for so long, too. Having said it, it looks whether it was too late.
const UNSAID: Duration = Duration::from_secs(10);

/// Streams whose names begin so are locks.
pub const PREFIX: &str = "lock-";

/// The stream of the record.
const RECORD: &str = "deploys";

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The caller's ARN.
    pub caller: String,
    pub host: String,
    pub pid: u32,
    /// Which processes see this one under its number: those of the same boot and PID namespace. `None` where there is no
    /// `/proc`.
    pub processes: Option<String>,
    /// Milliseconds since 1970.
    pub since: u64,
    /// `deploy` or `destroy`; 0.1.0 does not say.
    #[serde(default)]
    pub verb: String,
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
    number: u32,
    stream: Stream,
    holder: Holder,
    heart: JoinHandle<()>,
    lost: Arc<AtomicBool>,
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
    /// What failed, or was cut off.
    pub failed: Vec<String>,
}

impl Lock {
    /// Takes the lock for a `deploy` or a `destroy`. `stop` is cancelled when somebody else takes it from us meanwhile: whoever
    /// works under it has to stop.
    ///
    /// # Errors
    /// When somebody else holds it, with who that is; when AWS cannot be asked.
    pub async fn take(aws: &Aws, stack: &Stack, verb: &str, stop: &CancellationToken) -> Result<Lock> {
        let group = ensure_group(aws, stack).await?;
        let holder = Holder::this(aws.caller(), verb);
        let (number, stream) = next_stream(aws, group, &stack.name).await?;
        let sign = Sign { holder: holder.clone(), released: false };
        wait::known(aws, || stream.say(aws, &sign)).await?;
        if newest(aws, &stream.group).await?.is_some_and(|newest| newest.number > number) {
            return Err(just_begun(&stack.name));
        }
        let lost = Arc::new(AtomicBool::new(false));
        let heart = beat(aws.clone(), stream.clone(), holder.clone(), Arc::clone(&lost), stop.clone());
        let heart = tokio::spawn(heart);
        Ok(Lock { aws: aws.clone(), number, stream, holder, heart, lost })
    }

    /// Somebody else has taken it meanwhile.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Gives it back.
    ///
    /// # Errors
    /// When that cannot be said; it grows old then.
    pub async fn release(self) -> Result<()> {
        self.heart.abort();
        let sign = Sign { holder: self.holder.clone(), released: true };
        // A stack that was destroyed has no group any more, and so no lock.
        self.stream.say(&self.aws, &sign).await.or_else(|error| error.unless("ResourceNotFoundException"))?;
        self.tidy().await;
        Ok(())
    }

    /// Deletes the streams of the locks before this one. The next one to give the lock back tries again what fails here.
    async fn tidy(&self) {
        let Ok(all) = streams(&self.aws, &self.stream.group).await else { return };
        for older in all.into_iter().filter(|other| other.number < self.number) {
            let gone = self.aws.logs().delete_log_stream().log_group_name(&self.stream.group);
            let gone = gone.log_stream_name(&older.stream.name).send().await;
            if gone.call("logs:DeleteLogStream", &older.stream.name).is_err() {
                return;
            }
        }
    }

    /// Writes into the record of deploys.
    ///
    /// # Errors
    /// When AWS does not take it.
    pub async fn record(&self, done: Vec<String>, failed: Vec<String>) -> Result<()> {
        let stream = Stream { group: self.stream.group.clone(), name: RECORD.to_string() };
        stream.make(&self.aws).await.or_else(|error| error.unless("ResourceAlreadyExistsException"))?;
        let Holder { verb, caller, host, .. } = self.holder.clone();
        let record = Record { verb, caller, host, version: env!("CARGO_PKG_VERSION").into(), done, failed };
        wait::known(&self.aws, || stream.say(&self.aws, &record)).await
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.heart.abort();
    }
}

impl Holder {
    /// This process.
    fn this(caller: &str, verb: &str) -> Holder {
        let (host, pid) = (host(), std::process::id());
        Holder { caller: caller.to_string(), host, pid, processes: processes(), since: now(), verb: verb.to_string() }
    }

    /// A process of this machine that is gone. Of others nobody knows.
    fn is_dead(&self) -> bool {
        self.processes.is_some()
            && self.processes == processes()
            && !Path::new("/proc").join(self.pid.to_string()).exists()
    }
}

impl Stream {
    async fn make(&self, aws: &Aws) -> Result<()> {
        let make = aws.logs().create_log_stream().log_group_name(&self.group).log_stream_name(&self.name);
        make.send().await.call("logs:CreateLogStream", &self.name).map(drop)
    }

    async fn say(&self, aws: &Aws, what: &impl Serialize) -> Result<()> {
        let message = serde_json::to_string(what).expect("plain data");
        // CloudWatch Logs leaves out events whose time is two hours ahead of its own.
        let event = InputLogEvent::builder().message(message).timestamp(aws.logs_now() as i64).build();
        let event = event.expect("it has a message and a time");
        let put = aws.logs().put_log_events().log_group_name(&self.group).log_stream_name(&self.name);
        put.log_events(event).send().await.call("logs:PutLogEvents", &self.name).map(drop)
    }
}

async fn beat(aws: Aws, stream: Stream, holder: Holder, lost: Arc<AtomicBool>, stop: CancellationToken) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        // One that does not get through is followed by the next.
        let _ = stream.say(&aws, &Sign { holder: holder.clone(), released: false }).await;
        let newest = newest(&aws, &stream.group).await.ok().flatten();
        if newest.is_some_and(|newest| newest.stream.name != stream.name) {
            lost.store(true, Ordering::Relaxed);
            stop.cancel();
        }
    }
}

/// Makes the next lock's stream. One that is there already was made by somebody else in the same moment, who will say so; or by
/// us, and the answer was lost: then nobody ever does, and it is passed over.
///
/// # Errors
/// When somebody holds the lock, with who that is.
async fn next_stream(aws: &Aws, group: String, stack: &str) -> Result<(u32, Stream)> {
    for _ in 0..LOOKS {
        let number = free(aws, &group, stack).await?;
        let stream = Stream { group: group.clone(), name: format!("{PREFIX}{number:06}") };
        match wait::known(aws, || stream.make(aws)).await {
            Ok(()) => return Ok((number, stream)),
            Err(error) => error.unless("ResourceAlreadyExistsException")?,
        }
    }
    Err(just_begun(stack))
}

/// The number of the next lock, once the newest one is nobody's any more. A line takes a moment until it can be read: who
/// has just given the lock back seems to hold it a little longer.
///
/// # Errors
/// When somebody holds it, with who that is.
async fn free(aws: &Aws, group: &str, stack: &str) -> Result<u32> {
    let mut looks = LOOKS;
    loop {
        let Some(newest) = wait::known(aws, || newest(aws, group)).await? else { return Ok(1) };
        let sign = wait::known(aws, || last_line::<Sign>(aws, &newest.stream)).await?;
        let now = aws.logs_now();
        let Some((refusal, left)) = refusal(sign.as_ref(), newest.made, now, stack) else {
            return Ok(newest.number + 1);
        };
        looks = looks.saturating_sub(1);
        // One that is nearly dead is waited for.
        if looks == 0 && left > UNSAID {
            return Err(refusal);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// How often a lock that is held is looked at, and the pause between.
const LOOKS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// The log group with the stack's tag, made if it is not there.
async fn ensure_group(aws: &Aws, stack: &Stack) -> Result<String> {
    use crate::resource::{Known, Owner, Resource as _};
    let group = group(stack);
    match wait::known(aws, || group.read(aws)).await? {
        Some(found) if found.owner == Owner::Ours => {}
        Some(_) => {
            let text =
                format!("the {} {} is there already, and was not made by this stack", Kind::LogGroup, group.name);
            return Err(Error::new(text).help("it would hold the lock of the stack's deploys; delete it"));
        }
        None => {
            let made = group.create(aws, &Known::default(), &|_| {}).await;
            made.or_else(|error| error.unless("ResourceAlreadyExistsException"))?;
            // The plan that is made under the lock has to see it.
            wait::found(aws, &group.id().to_string(), || group.read(aws)).await?;
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
        class: Class::Standard,
        tags: stack.all_tags(),
        data: false,
    })
}

/// A lock's stream.
struct Found {
    number: u32,
    stream: Stream,
    /// By the service's clock, in milliseconds since 1970.
    made: u64,
}

async fn newest(aws: &Aws, group: &str) -> Result<Option<Found>> {
    Ok(streams(aws, group).await?.into_iter().max_by_key(|found| found.number))
}

async fn streams(aws: &Aws, group: &str) -> Result<Vec<Found>> {
    let streams = aws.logs().describe_log_streams().log_group_name(group).log_stream_name_prefix(PREFIX);
    let mut pages = streams.into_paginator().items().send();
    let mut all = Vec::new();
    while let Some(found) = pages.next().await {
        let found = found.call("logs:DescribeLogStreams", group)?;
        let name = found.log_stream_name.unwrap_or_default();
        let Some(number) = name.strip_prefix(PREFIX).and_then(|number| number.parse().ok()) else { continue };
        let made = found.creation_time.unwrap_or_default().unsigned_abs();
        all.push(Found { number, stream: Stream { group: group.to_string(), name }, made });
    }
    Ok(all)
}

/// The last line of a stream, and when the service took it (milliseconds since 1970).
async fn last_line<T: DeserializeOwned>(aws: &Aws, stream: &Stream) -> Result<Option<(T, u64)>> {
    let events = aws.logs().get_log_events().log_group_name(&stream.group).log_stream_name(&stream.name);
    let events = events.start_from_head(false).limit(1);
    let mut from: Option<String> = None;
    loop {
        let page = events.clone().set_next_token(from.clone()).send().await.call("logs:GetLogEvents", &stream.name)?;
        if let Some(event) = page.events().last() {
            let line = event.message().and_then(|message| serde_json::from_str(message).ok());
            return Ok(line.zip(event.ingestion_time().or(event.timestamp()).map(i64::unsigned_abs)));
        }
        // A page can be empty though there is more: at the end the token stays the same.
        match page.next_backward_token {
            token if token.is_some() && token != from => from = token,
            _ => return Ok(None),
        }
    }
}

/// Why a lock cannot be taken, and for how long: by its last sign of life, or when it was `made`. All times are the service's,
/// in milliseconds since 1970.
fn refusal(sign: Option<&(Sign, u64)>, made: u64, now: u64, stack: &str) -> Option<(Error, Duration)> {
    let silent = Duration::from_millis(now.saturating_sub(sign.map_or(made, |(_, at)| *at)));
    let free = sign.is_some_and(|(sign, _)| sign.released || sign.holder.is_dead());
    let dead = if sign.is_some() { DEAD } else { UNSAID };
    if free || silent >= dead {
        return None;
    }
    let left = dead - silent;
    let who = sign.map_or(String::new(), |(Sign { holder, .. }, _)| {
        format!(": {} on {} (process {})", holder.caller, holder.host, holder.pid)
    });
    let text = format!("another deploy of the stack `{stack}` is on its way{who}");
    let help = format!(
        "it began {} s ago and gave its last sign of life {} s ago; should it be dead, it counts as such in {} s",
        now.saturating_sub(made) / 1000,
        silent.as_secs(),
        left.as_secs() + 1
    );
    Some((Error::new(text).help(help), left))
}

fn just_begun(stack: &str) -> Error {
    Error::new(format!("another deploy of the stack `{stack}` has just begun")).help("try again later")
}

fn host() -> String {
    match read("/proc/sys/kernel/hostname") {
        Some(name) => name,
        None => std::env::var("HOSTNAME").unwrap_or_else(|_| "an unknown host".into()),
    }
}

/// The boot and the PID namespace: a process number means the same process in the same ones only.
fn processes() -> Option<String> {
    let namespace = std::fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", read("/proc/sys/kernel/random/boot_id")?, namespace.display()))
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok().map(|text| text.trim().to_string())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

#[cfg(test)]
mod tests;
