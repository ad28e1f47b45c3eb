//! Solid Queue's messages.
//! <https://github.com/rails/solid_queue/blob/main/lib/solid_queue/log_subscriber.rb>
use super::layout as of;
use crate::{
    output::{Outputs, UNUSED},
    pattern::Shape,
    writer::Writer,
};
use firelens_filter::program::{Emit, Pattern};

/// What processes do: their kind follows.
const OF_PROCESSES: [&str; 7] = [
    "Started",
    "Shutdown",
    "Register",
    "Deregister",
    "Error registering",
    "Error deregistering",
    "Replaced terminated",
];

/// All else.
const OTHERS: [&str; 22] = [
    "Dispatch scheduled jobs",
    "Claim jobs",
    "Release claimed jobs",
    "Release claimed job",
    "Fail claimed jobs",
    "Retry failed jobs",
    "Retry failed job",
    "Discard jobs",
    "Discard job",
    "Unblock jobs",
    "Release blocked job",
    "Error enqueuing recurring task",
    "Enqueued recurring task outside Solid Queue",
    "Skipped recurring task – already dispatched",
    "Enqueued recurring task",
    "Prune dead processes",
    "Error in thread",
    "Supervisor wasn't terminated gracefully - shutdown timeout exceeded",
    "Supervisor terminated gracefully",
    "Supervisor terminated immediately",
    "Received unhandled signal",
    "Tried to replace forked process but it had already died",
];

/// A line of it, after a logger's header and tags or without them.
pub(super) fn layout(out: &mut Outputs) -> Pattern {
    of(out, |line| {
        line.optional("logger", |line| line.logger());
        line.tags(false);
        action(line);
        attributes(line, ids);
    })
}

/// `SolidQueue-1.5.0 Started Worker (12.3ms)  pid: 7, hostname: "web-1", process_id: 3, name: "worker-a", queues: "*"`
pub(super) fn event(line: &mut Writer) {
    action(line);
    // The logger's process has the field of that name.
    attributes(line, |_| {});
}

fn action(line: &mut Writer) {
    line.text("SolidQueue-");
    line.string("version", Shape::Token);
    line.text(" ");
    line.either(&[
        |line| {
            line.event(&OF_PROCESSES);
            line.text(" ");
            line.string("process", Shape::Token);
            line.text(" (");
        },
        |line| {
            line.event(&OTHERS);
            line.text(" (");
        },
    ]);
}

/// The time that it took, and `name: value, name: value`, which is kept as it is.
fn attributes(line: &mut Writer, ids: fn(&mut Writer)) {
    line.milliseconds("duration_us");
    line.text(")  ");
    line.all_as("attributes");
    ids(line);
    line.value(UNUSED, Shape::Bare, Emit::Message, "attributes");
}

/// The ids among the attributes, as fields of their own. What a logger's header has captured stays.
fn ids(line: &mut Writer) {
    for (before, name, emit) in [
        (&["pid"][..], "pid", Emit::Number),
        (&["process_id", "pid"], "pid", Emit::Number),
        // Solid Queue's number, a text like Active Job's UUIDs.
        (&["job_id"], "job_id", Emit::Message),
    ] {
        let other = line.builder.peek(name);
        for (at, key) in before.iter().enumerate() {
            line.text(if at > 0 { ", " } else { "" });
            line.text(&format!("{key}: "));
            let is_last = at + 1 == before.len();
            line.value(
                if is_last { name } else { UNUSED },
                Shape::Number,
                if is_last { emit } else { Emit::Message },
                key,
            );
        }
        line.nothing();
        line.builder.here(other);
    }
}
