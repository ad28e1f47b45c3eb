//! What Puma says while it starts, runs and stops, and Rails in front of it.
//!
//! <https://github.com/puma/puma/tree/master/lib/puma>: `runner.rb`, `cluster.rb`, `binder.rb`, `launcher.rb`, `single.rb` and
//! `error_logger.rb`, versions 5 to 8.
use super::layout as of;
use crate::{
    output::{Outputs, UNUSED},
    pattern::Shape,
    strftime,
    writer::Writer,
};
use firelens_filter::program::{Emit, Pattern, Refine};

/// What stands in front of a setting, right-aligned.
const INDENTS: [&str; 6] = ["*          ", "*      ", "*     ", "*   ", "*  ", "* "];

const SETTINGS: [&str; 9] = [
    "Puma version",
    "Version",
    "Ruby version",
    "Min threads",
    "Max threads",
    "Environment",
    "Workers",
    "Restarts",
    "Process workers",
];

/// How the other lines begin. A line that begins otherwise can come from anywhere.
const KNOWN: [&str; 57] = [
    "Use Ctrl-C to stop",
    "- Goodbye!",
    "- Gracefully stopping, waiting for requests to finish",
    "- Gracefully shutting down workers...",
    "- Idle timeout reached",
    "- All workers reached idle timeout",
    "- Starting worker refork, phase: ",
    "- Starting phased worker restart, phase: ",
    "- Stopping ",
    "- TERM sent to ",
    "- KILL sent to ",
    "- Thread Pool: ",
    "* Inherited ",
    "* Activated ",
    "* Preloading application",
    "* Restarting...",
    "* Stopping immediately!",
    "* Closing unused inherited connection: ",
    "* Closing unused activated socket: ",
    "* Enabling systemd notification integration",
    "* Starting control server on ",
    "* Pruning Bundler environment",
    "* Could not load extra dependency: ",
    "* phased-restart called but not available, restarting normally.",
    "* refork called but not available.",
    "*** SIGUSR2 not implemented",
    "*** SIGUSR1 not implemented",
    "*** SIGTERM not implemented",
    "*** SIGINT not implemented",
    "*** SIGHUP not implemented",
    "*** SIGINFO/SIGPWR not implemented",
    "+ Changing to ",
    "+ Gemfile in context: ",
    "! Unable to load application: ",
    "! Unable to prune Bundler environment, continuing",
    "! Unable to start worker",
    "! Terminating timed out worker",
    "! Complete inability to spawn new workers detected",
    "! Seppuku is the only choice.",
    "! Cancelled waiting for workers",
    "! Detected parent died, dying",
    "! Out-of-sync worker list, no ",
    "! reaped unknown child process pid=",
    "! WARNING: Detected ",
    "! #<Thread:",
    "! Running Puma in cluster mode with a single worker is often a misconfiguration.",
    "! Consider running Puma in single-mode (workers = 0) in order to reduce memory overhead.",
    "! Consider disabling this environment variable: https://github.com/puma/puma/",
    "! Set the `silence_single_worker_warning` option to silence this warning message.",
    "! This setting is known to cause performance regressions with Puma.",
    "Detected force shutdown of a thread",
    "Early termination of worker",
    "Pinging systemd watchdog every ",
    "Sending status to systemd every ",
    "WARNING hook ",
    "bundler: failed to load command: puma",
    "=> Run `bin/rails server --help` for more startup options",
];

/// What an error logger's line is about.
const ERRORS: [&str; 9] = [
    "HTTP parse error, malformed request",
    "HTTP connection error",
    "Unknown error",
    "Rack app",
    "Listen loop",
    "Exception handling servers",
    "notify_safely error",
    "Client",
    "Read",
];

pub(super) fn layout(out: &mut Outputs) -> Pattern {
    of(out, |line| line.either(&[booting, of_process, error]))
}

/// `=> Booting Puma`, `=> Rails 8.1.1 application starting in production`
fn booting(line: &mut Writer) {
    line.text("=> ");
    line.either(&[
        |line| line.event(&["Booting Puma"]),
        |line| {
            line.value("event", Shape::words(&["Rails"]), Emit::Lower, "event");
            line.text(" ");
            line.string("version", Shape::Token);
            line.text(" application starting in ");
            line.string("message", Shape::Bare);
        },
    ]);
}

