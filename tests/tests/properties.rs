//! Whatever comes in, what comes out is safe for the host, and nothing that the filter does not own is touched.
//!
//! `PROPTEST_CASES=100000 cargo test -p e2e --test properties` tries more cases than the usual 256.
mod common;
mod texts;

use common::{Both, access, httpd};
use e2e::invariants::{self, value_of};
use e2e::record::{self, members};
use firelens_compiler::spec::{Action, Condition, Format, Library, Route, Spec, Test};
use firelens_filter::program::Kind;
use proptest::prelude::*;
use std::cell::RefCell;

const ROUTES: [&str; 3] = ["failures", "hidden", "rest"];

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// All kinds of formats on both streams, and routes.
fn full() -> Spec {
    let formats = || {
        vec![
            access("combined"),
            Format::HttpdError { format: None, zone: Vec::new() },
            Format::Lograge { zone: Vec::new() },
            Format::Json { zone: Vec::new() },
            Format::Rails { zone: Vec::new() },
            Format::Library { library: Library::SemanticLogger, zone: Vec::new() },
            Format::Library { library: Library::Thruster, zone: Vec::new() },
        ]
    };
    let on = |field: &str, test: Test| vec![vec![Condition { field: field.into(), not: false, any: vec![test] }]];
    let route = |name: &str, any_of, action| Route { name: name.into(), any_of, action };
    let routes = vec![
        route("health-checks", on("user_agent", Test::Prefix("ELB-HealthChecker".into())), Action::Drop),
        route("failures", on("status", Test::Range(500, 599)), Action::Keep),
        route("hidden", on("path", Test::Regex("(?i)secret".into())), Action::Keep),
        route("rest", vec![], Action::Keep),
    ];
    Spec { routes, ..httpd(formats(), formats()) }
}

fn plain() -> Both {
    Both::new(&Spec::default())
}

/// Runs a property over records for the plain filter and for one with everything.
fn for_records<S: Strategy<Value = Vec<u8>>>(records: S, property: impl Fn(&[u8], Option<&[u8]>)) {
    let filters = [(RefCell::new(plain()), &[][..]), (RefCell::new(Both::new(&full())), &ROUTES[..])];
    proptest!(config(), |(record in records)| {
        for (filter, routes) in &filters {
            let out = filter.borrow_mut().filter(&record);
            if let Some(out) = &out {
                invariants::output(out, routes);
            }
            property(&record, out.as_deref());
        }
    });
}

#[test]
fn any_bytes() {
    for_records(prop::collection::vec(any::<u8>(), 0..400), |record, out| {
        assert!(out.is_some(), "dropped: {}", record.escape_ascii());
    });
}

#[test]
fn almost_json() {
    for_records(texts::almost_json(), |_, _| {});
}

#[test]
fn strict_records_keep_their_members() {
    for_records(texts::strict_record(), |record, out| {
        if let Some(out) = out {
            let text = |bytes| std::str::from_utf8(bytes).expect("UTF-8");
            invariants::foreign(text(record), text(out));
        }
    });
}

#[test]
fn records_with_lines_of_any_bytes() {
    for_records(
        prop::collection::vec(any::<u8>(), 0..300).prop_map(|line| record::firelens("stdout", &line)),
        |_, out| {
            assert!(out.is_some());
        },
    );
}

#[test]
fn lines_that_are_almost_right() {
    let records = texts::broken_line().prop_map(|line| record::firelens("stdout", line.as_bytes()));
    for_records(records, |record, out| {
        if let Some(out) = out {
            let text = |bytes| std::str::from_utf8(bytes).expect("UTF-8");
            invariants::foreign(text(record), text(out));
        }
    });
}

