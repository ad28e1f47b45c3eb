//! Lines of `semantic_logger`, and of Rails with it.
use super::*;

/// semantic_logger 5.0.0, `formatters/default.rb`: `[time, level, process_info, tags, named_tags, duration, name, message,
/// payload, exception].compact.join(" ")`; rails_semantic_logger 5.1.0, `action_controller/log_subscriber.rb`.
#[test]
fn text_of_semantic_logger() {
    let time = r#"time="2026-11-22T07:38:32.729001Z""#;
    let header = "2026-11-22 07:38:32.729001";
    let main = format!(r#"pid=7 thread="main" {time}"#);
    let row = |line: String, fields: String| (line, fields);
    let table = [
        row(
            format!("{header} I [7:main] Rails -- Hello World"),
            format!(r#"rails: level="info" message="Hello World" name="Rails" {main}"#),
        ),
        row(
            format!(
                "{header} D [7:puma srv tp 001] Rack -- Started -- {{method: \"GET\", path: \"/a?b=c\", ip: \"192.0.2.1\"}}"
            ),
            format!(
                r#"rails: level="debug" message="Started" name="Rack" payload="{{method: \"GET\", path: \"/a?b=c\", ip: \"192.0.2.1\"}}" pid=7 thread="puma srv tp 001" {time}"#
            ),
        ),
        row(
            format!(
                "{header} I [7:main] [{ID}] [web] (12.345ms) UsersController -- Completed #index -- {{:status=>200}}"
            ),
            format!(
                r#"rails: duration_us=12345 level="info" message="Completed #index" name="UsersController" payload="{{:status=>200}}" pid=7 request_id="{ID}" tags="[web]" thread="main" {time}"#
            ),
        ),
        row(
            format!(
                "{header} I [7:main] {{request_id: {ID}, ip: 192.0.2.1}} (1.234s) UsersController -- Completed #show"
            ),
            format!(
                r#"rails: duration_us=1234000 level="info" message="Completed #show" name="UsersController" named_tags="ip: 192.0.2.1" pid=7 request_id="{ID}" thread="main" {time}"#
            ),
        ),
        row(
            format!("{header} I [7:main] {{request_id: {ID}}} (2m 5s) ImportJob -- done"),
            format!(
                r#"rails: duration_text="2m 5s" level="info" message="done" name="ImportJob" pid=7 request_id="{ID}" thread="main" {time}"#
            ),
        ),
        row(
            format!("{header} I [7:main] {{user: bob, request_id: {ID}}} Rails -- a"),
            format!(
                r#"rails: level="info" message="a" name="Rails" named_tags="user: bob" pid=7 request_id="{ID}" thread="main" {time}"#
            ),
        ),
        row(
            format!("{header} I [7:main] [{ID}] {{user: bob}} Rails -- a"),
            format!(
                r#"rails: level="info" message="a" name="Rails" named_tags="user: bob" pid=7 request_id="{ID}" thread="main" {time}"#
            ),
        ),
        row(
            format!("{header} W [7:main user.rb:51] Rails -- a"),
            format!(
                r#"rails: level="warn" message="a" name="Rails" pid=7 source_file="user.rb" source_line=51 thread="main" {time}"#
            ),
        ),
        row(
            format!("{header} E [7:puma srv tp 001 user.rb:51] Rails -- a"),
            format!(
                r#"rails: level="error" message="a" name="Rails" pid=7 source_file="user.rb" source_line=51 thread="puma srv tp 001" {time}"#
            ),
        ),
        // What a message says is no file.
        row(
            format!("{header} I [7:main] Rails -- see [a.rb:51] b"),
            format!(r#"rails: level="info" message="see [a.rb:51] b" name="Rails" {main}"#),
        ),
        row(
            format!("{header} F [7:main users.rb:3] Rails -- Exception: ActiveRecord::RecordNotFound: no user: 7"),
            format!(
                r#"rails: exception="ActiveRecord::RecordNotFound" exception_message="no user: 7" level="fatal" name="Rails" pid=7 source_file="users.rb" source_line=3 thread="main" {time}"#
            ),
        ),
        row(
            format!(
                "{header} E [7:main users.rb:3] Rails -- it failed -- Exception: RuntimeError: none\nusers.rb:3:in 'a'\nb"
            ),
            format!(
                r#"rails: exception="RuntimeError" exception_message="none" level="error" message="it failed" name="Rails" pid=7 source_file="users.rb" source_line=3 thread="main" {time}"#
            ),
        ),
        row(
            format!("{header} I [7:main] My App -- a -- b"),
            format!(r#"rails: level="info" message="a -- b" name="My App" {main}"#),
        ),
        row(
            format!("{header} I [7:main] Rails -- {{a: 1}}"),
            format!(r#"rails: level="info" name="Rails" payload="{{a: 1}}" {main}"#),
        ),
        row(format!("{header} T [7:main] Rails"), format!(r#"rails: level="trace" name="Rails" {main}"#)),
        // JRuby's times.
        row(
            "2026-11-22 07:38:32.729 I [7:main] Rails -- a".to_string(),
            r#"rails: level="info" message="a" name="Rails" pid=7 thread="main" time="2026-11-22T07:38:32.729Z""#
                .to_string(),
        ),
        row(format!("{header} Rails -- a"), format!(r#"unparsed: log="{header} Rails -- a""#)),
    ];
    let table: Vec<(&str, &str)> = table.iter().map(|(line, fields)| (&line[..], &fields[..])).collect();
    assert_reads(SemanticLogger, &table);
}

/// semantic_logger 5.0.0, `formatters/color.rb`; `rails_semantic_logger` uses it unless `config.colorize_logging` is off.
#[test]
fn coloured_text_of_semantic_logger() {
    let time = r#"time="2026-11-22T07:38:32.729001Z""#;
    let (on, off, bold) = ("\x1b[36m", "\x1b[0m", "\x1b[1m");
    let header = format!("2026-11-22 07:38:32.729001 {on}I{off} [7:main]");
    let level = r#"level="info""#;
    let table = [
        (
            format!("{header} {on}Rails{off} -- Hello World"),
            format!(r#"rails: {level} message="Hello World" name="Rails" pid=7 thread="main" {time}"#),
        ),
        (
            format!(
                "{header} [{on}{ID}{off}] [{on}web{off}] ({bold}12.3ms{off}) {on}My App{off} -- a -- {{ :b => 1 }}"
            ),
            format!(
                r#"rails: duration_us=12300 {level} message="a" name="My App" payload="{{ :b => 1 }}" pid=7 request_id="{ID}" tags="web" thread="main" {time}"#
            ),
        ),
        (
            format!("{header} [{on}web{off}] [{on}{ID}{off}] ({bold}1.234s{off}) {on}Rails{off} -- a"),
            format!(
                r#"rails: duration_us=1234000 {level} message="a" name="Rails" pid=7 request_id="{ID}" tags="web" thread="main" {time}"#
            ),
        ),
        (
            format!("{header} {{{on}request_id: {ID}{off}, {on}ip: ::1{off}}} {on}Rails{off} -- a"),
            format!(
                r#"rails: {level} message="a" name="Rails" named_tags="\u001b[36mip: ::1" pid=7 request_id="{ID}" thread="main" {time}"#
            ),
        ),
        (
            format!("{header} {{{on}request_id: {ID}{off}}} ({bold}1h 3m{off}) {on}Rails{off}"),
            format!(
                r#"rails: duration_text="1h 3m" {level} name="Rails" pid=7 request_id="{ID}" thread="main" {time}"#
            ),
        ),
        (
            format!(
                "2026-11-22 07:38:32.729001 {bold}W{off} [7:main] {bold}Rails{off} -- a -- Exception: {bold}KeyError: b{off}"
            ),
            format!(
                r#"rails: exception="KeyError" exception_message="b" level="warn" message="a" name="Rails" pid=7 thread="main" {time}"#
            ),
        ),
    ];
    let table: Vec<(&str, &str)> = table.iter().map(|(line, fields)| (&line[..], &fields[..])).collect();
    assert_reads(SemanticLogger, &table);
}

/// semantic_logger 5.0.0, `formatters/raw.rb` and `json.rb`: the members are fields under their own names.
#[test]
fn json_of_semantic_logger() {
    assert_reads(
        SemanticLogger,
        &[(
            r#"{"host":"web-1","application":"Shop","environment":"production","timestamp":"2026-11-22T07:38:32.729001Z","level":"info","level_index":2,"pid":7,"thread":"puma srv tp 001","duration_ms":12.345,"duration":"12.345ms","named_tags":{"request_id":"a"},"name":"UsersController","message":"Completed #index","payload":{"status":200}}"#,
            r#"json: application="Shop" duration="12.345ms" duration_ms=12.345 environment="production" host="web-1" level="info" level_index=2 message="Completed #index" name="UsersController" named_tags={"request_id":"a"} payload={"status":200} pid=7 thread="puma srv tp 001" timestamp="2026-11-22T07:38:32.729001Z""#,
        )],
    );
}
