//! LogFormats of all sorts, written as httpd would: what is guessed from their lines gives no field another value than the
//! LogFormat itself does, and masking finds every client.
use super::support::{Folder, Run};
use serde_json::{Map, Value};
use std::process::Stdio;

/// LogFormats of httpd's and distributions' configurations, manuals and bug reports.
const FORMATS: [&str; 54] = [
    r#"%h %l %u %t "%r" %>s %b"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %I %O"#,
    r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#,
    r#"%v %h %l %u %t "%r" %>s %b"#,
    "%{Referer}i -> %U",
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %D"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %T/%D"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" **%T/%D**"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i""#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i" %D"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{Cookie}i""#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %{SSL_PROTOCOL}x %{SSL_CIPHER}x"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %{SSL_CIPHER}x %{SSL_PROTOCOL}x"#,
    r#"%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x "%r" %b"#,
    r#"%{X-Forwarded-For}i %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%{X-Forwarded-For}i %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%h (%{X-Forwarded-For}i) %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%a %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %k %X"#,
    r#"%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i" %D"#,
    r#"%h %v %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%h %l %u [%{%Y-%m-%dT%H:%M:%S%z}t] "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%{%Y-%m-%dT%H:%M:%S%z}t %a %u "%m %U%q %H" %>s %B %{ms}T %T "%{Host}i" %k %X"#,
    r#"%v:%p %h %l %u %t "%r" %>s %b %I %O %D "%{Referer}i" "%{User-Agent}i" "%{session}C" "%{X-Forwarded-For}i""#,
    r#"%t [%L] %{c}a:%{remote}p %a "%r" %>s/%s %b %{us}T %X %k %P "%{Host}i" "%{X-Forwarded-For}i""#,
    r#"{"time":"%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t","client":"%a","host":"%V","method":"%m","request":"%U","query":"%q","protocol":"%H","status":"%>s","bytes":"%B","user":"%u","referer":"%{Referer}i","user_agent":"%{User-Agent}i","us":%D}"#,
    r#"{ "time":"%t", "remoteIP":"%a", "host":"%V", "requestPath":"%U", "query":"%q", "method":"%m", "status":"%>s", "userAgent":"%{User-agent}i", "referer":"%{Referer}i" }"#,
    r#""%h" %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%h %a %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%h %{c}a %l %u %t "%r" %>s %b"#,
    r#"%t [%v:%p] [client %h] "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"[%{%Y-%m-%d %H:%M:%S}t] [%h] [%v] [%r] [%>s] [%b]"#,
    r#"%t %h %v "%r" %>s %b %D %{SSL_PROTOCOL}x "%{User-Agent}i""#,
    r#"%v|%h|%t|"%r"|%>s|%b|"%{User-Agent}i""#,
    r#"%h;%t;"%r";%>s;%b;"%{Referer}i";"%{User-Agent}i""#,
    "time:%t\\thost:%h\\treq:%r\\tstatus:%>s\\tsize:%b\\treferer:%{Referer}i\\tua:%{User-Agent}i",
    "host:%h\\tident:%l\\tuser:%u\\ttime:%t\\treq:%r\\tmethod:%m\\turi:%U%q\\tprotocol:%H\\tstatus:%>s\\tsize:%B\\treqsize:%I\\treferer:%{Referer}i\\tua:%{User-Agent}i\\tvhost:%{Host}i\\treqtime_microsec:%D\\tforwardedfor:%{X-Forwarded-For}i",
    "%h\\t%t\\t%r\\t%>s\\t%b",
    "ts=%{%Y-%m-%dT%H:%M:%S%z}t client=%h user=%u method=%m path=%U status=%>s bytes=%b us=%D",
    r#"time="%{%Y-%m-%d %H:%M:%S}t" remote_ip="%a" request="%r" status="%>s" bytes="%B" referer="%{Referer}i" agent="%{User-Agent}i" duration_us="%D""#,
    r#"%h %t "%r" %>s %b "%{Content-Type}o" "%{User-Agent}i""#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %{X-Forwarded-Proto}i"#,
    r#"%h %l %u %t %D "%r" %>s %b"#,
    r#"%a:%{remote}p %t "%r" %>s %b"#,
    r#"%{usec}t %a "%r" %>s %b %D"#,
    r#"%{sec}t %h "%r" %>s %b"#,
    r#"%h %l %u %t "%r" %>s %b "%{User-Agent}i" "%{Referer}i""#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{Host}i""#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %v %p"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Real-IP}i""#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %P %{tid}P"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i" "%{Host}i" %{SSL_PROTOCOL}x %D"#,
    r#"%h - %u %t "%r" %>s %b 0.0123"#,
];

