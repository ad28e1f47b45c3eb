//! Active Record's messages.
//! <https://github.com/rails/rails/blob/main/activerecord/lib/active_record/log_subscriber.rb>
use super::messages::PLAIN;
use crate::{pattern::Shape, writer::Writer};

/// `  User Load (0.5ms)  SELECT …`
pub(super) fn plain(line: &mut Writer) {
    operation(line);
    line.text("  ");
    line.string("message", Shape::Bare);
}

/// The same in colours; what is bound to the query follows without one.
pub(super) fn coloured(line: &mut Writer) {
    line.colour();
    operation(line);
    line.text(PLAIN);
    line.text("  ");
    line.optional("…", |line| line.colour());
    line.coloured("message");
}

/// `User Load (0.5ms)`, or `ASYNC User Load (0.1ms) (db time 0.5ms)` for a query in the background that was waited for
fn operation(line: &mut Writer) {
    line.string("operation", Shape::Bare);
    line.text(" (");
    line.either(&[
        |line| {
            line.milliseconds("lock_wait_us");
            line.text(") (db time ");
            line.milliseconds("db_us");
        },
        |line| line.milliseconds("db_us"),
    ]);
    line.text(")");
}
