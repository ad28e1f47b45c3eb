//! The messages that Rails itself writes.
//!
//! The texts are those of the log subscribers of Action Controller, Action View, Active Record and Active Job,
//! versions 5 to 8, for instance
//! <https://github.com/rails/rails/blob/main/actionpack/lib/action_controller/log_subscriber.rb>.
use crate::{output::UNUSED, pattern::Shape, strftime, writer::Writer};
use firelens_filter::program::{Emit, Refine};

/// Exceptions that end a request often enough to be recognised in a line of their own.
const EXCEPTIONS: [&str; 18] = [
    "ActionController::RoutingError",
    "ActiveRecord::RecordNotFound",
    "ActionView::Template::Error",
    "ActionController::InvalidAuthenticityToken",
    "ActionController::ParameterMissing",
    "ActionController::BadRequest",
    "ActionController::UnknownFormat",
    "ActionDispatch::Http::Parameters::ParseError",
    "ActiveRecord::RecordInvalid",
    "ActiveRecord::StatementInvalid",
    "ActiveRecord::ConnectionNotEstablished",
    "NoMethodError",
    "NameError",
    "ArgumentError",
    "TypeError",
    "KeyError",
    "RuntimeError",
    "StandardError",
];

/// How coloured text begins, bold or not, as JSON has it: `ActiveSupport::LogSubscriber` colours queries unless
/// `config.colorize_logging` is off.
const COLOURS: [&str; 16] = [
    r"\u001b[1m\u001b[30m",
    r"\u001b[1m\u001b[31m",
    r"\u001b[1m\u001b[32m",
    r"\u001b[1m\u001b[33m",
    r"\u001b[1m\u001b[34m",
    r"\u001b[1m\u001b[35m",
    r"\u001b[1m\u001b[36m",
    r"\u001b[1m\u001b[37m",
    r"\u001b[30m",
    r"\u001b[31m",
    r"\u001b[32m",
    r"\u001b[33m",
    r"\u001b[34m",
    r"\u001b[35m",
    r"\u001b[36m",
    r"\u001b[37m",
];

/// How it ends.
const PLAIN: &str = "\x1b[0m";

const CSRF: &str = "Can't verify CSRF token authenticity.";

impl Writer<'_> {
    fn string(&mut self, name: &str, shape: Shape) {
        self.value(name, shape, Emit::Message, name);
    }

    /// The words that a message begins with say what happened.
    fn event(&mut self, words: &[&str]) {
        self.value("event", Shape::words(words), Emit::Lower, "event");
    }

    fn number(&mut self, name: &str) {
        self.value(name, Shape::Number, Emit::Number, name);
    }

    /// `12.3ms`
    fn milliseconds(&mut self, name: &str) {
        self.value(name, Shape::Decimal, Emit::Scaled(3), name);
        self.text("ms");
    }

    /// Each of these ways to go on is tried, to the end of the line.
    fn either(&mut self, ways: &[fn(&mut Writer)]) {
        let end = self.builder.target();
        let (last, before) = ways.split_last().expect("there is a way");
        for way in before {
            let other = self.builder.attempt("either");
            way(self);
            self.builder.jump(end);
            self.builder.here(other);
        }
        last(self);
        self.builder.here(end);
    }
}

/// One of Rails' messages. `set` is the set of times that is free.
pub(super) fn any(line: &mut Writer, set: u8) {
    let end = line.builder.target();
    let other = line.builder.attempt("Started");
    started(line, set);
    line.builder.jump(end);
    line.builder.here(other);
    line.either(&[
        processing,
        completed,
        rendered,
        rendering,
        parameters,
        redirected,
        sent,
        halted,
        coloured_query,
        query,
        performed,
        job,
        exception,
        noted,
        csrf,
    ]);
    line.builder.here(end);
}

/// `Started GET "/a?b=c" for 192.0.2.1 at 2026-11-22 07:38:32 +0000`
pub(super) fn started(line: &mut Writer, set: u8) {
    line.event(&["Started"]);
    line.text(" ");
    line.string("method", Shape::Token);
    line.text(" \"");
    line.string("path", Shape::Bare);
    line.text("\" ");
    line.optional("…", |line| line.text("[WebSocket] "));
    line.text("for ");
    line.string("client", Shape::Token);
    line.text(" at ");
    line.time(&strftime::pieces("%Y-%m-%d %H:%M:%S %z").expect("a plain format can be read"), set, "time");
    if set == 0 {
        line.out.add("time", Emit::Time(0));
    }
    let [from, query] = ["path", "query"].map(|name| line.out.id(name));
    line.out.add("query", Emit::Message);
    line.refine_once(Refine::Path { from, query });
}

