//! The plan's actions, in the order of dependencies, side by side where nothing depends on anything.
use crate::{
    Aws, Error, Id, Kind, Plan, Stack,
    plan::{Action, Verb, top},
    resource::update,
};
use futures::{StreamExt as _, stream::FuturesUnordered};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    pin::pin,
    time::{Duration, Instant},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// What happens while a plan is applied.
#[derive(Debug)]
pub enum Event<'a> {
    Started(&'a Action),
    /// What it waits for.
    Waiting(&'a Action, &'a str),
    Done(&'a Action, Duration),
    Failed(&'a Action, &'a Error),
    /// It was not begun, because this one failed.
    Skipped(&'a Action, &'a Id),
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    pub done: Vec<Id>,
    pub failed: Vec<(Id, Error)>,
    /// Not begun: they depend on what failed, or the work was stopped.
    pub skipped: Vec<Id>,
    /// On their way when the work was stopped, and not at their end in time.
    pub cut_off: Vec<Id>,
}

impl Outcome {
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && self.cut_off.is_empty()
    }
}

/// Actions on their way at a time.
const WORKERS: usize = 8;

/// How long what is on its way has to come to its end when the work is stopped. What waits for AWS may take many minutes: it is
/// cut off then, and the next run finds it as after a kill.
pub const GRACE: Duration = Duration::from_secs(10);

/// Applies a plan. A failure stops what depends on it; what is on its way comes to its end. After `stop` nothing more is
/// begun, and what is on its way has [`GRACE`].
pub async fn apply(
    aws: &Aws,
    plan: &Plan,
    stop: &CancellationToken,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Outcome {
    let pending: Vec<&Action> = plan.pending().collect();
    let before = prerequisites(&plan.stack, &pending);
    let mut outcome = Outcome::default();
    let mut waiting: Vec<usize> = (0..pending.len()).collect();
    let mut done: HashSet<usize> = HashSet::new();
    let mut lost: HashMap<usize, Id> = HashMap::new();
    let mut running = FuturesUnordered::new();
    let mut under_way: HashSet<usize> = HashSet::new();
    let grace = async {
        stop.cancelled().await;
        sleep(GRACE).await;
    };
    let mut grace = pin!(grace);
    loop {
        waiting.retain(|&at| match before[at].iter().find_map(|other| lost.get(other)).cloned() {
            Some(cause) => {
                events(Event::Skipped(pending[at], &cause));
                outcome.skipped.push(pending[at].id.clone());
                lost.insert(at, cause);
                false
            }
            None => true,
        });
        let ready = |at: &usize| before[*at].iter().all(|other| done.contains(other));
        while running.len() < WORKERS && !stop.is_cancelled() {
            let Some(at) = waiting.iter().position(ready).map(|place| waiting.remove(place)) else { break };
            events(Event::Started(pending[at]));
            under_way.insert(at);
            running.push(timed(aws, plan, at, pending[at], events));
        }
        let next = tokio::select! {
            next = running.next() => next,
            () = &mut grace => break,
        };
        let Some((at, took, result)) = next else { break };
        under_way.remove(&at);
        let action = pending[at];
        match result {
            Ok(()) => {
                events(Event::Done(action, took));
                done.insert(at);
                outcome.done.push(action.id.clone());
            }
            Err(error) => {
                events(Event::Failed(action, &error));
                lost.insert(at, action.id.clone());
                outcome.failed.push((action.id.clone(), error));
            }
        }
    }
    outcome.cut_off = under_way.into_iter().map(|at| pending[at].id.clone()).collect();
    outcome.cut_off.sort();
    outcome.skipped.extend(waiting.into_iter().map(|at| pending[at].id.clone()));
    outcome
}

/// For each action the others that come first: what it depends on. What goes, goes after all that is made and changed,
/// and after what may depend on it by its kind; the log group of the deploys, which holds the lock, goes last. Rights go after what
/// used them: revisions that run until a rollout has come to its end, streams that deliver until they have gone.
fn prerequisites(stack: &str, pending: &[&Action]) -> Vec<Vec<usize>> {
    let lock = Id::new(Kind::LogGroup, Stack::named(stack).deploys_log_group());
    let last = |at: usize| (pending[at].id == lock, Reverse(pending[at].id.kind.row().rank));
    let deletes = |at: usize| pending[at].action.takes_away();
    let narrows = |at: usize| pending[at].action == Verb::Narrow;
    let uses_rights = |at: usize| pending[at].id.kind.row().uses_rights;
    let needs = |at: usize, other: usize| pending[at].resource.depends_on().contains(&pending[other].id);
    let comes_first = |at: usize, other: usize| match (deletes(at), deletes(other)) {
        _ if narrows(other) => false,
        _ if narrows(at) => uses_rights(other) || pending[at].id == pending[other].id,
        (false, false) => needs(at, other),
        (true, true) => last(other) < last(at) || needs(other, at),
        (deletes, _) => deletes,
    };
    let all = 0..pending.len();
    all.clone().map(|at| all.clone().filter(|&other| comes_first(at, other)).collect()).collect()
}

async fn timed<'a>(
    aws: &Aws,
    plan: &Plan,
    at: usize,
    action: &'a Action,
    events: &(dyn Fn(Event) + Send + Sync),
) -> (usize, Duration, crate::Result<()>) {
    let start = Instant::now();
    let progress = |text: &str| events(Event::Waiting(action, text));
    let resource = &action.resource;
    let result = match action.action {
        Verb::Create => resource.create(aws, &plan.known, &progress).await,
        Verb::Update => {
            let mut changed: Vec<&str> = action.changes.iter().map(|change| top(&change.field)).collect();
            changed.dedup();
            update(&**resource, aws, &plan.known, &changed, &progress).await
        }
        Verb::Delete => {
            let goes = |id: &Id| plan.pending().any(|other| other.action == Verb::Delete && other.id == *id);
            match resource.drain(aws, &goes, &progress).await {
                Ok(()) => resource.delete(aws, &progress).await,
                error => error,
            }
        }
        Verb::Narrow => resource.narrow(aws).await,
        Verb::GiveBack => resource.delete(aws, &progress).await,
        Verb::Keep => Ok(()),
    };
    (at, start.elapsed(), result)
}

#[cfg(test)]
mod tests;
