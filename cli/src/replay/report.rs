//! What a replay did, as text and as JSON.
use super::{
    run::{Outcome, Plan},
    target::Destination,
};
use firelens_infra::{
    send::{Ledger, Rejections, Sent, Target},
    words,
};
use serde_json::{Value, json};

/// A replay that came to its end.
pub struct Report<'a> {
    pub plan: &'a Plan,
    pub outcome: &'a Outcome,
    pub ledger: &'a Ledger,
    pub dry_run: bool,
    pub seconds: f64,
}

impl Report<'_> {
    fn destinations(&self) -> impl Iterator<Item = (&Destination, Sent)> {
        let sent = self.outcome.sent.iter().map(|sent| sent.clone().unwrap_or_default());
        self.plan.destinations.iter().zip(sent)
    }

    /// Records of this run and of those that it went on from.
    fn rejected(&self, to: &Destination) -> u64 {
        self.ledger.progress(&to.name).rejected
    }

    /// Some record, of this run or of one that it went on from, was rejected.
    pub fn any_rejected(&self) -> bool {
        self.plan.destinations.iter().any(|to| self.rejected(to) > 0)
    }

    pub fn text(&self) -> String {
        let counts = &self.outcome.counts;
        let mut text = format!("{} in {:.1} s", words::count(counts.lines, "line"), self.seconds);
        if counts.dropped > 0 {
            text.push_str(&format!("; {} dropped by their route", words::count(counts.dropped, "line")));
        }
        if counts.elsewhere > 0 {
            text.push_str(&format!("; {} for other destinations", words::count(counts.elsewhere, "record")));
        }
        text.push('\n');
        for (to, sent) in self.destinations() {
            text.push_str(&self.destination(to, &sent));
        }
        text.push_str(&self.times());
        text
    }

    fn destination(&self, to: &Destination, sent: &Sent) -> String {
        let verb = if self.dry_run { "would be sent" } else { "sent" };
        let (records, batches) = (words::count(sent.records, "record"), words::count(sent.batches, batch(to)));
        let mut text = format!("  {}: {records} {verb} in {batches} to the {}", to.name, to.description());
        if sent.again > 0 {
            text.push_str(&format!(", {} more than once", words::count(sent.again, "record")));
        }
        let all = self.ledger.progress(&to.name).sent;
        if all > sent.records {
            text.push_str(&format!(", {} with the runs before", words::count(all, "record")));
        }
        text.push('\n');
        for (refusal, rejected) in sent.rejections.iter() {
            let (position, line) = rejected.first;
            let input = self.plan.sources.get(position.input as usize).map(|source| source.name()).unwrap_or_default();
            let (count, why) = (words::count(rejected.count, "record"), refusal.text());
            text.push_str(&format!("    {count} rejected: {why}; the first is {input}:{line}\n"));
        }
        let before = self.rejected(to) - sent.rejections.total();
        if before > 0 {
            text.push_str(&format!("    {} rejected in the runs before\n", words::count(before, "record")));
        }
        text
    }

    fn times(&self) -> String {
        let times = &self.outcome.counts.times;
        let mut parts = Vec::new();
        if times.before > 0 {
            parts.push(format!("{} without a time got that of the line before", words::count(times.before, "record")));
        }
        if times.file > 0 {
            parts.push(format!("{} that of their file's last change", words::count(times.file, "record")));
        }
        if parts.is_empty() { String::new() } else { format!("  {}\n", parts.join(", ")) }
    }

    pub fn json(&self) -> Value {
        let counts = &self.outcome.counts;
        json!({
            "dry_run": self.dry_run,
            "inputs": self.plan.sources.iter().map(|source| source.name()).collect::<Vec<_>>(),
            "lines": counts.lines,
            "dropped": counts.dropped,
            "elsewhere": counts.elsewhere,
            "times": { "own": counts.times.own, "line_before": counts.times.before, "file": counts.times.file },
            "seconds": (self.seconds * 1000.0).round() / 1000.0,
            "destinations": self.destinations().map(|(to, sent)| self.destination_json(to, &sent)).collect::<Vec<_>>(),
        })
    }

    fn destination_json(&self, to: &Destination, sent: &Sent) -> Value {
        let progress = self.ledger.progress(&to.name);
        json!({
            "name": to.name,
            "target": to.description(),
            "sent": sent.records,
            "batches": sent.batches,
            "sent_again": sent.again,
            "rejected": self.rejections(&sent.rejections),
            "all_sent": progress.sent,
            "all_rejected": progress.rejected,
            "finished": progress.finished,
        })
    }

    fn rejections(&self, rejections: &Rejections) -> Vec<Value> {
        let one = |(refusal, rejected): (firelens_infra::send::Refusal, &firelens_infra::send::Rejected)| {
            let (position, line) = rejected.first;
            let input = self.plan.sources.get(position.input as usize).map(|source| source.name());
            json!({ "reason": refusal.name(), "count": rejected.count, "first": { "input": input, "line": line } })
        };
        rejections.iter().map(one).collect()
    }
}

fn batch(to: &Destination) -> &'static str {
    // A batch is an object for each folder.
    if matches!(to.target, Target::S3(_)) { "round" } else { "call" }
}
