//! Lines of the libraries around Rails, and their fields: written by the code that each test names.
use super::Library::{self, *};
use crate::{
    compile,
    spec::{Container, Format, Spec},
};
use firelens_filter::Filter;
use serde_json::{Value, json};

mod semantic_logger;

/// The kind and the fields of a line, as `name=value` in the order of names.
fn read(library: Library, line: &str) -> String {
    let formats = vec![Format::Library { library, zone: Vec::new() }];
    let containers = vec![Container { name: "app".to_string(), stdout: formats, stderr: Vec::new() }];
    let mut filter = Filter::new(compile(&Spec { containers, ..Spec::default() }).unwrap());
    let record = json!({"container_name": "app", "source": "stdout", "log": line}).to_string();
    let mut out = Vec::new();
    filter.filter(b"app", record.as_bytes(), &mut out);
    let Value::Object(fields) = serde_json::from_slice(&out).unwrap() else { panic!("{line}") };
    let kind = fields["kind"].as_str().unwrap().to_string();
    let fields = fields.into_iter().filter(|(name, _)| !["container_name", "source", "kind"].contains(&&name[..]));
    let mut fields: Vec<String> = fields.map(|(name, value)| format!("{name}={value}")).collect();
    fields.sort();
    format!("{kind}: {}", fields.join(" "))
}