/// `Processing by UsersController#index as HTML`
fn processing(line: &mut Writer) {
    line.event(&["Processing"]);
    line.text(" by ");
    line.string("controller", Shape::Token);
    line.text("#");
    line.string("action", Shape::Token);
    line.text(" as ");
    line.string("format", Shape::Bare);
}

/// `Completed 200 OK in 12ms (Views: 3.4ms | ActiveRecord: 1.2ms (5 queries, 2 cached) | Allocations: 123 | GC: 0.1ms)`
fn completed(line: &mut Writer) {
    line.event(&["Completed"]);
    line.text(" ");
    line.number("status");
    line.text(" ");
    line.string(UNUSED, Shape::Bare);
    line.text(" in ");
    line.milliseconds("duration_us");
    line.optional("…", |line| {
        line.text(" (");
        line.optional("…", |line| {
            line.text("Views: ");
            line.milliseconds("view_us");
            line.optional("…", |line| line.text(" | "));
        });
        line.optional("…", |line| {
            line.text("ActiveRecord: ");
            line.milliseconds("db_us");
            line.optional("…", queries);
            line.optional("…", |line| line.text(" | "));
        });
        line.either(&[
            costs,
            |line| {
                line.string("message", Shape::Bare);
                line.text(" | Allocations: ");
                line.number("allocations");
                line.text(")");
            },
            |line| {
                line.string("message", Shape::Bare);
                line.text(" | GC: ");
                line.milliseconds("gc_us");
                line.text(")");
            },
            |line| {
                line.string("message", Shape::Bare);
                line.text(")");
            },
        ]);
    });
}

/// ` (5 queries, 2 cached)`
fn queries(line: &mut Writer) {
    line.text(" (");
    line.number("queries");
    line.text(" quer");
    line.value(UNUSED, Shape::words(&["ies", "y"]), Emit::Message, "queries");
    line.text(", ");
    line.number("queries_cached");
    line.text(" cached)");
}

/// `Allocations: 123 | GC: 0.1ms)`, or one of them, or nothing but `)`
fn costs(line: &mut Writer) {
    line.optional("…", |line| {
        line.text("Allocations: ");
        line.number("allocations");
        line.optional("…", |line| line.text(" | "));
    });
    line.optional("…", |line| {
        line.text("GC: ");
        line.milliseconds("gc_us");
    });
    line.text(")");
}

/// `  Rendered a.erb within layouts/b (Duration: 1.2ms | Allocations: 3) [cache hit]`
fn rendered(line: &mut Writer) {
    line.text("  ");
    line.event(&["Rendered layout", "Rendered collection of", "Rendered"]);
    line.text(" ");
    line.either(&[
        |line| {
            line.string("template", Shape::Bare);
            line.text(" within ");
            line.string("layout", Shape::Bare);
            rendering_took(line);
        },
        |line| {
            line.string("template", Shape::Bare);
            rendering_took(line);
        },
    ]);
}

/// ` (Duration: 1.2ms | Allocations: 3)`, or ` (1.2ms)` up to version 5
fn rendering_took(line: &mut Writer) {
    line.text(" (");
    line.optional("…", |line| line.text("Duration: "));
    line.milliseconds("duration_us");
    line.optional("…", |line| line.text(" | "));
    costs(line);
    line.optional("…", |line| {
        line.text(" [cache ");
        line.value("cache", Shape::words(&["hit", "miss"]), Emit::Message, "cache");
        line.text("]");
    });
}

/// `  Rendering a.erb within layouts/b`
fn rendering(line: &mut Writer) {
    line.text("  ");
    line.event(&["Rendering layout", "Rendering"]);
    line.text(" ");
    line.either(&[
        |line| {
            line.string("template", Shape::Bare);
            line.text(" within ");
            line.string("layout", Shape::Bare);
        },
        |line| line.string("template", Shape::Bare),
    ]);
}

/// `  Parameters: {"id"=>"1"}`
fn parameters(line: &mut Writer) {
    line.text("  ");
    line.event(&["Parameters"]);
    line.text(": ");
    line.string("parameters", Shape::Bare);
}