/// A line that is an object cannot set what is not its own, whatever it is called and however that is spelled.
#[test]
fn json_lines_bring_only_their_own() {
    let forged = [
        ("kind", Test::Kind(Kind::Error)),
        ("source", Test::Equals("stderr".into())),
        ("container", Test::Equals("other".into())),
    ];
    let forged = forged.map(|(field, test)| Route {
        name: format!("forged-{field}"),
        any_of: vec![vec![Condition { field: field.into(), not: false, any: vec![test] }]],
        action: Action::Keep,
    });
    let rest = Route { name: "rest".into(), any_of: vec![], action: Action::Keep };
    let routes = forged.into_iter().chain([rest]).collect();
    let spec = Spec { routes, ..httpd(vec![Format::Json { zone: Vec::new() }], vec![]) };
    let filter = RefCell::new(Both::new(&spec));
    proptest!(config(), |(line in texts::strict_record())| {
        let record = record::firelens("stdout", &line);
        let out = filter.borrow_mut().filter(&record).expect("nothing is dropped");
        invariants::output(&out, &["rest"]);
        let text = std::str::from_utf8(&out).expect("UTF-8");
        let values: Vec<&str> = members(text).iter().map(|(_, member)| *member).collect();
        for member in members(std::str::from_utf8(&record).expect("UTF-8")) {
            prop_assert!(member.0 == "log" || values.contains(&member.1), "{} is gone: {text}", member.1);
        }
        // And nothing that the line brought is lost.
        if text.contains("\"kind\":\"json\"") {
            for (_, member) in members(std::str::from_utf8(&line).expect("UTF-8")) {
                let value = value_of(member);
                prop_assert!(values.iter().any(|other| value_of(other) == value), "{value} is gone: {text}");
            }
        }
    });
}

#[test]
fn a_record_truncated_at_each_byte() {
    let lines: [&[u8]; 3] = [
        br#"203.0.113.7 - bob [22/Nov/2026:07:38:32 +0000] "GET /a?b=\"c\" HTTP/1.1" 200 5 "-" "x\xc3\xa9""#,
        b"caf\xc3\xa9 \xff \xf0\x9f\x98\x80 \x01",
        br#"{"kind":"error","a":[1,{"b":null}]}"#,
    ];
    for mut filter in [plain(), Both::new(&full())] {
        let routes = if filter.has_routes { &ROUTES[..] } else { &[] };
        for line in lines {
            let record = record::firelens("stdout", line);
            for end in 0..record.len() {
                let out = filter.filter(&record[..end]).expect("it is kept");
                invariants::output(&out, routes);
            }
        }
    }
}

#[test]
fn a_line_truncated_at_each_byte() {
    let line = br#"203.0.113.7 - bob [22/Nov/2026:07:38:32 +0000] "GET /a?b=\"c\" HTTP/1.1" 200 5 "-" "x\xc3\xa9\\""#;
    let mut filter = plain();
    for end in 0..line.len() {
        let record = record::firelens("stdout", &line[..end]);
        let out = filter.filter(&record).expect("it is kept");
        invariants::output(&out, &[]);
        invariants::foreign(std::str::from_utf8(&record).unwrap(), std::str::from_utf8(&out).unwrap());
    }
}

#[test]
fn deep_values() {
    let mut filter = plain();
    for levels in (1..80).chain([100, 1000, 5000]) {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"b\":", "}]")] {
            let deep = format!("{}\"core\"{}", open.repeat(levels), close.repeat(levels));
            let record = format!("{{\"first\":1.50,\"deep\":{deep},\"last\":\"x\"}}");
            let out = filter.filter(record.as_bytes()).expect("it is kept");
            invariants::output(&out, &[]);
            let text = String::from_utf8(out).expect("UTF-8");
            assert!(text.contains("\"first\":1.50") && text.contains("\"last\":\"x\""), "{text}");
            assert!(text.contains("core"), "{levels} levels: {text}");
            let nested = levels * open.matches(['[', '{']).count();
            assert_eq!(text.contains(&deep), nested < record::MAX_DEPTH, "{levels} levels of {open}");
        }
    }
}

