//! The records of all lines, dealt out to their destinations, each with its time.
use super::{
    identity,
    judged::{self, Judged, Lines, MakeJudge},
    target::Destination,
};
use crate::{
    Error, Ui,
    offline::{
        input::Source,
        pool::{self, Start},
        progress::Progress,
    },
};
use firelens_infra::{
    Result as AwsResult,
    send::{Api, Event, Input, Ledger, Refusal, Sender, Sent},
};
use std::{sync::Arc, time::SystemTime};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// What is to be sent where.
pub struct Plan {
    pub sources: Vec<Source>,
    pub destinations: Vec<Destination>,
    /// By route, and last for records without one.
    pub ways: Vec<Way>,
    pub judge: Arc<MakeJudge>,
    /// What the field `time` is called.
    pub time_key: Arc<[u8]>,
    /// Milliseconds since 1970.
    pub now: i64,
}

impl Plan {
    /// Whether a source that is larger now begins with what was read then, and its place in the checkpoint is known: of a packed one
    /// only the end of the last source is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn began_so(&self, index: usize, was: &Input) -> AwsResult<bool> {
        let Some(Source::File(path)) = self.sources.get(index) else { return Ok(false) };
        let ask = || Ok(identity::begins_with(path, was)? && (self.is_last(index) || !identity::is_gzip(path)?));
        ask().map_err(|error: Error| firelens_infra::Error::new(error.to_string()))
    }

    /// Says that the new lines of a source are sent.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn say_grown(&self, index: usize, was: &Input, by: u64, ui: &Ui) -> Result<(), Error> {
        let Some(Source::File(path)) = self.sources.get(index) else { return Ok(()) };
        let name = path.display();
        ui.note(&format!("{name} has grown by {by} bytes since: sending its new lines"));
        if !identity::is_gzip(path)? && !identity::is_whole(path, was.size)? {
            ui.warning(&format!("{name} ended in the middle of a line then: the rest of this line is sent by itself"));
        }
        Ok(())
    }

    fn is_last(&self, index: usize) -> bool {
        index + 1 == self.sources.len()
    }
}

/// Where the records of a route go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Indices of destinations.
    pub to: Vec<usize>,
    pub tag: Arc<str>,
}

/// What became of the lines that were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub lines: u64,
    /// By a route that drops.
    pub dropped: u64,
    /// Their routes lead to none of the named destinations.
    pub elsewhere: u64,
    pub times: Times,
}

/// Whose time the records have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    /// The line's.
    pub own: u64,
    /// That of a line before it.
    pub before: u64,
    /// The file's, since no line before it has one either.
    pub file: u64,
}

/// What a run did.
pub struct Outcome {
    pub counts: Counts,
    /// Of each destination, in the plan's order.
    pub sent: Vec<AwsResult<Sent>>,
    /// Why the input was not read to its end, if it was not for a destination or a stop.
    pub unread: Option<Error>,
}

/// Where an earlier run ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct Resume {
    pub start: Start,
    /// The time of the line before, in milliseconds since 1970.
    pub time: Option<i64>,
}

/// Sends everything, until `stop`. All of it is confirmed, or the outcome says why not.
pub fn run(
    plan: &Plan,
    apis: &[Arc<dyn Api>],
    ledger: &Arc<Ledger>,
    resume: Resume,
    runtime: &Runtime,
    progress: &mut Progress,
    stop: &CancellationToken,
) -> Outcome {
    let senders: Vec<Sender> = {
        let _runtime = runtime.enter();
        let start = |(to, api): (&Destination, &Arc<dyn Api>)| {
            Sender::start(&to.name, to.target.clone(), Arc::clone(api), Arc::clone(ledger), plan.now, stop.clone())
        };
        plan.destinations.iter().zip(apis).map(start).collect()
    };
    let mut dealer = Dealer::new(plan, resume);
    let read = dealer.deal_all(&senders, resume.start, progress, stop);
    let counts = dealer.counts;
    let finish = async {
        let mut sent = Vec::new();
        for sender in senders {
            sent.push(sender.finish().await);
        }
        sent
    };
    let sent = runtime.block_on(finish);
    let ended = sent.iter().any(Result::is_err) || stop.is_cancelled();
    Outcome { counts, sent, unread: read.err().filter(|_| !ended) }
}

