//! Logs of all sorts: which formats are found, or that there are none.
use super::support::{Folder, Run};
use std::process::Stdio;

/// A log, and the formats that are found in it, as the summary has them: `stdout: "combined"`. None: init fails.
struct Sample {
    name: &'static str,
    lines: &'static [&'static str],
    formats: &'static [&'static str],
    /// How many of the lines nothing reads.
    unread: usize,
}

const fn sample(
    name: &'static str,
    lines: &'static [&'static str],
    formats: &'static [&'static str],
    unread: usize,
) -> Sample {
    Sample { name, lines, formats, unread }
}

const COMBINED: &str = r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8""#;
const COMMON: &str = r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /a HTTP/1.1" 200 5"#;
const VHOST: &str =
    r#"www.example.org:80 203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8""#;
const ERROR_24: &str = "[Sun Nov 22 07:38:41.120934 2026] [proxy:error] [pid 8:tid 140161] [client 203.0.113.7:51544] AH00898: Error reading from remote server returned by /cart";
const ERROR_22: &str =
    "[Sun Nov 22 07:38:41 2026] [error] [client 203.0.113.7] File does not exist: /var/www/favicon.ico";
const RAILS: &str = r#"I, [2026-11-22T07:38:32.729000 #7]  INFO -- : [0f5a0b6e-0b3c-4d55-9c8e-6a1d2c3b4a5f] Started GET "/" for 203.0.113.7 at 2026-11-22 07:38:32 +0000"#;
const RAILS_8: &str = "[0f5a0b6e-0b3c-4d55-9c8e-6a1d2c3b4a5f] Completed 200 OK in 12ms (Views: 3.4ms | ActiveRecord: 1.2ms (5 queries, 2 cached) | GC: 0.1ms)";
const LOGRAGE: &str =
    "method=GET path=/ format=html controller=HomeController action=index status=200 duration=12.3 view=3.4 db=1.2";
const LOGRAGE_JSON: &str = r#"{"method":"GET","path":"/","format":"html","controller":"HomeController","action":"index","status":200,"duration":12.3}"#;
const SEMANTIC: &str =
    "2026-11-22 07:38:32.729001 I [7:puma srv tp 001] (12.3ms) HomeController -- Completed #index -- {:status=>200}";
const SEMANTIC_COLOURED: &str =
    "2026-11-22 07:38:32.729001 \x1b[36mI\x1b[0m [7:main] \x1b[36mRails\x1b[0m -- Hello World";
const SEMANTIC_JSON: &str = r#"{"host":"web-1","application":"Shop","timestamp":"2026-11-22T07:38:32.729001Z","level":"info","level_index":2,"pid":7,"thread":"main","name":"Rails","message":"Hello World"}"#;
const EVENT: &str = r#"{"name":"user.created","payload":{"id":7},"tags":{},"context":{},"timestamp":1738964843208679035,"source_location":{"filepath":"app/a.rb","lineno":7,"label":"A#b"}}"#;
const THRUSTER: &str = r#"{"time":"2026-11-22T07:38:32.123456789Z","level":"INFO","msg":"Request","path":"/","status":200,"dur":12,"method":"GET","req_content_length":0,"req_content_type":"","resp_content_length":5123,"resp_content_type":"text/html","remote_addr":"203.0.113.7:51234","user_agent":"curl/8","cache":"miss","query":"","proto":"HTTP/1.1"}"#;
const PUMA: &str = "* Listening on http://0.0.0.0:3000";
const SOLID_QUEUE: &str =
    r#"SolidQueue-1.5.0 Started Worker (12.3ms)  pid: 7, hostname: "web-1", process_id: 3, name: "worker-a""#;
const JSON: &str = r#"{"ts":"2026-11-22T07:38:32.123Z","level":"info","logger":"com.example.Orders","msg":"order was stored","req":{"method":"GET"}}"#;

