//! What came of a plan, as text and as lines of JSON.
use crate::{Error, Ui};
use firelens_infra::{
    Id, Plan, Stack,
    apply::{Event, Outcome},
    plan::Verb,
    stack::{Run, Service},
};
use serde_json::{Value, json};
use std::{process::ExitCode, time::Duration};

/// Not all was done.
pub const UNFINISHED: u8 = 1;

/// Tells what came of it, and gives the exit code.
///
/// # Errors
/// When it cannot be written.
pub fn outcome(
    work: super::Work,
    plan: &Plan,
    outcome: &Outcome,
    took: Duration,
    json: bool,
    ui: &Ui,
) -> Result<ExitCode, Error> {
    for (id, error) in &outcome.failed {
        ui.error(&format!("{id}: {error}"));
    }
    for id in &outcome.cut_off {
        ui.warning(&format!("{id} was on its way when the work was stopped: the next run takes it up"));
    }
    let (done, failed) = (outcome.done.len(), outcome.failed.len());
    let (cut_off, skipped) = (outcome.cut_off.len(), outcome.skipped.len());
    let seconds = took.as_secs_f64();
    if json {
        ui.json(&format!("{}\n", summary(outcome, seconds)))?;
    } else if outcome.is_complete() {
        ui.eprint(&format!("{} done: {} in {seconds:.1} s\n", work.name(), counts(plan)));
    } else {
        let cut_off = if cut_off > 0 { format!("{cut_off} cut off, ") } else { String::new() };
        let when = if failed > 0 { " once that is fixed" } else { "" };
        let counts = format!("{done} done, {failed} failed, {cut_off}{skipped} not begun, in {seconds:.1} s");
        ui.eprint(&format!("{counts}; run the same command again{when}: it goes on from here\n"));
    }
    Ok(match outcome.is_complete() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(UNFINISHED),
    })
}

/// Where the service is, and what one does after a deploy.
pub fn next(stack: &Stack) -> String {
    let (address, verify) = match &stack.run {
        Run::Own(Service { public_ip: true, port: Some(port), .. }) => {
            (format!("port {port} of each task's public address; `firelens-kit verify` finds one"), "verify")
        }
        Run::Own(Service { port: Some(port), .. }) => {
            (format!("port {port} of each task, inside the VPC; tasks have no public address"), "verify --url URL")
        }
        Run::Own(_) => ("none: the app has no `port`".to_string(), "verify --mark"),
        Run::Existing(existing) => (format!("that of {}, as before", existing.service), "verify --url URL"),
        Run::None => (String::new(), "verify --mark"),
    };
    let mut text = String::new();
    if !address.is_empty() {
        text.push_str(&format!("address: {address}\n"));
    }
    text.push_str("next:\n");
    for (command, what) in [
        ("status", "whether tasks, router and destinations are healthy"),
        (verify, "whether a request's record arrives at each destination"),
        ("logs --follow", "records in CloudWatch Logs, as they arrive"),
    ] {
        text.push_str(&format!("  firelens-kit {command:<16}  {what}\n"));
    }
    text
}

/// What was done when all was: in the words and numbers of the plan.
fn counts(plan: &Plan) -> String {
    let all = [Verb::Create, Verb::Update, Verb::Delete, Verb::GiveBack, Verb::Narrow, Verb::Keep];
    let counts = all.map(|verb| (plan.count(verb), super::words(verb)[2]));
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, word)| match *word {
            "gave back" => format!("{count} given back"),
            word => format!("{count} {word}"),
        })
        .collect();
    counts.join(", ")
}

fn summary(outcome: &Outcome, seconds: f64) -> Value {
    let failed = outcome.failed.iter().map(|(id, error)| with(id, json!({ "error": error.to_string() })));
    json!({
        "event": "summary",
        "complete": outcome.is_complete(),
        "done": outcome.done,
        "failed": failed.collect::<Vec<_>>(),
        "skipped": outcome.skipped,
        "cut_off": outcome.cut_off,
        "seconds": seconds,
    })
}

/// An event as a line.
pub fn event(event: &Event) -> Value {
    let (name, action) = match event {
        Event::Started(action) => ("started", action),
        Event::Waiting(action, _) => ("waiting", action),
        Event::Done(action, _) => ("done", action),
        Event::Failed(action, _) => ("failed", action),
        Event::Skipped(action, _) => ("skipped", action),
    };
    let more = match event {
        Event::Waiting(_, text) => json!({ "for": text }),
        Event::Done(_, took) => json!({ "seconds": took.as_secs_f64() }),
        Event::Failed(_, error) => json!({ "error": error.to_string() }),
        Event::Skipped(_, cause) => json!({ "because_of": cause }),
        Event::Started(_) => json!({}),
    };
    let mut line = json!({ "event": name, "action": action.action });
    extend(&mut line, with(&action.id, more));
    line
}

/// The id's fields, and more.
fn with(id: &Id, more: Value) -> Value {
    let mut value = json!({ "kind": id.kind, "name": id.name });
    extend(&mut value, more);
    value
}

fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (value, more) {
        fields.extend(more);
    }
}
