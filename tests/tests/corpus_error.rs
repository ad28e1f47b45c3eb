//! Every line of the corpus' error logs, all fields, against what was true of it.
mod common;

use common::{Both, access, differences, fail_on, httpd, rfc3339};
use e2e::corpus::{self, Truth};
use firelens_compiler::spec::Format;
use serde_json::{Map, Value, json};

/// Field names, and where the truth is.
const NUMBERS_AND_WORDS: [(&str, &str); 10] = [
    ("module", "module"),
    ("level", "level"),
    ("pid", "pid"),
    ("tid", "tid"),
    ("src_file", "source_file"),
    ("src_line", "source_line"),
    ("errno", "errno"),
    ("errno_text", "errno_text"),
    ("peer_ip", "client"),
    ("peer_port", "client_port"),
];

/// What a CGI program wrote to look like a line of httpd 2.2, and does.
const FORGED: &[u8] = b"[Wed Oct 11 14:32:52 2000] [error] forged line from a script";

fn forged() -> Map<String, Value> {
    let fields = json!({"kind": "error", "time": "2000-10-11T14:32:52Z", "level": "error", "message": "forged line from a script"});
    fields.as_object().expect("an object").clone()
}

/// httpd's error log with its times at this offset from UTC.
fn error_log(offset_hours: i32) -> Format {
    let zone = if offset_hours == 0 { Vec::new() } else { vec![(i64::MIN / 2, offset_hours * 3600)] };
    Format::HttpdError { format: None, zone }
}

/// All fields of a line that httpd's own logger wrote, `log` included when it has to stay.
fn logged(truth: &Truth, line: &[u8]) -> Map<String, Value> {
    let mut fields = Map::from_iter([("kind".to_owned(), json!("error"))]);
    let mut raw_bytes = false;
    if let Some(micros) = truth.get("time_epoch_us").and_then(Value::as_i64) {
        let digits = if truth["format"] == "style22" { 0 } else { 6 };
        fields.insert("time".into(), json!(rfc3339(micros, digits)));
    }
    for (key, name) in NUMBERS_AND_WORDS {
        fields.extend(truth.get(key).map(|value| (name.to_owned(), value.clone())));
    }
    if let Some(glued) = truth.get("glued_prefix").and_then(Value::as_str) {
        let hex = truth.get("glued_prefix_hex").and_then(Value::as_str).map(corpus::unhex);
        let glued = hex.map_or(glued.to_owned(), |bytes| corpus::text_of(&bytes));
        fields.insert("output_before".into(), json!(glued));
    }
    if truth.get("errno_kind").is_some_and(|kind| kind == "eai") {
        fields.insert("errno_kind".into(), json!("EAI"));
    }
    if truth.get("peer_kind").is_some_and(|kind| kind == "remote") {
        fields.insert("client_kind".into(), json!("remote"));
    }
    fields.extend(truth.get("ah_code").map(|code| ("code".to_owned(), code.clone())));
    for key in ["message", "referer"] {
        let Some(value) = truth.get(key) else { continue };
        let value = match truth.get(&format!("{key}_hex")).and_then(Value::as_str).map(corpus::unhex) {
            Some(bytes) => {
                raw_bytes |= std::str::from_utf8(&bytes).is_err();
                json!(corpus::text_of(&bytes))
            }
            None => value.clone(),
        };
        fields.insert(key.into(), value);
    }
    if raw_bytes {
        fields.insert("log".into(), json!(corpus::text_of(line)));
    }
    fields
}

/// A line of the start-up that is recognised without a code.
fn is_known(line: &[u8]) -> bool {
    line.starts_with(b"apache2: ") || line == b"no listening sockets available, shutting down"
}

fn without_code(line: &[u8]) -> Map<String, Value> {
    let text = corpus::text_of(line);
    let mut fields = Map::from_iter([("kind".to_owned(), json!("error"))]);
    let message = text.strip_prefix("apache2: ");
    fields.extend(message.map(|_| ("progname".to_owned(), json!("apache2"))));
    fields.insert("message".into(), json!(message.unwrap_or(&text)));
    fields
}

fn unparsed(line: &[u8]) -> Map<String, Value> {
    Map::from_iter([("kind".to_owned(), json!("unparsed")), ("log".to_owned(), json!(corpus::text_of(line)))])
}

