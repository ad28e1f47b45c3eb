//! Batches keep to their limits, lose nothing and keep the order; a run confirms what it sent, and skips what was confirmed.
use super::*;
use std::sync::{Mutex, PoisonError};

fn event(at: u64, time: i64, size: usize) -> Event {
    let (from, to) = ((0, at).into(), (0, at + 1).into());
    Event { from, to, line: at + 1, time, tag: "t".into(), body: vec![b'x'; size], refusal: None }
}

/// A xorshift generator: the same numbers each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn batches_keep_to_all_limits_and_lose_nothing() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..300 {
        let limits = Limits {
            records: 1 + random.below(20) as usize,
            bytes: 200 + random.below(500) as usize,
            record_bytes: 100,
            overhead: random.below(30) as usize,
            span: (random.below(2) == 0).then_some(40),
            parallel: 1,
        };
        let mut batcher = Batcher::new(limits);
        let events: Vec<Event> =
            (0..200).map(|at| event(at, random.below(100) as i64, random.below(130) as usize)).collect();
        let mut batches: Vec<Batch> =
            events.iter().filter_map(|one| batcher.push(one.clone(), limits.refuses(one))).collect();
        batches.extend(batcher.take());
        let mut from = Position::default();
        let mut seen = Vec::new();
        for batch in &batches {
            let sent = &batch.events;
            assert!(sent.len() <= limits.records && batch.refused.len() <= limits.records);
            assert!(sent.iter().map(|one| one.body.len() + limits.overhead).sum::<usize>() <= limits.bytes);
            let times = || sent.iter().map(|one| one.time);
            let span = times().max().zip(times().min()).map_or(0, |(latest, earliest)| latest - earliest);
            assert!(limits.span.is_none_or(|limit| span <= limit));
            assert!(sent.is_sorted_by_key(|one| one.from));
            assert_eq!(batch.from, from, "batches follow each other");
            from = batch.to;
            seen.extend(sent.iter().chain(batch.refused.iter().map(|(one, _)| one)).cloned());
        }
        seen.sort_by_key(|one| one.from);
        assert_eq!(seen, events);
    }
}

#[test]
fn limits_are_those_of_the_apis() {
    let s3 = s3::Target {
        bucket: String::new(),
        key: s3::KeyFormat::new("/x", ".").expect("a format"),
        gzip: false,
        content_type: None,
        storage_class: None,
        own: true,
        canned_acl: None,
        file_size: usize::MAX,
        region: None,
    };
    for limits in [cloudwatch_logs::LIMITS, firehose::LIMITS, kinesis_streams::LIMITS, s3.limits()] {
        assert!(limits.record_bytes + limits.overhead <= limits.bytes, "the largest record has room: {limits:?}");
    }
}

/// Takes every second record of what it is given, and remembers all that it took.
#[derive(Default)]
struct Halves(Mutex<Vec<u64>>);

#[async_trait]
impl Api for Halves {
    async fn send(&self, events: &[Event]) -> std::result::Result<Answer, Failure> {
        let again: Vec<usize> = (0..events.len()).filter(|index| index % 2 == 1).collect();
        let taken = events.iter().step_by(2).map(|one| one.from.offset);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(taken);
        let why = (!again.is_empty()).then(|| Failure::Passing(Error::new("half of it")));
        Ok(Answer { again, rejected: Vec::new(), why })
    }
}

fn target() -> Target {
    Target::Firehose(firehose::Target { stream: "s".into(), region: None })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_is_taken_once_and_what_was_confirmed_is_skipped() {
    let ledger = Arc::new(Ledger::new(Checkpoint::new(vec![], String::new(), String::new()), None));
    let run = async || {
        let api = Arc::new(Halves::default());
        let sender = Sender::start("a", target(), api.clone(), Arc::clone(&ledger), 0, CancellationToken::new());
        let events: Vec<Event> = (0..1_200).map(|at| event(at, 0, 10)).collect();
        let sender = tokio::task::spawn_blocking(move || sender.push(events).then_some(sender)).await;
        let sent = sender.expect("no panic").expect("it takes them").finish().await.expect("it is sent");
        let mut taken = api.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        taken.sort_unstable();
        (sent, taken)
    };
    let (sent, taken) = run().await;
    assert_eq!(taken, (0..1_200).collect::<Vec<_>>());
    assert_eq!((sent.records, sent.batches), (1_200, 3));
    assert!(sent.again >= 600);
    assert_eq!(ledger.progress("a").confirmed.len(), 1);
    assert_eq!(run().await, (Sent::default(), vec![]));
}

/// Refuses for good.
struct Denied;

#[async_trait]
impl Api for Denied {
    async fn send(&self, _: &[Event]) -> std::result::Result<Answer, Failure> {
        Err(Failure::Final(Error::new("no")))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_good_is_not_confirmed() {
    let ledger = Arc::new(Ledger::new(Checkpoint::new(vec![], String::new(), String::new()), None));
    let sender = Sender::start("a", target(), Arc::new(Denied), Arc::clone(&ledger), 0, CancellationToken::new());
    let sender = tokio::task::spawn_blocking(move || {
        sender.push(vec![event(0, 0, 10)]);
        sender
    });
    assert_eq!(sender.await.expect("no panic").finish().await, Err(Error::new("no")));
    let progress = ledger.progress("a");
    assert_eq!((progress.confirmed.len(), progress.may_be_doubled()), (0, 1));
}
