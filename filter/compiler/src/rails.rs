//! The lines of a Rails application: Ruby's Logger layout, and bare lines as ActiveSupport's TaggedLogging writes them.
//!
//! <https://guides.rubyonrails.org/debugging_rails_applications.html#the-logger>,
//! <https://docs.ruby-lang.org/en/master/Logger.html>.
mod jobs;
mod mail;
mod messages;
mod named;
mod puma;
mod queries;
mod requests;
mod semantic_logger;
mod solid_queue;
mod storage;
mod thruster;
mod views;

use super::{
    output::{Outputs, UNUSED},
    pattern::{Shape, Target},
    strftime,
    writer::Writer,
};
use firelens_filter::program::{Emit, Form, Kind, Object, Pattern};

pub use named::Library;

/// How a colour ends.
use messages::PLAIN as COLOUR_END;

/// All layouts. Bare lines have to be messages that Rails writes, or a request's: anything else can come from anywhere.
pub(crate) fn layouts(out: &mut Outputs) -> Vec<Pattern> {
    vec![layout(out, |line| line.line()), layout(out, |line| line.line_of_request())]
}

/// An object, in front of which the logger's part and tags can stand. Most lines have nothing in front of it.
pub(crate) fn objects(form: Form, out: &mut Outputs) -> Vec<Pattern> {
    let written = out.written().len();
    let bare = layout(out, |line| line.object(form));
    let headed = layout(out, |line| {
        line.header();
        line.object(form);
    });
    if form == Form::Json {
        // What such an object holds is not known: it can bring these names itself, with values of any type.
        out.forget_written(written);
    }
    let field = out.id(UNUSED);
    let with = |pattern, prefix| Pattern { object: Some(Object { field, form, prefix }), ..pattern };
    vec![with(bare, false), with(headed, true)]
}

fn layout(out: &mut Outputs, write: impl FnOnce(&mut Writer)) -> Pattern {
    let mut line = Writer::new(Kind::Rails, out);
    write(&mut line);
    line.finish().expect("the layouts' fields have different names")
}

impl Writer<'_> {
    /// A logger's line or a bare one. The messages stand in the pattern once: behind a logger's part, where no message of
    /// Rails fits, the choice that is open is any other text.
    fn line(&mut self) {
        let [end, of_job, tags, message] = [(); 4].map(|()| self.builder.target());
        // The time that this message holds is the line's.
        let other = self.builder.attempt("Started");
        self.tags(false);
        requests::started(self, 0);
        self.builder.jump(end);
        self.builder.here(other);
        let bare = self.builder.attempt("logger");
        self.logger();
        self.builder.jump(tags);
        self.builder.here(bare);
        self.tags_of_job(of_job);
        self.tags(false);
        self.builder.jump(message);
        self.builder.here(tags);
        self.tags_of_job(of_job);
        self.tags(false);
        // What is captured from here on is forgotten when it turns out to be any text.
        let any = self.builder.attempt("message");
        self.builder.here(message);
        messages::any(self, 1);
        self.builder.jump(end);
        self.builder.here(any);
        self.value("message", Shape::Bare, Emit::Message, "message");
        self.builder.jump(end);
        self.builder.here(of_job);
        messages::of_job(self);
        self.builder.here(end);
    }

    /// What Active Job puts in front of all that a job says: `[ActiveJob] [MailJob] [0f5a0b6e-…] `. The id there is the job's,
    /// not a request's.
    fn tags_of_job(&mut self, then: Target) {
        let other = self.builder.attempt("[ActiveJob]");
        self.text("[ActiveJob] [");
        self.value("job", Shape::Token, Emit::Message, "job");
        self.text("] [");
        self.value("job_id", Shape::Token, Emit::Message, "job_id");
        self.text("] ");
        self.builder.jump(then);
        self.builder.here(other);
    }

    /// `I, [2026-11-22T07:38:32.729000 #1234]  INFO -- : `
    fn logger(&mut self) {
        self.value(UNUSED, Shape::words(&["I", "D", "W", "E", "F", "A"]), Emit::Message, "severity");
        self.text(", [");
        let time = strftime::pieces("%Y-%m-%dT%H:%M:%S").expect("a plain format can be read");
        self.time(&time, 0, "time");
        self.text(".");
        self.time(&[strftime::Piece::Part(firelens_filter::program::TimePart::Fraction(6))], 0, "time");
        self.out.add("time", Emit::Time(0));
        self.text(" #");
        self.value("pid", Shape::Number, Emit::Number, "pid");
        self.text("] ");
        self.severity();
        self.progname();
    }

    /// The logger's part, if it is there, and tags.
    fn header(&mut self) {
        let none = self.builder.attempt("logger");
        self.logger();
        self.builder.here(none);
        self.tags(false);
    }

    /// The severity's letter has the same name as the object, which comes last.
    fn object(&mut self, form: Form) {
        let what = match form {
            Form::Json => "a JSON object",
            Form::Lograge => "method=… path=… status=…",
        };
        self.value(UNUSED, Shape::Bare, Emit::Message, what);
    }

    /// What an application says while it serves a request: `[0f5a0b6e-…] message`.
    fn line_of_request(&mut self) {
        self.tags(true);
        self.value("message", Shape::Bare, Emit::Message, "message");
    }

    /// The severity, right-aligned in five columns.
    fn severity(&mut self) {
        let known = self.builder.target();
        for (blanks, words) in [(" ", &["INFO", "WARN"][..]), ("", &["DEBUG", "ERROR", "FATAL"])] {
            let other = self.builder.attempt("severity");
            self.padded_level(blanks, words);
            self.builder.jump(known);
            self.builder.here(other);
        }
        self.padded_level("  ", &["ANY"]);
        self.builder.here(known);
    }

    fn padded_level(&mut self, blanks: &str, words: &[&str]) {
        self.text(blanks);
        self.value("level", Shape::words(words), Emit::Lower, "severity");
        self.text(" -- ");
    }

    /// `: ` or `progname: `.
    fn progname(&mut self) {
        let done = self.builder.target();
        let named = self.builder.attempt("progname");
        self.text(": ");
        self.builder.jump(done);
        self.builder.here(named);
        self.value("progname", Shape::Bare, Emit::Message, "progname");
        self.text(": ");
        self.builder.here(done);
    }

    fn tags(&mut self, wants_id: bool) {
        let [tags, request_id] = ["tags", "request_id"].map(|name| {
            self.out.add(name, Emit::Message);
            self.out.id(name)
        });
        self.builder.tags(tags, request_id, wants_id);
    }
}

#[cfg(test)]
mod named_tests;
#[cfg(test)]
mod tests;
