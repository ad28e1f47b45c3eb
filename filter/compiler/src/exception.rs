//! Stack traces that were joined to one record: the class of the first exception, and its message.
use super::{
    Fault,
    output::{Outputs, UNUSED},
    pattern::{Shape, Target},
    writer::Writer,
};
use firelens_filter::program::{Emit, Kind, Pattern};

/// The languages whose stack traces can be read, in the order in which they are tried.
pub const LANGUAGES: [&str; 6] = ["python", "ruby", "go", "php", "javascript", "java"];

/// One layout for each language.
pub(crate) fn layouts(languages: &[String], out: &mut Outputs) -> Result<Vec<Pattern>, Fault> {
    languages.iter().map(|language| layout(language, out)).collect()
}

fn layout(language: &str, out: &mut Outputs) -> Result<Pattern, Fault> {
    let mut trace = Writer::new(Kind::Exception, out);
    let end = trace.builder.target();
    match language {
        "java" => trace.java(end),
        "python" => trace.python(end),
        "ruby" => trace.ruby(end),
        "go" => trace.go(end),
        "javascript" => trace.javascript(end),
        "php" => trace.php(end),
        other => {
            let known = LANGUAGES.join(", ");
            return Err(Fault::new(format!("unknown language `{other}`")).help(format!("the languages are {known}")));
        }
    }
    trace.builder.here(end);
    trace.finish()
}

/// How the names of Java's exceptions end.
const JAVA: &[&str] = &["Exception", "Error", "Throwable", "Failure"];
const JAVASCRIPT: &[&str] = &["Error", "Exception"];
const PYTHON: &str = "Traceback (most recent call last):\n";
const PYTHON_GROUP: &str = "  + Exception Group Traceback (most recent call last):\n";

