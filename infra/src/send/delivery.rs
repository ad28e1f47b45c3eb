//! One batch on its way: sent until all of it is taken, what failed alone and later each time.
use super::{
    Answer, Api, Sent,
    batch::{Batch, Event},
    checkpoint::{Confirmed, Progress},
    failure::Failure,
    ledger::Ledger,
    pace::Pace,
    rejections::{Refusal, Rejections},
};
use crate::{Error, Result};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// Tries in a row in which nothing of a batch is taken. With the pauses between them, about three minutes.
const ATTEMPTS: u32 = 14;

/// The first pause after a try, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(20));

/// The way to a destination.
pub(super) struct Delivery {
    name: String,
    api: Arc<dyn Api>,
    ledger: Arc<Ledger>,
    pace: Pace,
}

impl Delivery {
    pub(super) fn new(name: &str, api: Arc<dyn Api>, ledger: Arc<Ledger>) -> Delivery {
        Delivery { name: name.to_string(), api, ledger, pace: Pace::new() }
    }

    pub(super) fn progress(&self) -> Progress {
        self.ledger.progress(&self.name)
    }

    /// Sends a batch, and writes down that it was taken.
    pub(super) async fn deliver(&self, batch: Batch) -> Result<Sent> {
        self.ledger.begin(&self.name, &batch)?;
        let Batch { from, to, time, events, refused: mut rejected } = batch;
        let (all, calls) = (events.len(), u64::from(!events.is_empty()));
        let before = rejected.len();
        let again = self.send_all(events, &mut rejected).await?;
        let records = (all - (rejected.len() - before)) as u64;
        self.ledger.confirm(&self.name, Confirmed { from, to, time }, records, &rejected)?;
        Ok(Sent { records, batches: calls, again, rejections: Rejections::of(&rejected) })
    }

    /// How many records were sent more than once.
    async fn send_all(&self, mut left: Vec<Event>, rejected: &mut Vec<(Event, Refusal)>) -> Result<u64> {
        let (mut again, mut attempt) = (0, 0);
        while !left.is_empty() {
            self.pace.turn().await;
            let answer = match self.api.send(&left).await {
                Ok(answer) => answer,
                Err(failure) => Answer { again: (0..left.len()).collect(), rejected: vec![], why: Some(failure) },
            };
            let before = left.len();
            left = sort(left, &answer, rejected);
            attempt = if left.len() < before { 0 } else { attempt + 1 };
            again += left.len() as u64;
            match answer.why {
                None => self.pace.taken(),
                Some(failure) => self.recover(failure, attempt).await?,
            }
        }
        Ok(again)
    }

    /// Waits before the next try, if there is to be one.
    async fn recover(&self, failure: Failure, attempt: u32) -> Result<()> {
        let error = match failure {
            Failure::Final(error) => return Err(error),
            Failure::Throttled(error) => {
                self.pace.throttled();
                error
            }
            Failure::Passing(error) => error,
        };
        if attempt >= ATTEMPTS {
            return Err(given_up(error));
        }
        sleep((PAUSE.0 * 2_u32.pow(attempt)).min(PAUSE.1)).await;
        Ok(())
    }
}

fn given_up(error: Error) -> Error {
    match &error.help {
        Some(_) => error,
        None => error.help(format!("nothing was taken in {ATTEMPTS} tries; run the same command again later")),
    }
}

/// Those that are to be sent again.
fn sort(events: Vec<Event>, answer: &Answer, rejected: &mut Vec<(Event, Refusal)>) -> Vec<Event> {
    let mut again = answer.again.iter().copied().peekable();
    let mut refused = answer.rejected.iter().copied().peekable();
    let mut left = Vec::with_capacity(answer.again.len());
    for (index, event) in events.into_iter().enumerate() {
        if again.next_if_eq(&index).is_some() {
            left.push(event);
        } else if let Some((_, refusal)) = refused.next_if(|(at, _)| *at == index) {
            rejected.push((event, refusal));
        }
    }
    left
}
