//! Action Controller's messages about a request.
//! <https://github.com/rails/rails/blob/main/actionpack/lib/action_controller/log_subscriber.rb>
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

const CSRF: &str = "Can't verify CSRF token authenticity.";

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
pub(super) fn processing(line: &mut Writer) {
    line.event(&["Processing"]);
    line.text(" by ");
    line.string("controller", Shape::Token);
    line.text("#");
    line.string("action", Shape::Token);
    line.text(" as ");
    line.string("format", Shape::Bare);
}

/// `Completed 200 OK in 12ms (Views: 3.4ms | ActiveRecord: 1.2ms (5 queries, 2 cached) | Allocations: 123 | GC: 0.1ms)`
pub(super) fn completed(line: &mut Writer) {
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
pub(super) fn queries(line: &mut Writer) {
    line.text(" (");
    line.number("queries");
    line.text(" quer");
    line.value(UNUSED, Shape::words(&["ies", "y"]), Emit::Message, "queries");
    line.text(", ");
    line.number("queries_cached");
    line.text(" cached)");
}

/// `Allocations: 123 | GC: 0.1ms)`, or one of them, or nothing but `)`
pub(super) fn costs(line: &mut Writer) {
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

/// `  Parameters: {"id"=>"1"}`
pub(super) fn parameters(line: &mut Writer) {
    line.event(&["Parameters"]);
    line.text(": ");
    line.string("parameters", Shape::Bare);
}

/// `Redirected to https://example.com/`
pub(super) fn redirected(line: &mut Writer) {
    line.event(&["Redirected"]);
    line.text(" to ");
    line.string("location", Shape::Bare);
}

/// `Sent file /srv/a.pdf (0.1ms)`
pub(super) fn sent(line: &mut Writer) {
    line.event(&["Sent file", "Sent data"]);
    line.text(" ");
    line.string("filename", Shape::Bare);
    line.text(" (");
    line.milliseconds("duration_us");
    line.text(")");
}

/// `Filter chain halted as :login rendered or redirected`
pub(super) fn halted(line: &mut Writer) {
    line.event(&["Filter chain halted"]);
    line.text(" as ");
    line.string("filter", Shape::Bare);
    line.text(" rendered or redirected");
}

/// `ActionController::RoutingError (No route matches [GET] "/x"):`
pub(super) fn exception(line: &mut Writer) {
    line.value("exception", Shape::words(&EXCEPTIONS), Emit::Message, "exception");
    line.text(" (");
    line.string("message", Shape::Bare);
    line.text("):");
}

/// `Unpermitted parameter: :a`, coloured since version 7
pub(super) fn unpermitted(line: &mut Writer) {
    line.optional("…", |line| line.colour());
    line.event(&["Unpermitted parameters", "Unpermitted parameter"]);
    line.text(": ");
    line.coloured("message");
}

pub(super) fn csrf(line: &mut Writer) {
    line.value("message", Shape::words(&[CSRF]), Emit::Message, "message");
}

/// `Read fragment views/a (0.1ms)`
pub(super) fn fragment(line: &mut Writer) {
    line.event(&["Read fragment", "Write fragment", "Exist fragment?", "Expire fragment"]);
    line.text(" ");
    line.string("key", Shape::Bare);
    line.text(" (");
    line.milliseconds("duration_us");
    line.text(")");
}

/// `rescue_from handled ArgumentError (no such day) - app/controllers/days_controller.rb:7:in 'show'`
pub(super) fn rescued(line: &mut Writer) {
    line.event(&["rescue_from handled"]);
    line.text(" ");
    line.string("exception", Shape::Token);
    line.text(" (");
    line.string("message", Shape::Bare);
    line.text(") - ");
    line.string("caller", Shape::Bare);
}
