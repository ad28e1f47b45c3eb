//! Lograge's lines and JSON behind what Ruby's Logger and tagged logging put in front of each line.
use super::*;

const HEADER: &str = "W, [2026-11-22T07:38:31.123456 #47]  WARN -- shop: ";
const ID: &str = "0b9e7a52-6f0e-4d1c-9a57-3c5f9d1e2a10";

fn lograge() -> Format {
    Format::Lograge { zone: Vec::new() }
}

fn json() -> Format {
    Format::Json { zone: Vec::new() }
}

/// Each format alone reads the header, and so it does beside `rails`, which would read any of these lines.
fn both(format: Format, line: &str) -> Value {
    let alone = read(&httpd(vec![format.clone()]), line);
    assert_eq!(alone, read(&httpd(vec![format, Format::Rails { zone: Vec::new() }]), line), "{line}");
    Value::Object(alone)
}

#[test]
fn a_header_gives_its_fields() {
    let header = json!({"time": "2026-11-22T07:38:31.123456Z", "pid": 47, "level": "warn", "progname": "shop"});
    let tags = json!({"tags": "[web]", "request_id": ID});
    let request = json!({"method": "GET", "path": "/a", "format": "html", "status": 200, "duration": 12.5});
    let pairs = "method=GET path=/a format=html status=200 duration=12.50";
    let object = r#"{"method":"GET","path":"/a","format":"html","status":200,"duration":12.5}"#;
    let plain = "W, [2026-11-22T07:38:31.123456 #47]  WARN -- : ";
    let tagged = format!("[web] [{ID}] ");
    for (kind, format, text) in [("rails", lograge(), pairs), ("rails", lograge(), object), ("json", json(), object)] {
        for (line, parts) in [
            (text.to_string(), vec![]),
            (format!("{HEADER}{text}"), vec![&header]),
            (format!("{tagged}{text}"), vec![&tags]),
            (format!("{HEADER}{tagged}{text}"), vec![&header, &tags]),
        ] {
            let mut wanted = json!({"kind": kind});
            for part in parts.into_iter().chain([&request]) {
                wanted.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
            }
            let mut found = both(format.clone(), &line);
            // As the two spell it.
            found["duration"] = json!(found["duration"].as_f64());
            assert_eq!(found, wanted, "{line}");
        }
        assert_eq!(both(format, &format!("{plain}{text}"))["progname"], Value::Null);
    }
}

#[test]
fn text_between_the_header_and_the_pairs_stays() {
    let fields = both(lograge(), &format!("{HEADER}[{ID}] served: method=GET path=/a status=200"));
    assert_eq!([&fields["prefix"], &fields["level"]], [&json!("served:"), &json!("warn")]);
    assert_eq!(both(lograge(), "shop: method=GET path=/a status=200")["prefix"], "shop:");
}

#[test]
fn what_is_no_object_is_left_to_other_formats() {
    for line in ["", "{", "[web] {", "warm", "[1]", "path=/a status=200"] {
        let line = format!("{HEADER}{line}");
        let alone = read(&httpd(vec![lograge(), json()]), &line);
        assert_eq!(alone, *json!({"kind": "unparsed", "log": line}).as_object().unwrap());
        let rails = read(&httpd(vec![lograge(), json(), Format::Rails { zone: Vec::new() }]), &line);
        assert_eq!([&rails["kind"], &rails["level"]], [&json!("rails"), &json!("warn")], "{line}");
    }
    // An object, but no line of Lograge.
    let fields = read(&httpd(vec![lograge(), json()]), &format!("{HEADER}{{\"path\":\"/a\"}}"));
    assert_eq!([&fields["kind"], &fields["path"]], [&json!("json"), &json!("/a")]);
}

