//! The text of `semantic_logger`, which `rails_semantic_logger` writes.
//!
//! <https://github.com/reidmorrison/semantic_logger/blob/master/lib/semantic_logger/formatters/default.rb>, and `color.rb`
//! beside it.
use super::{COLOUR_END, layout};
use crate::{
    output::{Outputs, UNUSED},
    pattern::{Shape, Target},
    strftime::{self, Piece},
    writer::Writer,
};
use firelens_filter::program::{Emit, Pattern, Refine, TimePart};

/// How colours and bold text begin, as JSON has it.
const COLOURS: [&str; 9] = [
    r"\u001b[1m",
    r"\u001b[30m",
    r"\u001b[31m",
    r"\u001b[32m",
    r"\u001b[33m",
    r"\u001b[34m",
    r"\u001b[35m",
    r"\u001b[36m",
    r"\u001b[37m",
];

/// The first letters of `trace`, `debug`, `info`, `warn`, `error` and `fatal`.
const LEVELS: [&str; 6] = ["T", "D", "I", "W", "E", "F"];

/// How `Log#duration_human` prints a duration.
#[derive(Clone, Copy, PartialEq)]
enum Duration {
    /// `12.345ms`; or there is none.
    Milliseconds,
    /// `1.234s`.
    Seconds,
    /// `2m 5s`, `1h 3m`, `1d 2h 3m`; or there is none, and the logger's name has spaces.
    Text,
}

/// A way to write a line.
struct Layout {
    coloured: bool,
    duration: Duration,
}

pub(super) fn layouts(out: &mut Outputs) -> Vec<Pattern> {
    let durations = [Duration::Milliseconds, Duration::Seconds, Duration::Text];
    let all = [false, true].into_iter().flat_map(|coloured| durations.map(|duration| Layout { coloured, duration }));
    all.map(|it| layout(out, |line| it.write(line))).collect()
}

/// An object of its `json.rs`: only there is `level_index`.
pub(super) fn object(line: &mut Writer) {
    line.text("{\"");
    line.unwritten(UNUSED, Shape::Bare);
    line.text(",\"level_index\":");
}

impl Layout {
    fn write(&self, line: &mut Writer) {
        time(line);
        self.on(line);
        line.value("level", Shape::words(&LEVELS), Emit::Lower, "level");
        self.off(line);
        line.text(" ");
        process(line);
        if self.coloured {
            coloured_tags(line);
        } else {
            line.tags(false);
        }
        self.named_tags(line);
        self.duration(line);
        self.name(line);
    }

    fn on(&self, line: &mut Writer) {
        if self.coloured {
            line.value(UNUSED, Shape::words(&COLOURS), Emit::Message, "colour");
        }
    }

    fn end(&self) -> &'static str {
        if self.coloured { COLOUR_END } else { "" }
    }

    fn off(&self, line: &mut Writer) {
        line.text(self.end());
    }

    /// `{request_id: 0f5a…, ip: 192.0.2.1} `. The request's id is a field of its own where it is the first or last.
    fn named_tags(&self, line: &mut Writer) {
        let end = self.end();
        let done = line.builder.target();
        // What the tags before have captured stays.
        let none = line.builder.peek("named tags");
        line.text("{");
        self.on(line);
        let no_id = line.builder.peek("request_id");
        line.text("request_id: ");
        for (then, more) in [(format!("{end}, "), true), (format!("{end}}} "), false)] {
            let other = line.builder.peek("request_id");
            line.string("request_id", Shape::Token);
            line.text(&then);
            if more {
                line.string("named_tags", Shape::Bare);
                line.text(&format!("{end}}} "));
            }
            line.builder.jump(done);
            line.builder.here(other);
        }
        line.nothing();
        line.builder.here(no_id);
        if !self.coloured {
            let other = line.builder.peek("request_id");
            line.string("named_tags", Shape::Bare);
            line.text(", request_id: ");
            line.string("request_id", Shape::Token);
            line.text("} ");
            line.builder.jump(done);
            line.builder.here(other);
        }
        line.string("named_tags", Shape::Bare);
        line.text(&format!("{end}}} "));
        line.builder.here(none);
        line.builder.here(done);
    }

    fn duration(&self, line: &mut Writer) {
        let inside = |line: &mut Writer| {
            line.text("(");
            self.on(line);
            match self.duration {
                Duration::Milliseconds => line.milliseconds("duration_us"),
                Duration::Seconds => {
                    line.value("duration_us", Shape::Decimal, Emit::Scaled(6), "duration_us");
                    line.text("s");
                }
                Duration::Text => line.string("duration_text", Shape::Bare),
            }
            line.text(&format!("{}) ", self.end()));
        };
        match self.duration {
            Duration::Seconds => inside(line),
            Duration::Milliseconds | Duration::Text => line.optional("(duration)", inside),
        }
    }

    /// The logger's name, and what it says.
    fn name(&self, line: &mut Writer) {
        let done = line.builder.target();
        let spaces = self.coloured || self.duration == Duration::Text;
        self.on(line);
        let silent = line.builder.attempt("name");
        line.string("name", if spaces { Shape::Bare } else { Shape::Token });
        line.text(&format!("{} -- ", self.end()));
        self.said(line, done);
        line.builder.here(silent);
        // A name with spaces that nothing follows could be any text.
        line.string("name", Shape::Token);
        self.off(line);
        line.builder.here(done);
    }

    /// `message -- {payload} -- Exception: Class: message`, each of them if it is there. An exception's payload stays in the
    /// message.
    fn said(&self, line: &mut Writer, done: Target) {
        for before in ["Exception: ", " -- Exception: "] {
            for lines in [true, false] {
                let other = line.builder.attempt("Exception");
                if before.starts_with(' ') {
                    line.string("message", Shape::Bare);
                }
                line.text(before);
                self.on(line);
                line.string("exception", Shape::Token);
                line.text(": ");
                line.string("exception_message", Shape::Bare);
                self.off(line);
                if lines {
                    line.text("\n");
                    line.value(UNUSED, Shape::Bare, Emit::Message, "backtrace");
                }
                line.builder.jump(done);
                line.builder.here(other);
            }
        }
        for before in ["", " -- "] {
            let other = line.builder.attempt("payload");
            if !before.is_empty() {
                line.string("message", Shape::Bare);
                line.text(before);
            }
            line.all_as("payload");
            line.text("{");
            line.value(UNUSED, Shape::Bare, Emit::Message, "payload");
            line.builder.jump(done);
            line.builder.here(other);
        }
        line.string("message", Shape::Bare);
        line.builder.jump(done);
    }
}