#[track_caller]
fn assert_reads(library: Library, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(line, expected)| (line, read(library, line), expected))
        .filter(|(_, got, expected)| got != *expected)
        .map(|(line, got, expected)| format!("{line}\n  {got}\n  wanted: {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const ID: &str = "0f5a0b6e-0b3c-4d55-9c8e-6a1d2c3b4a5f";

/// Rails 8.1, `active_support/event_reporter.rb` with the `JSONEventSubscriber` of its docs, and
/// `action_controller/structured_event_subscriber.rb`.
#[test]
fn events_of_rails() {
    assert_reads(
        RailsEvent,
        &[
            (
                r#"{"name":"action_controller.request_completed","payload":{"controller":"UsersController","action":"index","status":200,"duration_ms":12.3},"tags":{"graphql":true},"context":{"request_id":"abcd123"},"timestamp":1738964843208679035,"source_location":{"filepath":"app/a.rb","lineno":7,"label":"A#b"}}"#,
                r#"json: context={"request_id":"abcd123"} name="action_controller.request_completed" payload={"controller":"UsersController","action":"index","status":200,"duration_ms":12.3} source_location={"filepath":"app/a.rb","lineno":7,"label":"A#b"} tags={"graphql":true} timestamp=1738964843208679035"#,
            ),
            (
                r#"I, [2026-11-22T07:38:32.729000 #1]  INFO -- : {"name":"a","payload":{}}"#,
                r#"json: level="info" name="a" payload={} pid=1 time="2026-11-22T07:38:32.729000Z""#,
            ),
            ("no event", r#"unparsed: log="no event""#),
            (r#"{"name":"a"}"#, r#"unparsed: log="{\"name\":\"a\"}""#),
        ],
    );
}

/// Thruster 0.1.22, `internal/logging_handler.go`, with Go 1.26's `log/slog`.
#[test]
fn lines_of_thruster() {
    let line = |time: &str, path: &str, client: &str, end: &str| {
        format!(
            r#"{{"time":"{time}","level":"INFO","msg":"Request","path":"{path}","status":200,"dur":12,"method":"GET","req_content_length":0,"req_content_type":"","resp_content_length":5123,"resp_content_type":"text/html; charset=utf-8","remote_addr":"{client}","user_agent":"curl/8 \"x\"","cache":"miss","query":{end}}}"#
        )
    };
    let fields = |time: &str, path: &str, client: &str, more: &str| {
        let mut fields: Vec<String> = [
            "bytes=5123",
            "content_length=0",
            "duration_us=12000",
            r#"method="GET""#,
            r#"resp_content_type="text/html; charset=utf-8""#,
            r#"resp_x_cache="miss""#,
            "status=200",
            r#"user_agent="curl/8 \"x\"""#,
        ]
        .map(str::to_string)
        .to_vec();
        fields.push(format!("time=\"{time}\""));
        fields.push(format!("path=\"{path}\""));
        fields.extend(client.split(' ').map(str::to_string));
        fields.extend(more.split(' ').filter(|field| !field.is_empty()).map(str::to_string));
        fields.sort();
        format!("access: {}", fields.join(" "))
    };
    let table = [
        (
            line("2026-11-22T07:38:32.123456789Z", "/a", "192.0.2.1:51234", r#""b=c&d=%20","proto":"HTTP/1.1""#),
            fields(
                "2026-11-22T07:38:32.123456789Z",
                "/a",
                r#"client="192.0.2.1" client_port=51234"#,
                r#"query="b=c&d=%20" protocol="HTTP/1.1""#,
            ),
        ),
        // Go leaves out zeros at the fraction's end, and versions before 0.1.8 had no `proto`.
        (
            line("2026-11-22T08:38:32.12+01:00", "/", "[2001:db8::1]:51234", r#""""#),
            fields("2026-11-22T07:38:32.12Z", "/", r#"client="2001:db8::1" client_port=51234"#, ""),
        ),
        (
            line("2026-11-22T07:38:32Z", "/\\\\ \\\"é", "2001:db8::1", r#""""#),
            fields("2026-11-22T07:38:32Z", "/\\\\ \\\"é", r#"client="2001:db8::1""#, ""),
        ),
        (
            r#"{"time":"2026-11-22T07:38:32.1Z","level":"INFO","msg":"Server started","http":":80"}"#.to_string(),
            r#"json: http=":80" level="INFO" msg="Server started" time="2026-11-22T07:38:32.1Z""#.to_string(),
        ),
        (r#"{"status":200}"#.to_string(), r#"unparsed: log="{\"status\":200}""#.to_string()),
    ];
    let table: Vec<(&str, &str)> = table.iter().map(|(line, fields)| (&line[..], &fields[..])).collect();
    assert_reads(Thruster, &table);
}

/// Puma 8.0.2: `runner.rb`, `cluster.rb`, `binder.rb`, `launcher.rb`, `single.rb`, `log_writer.rb` and `error_logger.rb`; Rails
/// 8.1's `server_command.rb`.
#[test]
fn lines_of_puma() {
    assert_reads(
        Puma,
        &[
            ("=> Booting Puma", r#"rails: event="booting puma""#),
            (
                "=> Rails 8.1.1 application starting in production ",
                r#"rails: event="rails" message="production " version="8.1.1""#,
            ),
            (
                "=> Run `bin/rails server --help` for more startup options",
                r#"rails: message="=> Run `bin/rails server --help` for more startup options""#,
            ),
            ("Puma starting in single mode...", r#"rails: event="puma starting" mode="single""#),
            ("[7] Puma starting in cluster mode...", r#"rails: event="puma starting" mode="cluster" pid=7"#),
            (
                "* Puma version: 8.0.2 (\"Into the Arena\")",
                r#"rails: event="puma version" message="8.0.2 (\"Into the Arena\")""#,
            ),
            (
                "[7] * Ruby version: ruby 3.4.7 (2025-10-08 revision 7a5688e2a2) +YJIT +PRISM [x86_64-linux]",
                r#"rails: event="ruby version" message="ruby 3.4.7 (2025-10-08 revision 7a5688e2a2) +YJIT +PRISM [x86_64-linux]" pid=7"#,
            ),
            ("*  Min threads: 3", r#"rails: event="min threads" message="3""#),
            ("*  Environment: production", r#"rails: event="environment" message="production""#),
            ("*          PID: 7", r#"rails: event="pid" pid=7"#),
            ("[7] *   Master PID: 7", r#"rails: event="master pid" pid=7"#),
            ("[7] *      Workers: 2", r#"rails: event="workers" message="2" pid=7"#),
            (
                "[7] *     Restarts: (\u{2714}) hot (\u{2716}) phased (\u{2716}) refork",
                "rails: event=\"restarts\" message=\"(\u{2714}) hot (\u{2716}) phased (\u{2716}) refork\" pid=7",
            ),
            ("[7] * Preloading application", r#"rails: message="* Preloading application" pid=7"#),
            ("* Listening on http://[::]:3000", r#"rails: event="listening" message="http://[::]:3000""#),
            ("Use Ctrl-C to stop", r#"rails: message="Use Ctrl-C to stop""#),
            (
                "[7] - Worker 0 (PID: 15) booted in 0.25s, phase: 1",
                r#"rails: duration_us=250000 event="booted" phase=1 pid=7 worker=0 worker_pid=15"#,
            ),
            ("[7] - Worker 0 (PID: 15) terminating", r#"rails: event="terminating" pid=7 worker=0 worker_pid=15"#),
            (
                "[7] ! Terminating timed out worker (Worker 0 failed to check in within 60 seconds): 15",
                r#"rails: message="! Terminating timed out worker (Worker 0 failed to check in within 60 seconds): 15" pid=7"#,
            ),
            (
                "=== puma shutdown: 2026-11-22 08:38:32 +0100 ===",
                r#"rails: event="puma shutdown" time="2026-11-22T07:38:32Z""#,
            ),
            ("- Goodbye!", r#"rails: message="- Goodbye!""#),
            (
                "2026-11-22 07:38:32 +0000 HTTP parse error, malformed request (\"GET /a?b=c\" - (192.0.2.1)): #<Puma::HttpParserError: Invalid HTTP format, parsing fails. Are you trying to open an SSL connection to a non-SSL Puma?>",
                r#"rails: client="192.0.2.1" event="http parse error, malformed request" exception="Puma::HttpParserError" message="Invalid HTTP format, parsing fails. Are you trying to open an SSL connection to a non-SSL Puma?" method="GET" path="/a" query="b=c" time="2026-11-22T07:38:32Z""#,
            ),
            (
                "2026-11-22 07:38:32 +0000 Rack app (\"GET /\" - (-)): #<RuntimeError: none>",
                r#"rails: client="-" event="rack app" exception="RuntimeError" message="none" method="GET" path="/" time="2026-11-22T07:38:32Z""#,
            ),
            (
                "2026-11-22 07:38:32 +0000 SSL error, peer: 192.0.2.1, peer cert: : #<OpenSSL::SSL::SSLError: bad>",
                r#"rails: client="192.0.2.1" event="ssl error" message=": #<OpenSSL::SSL::SSLError: bad>" time="2026-11-22T07:38:32Z""#,
            ),
            (
                "2026-11-22 07:38:32 +0000 ERROR: No application configured, nothing to run",
                r#"rails: event="error" message="No application configured, nothing to run" time="2026-11-22T07:38:32Z""#,
            ),
            // Anybody can write these.
            ("* Remember the milk", r#"unparsed: log="* Remember the milk""#),
            ("[7] hello", r#"unparsed: log="[7] hello""#),
            ("Exiting", r#"unparsed: log="Exiting""#),
        ],
    );
}

/// Solid Queue 1.5.0, `log_subscriber.rb`: `SolidQueue-#{VERSION} #{action} (#{duration.round(1)}ms)  #{attributes}`.
#[test]
fn lines_of_solid_queue() {
    let started = r#"SolidQueue-1.5.0 Started Supervisor(fork) (12.3ms)  pid: 7, hostname: "web-1", process_id: 3, name: "supervisor-a""#;
    let fields = r#"attributes="pid: 7, hostname: \"web-1\", process_id: 3, name: \"supervisor-a\"" duration_us=12300 event="started""#;
    let tail = r#"process="Supervisor(fork)""#;
    let version = r#"version="1.5.0""#;
    let table = [
        (started.to_string(), format!("rails: {fields} pid=7 {tail} {version}")),
        (
            format!("I, [2026-11-22T07:38:32.729000 #1]  INFO -- : [jobs] {started}"),
            format!(r#"rails: {fields} level="info" pid=7 {tail} tags="[jobs]" time="2026-11-22T07:38:32.729000Z" {version}"#),
        ),
        (
            "I, [2026-11-22T07:38:32.729000 #1]  INFO -- : SolidQueue-1.5.0 Prune dead processes (6.3ms)  size: 0".to_string(),
            format!(r#"rails: attributes="size: 0" duration_us=6300 event="prune dead processes" level="info" pid=1 time="2026-11-22T07:38:32.729000Z" {version}"#),
        ),
        (
            "SolidQueue-1.5.0 Deregister Worker (2.0ms)  process_id: 3, pid: 9, hostname: \"web-1\", name: \"worker-a\", claimed_size: 0".to_string(),
            format!(r#"rails: attributes="process_id: 3, pid: 9, hostname: \"web-1\", name: \"worker-a\", claimed_size: 0" duration_us=2000 event="deregister" pid=9 process="Worker" {version}"#),
        ),
        (
            "SolidQueue-1.5.0 Release claimed job (1.0ms)  job_id: 5, process_id: 3".to_string(),
            format!(r#"rails: attributes="job_id: 5, process_id: 3" duration_us=1000 event="release claimed job" job_id="5" {version}"#),
        ),
        (
            "SolidQueue-1.5.0 Prune dead processes (6.3ms)  size: 0".to_string(),
            format!(r#"rails: attributes="size: 0" duration_us=6300 event="prune dead processes" {version}"#),
        ),
        (
            "SolidQueue-1.5.0 Error in thread (0.0ms)  error: \"RuntimeError none\"".to_string(),
            format!(r#"rails: attributes="error: \"RuntimeError none\"" duration_us=0 event="error in thread" {version}"#),
        ),
        ("SolidQueue-1.5.0 hello".to_string(), r#"unparsed: log="SolidQueue-1.5.0 hello""#.to_string()),
    ];
    let table: Vec<(&str, &str)> = table.iter().map(|(line, fields)| (&line[..], &fields[..])).collect();
    assert_reads(SolidQueue, &table);
}

#[test]
fn each_library_is_found_by_its_name() {
    for library in Library::ALL {
        assert_eq!(Library::of(library.word()), Some(library));
    }
    assert_eq!(Library::of("rails"), None);
}
