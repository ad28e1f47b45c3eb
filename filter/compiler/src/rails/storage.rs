//! Active Storage's messages.
//! <https://github.com/rails/rails/blob/main/activestorage/lib/active_storage/log_subscriber.rb>
use super::messages::PLAIN;
use crate::{pattern::Shape, writer::Writer};
use firelens_filter::program::Emit;

/// `  S3 Storage (12.3ms) Uploaded file to key: 8tj2 (checksum: x==)`, in colours
pub(super) fn coloured(line: &mut Writer) {
    line.colour();
    line.text("  ");
    plain(line);
}

/// The same without, behind its blanks
pub(super) fn plain(line: &mut Writer) {
    line.string("storage", Shape::Token);
    line.text(" Storage (");
    line.milliseconds("duration_us");
    line.text(") ");
    line.optional("…", |line| line.text(PLAIN));
    line.optional("…", |line| line.colour());
    line.either(&[
        |line| {
            key(line, &["Uploaded file to key", "Mirrored file at key"]);
            line.text(" (checksum: ");
            line.string("checksum", Shape::Token);
            end(line);
        },
        |line| {
            key(line, &["Checked if file exists at key"]);
            line.text(" (");
            line.value("exists", Shape::words(&["yes", "no"]), Emit::Message, "exists");
            end(line);
        },
        |line| {
            key(line, &["Generated URL for file at key"]);
            line.text(" (");
            line.string("location", Shape::Bare);
            end(line);
        },
        |line| {
            line.event(&OTHERS);
            line.text(": ");
            line.coloured("key");
        },
    ]);
}

const OTHERS: [&str; 6] = [
    "Uploaded file to key",
    "Mirrored file at key",
    "Downloaded file from key",
    "Previewed file from key",
    "Deleted file from key",
    "Deleted files by key prefix",
];

fn key(line: &mut Writer, events: &[&str]) {
    line.event(events);
    line.text(": ");
    line.string("key", Shape::Bare);
}

fn end(line: &mut Writer) {
    line.text(")");
    line.optional("…", |line| line.text(PLAIN));
}
