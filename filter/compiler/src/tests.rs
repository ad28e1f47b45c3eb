//! The compiler as a whole.
use super::*;
use crate::spec::{Action, Condition, Container, Format, Names, Privacy, Route, Test};
use firelens_filter::program::Emit;
use proptest::prelude::*;

fn access(format: &str) -> Format {
    Format::Access { format: format.to_string(), zone: Vec::new() }
}

fn error(format: &str) -> Format {
    Format::HttpdError { format: Some(format.to_string()), zone: Vec::new() }
}

fn httpd(stdout: Vec<Format>, stderr: Vec<Format>) -> Spec {
    Spec { containers: vec![Container { name: "httpd".to_string(), stdout, stderr }], ..Spec::default() }
}

fn all_formats() -> Spec {
    httpd(
        vec![
            access("combinedio"),
            access("%v %a %T %{X-Foo}i"),
            Format::Rails { zone: Vec::new() },
            Format::Json { zone: Vec::new() },
        ],
        vec![Format::HttpdError { format: None, zone: vec![(5, 1), (0, 2)] }, Format::Lograge { zone: Vec::new() }],
    )
}

#[test]
fn a_program_survives_being_written_and_read() {
    for spec in [Spec::default(), all_formats()] {
        let mut program = compile(&spec).unwrap();
        let read = Program::from_bytes(&program.to_bytes()).expect("it is sound");
        let patterns = program.formats.iter_mut().flat_map(|format| &mut format.patterns);
        patterns.for_each(|pattern| pattern.labels.clear());
        assert_eq!(read, program);
    }
}

#[test]
fn built_in_formats() {
    let program = compile(&Spec::default()).unwrap();
    // Two of them again, with any user.
    assert_eq!(program.formats.len(), BUILT_IN.len() + 2);
    assert!(program.containers.is_empty());
    let kinds: Vec<Kind> = program.formats.iter().map(|format| format.kind).collect();
    assert_eq!(kinds, [Kind::Access, Kind::Access, Kind::Access, Kind::Error, Kind::Access, Kind::Access]);
}

#[test]
fn the_same_format_is_compiled_once() {
    let mut spec = httpd(vec![access("%v %h"), access("%h %T")], vec![access("%v %h")]);
    spec.containers.push(Container { name: "other".to_string(), stdout: vec![access("%h %T")], stderr: vec![] });
    let program = compile(&spec).unwrap();
    assert_eq!((program.containers[0].stdout.clone(), program.containers[0].stderr.clone()), (vec![0, 1], vec![0]));
    assert_eq!(program.containers[1].stdout, [1]);
    assert_eq!(program.formats.len(), 2);
}

#[test]
fn beside_other_formats_the_usual_users_come_first() {
    let both = httpd(vec![access("common"), access("vhost_common")], vec![access("common")]);
    let program = compile(&both).unwrap();
    let [common, vhost_common, common_usual, vhost_usual] = [0, 1, 2, 3];
    assert_eq!(program.containers[0].stdout, [common_usual, vhost_usual, common, vhost_common]);
    assert_eq!(program.containers[0].stderr, [common], "a format that is alone reads any user");
}

#[test]
fn zones_are_sorted() {
    let formats = compile(&all_formats()).unwrap().formats;
    let zone_of_errors = &formats.iter().find(|format| format.kind == Kind::Error).unwrap().zone;
    assert_eq!(*zone_of_errors, [(0, 2), (5, 1)]);
}

#[test]
fn every_error_is_reported_in_its_place() {
    let route = |name: &str, field: &str| Route {
        name: name.to_string(),
        any_of: vec![vec![Condition { field: field.to_string(), not: false, any: vec![Test::Present] }]],
        action: Action::Keep,
    };
    let spec = Spec {
        routes: vec![route("a", "status"), route("a", "stauts")],
        privacy: Privacy { v4_bits: Some(33), ..Privacy::default() },
        ..httpd(vec![access("common"), access("%J %h")], vec![error("%x")])
    };
    let errors = compile(&spec).unwrap_err();
    let places: Vec<Part> = errors.into_iter().map(|error| error.place).collect();
    assert_eq!(
        places,
        [
            Part::Stdout { container: 0, format: 1 },
            Part::Stderr { container: 0, format: 0 },
            Part::Routes,
            Part::Route(1),
            Part::Condition { route: 1, alternative: 0, condition: 0 },
            Part::Privacy,
        ]
    );
}

#[test]
fn too_many_fields_are_an_error() {
    let format: Vec<String> = (0..program::MAX_NAMES + 1).map(|n| format!("%{{X{n}}}i")).collect();
    let errors = compile(&httpd(vec![access(&format.join(" "))], vec![])).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message.contains("250 fields"), "{}", errors[0].message);
}

#[test]
fn fields_have_the_type_that_the_table_says() {
    let spec = httpd(
        vec![
            access(
                "%h %a %{c}a %l %u %t %{end}t \"%r\" %>s %s %b %I %O %S %T %D %k %X %L %P %{tid}P %p %^FB %{hextid}P",
            ),
            access("%m %U%q %H %V %v %A %f %R %{c}L %{local}p %{remote}p %{Referer}i %{Host}i %{SSL_CIPHER}x"),
            Format::Rails { zone: Vec::new() },
        ],
        vec![
            Format::HttpdError { format: None, zone: Vec::new() },
            error("%t %a %{c}a %A [%{x}e] %k %L %{C}L %m %l %P %T [%v] [%V] [%{x}n] %F %E: %M"),
        ],
    );
    for format in compile(&spec).unwrap().formats {
        for output in format.outputs() {
            let name = output.key.trim_matches([',', ':', '"']);
            let Some(field) = field(format.kind, name) else {
                assert!(name.starts_with("env_") || name.starts_with("note_"), "{name} is not in the table");
                continue;
            };
            let expected = match output.emit {
                Emit::Number | Emit::Scaled(_) => FieldType::Integer,
                Emit::Time(_) => FieldType::Time,
                _ => FieldType::String,
            };
            assert_eq!(field.value_type, expected, "{name}");
        }
    }
}

