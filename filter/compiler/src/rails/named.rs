//! The libraries around Rails whose lines have a format of their own name.
use super::{layout, puma, semantic_logger, solid_queue, thruster};
use crate::{
    output::{Outputs, UNUSED},
    pattern::Shape,
    spec::Zone,
    writer::Writer,
};
use firelens_filter::program::{CompiledFormat, Form, Kind, Object, Pattern};

/// A library whose lines have a named format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// `rails_semantic_logger` and `semantic_logger`: text, coloured or not, and JSON.
    SemanticLogger,
    /// Structured events of Rails 8.1, `Rails.event`, as JSON.
    RailsEvent,
    /// Thruster: its request lines, and JSON of any other kind.
    Thruster,
    /// What Puma says while it starts, runs and stops.
    Puma,
    /// What Solid Queue says about its processes and jobs.
    SolidQueue,
}

impl Library {
    /// All of them.
    pub const ALL: [Library; 5] =
        [Library::SemanticLogger, Library::RailsEvent, Library::Thruster, Library::Puma, Library::SolidQueue];

    /// What the format is called in `firelens.toml`.
    pub const fn word(self) -> &'static str {
        match self {
            Library::SemanticLogger => "rails_semantic_logger",
            Library::RailsEvent => "rails_event",
            Library::Thruster => "thruster",
            Library::Puma => "puma",
            Library::SolidQueue => "solid_queue",
        }
    }

    /// The library of this name.
    pub fn of(word: &str) -> Option<Library> {
        Library::ALL.into_iter().find(|library| library.word() == word)
    }

    /// The kind of most of its records.
    pub const fn kind(self) -> Kind {
        match self {
            Library::SemanticLogger | Library::Puma | Library::SolidQueue => Kind::Rails,
            Library::RailsEvent => Kind::Json,
            Library::Thruster => Kind::Access,
        }
    }

    /// Whether its lines, or some of them, are JSON objects that bring fields of any name.
    pub const fn reads_json(self) -> bool {
        matches!(self, Library::SemanticLogger | Library::RailsEvent | Library::Thruster)
    }

    /// The formats that are tried in its place, in order.
    pub(crate) fn formats(self, zone: &Zone, out: &mut Outputs) -> Vec<CompiledFormat> {
        let rails = |patterns| crate::plain_format(Kind::Rails, patterns, zone);
        let json = |pattern| crate::plain_format(Kind::Json, vec![pattern], zone);
        match self {
            Library::SemanticLogger => {
                vec![rails(semantic_logger::layouts(out)), json(object(out, semantic_logger::object))]
            }
            Library::RailsEvent => vec![json(object(out, event))],
            // JSON's escapes of quotes and backslashes are httpd's.
            Library::Thruster => vec![
                crate::httpd_format(Kind::Access, vec![thruster::request(out)], zone),
                json(object(out, thruster::object)),
            ],
            Library::Puma => vec![rails(vec![puma::layout(out)])],
            Library::SolidQueue => vec![rails(vec![solid_queue::layout(out)])],
        }
    }
}

/// The field of the object, which is not written itself.
const OBJECT: &str = "_object";

/// A JSON object, in front of which the logger's part and tags can stand. `begins` reads the start by which it is told from
/// objects of others.
fn object(out: &mut Outputs, begins: fn(&mut Writer)) -> Pattern {
    let written = out.written().len();
    let pattern = layout(out, |line| {
        line.optional("logger", |line| line.logger());
        line.tags(false);
        let again = line.builder.peek("a JSON object");
        line.unwritten(OBJECT, Shape::Bare);
        line.nothing();
        line.builder.here(again);
        begins(line);
        line.unwritten(UNUSED, Shape::Bare);
    });
    out.forget_written(written);
    Pattern { object: Some(Object { field: out.id(OBJECT), form: Form::Json, prefix: false }), ..pattern }
}

/// An event as `ActiveSupport::EventReporter` hands it to its subscribers: `{"name":"user.created","payload":{…`.
/// <https://github.com/rails/rails/blob/main/activesupport/lib/active_support/event_reporter.rb>
fn event(line: &mut Writer) {
    line.text("{\"name\":\"");
    line.unwritten(UNUSED, Shape::Token);
    line.text("\",\"payload\":");
}