/// The header's fields are the line's; what the object brings under one of their names is still there.
#[test]
fn the_header_keeps_its_names() {
    let line = format!(r#"{HEADER}[web] [{ID}] {{"level":3,"time":{{"s":1}},"tags":["a"],"log_level":"x","PID":1}}"#);
    let fields = both(json(), &line);
    assert_eq!(
        fields,
        json!({
            "kind": "json", "time": "2026-11-22T07:38:31.123456Z", "pid": 47, "level": "warn", "progname": "shop",
            "request_id": ID, "tags": "[web]",
            "log_log_level": 3, "log_time": {"s": 1}, "log_tags": ["a"], "log_level": "x", "PID": 1,
        })
    );
    // Without a header, the names are free.
    assert_eq!(both(json(), r#"{"level":3,"tags":["a"]}"#), json!({"kind": "json", "level": 3, "tags": ["a"]}));
}

#[test]
fn conditions_see_what_is_written() {
    let warned = |field: &str, value: &str| {
        let yes = route("yes", vec![on(field, Test::Equals(value.to_string()))], Action::Keep);
        Spec { routes: vec![yes, route("no", vec![], Action::Keep)], ..httpd(vec![json()]) }
    };
    let headed = format!(r#"{HEADER}{{"level":"x","time":{{"s":"1"}},"a":{{"s":"1"}}}}"#);
    let bare = r#"{"level":"x","time":{"s":"1"},"a":{"s":"1"}}"#;
    for (field, value, line, wanted) in [
        ("level", "warn", &*headed, "yes"),
        ("level", "x", &headed, "no"),
        ("progname", "shop", &headed, "yes"),
        ("time", "2026-11-22T07:38:31.123456Z", &headed, "yes"),
        // The header has `time`, and it is no object.
        ("time.s", "1", &headed, "no"),
        ("a.s", "1", &headed, "yes"),
        ("level", "x", bare, "yes"),
        ("progname", "shop", bare, "no"),
        ("time.s", "1", bare, "yes"),
        // The severity's letter and the object have a name that is nobody's.
        ("_", "W", &headed, "no"),
        ("_", "1", r#"{"_":"1"}"#, "yes"),
    ] {
        assert_eq!(read(&warned(field, value), line)["route"], wanted, "{field} {value} {line}");
    }
}

#[test]
fn a_kept_line_is_masked_in_front_of_its_object_and_in_it() {
    let mut spec = httpd(vec![lograge(), json()]);
    spec.keep_log = true;
    spec.privacy = spec::Privacy {
        v4_bits: Some(24),
        remove: vec!["progname".into()],
        parameters: vec!["token".into()],
        ..spec::Privacy::default()
    };
    let header = "W, [2026-11-22T07:38:31.123456 #47]  WARN -- secret: [198.51.100.7] ";
    let masked = "W, [2026-11-22T07:38:31.123456 #47]  WARN -- -: [198.51.100.0] ";
    for (text, wanted) in [
        ("method=GET path=/a?token=x status=200", "method=GET path=/a?token=*** status=200"),
        (r#"{"a":"198.51.100.7"}"#, r#"{"a":"198.51.100.0"}"#),
    ] {
        let fields = read(&spec, &format!("{header}{text}"));
        assert_eq!(fields["log"], format!("{masked}{wanted}"));
        assert_eq!([fields.get("progname"), fields.get("tags")], [None, Some(&json!("[198.51.100.0]"))]);
    }
}

#[test]
fn the_records_own_fields_keep_their_names() {
    let mut filter = Filter::new(compile(&httpd(vec![json()])).unwrap());
    let record =
        json!({"container_name": "httpd", "level": "own", "log": format!("{HEADER}{{\"level\":1}}")}).to_string();
    let mut out = Vec::new();
    assert_eq!(filter.filter(b"", record.as_bytes(), &mut out), Outcome::Changed);
    let out: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!([&out["level"], &out["log_level"], &out["log_log_level"]], [&json!("own"), &json!("warn"), &json!(1)]);
}

#[test]
fn the_headers_time_is_in_the_formats_zone() {
    let formats = vec![Format::Json { zone: vec![(i64::MIN, 3600)] }];
    assert_eq!(read(&httpd(formats), &format!("{HEADER}{{}}"))["time"], "2026-11-22T06:38:31.123456Z");
}
