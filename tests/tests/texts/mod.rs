//! Strategies for the texts that a filter meets.
use e2e::corpus;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// Pieces that break JSON in all the ways there are, strung together.
pub fn almost_json() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&'static [u8]> = vec![
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"\"",
        b"\\",
        b"\\u",
        b"\\ud800",
        b"\\udc00",
        b"\\u0000",
        b"\\u006b",
        b"\\x41",
        b"\\n",
        b"\0",
        b"\n",
        b"\x1f",
        b"\x7f",
        b"\xff",
        b"\xc3",
        b"\xc3\xa9",
        b"\xed\xa0\x80",
        b"null",
        b"true",
        b"nan",
        b"-inf",
        b"-",
        b"0",
        b"01",
        b"1.",
        b"1e5",
        b"1e999",
        b"12345678901234567890",
        b" ",
        b"\t",
        b"\"log\"",
        b"\"log\":",
        b"\"kind\":",
        b"\"route\":\"x\"",
        b"\"source\":\"stdout\"",
        b"{\"a\":",
        b"[[[[[[[[",
        b"]]]]]]]]",
        b"\"x\",",
        b"{}",
        b"[]",
        b"'",
        b"/",
        b"//",
        b"\"container_name\":\"/httpd\"",
        b"\"- - - [22/Nov/2026:07:38:32 +0000]",
    ];
    let inside = prop::collection::vec(select(pieces), 0..40).prop_map(|pieces| pieces.concat());
    (any::<bool>(), inside).prop_map(
        |(open, inside)| {
            if open { [b"{\"a\":1,".as_slice(), &inside, b"}"].concat() } else { inside }
        },
    )
}

/// Names that mean something, to the filter or to nobody.
fn name() -> impl Strategy<Value = String> {
    let known = select(vec![
        "log",
        "kind",
        "route",
        "source",
        "container_name",
        "container_id",
        "ecs_cluster",
        "status",
        "client",
        "time",
        "log_kind",
        "log_route",
        "log_status",
        "message",
        "path",
        "user_agent",
        "a",
        "",
    ]);
    prop_oneof![4 => known.prop_map(String::from), 1 => "\\PC{0,6}", 1 => any::<String>()]
}

/// A JSON string, with more or fewer of its characters escaped than need be.
fn spelled(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (text, any::<u64>()).prop_map(|(text, choices)| {
        let mut out = String::from("\"");
        for (at, c) in text.chars().enumerate() {
            let escape = choices >> (at % 64) & 1 == 1 && at % 3 == 0;
            match c {
                '"' | '\\' | '/' if !escape => out.extend((c != '/').then_some('\\').into_iter().chain([c])),
                c if escape || c < ' ' => out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|u| format!("\\u{u:04x}"))),
                c => out.push(c),
            }
        }
        out + "\""
    })
}

/// A line that some format reads, or nearly.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![broken_line(), any::<String>(), "\\PC{0,40}"]
}

/// Strict JSON text of any shallow value.
fn value() -> impl Strategy<Value = String> {
    let number = select(vec![
        "0",
        "-0",
        "1.10",
        "-1.5e+300",
        "1E-7",
        "123456789012345678901234567890",
        "18446744073709551615",
        "1e999",
        "200",
    ]);
    let word =
        select(vec!["null", "true", "false", "[]", "{}", "\"stdout\"", "\"stderr\"", "\"error\"", "\"failures\""]);
    let leaf = prop_oneof![
        3 => spelled(line()),
        2 => number.prop_map(String::from),
        2 => word.prop_map(String::from),
        1 => spelled(any::<String>()),
    ];
    leaf.prop_recursive(6, 30, 5, |inner| {
        let member = (spelled(name()), inner.clone()).prop_map(|(key, value)| format!("{key}:{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(|values| format!("[{}]", values.join(" ,"))),
            prop::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(", "))),
        ]
    })
}

/// A strict and shallow record: names twice, odd spellings, blanks.
pub fn strict_record() -> impl Strategy<Value = Vec<u8>> {
    let blank = || select(vec!["", "", "", " ", "\t", "\n ", "\r\n"]);
    let member = (blank(), spelled(name()), blank(), blank(), value(), blank())
        .prop_map(|(a, key, b, c, value, d)| format!("{a}{key}{b}:{c}{value}{d}"));
    prop::collection::vec(member, 1..10).prop_map(|members| format!("{{{}}}", members.join(",")).into_bytes())
}