/// Gives each record its time, its form and its destinations.
struct Dealer<'a> {
    plan: &'a Plan,
    counts: Counts,
    source: usize,
    time: i64,
    /// `time` is that of a line.
    of_a_line: bool,
}

impl<'a> Dealer<'a> {
    fn new(plan: &'a Plan, resume: Resume) -> Dealer<'a> {
        let mut dealer = Dealer { plan, counts: Counts::default(), source: 0, time: 0, of_a_line: false };
        dealer.begin(resume.start.source);
        if let Some(time) = resume.time {
            (dealer.time, dealer.of_a_line) = (time, true);
        }
        dealer
    }

    /// A source's first lines may have no time: then they get that of its last change.
    fn begin(&mut self, source: usize) {
        let changed = match self.plan.sources.get(source) {
            Some(Source::File(path)) => path.metadata().and_then(|meta| meta.modified()).ok(),
            _ => None,
        };
        let since = changed.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        self.source = source;
        self.time = since.and_then(|since| since.as_millis().try_into().ok()).unwrap_or(self.plan.now);
        self.of_a_line = false;
    }

    fn deal_all(
        &mut self,
        senders: &[Sender],
        start: Start,
        progress: &mut Progress,
        stop: &CancellationToken,
    ) -> Result<(), Error> {
        let (judge, key) = (Arc::clone(&self.plan.judge), Arc::clone(&self.plan.time_key));
        let work = move || judged::work(&*judge, &key);
        pool::run(Arc::new(work), &self.plan.sources, start, None, progress.position(), |lines: Lines| {
            let chunks = self.deal(lines);
            progress.update(self.counts.lines);
            let goes_on = senders.iter().zip(chunks).all(|(sender, chunk)| sender.push(chunk));
            match goes_on && !stop.is_cancelled() {
                true => Ok(()),
                false => Err(Error::new("a destination has failed, or the work was stopped")),
            }
        })
    }

    /// The events for each destination.
    fn deal(&mut self, lines: Lines) -> Vec<Vec<Event>> {
        if lines.source != self.source {
            self.begin(lines.source);
        }
        self.counts.lines += lines.count;
        self.counts.dropped += lines.dropped;
        let mut chunks = vec![Vec::new(); self.plan.destinations.len()];
        for judged in lines.kept {
            self.take_time(&judged);
            let way = self.way(&judged);
            self.counts.elsewhere += u64::from(way.to.is_empty());
            for to in &way.to {
                chunks[*to].push(self.event(&judged, &self.plan.destinations[*to], &way.tag));
            }
        }
        chunks
    }

    fn take_time(&mut self, judged: &Judged) {
        match judged.time {
            Some(time) => {
                (self.time, self.of_a_line) = (time, true);
                self.counts.times.own += 1;
            }
            None if self.of_a_line => self.counts.times.before += 1,
            None => self.counts.times.file += 1,
        }
    }

    fn way(&self, judged: &Judged) -> &'a Way {
        let without = self.plan.ways.len() - 1;
        &self.plan.ways[judged.route.unwrap_or(without).min(without)]
    }

    fn event(&self, judged: &Judged, to: &Destination, tag: &Arc<str>) -> Event {
        let made = match judged.lost {
            true => Err(Refusal::Lost),
            false => to.form.body(&judged.record, self.time),
        };
        let (body, refusal) = match made {
            Ok(body) => (body, None),
            Err(refusal) => (judged.record.clone(), Some(refusal)),
        };
        let Judged { from, to, line, .. } = *judged;
        Event { from, to, line, time: self.time, tag: Arc::clone(tag), body, refusal }
    }
}