/// Headers of syslog, and what httpd wrote after them.
const HEADERS: [(&str, &str); 5] = [
    ("Nov 22 07:38:32 web-1 httpd[7]: ", r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#),
    ("<134>Nov  2 07:38:32 web-1 httpd[7]: ", r#"%h %l %u %t "%r" %>s %b"#),
    ("<134>1 2026-11-22T07:38:32.123Z web-1 httpd 7 - - ", r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#),
    (
        "2026-11-22T07:38:32.123456+00:00 web-1 httpd[7]: ",
        r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#,
    ),
    ("Nov 22 07:38:32 web-1 httpd[7]: ", r#"%t [%v:%p] [client %h] "%r" %>s %b"#),
];

/// What says too little: a client's text, or numbers.
const NOTHING: [&str; 3] = ["%{User-Agent}i", "%h %t %b", "%D %P %k"];

/// What the directives print for request `n`: a client, a path and sizes of its own.
fn values(n: u32) -> Vec<(&'static str, String)> {
    let one = |directive, value: &str| (directive, value.to_string());
    vec![
        one("%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t", &format!("2026-11-22T07:38:{:02}.729+0000", n + 10)),
        one("%{%Y-%m-%dT%H:%M:%S%z}t", &format!("2026-11-22T07:38:{:02}+0000", n + 10)),
        one("%{%Y-%m-%d %H:%M:%S}t", &format!("2026-11-22 07:38:{:02}", n + 10)),
        one("%{usec}t", &format!("17953331{:02}123456", n + 10)),
        one("%{sec}t", &format!("17953331{:02}", n + 10)),
        one("%t", &format!("[22/Nov/2026:07:38:{:02} +0000]", n + 10)),
        one("%r", &format!("GET /p{n}?q=1 HTTP/1.1")),
        one("%U%q", &format!("/p{n}?q=1")),
        one("%U", &format!("/p{n}")),
        one("%q", "?q=1"),
        one("%m", "GET"),
        one("%H", "HTTP/1.1"),
        one("%>s/%s", if n.is_multiple_of(3) { "404/404" } else { "200/200" }),
        one("%>s", if n.is_multiple_of(3) { "404" } else { "200" }),
        one("%{Referer}i", if n.is_multiple_of(2) { "https://shop.example.com/" } else { "-" }),
        one("%{User-Agent}i", "Mozilla/5.0 (X11; Linux x86_64)"),
        one("%{User-agent}i", "Mozilla/5.0 (X11; Linux x86_64)"),
        one("%{X-Forwarded-For}i", &format!("198.51.100.{n}, 10.0.0.1")),
        one("%{X-Forwarded-Proto}i", "https"),
        one("%{X-Real-IP}i", &format!("198.51.100.{n}")),
        one("%{Host}i", "www.example.org"),
        one("%{Cookie}i", &format!("session=a{n}; theme=dark")),
        one("%{Content-Type}o", "text/html; charset=utf-8"),
        one("%{session}C", &format!("a{n}bc")),
        one("%{SSL_PROTOCOL}x", if n.is_multiple_of(2) { "TLSv1.3" } else { "TLSv1.2" }),
        one(
            "%{SSL_CIPHER}x",
            if n.is_multiple_of(2) { "TLS_AES_256_GCM_SHA384" } else { "ECDHE-RSA-AES128-GCM-SHA256" },
        ),
        one("%{c}a:%{remote}p", &format!("10.0.0.{}:5{n:04}", n + 100)),
        one("%{c}a", &format!("10.0.0.{}", n + 100)),
        one("%a:%{remote}p", &format!("203.0.113.{}:5{n:04}", n + 100)),
        one("%{ms}T", &format!("{}", n * 7)),
        one("%{us}T", &format!("{}", n * 7001)),
        one("%{tid}P", &format!("14016{n}")),
        one("%h", &format!("203.0.113.{}", n + 100)),
        one("%a", &format!("203.0.113.{}", n + 100)),
        one("%l", "-"),
        one("%u", if n.is_multiple_of(4) { "bob" } else { "-" }),
        one("%b", &format!("{}", 5000 + 13 * n)),
        one("%B", &format!("{}", 5000 + 13 * n)),
        one("%O", &format!("{}", 5300 + 13 * n)),
        one("%I", &format!("{}", 512 + n)),
        one("%D", &format!("{}", 30_041 + n)),
        one("%T", "0"),
        one("%k", &format!("{}", n % 3)),
        one("%X", if n.is_multiple_of(2) { "+" } else { "-" }),
        one("%L", &format!("Z1abcdefgh{n:02}AAAAAAk")),
        one("%P", &format!("{}", 100 + n)),
        one("%v", "www.example.org"),
        one("%V", "www.example.org"),
        one("%p", "443"),
        one("\\t", "\t"),
    ]
}

const LINES: u32 = 12;

/// The lines of a LogFormat.
fn lines(format: &str) -> String {
    let line = |n| values(n).iter().fold(format.to_string(), |line, (directive, value)| line.replace(directive, value));
    (0..LINES).map(|n| line(n) + "\n").collect()
}

/// The records of the lines with this configuration.
fn records(folder: &Folder) -> Vec<Map<String, Value>> {
    let run = folder.test(["-q", "--input", "lines", "-f", "ndjson", "access.log"]);
    let line = |line: &str| serde_json::from_str::<Value>(line).unwrap()["record"].as_object().unwrap().clone();
    run.stdout.lines().map(line).collect()
}

fn init(folder: &Folder) -> Run {
    let command = folder.command().args(["init", "--force", "--from", "access.log"]).stdin(Stdio::null()).output();
    Run::new(command.unwrap())
}

/// What is wrong with the guess; `None` when nothing is.
fn fault(header: &str, format: &str) -> Option<String> {
    let behind = |header: &str| lines(format).lines().map(|line| format!("{header}{line}\n")).collect::<String>();
    let folder = Folder::new().with("access.log", behind(header));
    let run = init(&folder);
    if run.code != 0 {
        return Some(format!("nothing was found:\n{}", run.stderr));
    }
    let toml = folder.read("firelens.toml");
    let tests = folder.test([""; 0]);
    if (tests.code, tests.stderr.as_str()) != (0, "") {
        return Some(format!("`test` does not accept it:\n{}{}\n{toml}", tests.stdout, tests.stderr));
    }
    let guessed = records(&folder);
    let true_toml = format!(
        "name = 'a'\n[[container]]\nname = 'httpd'\nstdout = [{}]\n[[route]]\nname = 'rest'\nto = ['x']\n\
         [destination.x]\ntype = 'cloudwatch_logs'\nlog_group = '/a'\nretention_days = 1\n",
        toml_edit::Value::from(format)
    );
    let wanted = records(&Folder::new().with("access.log", behind("")).with("firelens.toml", true_toml));
    assert_eq!((guessed.len(), wanted.len()), (LINES as usize, LINES as usize), "{format}");
    let differs = guessed.iter().zip(&wanted).find_map(|(guessed, wanted)| differs(guessed, wanted));
    if let Some(differs) = differs {
        return Some(format!("{differs}\n{toml}"));
    }
    std::fs::write(folder.path("firelens.toml"), format!("{toml}\n[privacy]\nmask_clients = true\n")).unwrap();
    unmasked(&folder).map(|left| format!("not masked: {left}\n{toml}"))
}

/// Numbers that nothing tells from others, and addresses: which is whose cannot be told.
const LIKE_OTHERS: [&str; 17] = [
    "duration_us",
    "keepalives",
    "pid",
    "tid",
    "bytes",
    "bytes_in",
    "bytes_out",
    "client",
    "client_ip",
    "peer",
    "client_port",
    "conn_status",
    "x_forwarded_for",
    "host",
    "vhost",
    "server_name",
    "time_text",
];

/// A field with another value than the true one, or with one that a field of another name has.
fn differs(guessed: &Map<String, Value>, wanted: &Map<String, Value>) -> Option<String> {
    if guessed.get("kind") != Some(&Value::from("access")) {
        return Some(format!("no access record: {guessed:?}"));
    }
    let is_own = |name: &str| ["kind", "route", "log", "container_name", "source"].contains(&name);
    for (name, value) in guessed.iter().filter(|(name, _)| !is_own(name) && !LIKE_OTHERS.contains(&name.as_str())) {
        let free = name.starts_with("note_");
        match wanted.get(name) {
            Some(wanted) if wanted == value => {}
            None if free => {}
            other => return Some(format!("`{name}` is {value}, not {other:?}")),
        }
    }
    // What can be told has to be.
    let told = ["status", "method", "path", "time", "user", "user_agent", "protocol", "query"];
    let lost = told.into_iter().find(|name| wanted.contains_key(*name) && !guessed.contains_key(*name));
    lost.map(|name| format!("there is no `{name}`: {guessed:?}"))
}

/// An address that masking does not reach.
fn unmasked(folder: &Folder) -> Option<String> {
    let records: String = records(folder).iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    // Those of line 0 end with `.100` or `.0`; the last is a network's.
    let addresses = (1..LINES)
        .flat_map(|n| [format!("203.0.113.{}", n + 100), format!("198.51.100.{n}"), format!("10.0.0.{}", n + 100)]);
    addresses
        .into_iter()
        .find(|address| ["\"", ",", " "].iter().any(|end| records.contains(&format!("{address}{end}"))))
}

#[test]
fn formats_are_guessed_as_they_are() {
    let all = FORMATS.iter().map(|format| ("", *format)).chain(HEADERS);
    let faults =
        all.filter_map(|(header, format)| fault(header, format).map(|fault| format!("{header}{format}\n{fault}\n")));
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn too_little_is_no_format() {
    for format in NOTHING {
        let folder = Folder::new().with("access.log", lines(format));
        init(&folder).fails_with(2, &["no format was found"]);
    }
}
