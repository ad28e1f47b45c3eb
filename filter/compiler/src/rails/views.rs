//! Action View's messages.
//! <https://github.com/rails/rails/blob/main/actionview/lib/action_view/log_subscriber.rb>
use super::requests;
use crate::{pattern::Shape, writer::Writer};
use firelens_filter::program::Emit;

/// `  Rendered a.erb within layouts/b (Duration: 1.2ms | Allocations: 3) [cache hit]`
pub(super) fn rendered(line: &mut Writer) {
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
pub(super) fn rendering_took(line: &mut Writer) {
    line.text(" (");
    line.optional("…", |line| line.text("Duration: "));
    line.milliseconds("duration_us");
    line.optional("…", |line| line.text(" | "));
    requests::costs(line);
    line.optional("…", |line| {
        line.text(" [cache ");
        line.value("cache", Shape::words(&["hit", "miss"]), Emit::Message, "cache");
        line.text("]");
    });
}

/// `  Rendering a.erb within layouts/b`
pub(super) fn rendering(line: &mut Writer) {
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