const SAMPLES: [Sample; 44] = [
    sample("combined", &[COMBINED], &[r#"stdout: "combined""#], 0),
    sample("common", &[COMMON, COMMON], &[r#"stdout: "common""#], 0),
    sample("combined and common", &[COMBINED, COMMON, COMMON], &[r#"stdout: "common""#, r#"stdout: "combined""#], 0),
    sample(
        "combined, common and vhost_combined",
        &[COMBINED, COMMON, VHOST, COMBINED, COMMON, COMBINED],
        &[r#"stdout: "combined""#, r#"stdout: "common""#, r#"stdout: "vhost_combined""#],
        0,
    ),
    sample(
        "access and error",
        &[COMBINED, ERROR_24, COMBINED],
        &[r#"stdout: "combined""#, r#"stderr: "httpd_error""#],
        0,
    ),
    sample("error log of 2.4", &[ERROR_24], &[r#"stderr: "httpd_error""#], 0),
    sample("error log of 2.2", &[ERROR_22, ERROR_22], &[r#"stderr: "httpd_error""#], 0),
    sample(
        "error log with ISO times",
        &["[2026-11-22 07:38:10] [core:error] [pid 42] [client 203.0.113.7:53110] AH01630: client denied"],
        &["stderr: { type = \"httpd_error\""],
        0,
    ),
    sample(
        "start-up errors",
        &[
            "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using 172.17.0.2. Set the 'ServerName' directive globally to suppress this message",
        ],
        &[r#"stderr: "httpd_error""#],
        0,
    ),
    sample(
        "error log that looks like JSON",
        &[
            r#"{ "error_time":"Sun Nov 22 07:38:41.120934 2026", "ip": "203.0.113.7", "message" : "AH01630: client denied by server configuration: /a" }"#,
        ],
        &[r#"stdout: "json""#],
        0,
    ),
    sample(
        "error log that looks like JSON, with a request",
        &[
            r#"{"time":"22/Nov/2026:07:38:41 +0000","level":"error","client":"203.0.113.7","request":"GET / HTTP/1.1","message":"denied"}"#,
        ],
        &[r#"stdout: "json""#],
        0,
    ),
    sample("an error log of columns", &["[crit] 7 203.0.113.7 GET /a 200"], &[], 1),
    sample(
        "nginx's error log",
        &[
            "2026/11/22 07:38:41 [error] 8#8: *1 open() \"/a\" failed (2: No such file or directory), client: 203.0.113.7, server: _, request: \"GET /a HTTP/1.1\", host: \"a.example\"",
        ],
        &[],
        1,
    ),
    sample("Rails 7", &[RAILS, RAILS], &[r#"stdout: "rails""#], 0),
    sample("Rails 8", &[RAILS_8, "[0f5a0b6e-0b3c-4d55-9c8e-6a1d2c3b4a5f] hello"], &[r#"stdout: "rails""#], 0),
    sample("Lograge", &[LOGRAGE], &[r#"stdout: "lograge""#], 0),
    sample("Lograge as JSON", &[LOGRAGE_JSON, LOGRAGE_JSON], &[r#"stdout: "lograge""#], 0),
    sample(
        "Lograge after the logger's header, and Rails",
        &[
            RAILS,
            RAILS,
            "I, [2026-11-22T07:38:32.729000 #7]  INFO -- : method=GET path=/ format=html controller=A action=b status=200 duration=1.2",
        ],
        &[r#"stdout: "lograge""#, r#"stdout: "rails""#],
        0,
    ),
    sample(
        "JSON after the logger's header, and Rails",
        &[RAILS, RAILS, r#"I, [2026-11-22T07:38:32.729000 #7]  INFO -- : {"a":1}"#],
        &[r#"stdout: "json""#, r#"stdout: "rails""#],
        0,
    ),
    sample("semantic_logger", &[SEMANTIC, SEMANTIC], &[r#"stdout: "rails_semantic_logger""#], 0),
    sample("semantic_logger in colours", &[SEMANTIC_COLOURED], &[r#"stdout: "rails_semantic_logger""#], 0),
    sample("semantic_logger as JSON", &[SEMANTIC_JSON], &[r#"stdout: "rails_semantic_logger""#], 0),
    sample("events of Rails 8.1", &[EVENT], &[r#"stdout: "rails_event""#], 0),
    sample("Thruster", &[THRUSTER], &[r#"stdout: "thruster""#], 0),
    sample("Puma", &["Puma starting in single mode...", PUMA, "Use Ctrl-C to stop"], &[r#"stdout: "puma""#], 0),
    sample("Solid Queue", &[SOLID_QUEUE], &[r#"stdout: "solid_queue""#], 0),
    sample(
        "a container of Rails 8",
        &["=> Booting Puma", PUMA, RAILS_8, THRUSTER, THRUSTER, LOGRAGE_JSON, JSON, "Exiting"],
        &[
            r#"stdout: "thruster""#,
            r#"stdout: "puma""#,
            r#"stdout: "lograge""#,
            r#"stdout: "json""#,
            r#"stdout: "rails""#,
        ],
        1,
    ),
    sample("JSON", &[JSON, JSON], &[r#"stdout: "json""#], 0),
    sample(
        "JSON with a request",
        &[
            r#"{"time":"2026-11-22T07:38:32Z","level":"info","message":"served","method":"GET","path":"/a","status":200,"remote":"203.0.113.7"}"#,
        ],
        &[r#"stdout: "json""#],
        0,
    ),
    sample(
        "nginx's access log",
        &[r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8" "-""#],
        &["stdout: '%h"],
        0,
    ),
    sample(
        "Tomcat's access log",
        &[r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 11230"#],
        &[r#"stdout: "common""#],
        0,
    ),
    sample(
        "catalina.out",
        &[
            "22-Nov-2026 07:38:32.123 INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [1234] milliseconds",
        ],
        &[],
        1,
    ),
    sample(
        "HAProxy",
        &[
            r#"Nov 22 07:38:32 web-1 haproxy[7]: 203.0.113.7:33317 [22/Nov/2026:07:38:32.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1""#,
        ],
        &["stdout: '%{%b %e"],
        0,
    ),
    sample(
        "a load balancer's log",
        &[
            r#"https 2026-11-22T07:38:32.123456Z app/shop/50dc6c495c0c9188 203.0.113.7:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/a/b "Root=1-5" "www.example.com" "arn" 0 2026-11-22T07:38:32.000000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-""#,
        ],
        &["stdout: "],
        0,
    ),
    sample(
        "a log of VPC flows",
        &[
            "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK",
        ],
        &[],
        1,
    ),
    sample(
        "syslog of another program",
        &["Nov 22 07:38:32 web-1 sshd[7]: Accepted publickey for bob from 203.0.113.7 port 22 ssh2"],
        &[],
        1,
    ),
    sample(
        "Java",
        &["2026-11-22 07:38:32,123 INFO  [main] com.example.Main - GET /a from 203.0.113.7 took 200 ms"],
        &[],
        1,
    ),
    sample("Python", &["INFO:root:hello", "WARNING:app:203.0.113.7 - failed"], &[], 2),
    sample("prose", &["Hello", "world, this is no log"], &[], 2),
    sample(
        "key=value of no request",
        &["level=info ts=2026-11-22T07:38:32Z caller=main.go:7 msg=\"ready\" addr=203.0.113.7:80"],
        &[],
        1,
    ),
    sample("a table", &["a,b,c", "1,2,3", "203.0.113.7,2026-11-22,200"], &[], 3),
    sample("bytes", &["\u{0}\u{1}\u{2}", "\u{fffd}\u{7f}"], &[], 2),
    sample(
        "a client that writes columns",
        &[COMBINED, COMBINED, r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "\x16\x03\x01" 400 226 "-" "-""#],
        &[r#"stdout: "combined""#],
        0,
    ),
    sample(
        "a TLS version is no agent",
        &[r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 5 "TLSv1.3" "TLS_AES_256_GCM_SHA384""#],
        &["stdout: '%h"],
        0,
    ),
];

fn init(folder: &Folder, input: &str) -> Run {
    let command = folder.command().args(["init", "--from", input]).stdin(Stdio::null()).output();
    Run::new(command.unwrap())
}

/// The formats of the summary.
fn found(run: &Run) -> Vec<String> {
    let format = |line: &str| {
        let (count, rest) = line.trim_start().split_once("  ")?;
        let (place, _) = rest.split_once(": ")?;
        let is_format = count.parse::<usize>().is_ok() && place.ends_with(['t', 'r']);
        (is_format && place.split(' ').count() == 2).then(|| rest.split_once(' ').unwrap().1.to_string())
    };
    run.stderr.lines().filter_map(format).collect()
}

fn fault(Sample { lines, formats, unread, .. }: &Sample) -> Option<String> {
    let folder = Folder::new().with("a.log", lines.join("\n"));
    let run = init(&folder, "a.log");
    let found = found(&run);
    let same =
        found.len() == formats.len() && found.iter().zip(*formats).all(|(found, wanted)| found.starts_with(wanted));
    if !same || (run.code == 0) == formats.is_empty() {
        return Some(format!("exit {}, {found:?}, not {formats:?}\n{}", run.code, run.stderr));
    }
    if formats.is_empty() {
        let explains = run.stderr.contains("the closest format is ") && run.stderr.contains("no format was found");
        return (!explains).then(|| format!("it is not explained:\n{}", run.stderr));
    }
    let not_parsed = format!("{unread:>8}  not parsed");
    if (*unread > 0) != run.stderr.contains("not parsed") || *unread > 0 && !run.stderr.contains(&not_parsed) {
        return Some(format!("not {unread} unread:\n{}", run.stderr));
    }
    let records = run.stderr.lines().filter(|line| line.trim_start().starts_with("{\"kind\":")).count();
    if records != formats.len() {
        return Some(format!("{records} records of {} formats:\n{}", formats.len(), run.stderr));
    }
    let tests = folder.test([""; 0]);
    let accepted = (tests.code, tests.stderr.as_str()) == (0, "");
    (!accepted).then(|| {
        format!("`test` does not accept it:\n{}{}\n{}", tests.stdout, tests.stderr, folder.read("firelens.toml"))
    })
}

#[test]
fn logs_of_all_sorts() {
    let faults = SAMPLES.iter().filter_map(|sample| fault(sample).map(|fault| format!("{}: {fault}", sample.name)));
    let faults: Vec<String> = faults.collect();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), SAMPLES.len(), faults.join("\n"));
}

#[test]
fn the_closest_format_is_shown_where_it_fails() {
    let line = r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /a HTTP/1.1" 200 five ""#;
    let run = init(&Folder::new().with("a.log", line), "a.log");
    run.fails_with(2, &["the closest format is ", "a.log:1", "^ column 68: expected", "no format was found"]);
}

#[test]
fn what_is_uncertain_is_marked() {
    let line = r#"203.0.113.7 10.0.0.7 - - [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8" 0 x7y"#;
    let folder = Folder::new().with("a.log", line);
    let run = init(&folder, "a.log");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let uncertain = run.stderr.lines().find(|line| line.contains("uncertain: ")).expect("a mark");
    for directive in ["%h", "%a", "}n"] {
        assert!(uncertain.contains(directive), "{uncertain}");
    }
    assert!(folder.read("firelens.toml").contains("# uncertain: "), "{}", folder.read("firelens.toml"));
}
