//! Every line of every access format of the corpus, all fields, against what was true of the request.
mod common;

use common::{Both, access, differences, fail_on, httpd, rfc3339};
use e2e::corpus::{self, Truth};
use serde_json::{Map, Value, json};

/// A format's fields, but for the request's own: where the truth is, and the field's name.
fn plain_fields(format: &str) -> &'static [(&'static str, &'static str)] {
    match format {
        "common" | "docker_common" => &[CLIENT, USER, STATUS, BYTES],
        "combined" => &[CLIENT, USER, STATUS, BYTES, REFERER, AGENT],
        "combinedio" => &[CLIENT, USER, STATUS, BYTES, REFERER, AGENT, BYTES_IN, BYTES_OUT],
        "vhost_combined" => &[VHOST, PORT, CLIENT, USER, STATUS, BYTES_OUT, REFERER, AGENT],
        "debian_combined" => &[CLIENT, USER, STATUS, BYTES_OUT, REFERER, AGENT],
        "vhost_common" => &[VHOST, CLIENT, USER, STATUS, BYTES],
        "xff_time" => &[FORWARDED, USER, STATUS, BYTES, REFERER, AGENT, DURATION],
        "iso_ms" => &[ADDRESS, USER, STATUS, BYTES_B, HOST, KEEPALIVES, CONN_STATUS],
        "ssl_request" => &[CLIENT, ("ssl_protocol", "ssl_protocol"), ("ssl_cipher", "ssl_cipher"), BYTES],
        "vhost_io_cookie" => &[
            VHOST, PORT, CLIENT, USER, STATUS, BYTES, BYTES_IN, BYTES_OUT, DURATION, REFERER, AGENT, COOKIE, FORWARDED,
        ],
        "json" => &[ADDRESS, ("vhost_V", "server_name"), STATUS, BYTES_B, USER, REFERER, AGENT, DURATION],
        "error_link" => &[
            ("log_id", "log_id"),
            ("peer_ip", "peer"),
            ("remote_port", "client_port"),
            ADDRESS,
            STATUS,
            ("status_first", "status_first"),
            BYTES,
            DURATION,
            CONN_STATUS,
            KEEPALIVES,
            ("pid", "pid"),
            HOST,
            FORWARDED,
        ],
        other => panic!("a new format: {other}"),
    }
}

const CLIENT: (&str, &str) = ("remote_host", "client");
const ADDRESS: (&str, &str) = ("client_ip", "client");
const USER: (&str, &str) = ("user", "user");
const STATUS: (&str, &str) = ("status", "status");
const BYTES: (&str, &str) = ("bytes", "bytes");
const BYTES_B: (&str, &str) = ("bytes_B", "bytes");
const BYTES_IN: (&str, &str) = ("bytes_in", "bytes_in");
const BYTES_OUT: (&str, &str) = ("bytes_out", "bytes_out");
const REFERER: (&str, &str) = ("referer", "referer");
const AGENT: (&str, &str) = ("user_agent", "user_agent");
const VHOST: (&str, &str) = ("vhost", "vhost");
const PORT: (&str, &str) = ("port", "port");
const HOST: (&str, &str) = ("host", "host");
const FORWARDED: (&str, &str) = ("x_forwarded_for", "x_forwarded_for");
const COOKIE: (&str, &str) = ("cookie_session", "cookie_session");
const DURATION: (&str, &str) = ("duration_us", "duration_us");
const KEEPALIVES: (&str, &str) = ("keepalives", "keepalives");
const CONN_STATUS: (&str, &str) = ("conn_status", "conn_status");

/// A row of truth, as it can be read from a line.
struct Row<'a> {
    truth: &'a Truth,
    /// A value that the line holds is not UTF-8.
    raw_bytes: bool,
}