/// `2026-11-22 07:38:32.729000 `, with milliseconds in JRuby.
fn time(line: &mut Writer) {
    line.time(&strftime::pieces("%Y-%m-%d %H:%M:%S.").expect("a plain format can be read"), 0, "time");
    let done = line.builder.target();
    for digits in [6, 3] {
        let other = line.builder.attempt("time");
        line.time(&[Piece::Part(TimePart::Fraction(digits))], 0, "time");
        line.text(" ");
        line.builder.jump(done);
        line.builder.here(other);
    }
    line.nothing();
    line.builder.here(done);
    line.out.add("time", Emit::Time(0));
}

/// `[1149:puma srv tp 001 user.rb:51] `: the process, the thread, and where the message is from.
fn process(line: &mut Writer) {
    let done = line.builder.target();
    line.text("[");
    line.number("pid");
    line.text(":");
    // A thread's name can have spaces, as Puma's have three, and a file can follow. The words are counted, since nothing may
    // be looked for beyond the bracket.
    let alone = line.builder.attempt("thread");
    line.string("thread", Shape::Token);
    line.text("] ");
    line.builder.jump(done);
    line.builder.here(alone);
    for words in 1..=THREAD_WORDS {
        for has_file in [true, false] {
            if words == 1 && !has_file {
                continue;
            }
            let other = line.builder.attempt("thread");
            line.string("thread", Shape::Token);
            for word in 1..words {
                line.text(" ");
                line.unwritten(if word + 1 == words { THREAD_END } else { UNUSED }, Shape::Token);
            }
            if has_file {
                line.text(" ");
                line.string("source_file", Shape::Token);
                line.text(":");
                line.number("source_line");
            }
            line.text("] ");
            line.builder.jump(done);
            line.builder.here(other);
        }
    }
    line.nothing();
    line.builder.here(done);
    let [from, last] = ["thread", THREAD_END].map(|name| line.out.id(name));
    line.refine_once(Refine::Join { from, last });
}

/// The most words of a thread's name, of which 30 characters are printed.
const THREAD_WORDS: usize = 6;

/// The last word of a thread's name; it is written as a part of the name.
const THREAD_END: &str = "_thread";

/// `[tag] [0f5a0b6e-…] `, each in a colour. The request's id is the first or last.
fn coloured_tags(line: &mut Writer) {
    let done = line.builder.target();
    let other = line.builder.attempt("request_id");
    coloured_id(line);
    line.optional("tags", some_coloured_tags);
    line.builder.jump(done);
    line.builder.here(other);
    let none = line.builder.attempt("tags");
    some_coloured_tags(line);
    line.optional("request_id", coloured_id);
    line.builder.here(none);
    line.builder.here(done);
}

fn some_coloured_tags(line: &mut Writer) {
    line.text("[");
    line.value(UNUSED, Shape::words(&COLOURS), Emit::Message, "colour");
    line.string("tags", Shape::Bare);
    line.text(COLOUR_END);
    line.text("] ");
}

fn coloured_id(line: &mut Writer) {
    line.text("[");
    line.value(UNUSED, Shape::words(&COLOURS), Emit::Message, "colour");
    let look = line.builder.peek("request_id");
    line.string("request_id", Shape::Token);
    line.text(COLOUR_END);
    line.nothing();
    line.builder.here(look);
    for (part, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if part > 0 {
            line.text("-");
        }
        for _ in 0..length {
            line.value(UNUSED, Shape::Byte, Emit::Message, "request_id");
        }
    }
    line.text(COLOUR_END);
    line.text("] ");
}