impl Writer<'_> {
    fn java(&mut self, end: Target) {
        let class = self.builder.target();
        self.or(
            class,
            |it| it.text("Exception in thread \""),
            |it| {
                it.skip("\" ");
            },
        );
        self.before_the_class(class);
        self.class(JAVA, end);
        self.fails();
    }

    fn javascript(&mut self, end: Target) {
        let class = self.builder.target();
        self.before_the_class(class);
        for then in [": ", "\n"] {
            let other = self.builder.attempt("Error");
            self.exception(Shape::words(&["Error"]));
            self.text(then);
            self.message_line(then == ": ");
            self.builder.jump(end);
            self.builder.here(other);
        }
        self.class(JAVASCRIPT, end);
        self.fails();
    }

    /// Where the class can stand: at the start, of a line or behind what a logger put in front of it.
    fn before_the_class(&mut self, class: Target) {
        self.or(class, |_| {}, |_| {});
        for lines in ["\n\n", "\n"] {
            self.or(class, |_| {}, |it| it.skip(lines));
        }
        self.skip(" ");
        self.builder.here(class);
    }

    /// The lines up to the one with the exception are frames.
    fn python(&mut self, end: Target) {
        let frames = self.builder.target();
        let other = self.builder.attempt("Exception Group");
        self.text(PYTHON_GROUP);
        self.skip("\n  | ");
        self.exception(Shape::Token);
        self.text(": ");
        self.message_line(true);
        self.builder.jump(end);
        self.builder.here(other);
        self.or(frames, |it| it.text(PYTHON), |_| {});
        self.skip(&format!("\n{PYTHON}"));
        self.builder.here(frames);
        self.skip("\n");
        for (colon, last) in [(true, false), (true, true), (false, false)] {
            let other = self.builder.attempt("exception");
            self.exception(Shape::Token);
            match (colon, last) {
                (true, true) => {
                    self.text(": ");
                    self.said();
                }
                (true, false) => {
                    self.text(": ");
                    self.message_line(true);
                }
                _ => {
                    self.text("\n");
                    self.rest();
                }
            }
            self.builder.jump(end);
            self.builder.here(other);
        }
        self.exception(Shape::Token);
    }

    /// `app.rb:3:in 'Object#run': message (RuntimeError)`, also behind Logger's header.
    fn ruby(&mut self, end: Target) {
        let message = self.builder.target();
        for letter in ["E", "F"] {
            let other = self.builder.attempt("severity");
            self.text(&format!("{letter}, ["));
            self.skip(" -- ");
            self.skip(": ");
            self.builder.jump(message);
            self.builder.here(other);
        }
        self.skip(":in ");
        self.skip(": ");
        self.builder.here(message);
        self.value("message", Shape::Bare, Emit::Message, "message");
        self.text(" (");
        self.exception(Shape::Token);
        self.text(")\n");
        self.rest();
        self.builder.jump(end);
    }

    fn go(&mut self, end: Target) {
        let served = self.builder.attempt("http");
        self.skip("http: ");
        self.exception(Shape::words(&["panic"]));
        self.text(" serving ");
        self.value(UNUSED, Shape::Token, Emit::Message, "address");
        self.text(": ");
        self.message_line(true);
        self.builder.jump(end);
        self.builder.here(served);
        let panic = self.builder.target();
        self.or(panic, |_| {}, |_| {});
        self.skip("\n");
        self.builder.here(panic);
        self.exception(Shape::words(&["panic", "fatal error"]));
        self.text(": ");
        self.message_line(true);
    }

    /// `Uncaught RuntimeException: message in /srv/a.php:3`, and Monolog's `[object] (RuntimeException(code: 0): …`.
    fn php(&mut self, end: Target) {
        for (before, code, at, after) in [("Uncaught ", false, " in ", "\n"), ("[object] (", true, " at ", ")\n")] {
            for with_place in [true, false] {
                let other = self.builder.attempt("exception");
                self.skip(before);
                self.exception(Shape::Token);
                if code {
                    self.text("(code: ");
                    self.value(UNUSED, Shape::Number, Emit::Message, "code");
                    self.text(")");
                }
                self.text(": ");
                if with_place {
                    self.value("message", Shape::Bare, Emit::Message, "message");
                    self.text(at);
                    self.value(UNUSED, Shape::Token, Emit::Message, "file");
                    self.text(":");
                    self.value(UNUSED, Shape::Number, Emit::Message, "line");
                    self.text(after);
                    self.rest();
                } else {
                    self.message_line(true);
                }
                self.builder.jump(end);
                self.builder.here(other);
            }
        }
        self.skip("Uncaught ");
        self.exception(Shape::Token);
        self.text(" in ");
        self.rest();
    }

    /// The name of a class that ends with one of these words, with its message behind it. Its parts overlap: the whole name
    /// is captured first, then its end is looked at.
    fn class(&mut self, ends: &[&str], end: Target) {
        for then in [": ", " [", "\n"] {
            let look = self.builder.peek("class");
            self.exception(Shape::Token);
            self.text(then);
            self.fails();
            self.builder.here(look);
            for word in ends {
                let other = self.builder.attempt(word);
                // No byte of an escape: a newline is no part of a name.
                self.value(UNUSED, Shape::Byte, Emit::Message, "class");
                self.value(UNUSED, Shape::Token, Emit::Message, "class");
                self.text(&format!("{word}{then}"));
                if then == " [" {
                    self.value(UNUSED, Shape::Token, Emit::Message, "code");
                    self.text("]: ");
                }
                self.message_line(then != "\n");
                self.builder.jump(end);
                self.builder.here(other);
            }
        }
    }

    /// One way to come to `then`; if it does not lead to the line's end, the next step is tried.
    fn or(&mut self, then: Target, first: impl FnOnce(&mut Self), second: impl FnOnce(&mut Self)) {
        let other = self.builder.attempt("");
        first(self);
        second(self);
        self.builder.jump(then);
        self.builder.here(other);
    }

    fn exception(&mut self, shape: Shape) {
        self.value("exception", shape, Emit::Message, "exception");
    }

    fn said(&mut self) {
        self.value("message", Shape::Bare, Emit::Message, "message");
    }

    /// A message, where there is one, up to the line's end, and all that follows.
    fn message_line(&mut self, has: bool) {
        if has {
            self.said();
            self.text("\n");
        }
        self.rest();
    }

    fn rest(&mut self) {
        self.value(UNUSED, Shape::Bare, Emit::Message, "");
    }

    fn skip(&mut self, then: &str) {
        self.value(UNUSED, Shape::Bare, Emit::Message, "");
        self.text(then);
    }

    /// Nothing is one of no words.
    fn fails(&mut self) {
        self.value(UNUSED, Shape::OneOf(Vec::new()), Emit::Message, "");
    }
}
