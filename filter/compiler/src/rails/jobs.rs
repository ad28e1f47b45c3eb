//! Active Job's messages.
//! <https://github.com/rails/rails/blob/main/activejob/lib/active_job/log_subscriber.rb>
use crate::{output::UNUSED, pattern::Shape, writer::Writer};
use firelens_filter::program::Emit;

/// Whose job a message is about.
pub(super) trait Job {
    /// The fields of its class and its id.
    const FIELDS: [&'static str; 2];
}

/// The message alone names the job.
pub(super) struct Named;

impl Job for Named {
    const FIELDS: [&'static str; 2] = ["job", "job_id"];
}

/// The tags in front of the message name it already.
pub(super) struct Tagged;

impl Job for Tagged {
    const FIELDS: [&'static str; 2] = [UNUSED; 2];
}

/// What a job says while it is performed. The word at the beginning tells a line from all other messages at once.
pub(super) fn of<J: Job>(line: &mut Writer) {
    line.event(&[
        "Performed",
        "Performing",
        "Error performing",
        "Retrying",
        "Stopped retrying",
        "Discarded",
        "Interrupted",
        "Resuming",
        "Step",
        "Error during step",
    ]);
    line.either(&[performed::<J>, step::<J>, retrying::<J>, given_up::<J>, interrupted::<J>]);
}

/// `Performed MailJob (Job ID: …) from Sidekiq(default) in 12.3ms`,
/// `Performing MailJob (Job ID: …) from Sidekiq(default) enqueued at … with arguments: …`,
/// `Error performing MailJob (Job ID: …) from Sidekiq(default) in 12.3ms: ArgumentError (no such mail):` before the
/// backtrace's own lines
fn performed<J: Job>(line: &mut Writer) {
    job::<J>(line);
    line.text(" from ");
    line.string("queue", Shape::Token);
    line.either(&[
        |line| {
            line.text(" in ");
            line.milliseconds("duration_us");
            line.optional("…", |line| {
                line.text(": ");
                line.either(&[
                    |line| {
                        exception(line);
                        line.text("):");
                    },
                    |line| line.string("message", Shape::Bare),
                ]);
            });
        },
        rest,
    ]);
}

/// `Enqueued MailJob (Job ID: …) to Sidekiq(default) at … with arguments: …`,
/// `Enqueued 3 jobs to Sidekiq (2 MailJob, 1 PingJob)`,
/// `Failed enqueuing MailJob to Sidekiq(default): Redis::CannotConnectError (…)`,
/// `Failed enqueuing MailJob to Sidekiq(default), a before_enqueue callback halted the enqueuing execution.`,
/// `Failed enqueuing 2 jobs to Sidekiq`
pub(super) fn enqueued(line: &mut Writer) {
    line.event(&["Enqueued", "Failed enqueuing"]);
    line.either(&[
        |line| {
            jobs(line);
            rest(line);
        },
        |line| {
            job::<Named>(line);
            line.text(" to ");
            line.string("queue", Shape::Token);
            line.text(": ");
            exception(line);
            line.text(")");
        },
        |line| {
            job::<Named>(line);
            line.text(" to ");
            line.string("queue", Shape::Token);
            line.text(", ");
            line.string("message", Shape::Bare);
        },
        |line| {
            job::<Named>(line);
            line.text(" to ");
            line.string("queue", Shape::Token);
            rest(line);
        },
    ]);
}

/// `Step 'rows' started for ImportJob (Job ID: …)`, `… resumed from cursor '7' for …`, `… interrupted at cursor '9' for … in
/// 12.3ms`, `… completed for … in 12.3ms`, `… skipped ImportJob`,
/// `Error during step 'rows' at cursor '7' for ImportJob (Job ID: …) in 12.3ms: ArgumentError (no such row)`
fn step<J: Job>(line: &mut Writer) {
    line.text(" '");
    line.string("step", Shape::Bare);
    line.text("' ");
    line.either(&[
        |line| {
            line.value("state", Shape::words(&["started", "completed"]), Emit::Message, "state");
            of_step::<J>(line);
        },
        |line| {
            line.value("state", Shape::words(&["resumed", "interrupted"]), Emit::Message, "state");
            line.value(UNUSED, Shape::words(&[" from", " at"]), Emit::Message, "…");
            line.text(" ");
            cursor(line);
            of_step::<J>(line);
        },
        |line| {
            line.value("state", Shape::words(&["skipped"]), Emit::Message, "state");
            line.optional("…", job::<J>);
        },
        |line| {
            line.text("at ");
            cursor(line);
            of_step::<J>(line);
            line.text(": ");
            exception(line);
            line.text(")");
        },
    ]);
}

fn cursor(line: &mut Writer) {
    line.text("cursor '");
    line.string("cursor", Shape::Bare);
    line.text("'");
}

/// ` for ImportJob (Job ID: …) in 12.3ms`
fn of_step<J: Job>(line: &mut Writer) {
    line.text(" for");
    job::<J>(line);
    line.optional("…", |line| {
        line.text(" in ");
        line.milliseconds("duration_us");
    });
}

/// `Retrying MailJob (Job ID: …) after 2 attempts in 3 seconds, due to a Net::ReadTimeout (…).`; without id and attempts up
/// to version 7.0
fn retrying<J: Job>(line: &mut Writer) {
    job::<J>(line);
    line.optional("…", |line| {
        line.text(" after ");
        line.number("attempts");
        line.text(" attempts");
    });
    line.text(" in ");
    line.value("wait_us", Shape::Decimal, Emit::Scaled(6), "wait_us");
    line.text(" seconds");
    line.either(&[
        |line| {
            line.text(", due to a ");
            because(line);
        },
        |line| line.text("."),
    ]);
}

/// `Stopped retrying MailJob (Job ID: …) due to a Net::ReadTimeout (…), which reoccurred on 5 attempts.`,
/// `Discarded MailJob (Job ID: …) due to a ActiveJob::DeserializationError (…).`
fn given_up<J: Job>(line: &mut Writer) {
    job::<J>(line);
    line.text(" due to a ");
    line.either(&[
        |line| {
            exception(line);
            line.text("), which");
            reoccurred(line);
        },
        |line| {
            line.string("exception", Shape::Token);
            line.text(", which");
            reoccurred(line);
        },
        because,
    ]);
}

fn reoccurred(line: &mut Writer) {
    line.text(" reoccurred on ");
    line.number("attempts");
    line.text(" attempts.");
}

/// `Interrupted ImportJob (Job ID: …) at 'rows', cursor '7' (stopping)`, `Resuming ImportJob (Job ID: …) after 'rows'`
fn interrupted<J: Job>(line: &mut Writer) {
    let [job, id] = J::FIELDS;
    line.text(" ");
    line.string(job, Shape::Token);
    line.text(" (Job ID: ");
    line.string(id, Shape::Token);
    line.text(") ");
    line.string("message", Shape::Bare);
}

/// ` 3 jobs to Sidekiq`
fn jobs(line: &mut Writer) {
    line.text(" ");
    line.number("jobs");
    line.value(UNUSED, Shape::words(&[" jobs", " job"]), Emit::Message, "…");
    line.text(" to ");
    line.string("queue", Shape::Token);
}

/// ` MailJob (Job ID: …)`; old versions do not always say the id.
fn job<J: Job>(line: &mut Writer) {
    let [job, id] = J::FIELDS;
    line.text(" ");
    line.string(job, Shape::Token);
    line.optional("…", |line| {
        line.text(" (Job ID: ");
        line.string(id, Shape::Token);
        line.text(")");
    });
}

/// `Net::ReadTimeout (…).`, or without its message in old versions, which can say more behind it.
fn because(line: &mut Writer) {
    line.either(&[
        |line| {
            exception(line);
            line.text(").");
        },
        |line| {
            line.string("exception", Shape::Token);
            line.text(".");
        },
        |line| {
            line.string("exception", Shape::Token);
            line.text(". ");
            line.string("message", Shape::Bare);
        },
    ]);
}

/// `ArgumentError (no such mail`
fn exception(line: &mut Writer) {
    line.string("exception", Shape::Token);
    line.text(" (");
    line.string("message", Shape::Bare);
}

/// Arguments, and when it was enqueued or is to run.
fn rest(line: &mut Writer) {
    line.optional("…", |line| {
        line.text(" ");
        line.string("message", Shape::Bare);
    });
}
