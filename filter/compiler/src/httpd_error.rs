//! httpd's own error lines, when no ErrorLogFormat is given.
//!
//! The layouts are those of server/log.c; the ErrorLogFormats that the manual gives for them differ a little.
use super::{error, output::Outputs, pattern::Shape, writer::Writer};
use firelens_filter::program::{Emit, Kind, Pattern};

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
        layout(out, |line| line.current("u", &SEVERE, false)),
        layout(out, |line| line.current("u", &DEBUG, true)),
        layout(out, |line| line.current("cu", &[&SEVERE[..], &DEBUG].concat(), false)),
    ];
    // Those that name more parts of a line come first: in any other they would be a part of the message.
    for format in MANUAL {
        patterns.extend(error::compile(format, out).expect("the manual's formats can be read"));
    }
    patterns.extend([
        layout(out, |line| line.before_2_4(&SEVERE, false)),
        layout(out, |line| line.before_2_4(&DEBUG, true)),
    ]);
    patterns.push(layout(out, |line| line.startup()));
    patterns.push(layout(out, |line| line.startup_without_code()));
    patterns.push(layout(out, |line| line.startup_of_program()));
    if glued {
        patterns.push(layout(out, |line| line.glued(|line| line.current("u", &SEVERE, false))));
        patterns.push(layout(out, |line| line.glued(|line| line.current("u", &DEBUG, true))));
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
    /// `[Sun Nov 22 07:38:32.399242 2026] [core:info] [pid 1:tid 2] …`, with the time as `%{time}t` prints it.
    fn current(&mut self, time: &str, levels: &[&str], source: bool) {
        self.text("[");
        self.ctime(time);
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
        self.thread();
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

    /// `:tid 2] `, `] `, or `:tid ` and no more: with one thread for each process, `%T` prints nothing, and httpd leaves out
    /// the text behind it.
    fn thread(&mut self) {
        let end = self.builder.target();
        let none = self.builder.attempt("%T");
        self.text(":tid ");
        let nothing = self.builder.attempt("%T");
        self.value("tid", Shape::Number, Emit::Number, "%T");
        self.text("] ");
        self.builder.jump(end);
        self.builder.here(nothing);
        self.builder.jump(end);
        self.builder.here(none);
        self.text("] ");
        self.builder.here(end);
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

    /// `[client 192.0.2.1:4711] ` or `[remote 192.0.2.1:4711] `; other values in brackets can stand in front.
    fn optional_client(&mut self) {
        let done = self.builder.target();
        let first = self.builder.attempt("[…]");
        self.text("[");
        self.value("extra", Shape::Bare, Emit::Message, "[…]");
        self.text("] [client ");
        self.address("client", "client_port", "%a");
        self.text("] ");
        self.builder.jump(done);
        self.builder.here(first);
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

    /// What is logged with APLOG_STARTUP has no time and level when it appears on a terminal or in a container's log
    /// before the log is open: `AH00558: …`, `(98)Address already in use: AH00072: …`
    fn startup(&mut self) {
        self.optional_errno();
        self.value("code", Shape::Code, Emit::Value, "AH00000");
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

#[cfg(test)]
mod tests {
    use crate::{
        compile,
        spec::{Container, Format, Spec},
    };
    use firelens_filter::Filter;
    use serde_json::{Map, Value, json};

    /// The fields of a line on stderr, without those of the record.
    fn read(spec: &Spec, line: &str) -> Map<String, Value> {
        let mut filter = Filter::new(compile(spec).unwrap());
        let record = json!({"container_name": "httpd", "source": "stderr", "log": line}).to_string();
        let mut out = Vec::new();
        filter.filter(b"httpd", record.as_bytes(), &mut out);
        let Value::Object(mut fields) = serde_json::from_slice(&out).unwrap() else { panic!("{line}") };
        fields.retain(|name, _| name != "container_name" && name != "source");
        fields
    }

    fn httpd() -> Spec {
        let stderr = vec![Format::HttpdError { format: None, zone: Vec::new() }];
        let containers = vec![Container { name: "httpd".to_string(), stdout: Vec::new(), stderr }];
        Spec { containers, ..Spec::default() }
    }

    fn assert_reads(line: &str, mut expected: Value) {
        expected["kind"] = json!("error");
        assert_eq!(Value::Object(read(&httpd(), line)), expected, "{line}");
    }

    #[test]
    fn current_lines() {
        assert_reads(
            "[Sun Nov 22 07:38:32.399242 2026] [proxy:error] [pid 1:tid 2] (EAI 2)Name or service not known: \
             [client 2001:db8::1:4711] AH00898: DNS lookup failure, referer: https://example.com/, really",
            json!({"time": "2026-11-22T07:38:32.399242Z", "module": "proxy", "level": "error", "pid": 1, "tid": 2,
                "errno_kind": "EAI", "errno": 2, "errno_text": "Name or service not known", "client": "2001:db8::1",
                "client_port": 4711, "code": "AH00898", "message": "DNS lookup failure",
                "referer": "https://example.com/, really"}),
        );
        assert_reads(
            "[Sun Nov 22 07:38:32.399242 2026] [:warn] [pid 1] [remote 192.0.2.1:80] (a) b: c",
            json!({"time": "2026-11-22T07:38:32.399242Z", "level": "warn", "pid": 1, "client": "192.0.2.1",
                "client_port": 80, "client_kind": "remote", "message": "(a) b: c"}),
        );
        assert_reads(
            "[Sun Nov 22 07:38:32.399242 2026] [so:trace3] [pid 1:tid 2] mod_so.c(266): (-102)x: AH01575: loaded",
            json!({"time": "2026-11-22T07:38:32.399242Z", "module": "so", "level": "trace3", "pid": 1, "tid": 2,
                "source_file": "mod_so.c", "source_line": 266, "errno": -102, "errno_text": "x", "code": "AH01575",
                "message": "loaded"}),
        );
        assert_reads(
            "[Sun Nov 22 07:38:32.399242 2026] [so:info] [pid 1:tid 2] worker.c(26): started, referer https://x/",
            json!({"time": "2026-11-22T07:38:32.399242Z", "module": "so", "level": "info", "pid": 1, "tid": 2,
                "message": "worker.c(26): started", "referer": "https://x/"}),
        );
    }

    #[test]
    fn older_lines() {
        assert_reads(
            "[Sat Nov 21 23:39:31 2026] [error] [client 192.0.2.1] (13)Permission denied: access to / denied",
            json!({"time": "2026-11-21T23:39:31Z", "level": "error", "client": "192.0.2.1", "errno": 13,
                "errno_text": "Permission denied", "message": "access to / denied"}),
        );
        assert_reads(
            "[Sat Nov 21 23:39:31 2026] [error] [pid 7] core.c(1): (2)No such file: [client 192.0.2.1:8] gone",
            json!({"time": "2026-11-21T23:39:31Z", "level": "error", "pid": 7, "source_file": "core.c",
                "source_line": 1, "errno": 2, "errno_text": "No such file", "client": "192.0.2.1", "client_port": 8,
                "message": "gone"}),
        );
    }

    #[test]
    fn no_message_swallows_the_process_or_the_client() {
        assert_reads(
            "[Thu May 12 08:28:57 2011] [error] [pid 8777] [client 192.0.2.1:58619] AH00128: File does not exist: /x",
            json!({"time": "2011-05-12T08:28:57Z", "level": "error", "pid": 8777, "client": "192.0.2.1",
                "client_port": 58619, "code": "AH00128", "message": "File does not exist: /x"}),
        );
        assert_reads(
            "[2026-11-22 07:38:00.664985] [core:error] [pid 42:tid 139854162249999] [client 203.0.113.107:39515] AH01617: x",
            json!({"time": "2026-11-22T07:38:00.664985Z", "module": "core", "level": "error", "pid": 42,
                "tid": 139854162249999u64, "client": "203.0.113.107", "client_port": 39515, "code": "AH01617",
                "message": "x"}),
        );
        assert_reads(
            "[Sun Jul 31 00:00:01.664985 2022] [php7:warn] [pid 12661:tid [client 203.0.113.5:48314] PHP Warning: x",
            json!({"time": "2022-07-31T00:00:01.664985Z", "module": "php7", "level": "warn", "pid": 12661,
                "client": "203.0.113.5", "client_port": 48314, "message": "PHP Warning: x"}),
        );
        assert_reads(
            "[Sun Nov 22 07:38:32.399242 2026] [core:error] [pid 1] [R:x y] [client 192.0.2.1:8] AH00128: x",
            json!({"time": "2026-11-22T07:38:32.399242Z", "module": "core", "level": "error", "pid": 1,
                "extra": "R:x y", "client": "192.0.2.1", "client_port": 8, "code": "AH00128", "message": "x"}),
        );
        assert_reads(
            "[Sun Nov 22 07:38:32.399242 2026] [core:error] [pid 1] [x] is no client",
            json!({"time": "2026-11-22T07:38:32.399242Z", "module": "core", "level": "error", "pid": 1,
                "message": "[x] is no client"}),
        );
    }

    #[test]
    fn start_up_lines() {
        assert_reads("AH00558: httpd: Could not …", json!({"code": "AH00558", "message": "httpd: Could not …"}));
        assert_reads(
            "(98)Address already in use: AH00072: make_sock",
            json!({"errno": 98, "errno_text": "Address already in use", "code": "AH00072", "message": "make_sock"}),
        );
        assert_reads(
            "AH10293: a message of a later version",
            json!({"code": "AH10293", "message": "a message of a later version"}),
        );
        assert_reads(super::WITHOUT_CODE, json!({"message": super::WITHOUT_CODE}));
        assert_reads("httpd: Syntax error", json!({"progname": "httpd", "message": "Syntax error"}));
    }

    #[test]
    fn output_in_front_of_a_line() {
        let line = "[x] oops[Sun Nov 22 07:38:32.399242 2026] [so:info] [pid 1] done";
        assert_reads(
            line,
            json!({"output_before": "[x] oops", "time": "2026-11-22T07:38:32.399242Z", "module": "so", "level": "info",
                "pid": 1, "message": "done"}),
        );
        assert_eq!(read(&Spec::default(), line)["kind"], "unparsed", "it could be what a client sent");
    }

    #[test]
    fn other_output_is_no_error_line() {
        for line in [
            "",
            "AHA: moment",
            "AH0055: too short",
            "AH005580: too long",
            "AH0055x: no number",
            "AH00558 no colon",
            "AH00558",
            "Traceback (most recent call last):",
            "java.lang.IllegalStateException: boom",
            "[error] x",
            "[Sun Nov 22 07:38:32.399242 2026] x",
            "[Sun Nov 22 07:38:32 2026] [verbose] x",
        ] {
            assert_eq!(read(&httpd(), line)["kind"], "unparsed", "{line}");
        }
    }
}