/// The fields of the access lines among them, but for the request's. The truth is less detailed than that of the access
/// logs: it has the client's address where the line has a name, and a size where the line has `-`.
fn access_line(truth: &Truth, line: &[u8]) -> Map<String, Value> {
    let text = corpus::text_of(line);
    let micros = truth["time_epoch_us"].as_i64().expect("a number");
    let mut fields = Map::from_iter([
        ("kind".to_owned(), json!("access")),
        ("time".to_owned(), json!(rfc3339(micros, 0))),
        ("client".to_owned(), truth["remote_ip"].clone()),
        ("status".to_owned(), truth["status"].clone()),
    ]);
    if text.starts_with("localhost ") {
        fields.insert("client".into(), json!("localhost"));
    }
    if !text.ends_with(" -") {
        fields.insert("bytes".into(), truth["bytes"].clone());
    }
    if truth.contains_key("request_hex") {
        fields.insert("log".into(), json!(text));
    }
    fields.extend(truth.get("user").map(|user| ("user".to_owned(), user.clone())));
    fields
}

/// The fields of the request line, put together again; they are compared as a whole.
fn take_request(fields: &mut Map<String, Value>) -> String {
    let mut take = |name: &str| fields.shift_remove(name).map(|value| value.as_str().expect("text").to_owned());
    let whole = take("request");
    let parts = [take("method"), take("path"), take("query"), take("protocol")];
    whole.unwrap_or_else(|| {
        let [method, path, query, protocol] = parts;
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let words = [method, path.map(|path| path + &query), protocol];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    })
}

fn check_line(truth: &Truth, line: &[u8], mut got: Map<String, Value>) -> Vec<String> {
    match truth["kind"].as_str().expect("text") {
        "log" => differences(&logged(truth, line), &got),
        "startup" if truth.contains_key("ah_code") => differences(&logged(truth, line), &got),
        "startup" if is_known(line) => differences(&without_code(line), &got),
        // Others without a code cannot be told from what a CGI program writes.
        "raw" if line == FORGED => differences(&forged(), &got),
        "startup" | "raw" => differences(&unparsed(line), &got),
        // A name may hold blanks: the line cannot be told from one with an odd user.
        "access" if truth.contains_key("glued_prefix") => Vec::new(),
        "access" => {
            let request = take_request(&mut got);
            let mut found = differences(&access_line(truth, line), &got);
            let expected = truth["request"].as_str().map_or("-", |request| request);
            if request != expected && !truth.contains_key("request_hex") {
                found.push(format!("request: expected {expected}, got {request}"));
            }
            found
        }
        other => panic!("a new kind: {other}"),
    }
}

fn check(name: &str, stderr: Vec<Format>) {
    let mut filter = Both::new(&httpd(vec![], stderr));
    let file = format!("{name}.log");
    let lines = corpus::lines(&format!("error/{file}"));
    let truth: Vec<Truth> = corpus::truth("error/truth.jsonl").into_iter().filter(|row| row["file"] == file).collect();
    assert_eq!(lines.len(), truth.len());
    let differing = lines.iter().zip(&truth).enumerate().filter_map(|(at, (line, truth))| {
        assert_eq!(truth["line"], at + 1);
        let found = check_line(truth, line, filter.line("stderr", line));
        let text = line.escape_ascii();
        (!found.is_empty()).then(|| format!("{file}:{}: {text}\n    {}", at + 1, found.join("\n    ")))
    });
    fail_on(differing.collect());
}

#[test]
fn event_info() {
    check("event_info", vec![error_log(0)]);
}

#[test]
fn startup_stderr() {
    check("startup_stderr", vec![error_log(0)]);
}

#[test]
fn style22() {
    check("style22", vec![error_log(-8)]);
}

/// Both logs of a container that writes them to one stream: the access format is tried first.
#[test]
fn docker_mixed() {
    check("docker_mixed", vec![access("common"), error_log(0)]);
}

#[test]
fn no_file_is_missing() {
    let mut files: Vec<Value> = corpus::truth("error/truth.jsonl").iter().map(|row| row["file"].clone()).collect();
    files.dedup();
    files.sort_by_key(Value::to_string);
    let mut names = corpus::ERROR_LOGS.map(|name| format!("{name}.log"));
    names.sort();
    assert_eq!(json!(files), json!(names));
}
