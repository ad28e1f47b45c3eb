//! httpd's own error lines, when no ErrorLogFormat is given.
//!
//! The layouts are those of server/log.c, which differ a little from the ErrorLogFormats that the manual gives for them.
use super::{error, output::Outputs, pattern::Shape, writer::Writer};
use crate::program::{Emit, Kind, Pattern};

/// The ErrorLogFormats of the manual that differ from the default.
/// <https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat>
const MANUAL: [&str; 2] =
    ["[%t] [%l] [pid %P] %F: %E: [client %a] %M", "[%{uc}t] [%-m:%-l] [R:%L] [C:%{C}L] %7F: %E: %M"];

/// The levels of lines that say where in the source they come from, and the others, the usual ones first.
const DEBUG: [&str; 9] = ["debug", "trace1", "trace2", "trace3", "trace4", "trace5", "trace6", "trace7", "trace8"];
const SEVERE: [&str; 7] = ["error", "warn", "notice", "info", "crit", "alert", "emerg"];

/// Messages that httpd's main process writes before its log is open, without time and level.
const WITHOUT_CODE: &str = "no listening sockets available, shutting down";

/// All layouts. `glued`: also those in front of which a CGI program has written something without a newline.
pub(crate) fn layouts(glued: bool, out: &mut Outputs) -> Vec<Pattern> {
    let mut patterns = vec![
        layout(out, |line| line.current(&SEVERE, false)),
        layout(out, |line| line.current(&DEBUG, true)),
        layout(out, |line| line.before_2_4(&SEVERE, false)),
        layout(out, |line| line.before_2_4(&DEBUG, true)),
    ];
    for format in MANUAL {
        patterns.push(error::compile(format, out).expect("the manual's formats can be read"));
    }
    patterns.push(layout(out, |line| line.startup()));
    patterns.push(layout(out, |line| line.startup_without_code()));
    patterns.push(layout(out, |line| line.startup_of_program()));
    if glued {
        patterns.push(layout(out, |line| line.glued(|line| line.current(&SEVERE, false))));
        patterns.push(layout(out, |line| line.glued(|line| line.current(&DEBUG, true))));
        patterns.push(layout(out, |line| line.glued(|line| line.before_2_4(&SEVERE, false))));
    }
    patterns
}

fn layout(out: &mut Outputs, write: impl FnOnce(&mut Writer)) -> Pattern {
    let mut line = Writer::new(Kind::Error, out);
    write(&mut line);
    line.finish().expect("the layouts' fields have different names")
}