/// `Redirected to https://example.com/`
fn redirected(line: &mut Writer) {
    line.event(&["Redirected"]);
    line.text(" to ");
    line.string("location", Shape::Bare);
}

/// `Sent file /srv/a.pdf (0.1ms)`
fn sent(line: &mut Writer) {
    line.event(&["Sent file", "Sent data"]);
    line.text(" ");
    line.string("filename", Shape::Bare);
    line.text(" (");
    line.milliseconds("duration_us");
    line.text(")");
}

/// `Filter chain halted as :login rendered or redirected`
fn halted(line: &mut Writer) {
    line.event(&["Filter chain halted"]);
    line.text(" as ");
    line.string("filter", Shape::Bare);
    line.text(" rendered or redirected");
}

/// `  User Load (0.5ms)  SELECT …`
fn query(line: &mut Writer) {
    line.text("  ");
    line.string("operation", Shape::Bare);
    line.text(" (");
    line.milliseconds("db_us");
    line.text(")  ");
    line.string("message", Shape::Bare);
}

/// The same in colours; what is bound to the query follows without one.
fn coloured_query(line: &mut Writer) {
    let colour = |line: &mut Writer| line.value(UNUSED, Shape::words(&COLOURS), Emit::Message, "colour");
    line.text("  ");
    colour(line);
    line.string("operation", Shape::Bare);
    line.text(" (");
    line.milliseconds("db_us");
    line.text(")");
    line.text(PLAIN);
    line.text("  ");
    line.optional("…", colour);
    line.either(&[
        |line| {
            line.string("message", Shape::Bare);
            line.text(PLAIN);
        },
        |line| line.string("message", Shape::Bare),
    ]);
}

/// `Performed MailJob (Job ID: …) from Sidekiq(default) in 12.3ms`
fn performed(line: &mut Writer) {
    performed_by(line, ["job", "job_id"]);
}

fn performed_by(line: &mut Writer, names: [&str; 2]) {
    line.event(&["Performed"]);
    job_and_queue(line, names, " from ");
    line.text(" in ");
    line.milliseconds("duration_us");
}

/// `Enqueued MailJob (Job ID: …) to Sidekiq(default) at … with arguments: …`, `Performing MailJob (Job ID: …) from …`
fn job(line: &mut Writer) {
    let done = line.builder.target();
    let performing = line.builder.attempt("event");
    line.event(&["Enqueued"]);
    job_and_queue(line, ["job", "job_id"], " to ");
    arguments(line);
    line.builder.jump(done);
    line.builder.here(performing);
    performing_by(line, ["job", "job_id"]);
    line.builder.here(done);
}

fn performing_by(line: &mut Writer, names: [&str; 2]) {
    line.event(&["Performing"]);
    job_and_queue(line, names, " from ");
    arguments(line);
}

fn arguments(line: &mut Writer) {
    line.optional("…", |line| {
        line.text(" ");
        line.string("message", Shape::Bare);
    });
}

/// What a job says that is known by its tags: messages of Rails, or any other text. What it enqueues is another job.
pub(super) fn of_job(line: &mut Writer) {
    line.either(&[
        |line| performed_by(line, [UNUSED; 2]),
        |line| performing_by(line, [UNUSED; 2]),
        coloured_query,
        query,
        exception,
        |line| line.string("message", Shape::Bare),
    ]);
}

fn job_and_queue(line: &mut Writer, [job, id]: [&str; 2], between: &str) {
    line.text(" ");
    line.string(job, Shape::Token);
    line.text(" (Job ID: ");
    line.string(id, Shape::Token);
    line.text(")");
    line.text(between);
    line.string("queue", Shape::Token);
}

/// `ActionController::RoutingError (No route matches [GET] "/x"):`
fn exception(line: &mut Writer) {
    line.value("exception", Shape::words(&EXCEPTIONS), Emit::Message, "exception");
    line.text(" (");
    line.string("message", Shape::Bare);
    line.text("):");
}

/// `Unpermitted parameter: :a`
fn noted(line: &mut Writer) {
    line.event(&["Unpermitted parameters", "Unpermitted parameter"]);
    line.text(": ");
    line.string("message", Shape::Bare);
}

fn csrf(line: &mut Writer) {
    line.value("message", Shape::words(&[CSRF]), Emit::Message, "message");
}