/// A line of the server, after `[pid] ` in a cluster.
fn of_process(line: &mut Writer) {
    line.optional("[pid]", |line| {
        line.text("[");
        line.number("pid");
        line.text("] ");
    });
    // It has a `pid` of its own: where it does not fit, the one in front stays.
    let end = line.builder.target();
    let other = line.builder.peek("PID");
    process(line);
    line.builder.jump(end);
    line.builder.here(other);
    line.either(&[starting, setting, listening, worker, stopped, known]);
    line.builder.here(end);
}

/// `Puma starting in cluster mode...`
fn starting(line: &mut Writer) {
    line.event(&["Puma starting"]);
    line.text(" in ");
    line.string("mode", Shape::Token);
    line.text(" mode...");
}

/// `*          PID: 7`, `*   Master PID: 7`
fn process(line: &mut Writer) {
    indent(line);
    line.event(&["PID", "Master PID"]);
    line.text(": ");
    line.number("pid");
}

/// `*  Min threads: 3`
fn setting(line: &mut Writer) {
    indent(line);
    line.event(&SETTINGS);
    line.text(": ");
    line.string("message", Shape::Bare);
}

fn indent(line: &mut Writer) {
    line.value(UNUSED, Shape::words(&INDENTS), Emit::Message, "*");
}

/// `* Listening on http://0.0.0.0:3000`
fn listening(line: &mut Writer) {
    line.text("* ");
    line.event(&["Listening", "Control server listening"]);
    line.text(" on ");
    line.string("message", Shape::Bare);
}

/// `- Worker 0 (PID: 15) booted in 0.01s, phase: 0`, `- Worker 0 (PID: 15) terminating`
fn worker(line: &mut Writer) {
    line.text("- Worker ");
    line.number("worker");
    line.text(" (PID: ");
    line.number("worker_pid");
    line.text(") ");
    line.either(&[
        |line| {
            line.event(&["booted"]);
            line.text(" in ");
            line.value("duration_us", Shape::Decimal, Emit::Scaled(6), "duration_us");
            line.text("s, phase: ");
            line.number("phase");
        },
        |line| {
            line.event(&["booted"]);
            line.text(", phase: ");
            line.number("phase");
        },
        |line| line.event(&["terminating"]),
    ]);
}

/// `=== puma shutdown: 2026-11-22 07:38:32 +0000 ===`
fn stopped(line: &mut Writer) {
    line.text("=== ");
    line.event(&["puma shutdown", "puma startup"]);
    line.text(": ");
    time(line);
    line.text(" ===");
}

fn known(line: &mut Writer) {
    line.all_as("message");
    line.value(UNUSED, Shape::words(&KNOWN), Emit::Message, "message");
    line.value(UNUSED, Shape::Bare, Emit::Message, "message");
}

fn time(line: &mut Writer) {
    line.time(&strftime::pieces("%Y-%m-%d %H:%M:%S %z").expect("a plain format can be read"), 0, "time");
    line.out.add("time", Emit::Time(0));
}

/// `2026-11-22 07:38:32 +0000 HTTP parse error, malformed request ("GET /a?b=c" - (192.0.2.1)): #<Puma::HttpParserError: …>`
fn error(line: &mut Writer) {
    time(line);
    line.text(" ");
    line.either(&[
        |line| {
            line.event(&["ERROR"]);
            line.text(": ");
            line.string("message", Shape::Bare);
        },
        |line| {
            line.event(&["SSL error"]);
            line.text(", peer: ");
            line.string("client", Shape::Token);
            line.text(", peer cert: ");
            line.string("message", Shape::Bare);
        },
        |line| {
            line.event(&ERRORS);
            line.optional("request", |line| {
                line.text(" (\"");
                line.string("method", Shape::Token);
                line.text(" ");
                line.string("path", Shape::Bare);
                line.text("\" - (");
                line.string("client", Shape::Token);
                line.text("))");
            });
            line.either(&[
                |line| {
                    line.text(": #<");
                    line.string("exception", Shape::Token);
                    line.text(": ");
                    line.string("message", Shape::Bare);
                    line.text(">");
                },
                |line| {
                    line.text(": ");
                    line.string("message", Shape::Bare);
                },
                |_| {},
            ]);
        },
    ]);
    let [from, query] = ["path", "query"].map(|name| line.out.id(name));
    line.out.add("query", Emit::Message);
    line.refine_once(Refine::Path { from, query });
}