impl Writer<'_> {
    /// `[Sun Nov 22 07:38:32.399242 2026] [core:info] [pid 1:tid 2] …`
    fn current(&mut self, levels: &[&str], source: bool) {
        self.text("[");
        self.ctime("u");
        self.text("] [");
        // PHP as a module has no name: `[:error]`.
        let named = self.builder.target();
        let unnamed = self.builder.attempt("%m");
        self.value("module", Shape::Token, Emit::Value, "%m");
        self.text(":");
        self.builder.jump(named);
        self.builder.here(unnamed);
        self.text(":");
        self.builder.here(named);
        self.level(levels, "%l");
        self.text("] [pid ");
        self.value("pid", Shape::Number, Emit::Number, "%P");
        self.optional("%T", |line| {
            line.text(":tid ");
            line.value("tid", Shape::Number, Emit::Number, "%T");
        });
        self.text("] ");
        if source {
            self.optional_source();
        }
        self.optional_errno();
        self.optional_client();
        self.message_and_referer();
    }

    /// `[Sun Nov 22 07:38:32 2026] [info] …`, as 2.2 has it. It writes the client in front of the system's error.
    fn before_2_4(&mut self, levels: &[&str], source: bool) {
        self.text("[");
        self.ctime("");
        self.text("] [");
        self.level(levels, "%l");
        self.text("] ");
        if source {
            self.optional_source();
        }
        self.optional_errno();
        self.optional("%a", |line| {
            line.text("[client ");
            line.address("client", "client_port", "%a");
            line.text("] ");
            line.optional_errno();
        });
        self.message_and_referer();
    }

    fn level(&mut self, levels: &[&str], label: &str) {
        self.value("level", Shape::words(levels), Emit::Lower, label);
    }

    fn optional_source(&mut self) {
        self.optional("%F", |line| {
            line.source_line();
            line.text(": ");
        });
    }

    fn optional_errno(&mut self) {
        self.optional("%E", |line| {
            line.errno();
            line.text(": ");
        });
    }

    /// `[client 192.0.2.1:4711] ` or `[remote 192.0.2.1:4711] `.
    fn optional_client(&mut self) {
        let done = self.builder.target();
        let none = self.builder.attempt("client");
        self.text("[");
        let client = self.builder.attempt("remote");
        self.value("client_kind", Shape::words(&["remote"]), Emit::Value, "remote");
        self.text(" ");
        self.address("client", "client_port", "%a");
        self.text("] ");
        self.builder.jump(done);
        self.builder.here(client);
        self.text("client ");
        self.address("client", "client_port", "%a");
        self.text("] ");
        self.builder.here(done);
        self.builder.here(none);
    }

    /// The message and `, referer: …`, or `, referer …` as the manual's formats write it.
    fn message_and_referer(&mut self) {
        let end = self.builder.target();
        let alone = self.builder.attempt("referer");
        self.message();
        self.text(", referer");
        let manual = self.builder.attempt("referer");
        self.text(": ");
        self.value("referer", Shape::Text, Emit::Message, "%{Referer}i");
        self.builder.jump(end);
        self.builder.here(manual);
        self.text(" ");
        self.value("referer", Shape::Token, Emit::Message, "%{Referer}i");
        self.builder.jump(end);
        self.builder.here(alone);
        self.message();
        self.builder.here(end);
    }

    /// `AH00558: …`, `(98)Address already in use: AH00072: …`
    fn startup(&mut self) {
        self.optional_errno();
        let words = STARTUP_CODES.iter().map(|code| format!("AH{code:05}")).collect();
        self.value("code", Shape::OneOf(words), Emit::Value, "AH00000");
        self.text(": ");
        self.value("message", Shape::Text, Emit::Message, "%M");
    }

    fn startup_without_code(&mut self) {
        self.value("message", Shape::words(&[WITHOUT_CODE]), Emit::Message, "%M");
    }

    /// `httpd: Syntax error on line …`
    fn startup_of_program(&mut self) {
        self.value("progname", Shape::words(&["httpd", "apache2"]), Emit::Value, "httpd");
        self.text(": ");
        self.value("message", Shape::Text, Emit::Message, "%M");
    }

    /// What a CGI program wrote, and then a line.
    fn glued(&mut self, line: impl FnOnce(&mut Self)) {
        self.value("output_before", Shape::Text, Emit::Message, "output");
        line(self);
    }
}

/// The numbers of the messages that are logged with APLOG_STARTUP, which have no time and level when they appear on a
/// terminal or in a container's log before the log is open.
const STARTUP_CODES: [u32; 134] = [
    12, 13, 14, 15, 16, 57, 58, 59, 72, 73, 79, 85, 86, 89, 90, 91, 97, 101, 103, 104, 105, 106, 107, 108, 112, 175,
    177, 180, 182, 184, 186, 213, 215, 228, 230, 231, 233, 300, 302, 305, 307, 310, 312, 314, 316, 318, 320, 322, 365,
    366, 368, 369, 370, 371, 373, 374, 377, 381, 439, 441, 444, 446, 451, 497, 499, 502, 504, 507, 509, 511, 513, 515,
    517, 519, 526, 530, 532, 534, 543, 544, 548, 556, 557, 558, 680, 688, 689, 900, 901, 902, 903, 904, 905, 906, 907,
    908, 909, 910, 911, 912, 913, 914, 915, 1577, 1578, 1624, 2055, 2056, 2252, 2291, 2297, 2326, 2530, 2652, 2886,
    2888, 3018, 3019, 3020, 3021, 3234, 3336, 3337, 3339, 10008, 10009, 10010, 10011, 10012, 10013, 10014, 10015,
    10017, 10234,
];
