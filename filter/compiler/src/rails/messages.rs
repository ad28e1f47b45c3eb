//! The messages that Rails itself writes: all of them, and what they are made of.
//!
//! The texts are those of Rails' log subscribers in versions 5 to 8.1; each file names its own.
use super::{
    jobs::{self, Named, Tagged},
    mail, queries, requests, solid_queue, storage, views,
};
use crate::{output::UNUSED, pattern::Shape, writer::Writer};
use firelens_filter::program::Emit;

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
pub(super) const PLAIN: &str = "\x1b[0m";

impl Writer<'_> {
    pub(super) fn string(&mut self, name: &str, shape: Shape) {
        self.value(name, shape, Emit::Message, name);
    }

    /// A value that is read, and written only where its field is added otherwise.
    pub(super) fn unwritten(&mut self, name: &str, shape: Shape) {
        let field = self.out.id(name);
        self.builder.value(field, shape, name);
    }

    /// The words that a message begins with say what happened.
    pub(super) fn event(&mut self, words: &[&str]) {
        self.value("event", Shape::words(words), Emit::Lower, "event");
    }

    pub(super) fn number(&mut self, name: &str) {
        self.value(name, Shape::Number, Emit::Number, name);
    }

    /// All that follows is the value of this field. It is read again by what is written next, which says whether it fits.
    pub(super) fn all_as(&mut self, name: &str) {
        let again = self.builder.peek(name);
        self.string(name, Shape::Bare);
        self.nothing();
        self.builder.here(again);
    }

    /// Nothing fits here: the last choice is taken.
    pub(super) fn nothing(&mut self) {
        self.value(UNUSED, Shape::OneOf(Vec::new()), Emit::Message, "");
    }

    /// `12.3ms`
    pub(super) fn milliseconds(&mut self, name: &str) {
        self.value(name, Shape::Decimal, Emit::Scaled(3), name);
        self.text("ms");
    }

    /// Where a colour begins.
    pub(super) fn colour(&mut self) {
        self.value(UNUSED, Shape::words(&COLOURS), Emit::Message, "colour");
    }

    /// The rest of the line, without the end of a colour.
    pub(super) fn coloured(&mut self, name: &str) {
        let end = self.builder.target();
        let bare = self.builder.attempt("…");
        self.string(name, Shape::Bare);
        self.text(PLAIN);
        self.builder.jump(end);
        self.builder.here(bare);
        self.string(name, Shape::Bare);
        self.builder.here(end);
    }

    /// Each of these ways to go on is tried, to the end of the line.
    pub(super) fn either(&mut self, ways: &[fn(&mut Writer)]) {
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
    requests::started(line, set);
    line.builder.jump(end);
    line.builder.here(other);
    line.either(&[
        requests::processing,
        requests::completed,
        indented,
        requests::redirected,
        requests::sent,
        requests::halted,
        jobs::of::<Named>,
        jobs::enqueued,
        requests::exception,
        requests::unpermitted,
        requests::csrf,
        requests::fragment,
        requests::rescued,
        mail::delivery,
        mail::sent,
        storage::coloured,
        solid_queue::event,
        caller,
    ]);
    line.builder.here(end);
}

/// Messages behind two blanks: most lines are told from all of them by these.
fn indented(line: &mut Writer) {
    line.text("  ");
    line.either(&[
        views::rendered,
        views::rendering,
        requests::parameters,
        queries::coloured,
        queries::plain,
        storage::plain,
        caller,
    ]);
}

/// What a job says that is known by its tags: messages of Rails, or any other text. What it enqueues is another job.
pub(super) fn of_job(line: &mut Writer) {
    line.either(&[
        jobs::of::<Tagged>,
        indented,
        requests::exception,
        mail::delivery,
        mail::sent,
        storage::coloured,
        |line| line.string("message", Shape::Bare),
    ]);
}

/// `↳ app/models/user.rb:7:in 'name'`: what called for the message in front, where Rails is told to be verbose.
fn caller(line: &mut Writer) {
    line.text("↳ ");
    line.string("caller", Shape::Bare);
}
