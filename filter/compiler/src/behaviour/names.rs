//! Every field has a name of its own, whoever brings it.
use super::*;
use proptest::prelude::*;

/// The record as text, when its line is this object.
fn joined(record: &str, line: &str) -> String {
    filtered(&httpd(vec![Format::Json { zone: Vec::new() }]), record, line)
}

fn filtered(spec: &Spec, members: &str, line: &str) -> String {
    let record = format!("{{{members}\"log\":{}}}", Value::from(line));
    let mut out = Vec::new();
    let mut filter = Filter::new(compile(spec).unwrap());
    assert_eq!(filter.filter(b"", record.as_bytes(), &mut out), Outcome::Changed);
    String::from_utf8(out).unwrap()
}

#[test]
fn the_record_keeps_its_names() {
    for (members, line, expected) in [
        (r#""status":1,"#, r#"{"status":2}"#, r#"{"status":1,"kind":"json","log_status":2}"#),
        (r#""status":1,"#, r#"{"\u0073tatus":2}"#, r#"{"status":1,"kind":"json","log_status":2}"#),
        (
            r#""status":1,"#,
            r#"{"status":2,"log_status":3}"#,
            r#"{"status":1,"kind":"json","log_log_status":2,"log_status":3}"#,
        ),
        (r#""kind":1,"#, r#"{"kind":2}"#, r#"{"log_kind":1,"kind":"json","log_log_kind":2}"#),
        (r#""kind":1,"#, r#"{"log_kind":2}"#, r#"{"log_kind":1,"kind":"json","log_log_kind":2}"#),
        (
            r#""a":1,"log_a":2,"#,
            r#"{"a":3,"log_a":4}"#,
            r#"{"a":1,"log_a":2,"kind":"json","log_log_a":3,"log_log_log_a":4}"#,
        ),
        (r#""":1,"#, r#"{"":2}"#, r#"{"":1,"kind":"json","log_":2}"#),
        ("", r#"{"":2,"log":3,"route":null}"#, r#"{"kind":"json","":2,"log_log":3,"log_route":null}"#),
    ] {
        assert_eq!(joined(members, line), expected, "{members} {line}");
    }
}

#[test]
fn fields_of_formats_give_way_too() {
    assert_eq!(
        filtered(&httpd(vec![access("%h")]), r#""kind":1,"client":2,"log_client":3,"#, "c"),
        r#"{"log_kind":1,"client":2,"log_client":3,"kind":"access","log_log_client":"c"}"#
    );
}

/// What a line says twice stays there twice, under one name.
#[test]
fn duplicates_of_a_line() {
    assert_eq!(joined("", r#"{"a":1,"\u0061":2}"#), r#"{"kind":"json","a":1,"\u0061":2}"#);
    assert_eq!(joined(r#""a":0,"#, r#"{"a":1,"a":2}"#), r#"{"a":0,"kind":"json","log_a":1,"log_a":2}"#);
}

#[test]
fn deep_and_large_objects() {
    for levels in [1, 31, 32, 33, 100] {
        let deep = format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        let out = joined("", &format!("{{\"a\":{deep}}}"));
        assert!(firelens_filter::json::object(out.as_bytes(), &mut Vec::new()).is_ok(), "{levels} levels");
        assert_eq!(out.contains(&deep), levels < firelens_filter::json::MAX_DEPTH, "{levels} levels");
    }
    let large: Vec<String> = (0..5000).map(|at| format!("\"container_{at}\":{at}")).collect();
    assert_eq!(joined("", &format!("{{{}}}", large.join(","))).matches("log_container_").count(), 5000);
}

proptest! {
    #[test]
    fn names_differ(
        record in prop::collection::btree_set("(log_){0,3}(kind|route|a|)", 0..6),
        line in prop::collection::btree_set("(log_){0,3}(kind|route|a|log|)", 0..8),
    ) {
        let members: String = record.iter().filter(|name| *name != "log").map(|name| format!("\"{name}\":0,")).collect();
        let fields: Vec<String> = line.iter().map(|name| format!("\"{name}\":1")).collect();
        let out = joined(&members, &format!("{{{}}}", fields.join(",")));
        let fields: Map<String, Value> = serde_json::from_str(&out).unwrap();
        prop_assert_eq!(fields.values().filter(|value| **value == 0).count(), record.len(), "{}", out);
        prop_assert_eq!(fields.values().filter(|value| **value == 1).count(), line.len(), "{}", out);
    }
}

/// What a line brings under a name of the record's own steers nothing.
#[test]
fn routes_see_the_records_own_fields() {
    let status = || vec![on("status", Test::Range(500, 599))];
    for (format, line) in [(Format::Json { zone: Vec::new() }, r#"{"status":503}"#), (access("%h %>s"), "c 503")] {
        for (own, expected) in [("200", "no"), ("503", "yes")] {
            let routes = vec![route("yes", status(), Action::Keep), route("no", vec![], Action::Keep)];
            let spec = Spec { routes, ..httpd(vec![format.clone()]) };
            let out = filtered(&spec, &format!(r#""status":{own},"#), line);
            assert!(out.ends_with(&format!(r#""route":"{expected}"}}"#)), "{out}");
        }
    }
}

#[test]
fn records_that_are_too_long_cannot_claim_our_names() {
    let long = "x".repeat(firelens_filter::filter::MAX_RECORD);
    let mut filter = Filter::new(compile(&Spec::default()).unwrap());
    let mut out = Vec::new();
    let record = format!(r#"{{"route":"a","x":1,"log":"{long}","kind":2}}"#);
    assert_eq!(filter.filter(b"", record.as_bytes(), &mut out), Outcome::Changed);
    let expected = format!(r#"{{"log_route":"a","x":1,"log_kind":2,"log":"{long}"}}"#);
    assert!(out == expected.as_bytes());
    let record = format!(r#"{{"x":1,"log":"{long}"}}"#);
    assert_eq!(filter.filter(b"", record.as_bytes(), &mut out), Outcome::Unchanged);
}

/// An emitter may have put a prefix in front of FireLens's tag.
#[test]
fn the_tag_tells_the_container() {
    let mut filter = Filter::new(compile(&httpd(vec![access("common")])).unwrap());
    let line = r#"{"log":"c - - [22/Nov/2026:07:38:32 +0000] \"GET / HTTP/1.1\" 200 1"}"#;
    let mut out = Vec::new();
    for (tag, kind) in [
        ("httpd-firelens-0123", "access"),
        ("parsed.httpd-firelens-0123", "access"),
        ("a.b.httpd-firelens-0123", "access"),
        ("envoy-firelens-0123", "unparsed"),
        ("tail.0", "access"),
    ] {
        filter.filter(tag.as_bytes(), line.as_bytes(), &mut out);
        let fields: Map<String, Value> = serde_json::from_slice(&out).unwrap();
        assert_eq!(fields["kind"], kind, "{tag}");
    }
}
