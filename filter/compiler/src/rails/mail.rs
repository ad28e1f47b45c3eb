//! Action Mailer's messages.
//! <https://github.com/rails/rails/blob/main/actionmailer/lib/action_mailer/log_subscriber.rb>
use crate::{pattern::Shape, writer::Writer};

/// `Sent mail to bob@example.com (12.3ms)`: up to version 5
pub(super) fn sent(line: &mut Writer) {
    line.event(&["Sent mail to"]);
    line.text(" ");
    line.string("recipients", Shape::Bare);
    took(line);
}

fn took(line: &mut Writer) {
    line.text(" (");
    line.milliseconds("duration_us");
    line.text(")");
}

/// `Delivered mail 6e8f@web (12.3ms)`, ``Skipped delivery of mail 6e8f@web as `perform_deliveries` is false``,
/// `Failed delivery of mail 6e8f@web error_class=Net::ReadTimeout error_message="…"`
pub(super) fn delivery(line: &mut Writer) {
    line.event(&["Delivered mail", "Skipped delivery of mail", "Failed delivery of mail"]);
    line.text(" ");
    line.either(&[
        |line| {
            line.string("mail_id", Shape::Bare);
            line.text(" as `perform_deliveries` is false");
        },
        |line| {
            line.string("mail_id", Shape::Bare);
            line.text(" error_class=");
            line.string("exception", Shape::Token);
            line.text(" error_message=");
            line.string("message", Shape::Bare);
        },
        |line| {
            line.string("mail_id", Shape::Bare);
            took(line);
        },
    ]);
}