/// A directive with what stands around it, its field, and values with what is written for them (`null`: nothing).
type RoundTrip = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const ROUND_TRIP: [RoundTrip; 12] = [
    ("%h", "client", &[("192.0.2.1", "\"192.0.2.1\""), ("::1", "\"::1\""), ("-", "null")]),
    ("%l", "ident", &[("-", "null"), ("root", "\"root\"")]),
    ("%>s", "status", &[("200", "200"), ("-", "null"), ("1001", "1001")]),
    ("%b", "bytes", &[("-", "null"), ("0", "0"), ("18446744073", "18446744073")]),
    ("%{ms}T", "duration_us", &[("0", "0"), ("12", "12000")]),
    ("%t", "time", &[("[22/Nov/2026:07:38:32 -0130]", "\"2026-11-22T09:08:32Z\"")]),
    ("%X", "conn_status", &[("-", "\"-\""), ("+", "\"+\""), ("X", "\"X\"")]),
    ("\"%{Referer}i\"", "referer", &[("\"\"", "\"\""), (r#""a\" \\ \t""#, r#""a\" \\ \t""#), ("\"-\"", "null")]),
    ("\"%{X-A}i\"", "x_a", &[(r#""\xc3\xa9 [""#, "\"é [\""), (r#""] \" 200 \"""#, r#""] \" 200 \"""#)]),
    ("'%{A}C'", "cookie_a", &[("'b c'", "\"b c\""), ("''", "\"\"")]),
    ("\"%m %U%q %H\"", "path", &[("\"GET /a b?c HTTP/1.1\"", "\"/a b\""), ("\"- - HTTP/1.0\"", "null")]),
    ("[%u]", "user", &[("[\"\"]", "\"\""), ("[a ] [ b]", "\"a ] [ b\""), ("[-]", "null")]),
];

/// Text that looks like a format.
fn format_text() -> impl Strategy<Value = String> {
    let pieces = "%[-+<>!]?[0-9]{0,2}(\\{[A-Za-z%:_-]{0,6}\\}?)?[a-zA-Z^%]{0,2}|[ \"\\\\a%{}]{1,3}|\\PC";
    proptest::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_makes_the_compiler_panic(format in format_text(), any in "\\PC{0,40}") {
        for text in [format, any] {
            for preset in [Names::Plain, Names::Apache2, Names::Otel] {
                for format in [access(&text), error(&text)] {
                    let spec = Spec { names: preset, ..httpd(vec![format], vec![]) };
                    match compile(&spec) {
                        Ok(program) => prop_assert!(program.is_sound()),
                        Err(errors) => for error in errors {
                            let span = error.span.unwrap_or(0..0);
                            prop_assert!(text.get(span.clone()).is_some(), "{text:?} {span:?} {}", error.message);
                        },
                    }
                }
            }
        }
    }

    #[test]
    fn no_route_makes_the_compiler_panic(field in "[a-z_]{0,9}|\\PC{0,4}", text in "\\PC{0,12}|[a-z(){}*+?|.^$0-9\\\\]{0,12}") {
        let tests = vec![Test::Regex(text.clone()), Test::Equals(text.clone()), Test::Range(2, 1), Test::Level(3, 99)];
        for test in tests {
            let condition = Condition { field: field.clone(), not: true, any: vec![test] };
            let first = Route { name: text.clone(), any_of: vec![vec![condition]], action: Action::Drop };
            let last = Route { name: "rest".to_string(), any_of: vec![], action: Action::Keep };
            match compile(&Spec { routes: vec![first, last], ..Spec::default() }) {
                Ok(program) => prop_assert!(program.is_sound()),
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
        }
    }

    #[test]
    fn what_a_format_prints_is_read_back(picks in proptest::collection::vec((0..ROUND_TRIP.len(), 0usize..3), 1..9)) {
        let mut seen = Vec::new();
        let (mut format, mut line) = (Vec::new(), Vec::new());
        for (pick, value) in picks {
            let (directive, field, values) = ROUND_TRIP[pick];
            let (printed, expected) = values[value % values.len()];
            if seen.iter().all(|(other, _)| *other != field) {
                format.push(directive);
                line.push(printed);
                seen.push((field, expected));
            }
        }
        let (format, line) = (format.join(" "), line.join(" "));
        let mut filter = firelens_filter::Filter::new(compile(&httpd(vec![access(&format)], vec![])).unwrap());
        let record = serde_json::json!({"container_name": "httpd", "source": "stdout", "log": line}).to_string();
        let mut out = Vec::new();
        filter.filter(b"httpd", record.as_bytes(), &mut out);
        let out: serde_json::Value = serde_json::from_slice(&out).unwrap();
        for (field, expected) in seen {
            let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
            prop_assert_eq!(out.get(field).unwrap_or(&serde_json::Value::Null), &expected, "{} {} {} {}", field, format, line, out);
        }
    }
}