impl Row<'_> {
    /// The value as the filter gives it: nothing for what the log prints as `-`.
    fn value(&mut self, key: &str) -> Option<Value> {
        let hex = self.truth.get("hex").and_then(|hex| hex.get(key)).and_then(Value::as_str);
        if let Some(hex) = hex {
            self.raw_bytes = true;
            return Some(Value::String(corpus::text_of(&corpus::unhex(hex))));
        }
        let value = self.truth.get(key)?.clone();
        let printed_as_dash = value.is_null() || value == "-" && key != "conn_status";
        (!printed_as_dash).then_some(value)
    }

    /// A part of a request line: a `-` is one like any other.
    fn part(&mut self, key: &str) -> Option<Value> {
        let dash = self.truth.get(key).filter(|value| *value == "-").cloned();
        dash.or_else(|| self.value(key))
    }

    fn text(&mut self, key: &str) -> Option<String> {
        self.value(key).map(|value| value.as_str().expect("text").to_owned())
    }

    /// The fields of `%r`.
    fn request_line(&mut self) -> Map<String, Value> {
        let class = self.truth["request_class"].as_str().expect("text");
        let names: &[&str] = match class {
            "normal" => return self.parts(&["method", "path", "query", "protocol"]),
            "http09" => return self.parts(&["method", "path", "query"]),
            "none" => &[],
            "malformed" if self.looks_like_http09() => return self.request_of_http09(),
            "empty" | "malformed" => &["request"],
            other => panic!("a new class: {other}"),
        };
        names.iter().filter_map(|name| Some(((*name).to_owned(), self.value(name)?))).collect()
    }

    fn parts(&mut self, names: &[&str]) -> Map<String, Value> {
        names.iter().filter_map(|name| Some(((*name).to_owned(), self.part(name)?))).collect()
    }

    /// httpd refused it for what cannot be seen in the log: the text is a request line of HTTP/0.9.
    fn looks_like_http09(&self) -> bool {
        let loose = |key: &str| self.truth["loose"].get(key).and_then(Value::as_str).unwrap_or_default();
        let target = loose("target");
        target.starts_with('/')
            && self.truth["request"] == format!("{} {target}", loose("method"))
            && !target.contains(' ')
    }

    fn request_of_http09(&self) -> Map<String, Value> {
        let loose = |key: &str| self.truth["loose"][key].clone();
        Map::from_iter([("method".to_owned(), loose("method")), ("path".to_owned(), loose("target"))])
    }

    /// The fields of `%m`, `%U`, `%q` and `%H`: the truth tells them where they differ from the request line's.
    fn directives(&mut self) -> Map<String, Value> {
        let mut fields = Map::new();
        for (own, of_request, name) in
            [("httpd_m", "method", "method"), ("httpd_U", "path", "path"), ("httpd_H", "protocol", "protocol")]
        {
            let key = if self.truth.contains_key(own) { own } else { of_request };
            fields.extend(self.text(key).map(|value| (name.to_owned(), json!(value))));
        }
        let query = if self.truth.contains_key("httpd_q") { self.text("httpd_q") } else { self.query_string() };
        if let Some(query) = query.as_deref().and_then(|query| query.strip_prefix('?')) {
            fields.insert("query".into(), json!(query));
        }
        fields
    }

    fn query_string(&mut self) -> Option<String> {
        self.text("query").map(|query| format!("?{query}"))
    }
}

/// All fields that the line has to get, `log` included when it has to stay.
fn expected(format: &str, truth: &Truth, line: &[u8]) -> Map<String, Value> {
    let mut row = Row { truth, raw_bytes: false };
    let mut fields = Map::from_iter([("kind".to_owned(), json!("access"))]);
    let micros = truth["time_epoch_us"].as_i64().expect("a number");
    let digits = if format == "json" { 3 } else { 0 };
    fields.insert("time".into(), json!(rfc3339(micros, digits)));
    fields.extend(match format {
        "iso_ms" | "json" => row.directives(),
        _ => row.request_line(),
    });
    for (key, name) in plain_fields(format) {
        fields.extend(row.value(key).map(|value| ((*name).to_owned(), value)));
    }
    if format == "iso_ms" {
        let millis = truth["duration_us"].as_u64().expect("a number") / 1000;
        fields.insert("duration_us".into(), json!(millis * 1000));
    }
    if row.raw_bytes {
        fields.insert("log".into(), json!(std::str::from_utf8(line).expect("httpd writes ASCII")));
    }
    fields
}

fn check(format: &str) {
    let formats = corpus::access_formats();
    let (_, text) = formats.iter().find(|(name, _)| name == format).expect("a format of the corpus");
    let mut filter = Both::new(&httpd(vec![access(text)], vec![]));
    let lines = corpus::lines(&format!("access/{format}.log"));
    let truth = corpus::truth("access/truth.jsonl");
    assert_eq!(lines.len(), truth.len());
    let differing = lines.iter().zip(&truth).enumerate().filter_map(|(at, (line, truth))| {
        let found = differences(&expected(format, truth, line), &filter.line("stdout", line));
        let text = line.escape_ascii();
        (!found.is_empty()).then(|| format!("{format}:{}: {text}\n    {}", at + 1, found.join("\n    ")))
    });
    fail_on(differing.collect());
}

macro_rules! formats {
    ($($format:ident)*) => {
        $(#[test]
        fn $format() {
            check(stringify!($format));
        })*

        #[test]
        fn no_format_is_missing() {
            let tested = [$(stringify!($format)),*];
            let names: Vec<String> = corpus::access_formats().into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, tested);
        }
    };
}

formats! {
    common combined combinedio vhost_combined docker_common debian_combined vhost_common xff_time iso_ms ssl_request
    vhost_io_cookie json error_link
}

/// What the plain module recognises by itself reads the same as with a configuration.
#[test]
fn built_in_formats() {
    let mut filter = Both::new(&Default::default());
    let truth = corpus::truth("access/truth.jsonl");
    let mut differing = Vec::new();
    for format in ["common", "combined", "vhost_combined"] {
        for (at, (line, truth)) in corpus::lines(&format!("access/{format}.log")).iter().zip(&truth).enumerate() {
            let found = differences(&expected(format, truth, line), &filter.line("stdout", line));
            if !found.is_empty() {
                differing.push(format!("{format}:{}: {}\n    {}", at + 1, line.escape_ascii(), found.join("\n    ")));
            }
        }
    }
    fail_on(differing);
}
