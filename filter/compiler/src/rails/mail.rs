//! Action Mailer's messages.
//! <https://github.com/rails/rails/blob/main/actionmailer/lib/action_mailer/log_subscriber.rb>
use crate::{pattern::Shape, writer::Writer};

/// `Delivered mail 6e8f@web (12.3ms)`, `Sent mail to bob@example.com (12.3ms)` up to version 5
pub(super) fn delivered(line: &mut Writer) {
    line.either(&[
        |line| {
            line.event(&["Delivered mail"]);
            line.text(" ");
            line.string("mail_id", Shape::Bare);
            took(line);
        },
        |line| {
            line.event(&["Sent mail to"]);
            line.text(" ");
            line.string("recipients", Shape::Bare);
            took(line);
        },
    ]);
}

fn took(line: &mut Writer) {
    line.text(" (");
    line.milliseconds("duration_us");
    line.text(")");
}

/// ``Skipped delivery of mail 6e8f@web as `perform_deliveries` is false``,
/// `Failed delivery of mail 6e8f@web error_class=Net::ReadTimeout error_message="…"`
pub(super) fn failed(line: &mut Writer) {
    line.either(&[
        |line| {
            line.event(&["Skipped delivery of mail"]);
            line.text(" ");
            line.string("mail_id", Shape::Bare);
            line.text(" as `perform_deliveries` is false");
        },
        |line| {
            line.event(&["Failed delivery of mail"]);
            line.text(" ");
            line.string("mail_id", Shape::Bare);
            line.text(" error_class=");
            line.string("exception", Shape::Token);
            line.text(" error_message=");
            line.string("message", Shape::Bare);
        },
    ]);
}

/// `UserMailer#welcome: processed outbound mail in 1.2ms`
pub(super) fn processed(line: &mut Writer) {
    line.string("mailer", Shape::Token);
    line.text("#");
    line.string("action", Shape::Token);
    line.text(": ");
    line.event(&["processed outbound mail"]);
    line.text(" in ");
    line.milliseconds("duration_us");
}