/// The host's own ways of writing what JSON cannot say.
#[test]
fn what_fluent_bit_writes() {
    let mut filter = plain();
    for (record, expected) in [
        (r#"{"a":nan,"log":"x"}"#, r#""a":"nan""#),
        (r#"{"a":-inf,"b":[inf]}"#, r#""b":["inf"]"#),
        (r#"{7:"seven"}"#, r#""7":"seven""#),
        (r#"{"a":"\ud83d"}"#, r#""a":"\\ud83d""#),
        (r#"{"ext":"\x01\xff"}"#, r#""ext":"\\x01\\xff""#),
        (r#"{"\u006bind":"error"}"#, r#""log_kind":"error""#),
        (r#"{"kind":1,"kind":2}"#, r#""log_kind":2"#),
        (r#"{"n":123456789012345678901234567890,"f":1.10}"#, r#""n":123456789012345678901234567890,"f":1.10"#),
        (r#"{"log":5}"#, r#""log":5"#),
        (r#"{"log":null}"#, r#""log":null"#),
        (r#"{}"#, r#""kind":"unparsed""#),
    ] {
        let out = filter.filter(record.as_bytes()).expect("it is kept");
        invariants::output(&out, &[]);
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(text.contains(expected), "{record} became {text}");
    }
}

/// A request is split into values: a `-` in one is text like any other, not what httpd prints for nothing.
#[test]
fn a_hyphen_inside_of_a_request() {
    let route = |name: &str, any_of| Route { name: name.into(), any_of, action: Action::Keep };
    let on = |field: &str| {
        let test = Test::Equals("-".into());
        route(field, vec![vec![Condition { field: field.into(), not: false, any: vec![test] }]])
    };
    let routes = vec![on("query"), on("path"), on("method"), route("rest", vec![])];
    let mut filter = Both::new(&Spec { routes, ..httpd(vec![access("common")], vec![]) });
    for (request, expected, route) in [
        ("GET /?- HTTP/1.1", r#""method":"GET","path":"/","query":"-","protocol":"HTTP/1.1","#, "query"),
        ("GET -?- HTTP/1.1", r#""method":"GET","path":"-","query":"-","protocol":"HTTP/1.1","#, "query"),
        ("GET - HTTP/1.1", r#""method":"GET","path":"-","protocol":"HTTP/1.1","#, "path"),
        ("- / HTTP/1.1", r#""method":"-","path":"/","protocol":"HTTP/1.1","#, "method"),
        ("-", "", "rest"),
    ] {
        let line = format!("192.0.2.7 - - [22/Nov/2026:07:38:32 +0000] \"{request}\" 200 -");
        // The second time by way of the code that is made for the format.
        for _ in 0..2 {
            let out = filter.filter(&record::firelens("stdout", line.as_bytes())).expect("it is kept");
            let out = String::from_utf8(out).expect("UTF-8");
            let expected = format!(":32Z\",{expected}\"status\":200,\"route\":\"{route}\"");
            assert!(out.contains(&expected), "{request}: {out}");
        }
    }
    for (format, line, expected) in [
        ("%U%q %s", "/?- 200", r#""path":"/","query":"-","status""#),
        ("%U %q %s", "/ ?- 200", r#""path":"/","query":"-","status""#),
        ("%U %q %s", "/ - 200", r#""path":"/","status""#),
    ] {
        let mut filter = Both::new(&httpd(vec![access(format)], vec![]));
        let out = filter.filter(&record::firelens("stdout", line.as_bytes())).expect("it is kept");
        let out = String::from_utf8(out).expect("UTF-8");
        assert!(out.contains(expected), "{line}: {out}");
    }
}

/// What httpd writes for any headers, users and paths is read back as what was sent.
#[test]
fn access_lines_read_back() {
    let filter = RefCell::new(Both::new(&httpd(vec![access("combined")], vec![])));
    proptest!(config(), |(request in texts::request())| {
        let got = filter.borrow_mut().line("stdout", request.line().as_bytes());
        let mut got: serde_json::Map<_, _> = got;
        let kept = got.shift_remove("log").is_some();
        prop_assert_eq!(kept, !request.is_utf8(), "a value that is not UTF-8 keeps the line, others do not");
        prop_assert_eq!(common::differences(&request.fields(), &got), Vec::<String>::new(), "{}", request.line());
    });
}