/// A line that is right but for a byte or a few.
pub fn broken_line() -> impl Strategy<Value = String> {
    let lines = [
        r#"203.0.113.7 - bob [22/Nov/2026:07:38:32 +0000] "GET /a?b=\"c\" HTTP/1.1" 200 5 "-" "x\xc3\xa9\\""#,
        r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /secret HTTP/1.1" 503 - "-" "ELB-HealthChecker/2.0""#,
        r#"www.example.com:443 2001:db8::1 - - [22/Nov/2026:07:38:32 +0000] "-" 408 0 "-" "-""#,
        "[Sun Nov 22 07:38:32.730944 2026] [core:info] [pid 32635:tid 32655] (2)No such file: [client 127.0.0.1:43668] \
         AH00128: File does not exist: /nope, referer: http://x/?a=b",
        "AH00558: apache2: Could not reliably determine the server's name",
        r#"I, [2026-11-22T07:38:32.729983 #32635]  INFO -- : [6f2f0e2b-a0d1-42f2-a2c6-a1a0bb1e1c11] Completed 200 OK in 5ms"#,
        "method=GET path=/secret format=html status=500 duration=5.2 kind=error route=failures",
        r#"{"kind":"error","route":"failures","status":500,"container_name":"x","source":"stderr","path":"/secret"}"#,
    ];
    let edit = (any::<prop::sample::Index>(), 0..4usize, any::<char>());
    (select(lines.to_vec()), prop::collection::vec(edit, 0..4)).prop_map(|(line, edits)| {
        let mut line: Vec<char> = line.chars().collect();
        for (at, what, with) in edits {
            let at = at.index(line.len().max(1)).min(line.len().saturating_sub(1));
            match what {
                0 => line.insert(at, with),
                1 if !line.is_empty() => drop(line.remove(at)),
                2 => line.truncate(at),
                _ => line.insert(at, ['"', '\\', ' ', '[', ']', '-', '\n', '{'][with as usize % 8]),
            }
        }
        line.into_iter().collect()
    })
}

/// What a client sent.
#[derive(Debug, Clone)]
pub struct Request {
    user: Option<Vec<u8>>,
    method: &'static str,
    path: Vec<u8>,
    query: Option<Vec<u8>>,
    status: u16,
    size: Option<u32>,
    headers: [Option<Vec<u8>>; 2],
}

pub fn request() -> impl Strategy<Value = Request> {
    let bytes = || prop_oneof![prop::collection::vec(any::<u8>(), 0..40), "\\PC{0,30}".prop_map(String::into_bytes)];
    // What can stand in a request line: no blanks, and no question mark in the path.
    let word = |without: u8| {
        bytes()
            .prop_map(move |text| text.into_iter().filter(|byte| *byte > b' ' && *byte != without).collect::<Vec<u8>>())
    };
    // A header that is `-` or none are the same in the log; so are a user's name in quotes and none.
    let header = || prop::option::of(bytes()).prop_map(|text| text.filter(|text| text != b"-" && text != b"\"\""));
    let user = header().prop_map(|name| name.filter(|name| !name.is_empty()));
    let method = select(vec!["GET", "POST", "OPTIONS", "X", "-"]);
    let query = prop_oneof![7 => word(0), 1 => Just(b"-".to_vec())];
    let target = (word(b'?'), prop::option::of(query));
    (user, method, target, 100..1000u16, any::<Option<u32>>(), [header(), header()]).prop_map(
        |(user, method, (path, query), status, size, headers)| {
            let path = [b"/".as_slice(), &path].concat();
            Request { user, method, path, query, status, size, headers }
        },
    )
}

impl Request {
    /// The line that httpd writes in `combined`.
    pub fn line(&self) -> String {
        let header = |at: usize| self.headers[at].as_deref().map_or("-".into(), escaped);
        let query = self.query.as_deref().map_or(String::new(), |query| format!("?{}", escaped(query)));
        format!(
            "203.0.113.7 - {} [22/Nov/2026:07:38:32 +0000] \"{} {}{query} HTTP/1.1\" {} {} \"{}\" \"{}\"",
            self.user.as_deref().map_or("-".into(), escaped),
            self.method,
            escaped(&self.path),
            self.status,
            self.size.map_or("-".into(), |size| size.to_string()),
            header(0),
            header(1)
        )
    }

    /// The fields that it has to become, without `log`.
    pub fn fields(&self) -> Map<String, Value> {
        let mut fields = json!({
            "kind": "access", "client": "203.0.113.7", "time": "2026-11-22T07:38:32Z", "method": self.method,
            "path": corpus::text_of(&self.path), "protocol": "HTTP/1.1", "status": self.status
        });
        let fields = fields.as_object_mut().expect("an object");
        let texts = [
            ("user", &self.user),
            ("query", &self.query),
            ("referer", &self.headers[0]),
            ("user_agent", &self.headers[1]),
        ];
        for (name, text) in texts {
            fields.extend(text.as_ref().map(|text| (name.to_owned(), json!(corpus::text_of(text)))));
        }
        fields.extend(self.size.map(|size| ("bytes".to_owned(), json!(size))));
        fields.clone()
    }

    /// All of it is UTF-8.
    pub fn is_utf8(&self) -> bool {
        let texts = [Some(&self.path), self.user.as_ref(), self.query.as_ref()];
        let texts = texts.into_iter().chain(self.headers.iter().map(Option::as_ref)).flatten();
        texts.into_iter().all(|text| std::str::from_utf8(text).is_ok())
    }
}

/// Text as httpd writes it into a log.
/// <https://github.com/apache/httpd/blob/2.4.x/server/util.c>, `ap_escape_logitem`
fn escaped(text: &[u8]) -> String {
    let mut out = String::new();
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend(['\\', byte as char]),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0b => out.push_str("\\v"),
            0x20..=0x7e => out.push(byte as char),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out
}
