//! Sends records to destinations, as many as there are, with little memory: batches within each API's limits, several on
//! their way at once, what failed in part sent again alone, at the pace that the destination takes, and everything written
//! down that was confirmed (`ledger`), so that an end in the middle doubles no more than what was on its way.
//!
//! Data flows one way: [`Event`] -> `batch` -> `delivery` -> [`Ledger`]. Each kind of destination is a file with its
//! API's limits.
mod batch;
mod checkpoint;
pub mod cloudwatch_logs;
mod delivery;
mod failure;
pub mod firehose;
mod hold;
pub mod kinesis_streams;
mod ledger;
mod pace;
mod rejections;
pub(crate) mod rights;
pub mod s3;
#[cfg(test)]
mod tests;

pub use batch::{Batch, Batcher, Event, Limits, Position};
pub use checkpoint::{Checkpoint, Input, Progress};
pub use failure::Failure;
pub use hold::Hold;
pub use ledger::Ledger;
pub use rejections::{Refusal, Rejected, Rejections};

use crate::{Aws, Error, Result, apply::GRACE};
use async_trait::async_trait;
use aws_config::{SdkConfig, retry::RetryConfig};
use delivery::Delivery;
use futures::{StreamExt as _, stream::FuturesUnordered};
use std::{pin::pin, sync::Arc};
use tokio::{sync::mpsc, task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;

/// Chunks of records that wait for a destination.
const QUEUE: usize = 2;

/// Where records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    CloudwatchLogs(cloudwatch_logs::Target),
    Firehose(firehose::Target),
    KinesisStreams(kinesis_streams::Target),
    S3(s3::Target),
}

impl Target {
    pub fn limits(&self) -> Limits {
        match self {
            Target::CloudwatchLogs(_) => cloudwatch_logs::LIMITS,
            Target::Firehose(_) => firehose::LIMITS,
            Target::KinesisStreams(_) => kinesis_streams::LIMITS,
            Target::S3(target) => target.limits(),
        }
    }

    /// What the API can never take, for one that is sent at `now`, in milliseconds since 1970.
    pub fn refuses(&self, event: &Event, now: i64) -> Option<Refusal> {
        match self {
            Target::CloudwatchLogs(target) => target.refuses(event, now),
            Target::Firehose(_) | Target::KinesisStreams(_) | Target::S3(_) => self.limits().refuses(event),
        }
    }

    /// The way there, made ready. `seed` tells apart what is sent, so that the same objects have the same names again.
    ///
    /// # Errors
    /// When it is not there, or cannot be asked.
    pub async fn connect(&mut self, aws: &Aws, seed: &str) -> Result<Arc<dyn Api>> {
        Ok(match self {
            Target::CloudwatchLogs(target) => Arc::new(target.connect(aws).await?),
            Target::Firehose(target) => Arc::new(target.connect(aws)),
            Target::KinesisStreams(target) => Arc::new(target.connect(aws)),
            Target::S3(target) => Arc::new(target.connect(aws, seed)),
        })
    }
}

/// The configuration of a client that makes each call once: what failed is sent again here, at the destination's pace.
fn single_try(aws: &Aws, region: Option<&str>) -> SdkConfig {
    aws.config_in(region).into_builder().retry_config(RetryConfig::disabled()).build()
}

/// What takes batches.
#[async_trait]
pub trait Api: Send + Sync {
    /// Sends all of them in one go.
    async fn send(&self, events: &[Event]) -> std::result::Result<Answer, Failure>;
}

/// What became of a batch; those that are in neither list were taken.
#[derive(Debug, Default)]
pub struct Answer {
    /// Indices of the records that are to be sent again, in their order.
    pub again: Vec<usize>,
    pub rejected: Vec<(usize, Refusal)>,
    /// Why some are to be sent again.
    pub why: Option<Failure>,
}

/// Takes everything and sends nothing.
#[derive(Debug, Clone, Copy)]
pub struct DryRun;

#[async_trait]
impl Api for DryRun {
    async fn send(&self, _: &[Event]) -> std::result::Result<Answer, Failure> {
        Ok(Answer::default())
    }
}

/// What a destination got in this run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    pub records: u64,
    pub batches: u64,
    /// Records that had to be sent more than once.
    pub again: u64,
    pub rejections: Rejections,
}

/// The way into a destination.
#[derive(Debug)]
pub struct Sender {
    events: mpsc::Sender<Vec<Event>>,
    task: JoinHandle<Result<Sent>>,
}

impl Sender {
    /// Starts to send to a destination, until `stop`; within a runtime.
    pub fn start(
        name: &str,
        target: Target,
        api: Arc<dyn Api>,
        ledger: Arc<Ledger>,
        now: i64,
        stop: CancellationToken,
    ) -> Sender {
        let (events, received) = mpsc::channel(QUEUE);
        let delivery = Delivery::new(name, api, ledger);
        let task = tokio::spawn(run(target, delivery, received, now, stop));
        Sender { events, task }
    }

    /// Gives it some more records; waits while there are enough on their way. `false` when the destination has failed, or was stopped.
    pub fn push(&self, events: Vec<Event>) -> bool {
        events.is_empty() || self.events.blocking_send(events).is_ok()
    }

    /// Waits until all of them were confirmed.
    ///
    /// # Errors
    /// What kept some of them from being sent.
    pub async fn finish(self) -> Result<Sent> {
        drop(self.events);
        self.task.await.map_err(|error| Error::new(error.to_string()))?
    }
}

/// Until there are no more, or `stop`: then what is on its way has [`GRACE`] to be confirmed.
async fn run(
    target: Target,
    delivery: Delivery,
    mut events: mpsc::Receiver<Vec<Event>>,
    now: i64,
    stop: CancellationToken,
) -> Result<Sent> {
    let done = delivery.progress();
    let limits = target.limits();
    let mut batcher = Batcher::new(limits);
    let mut sent = Sent::default();
    let mut ways = FuturesUnordered::new();
    let mut failed = None;
    'all: while let Some(chunk) = unless(&stop, events.recv()).await.flatten() {
        for event in chunk {
            let batch = match done.covers(event.from) {
                Some(to) => batcher.skip_to(to),
                None => {
                    let refusal = event.refusal.or_else(|| target.refuses(&event, now));
                    batcher.push(event, refusal)
                }
            };
            let Some(batch) = batch else { continue };
            if ways.len() >= limits.parallel {
                let Some(ended) = unless(&stop, ways.next()).await else { break 'all };
                if let Some(Err(error)) = ended.map(|result| sent.add(result)) {
                    failed = Some(error);
                    break 'all;
                }
            }
            ways.push(delivery.deliver(batch));
        }
    }
    drop(events);
    if failed.is_none()
        && !stop.is_cancelled()
        && let Some(batch) = batcher.take()
    {
        ways.push(delivery.deliver(batch));
    }
    let grace = async {
        stop.cancelled().await;
        sleep(GRACE).await;
    };
    let mut grace = pin!(grace);
    // What is on its way is confirmed even when something else failed.
    while let Some(result) = tokio::select! { next = ways.next() => next, () = &mut grace => None } {
        failed = sent.add(result).err().or(failed);
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(sent),
    }
}

/// What comes of it, unless the work is stopped before.
async fn unless<T>(stop: &CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = stop.cancelled() => None,
        result = work => Some(result),
    }
}

impl Sent {
    fn add(&mut self, batch: Result<Sent>) -> Result<()> {
        let batch = batch?;
        self.records += batch.records;
        self.batches += batch.batches;
        self.again += batch.again;
        self.rejections.add(batch.rejections);
        Ok(())
    }
}
