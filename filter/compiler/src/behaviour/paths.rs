//! Members of members: conditions and masks reach them.
use super::*;
use proptest::prelude::*;

/// Whether a condition on this field holds for a record of a container whose lines are JSON.
fn holds(field: &str, test: Test, members: &str, line: &str) -> bool {
    let mut spec = httpd(vec![Format::Json { zone: Vec::new() }, access("%h")]);
    spec.routes = vec![route("yes", vec![on(field, test)], Action::Keep), route("no", vec![], Action::Keep)];
    let record = format!("{{{members}\"log\":{}}}", Value::from(line));
    let mut filter = Filter::new(compile(&spec).unwrap_or_else(|errors| panic!("{errors:?}")));
    filter.filter(b"httpd-firelens-1", record.as_bytes(), &mut Vec::new());
    filter.last_route() == Some(0)
}

#[test]
fn conditions_see_members_of_members() {
    let line = r#"{"a":{"s":500,"t":"x\"y","n":null,"o":{"p":[1]},"b.c":{"d":true},"\u0073\u0074":1,"":{"e":2}},"a.f":3,"u":"v"}"#;
    let equals = |text: &str| Test::Equals(text.to_string());
    for (field, test, expected) in [
        ("a.s", equals("500"), true),
        ("a.s", Test::Range(500, 599), true),
        ("a.s", Test::Range(0, 499), false),
        ("a.t", equals("x\"y"), true),
        ("a.n", Test::Present, false),
        ("a.o", equals(r#"{"p":[1]}"#), true),
        ("a.o.p", equals("[1]"), true),
        ("a.o.p.0", Test::Present, false),
        (r#"a."b.c".d"#, equals("true"), true),
        ("a.b.c.d", Test::Present, false),
        ("a.st", equals("1"), true),
        (r#"a."".e"#, equals("2"), true),
        ("a.s.t", Test::Present, false),
        ("a.x", Test::Present, false),
        ("x.a", Test::Present, false),
        ("u.v", Test::Present, false),
        // A member that is called like the path itself comes first.
        ("a.f", equals("3"), true),
        (r#""a.f""#, equals("3"), true),
    ] {
        assert_eq!(holds(field, test.clone(), "", line), expected, "{field} {test:?}");
    }
}

/// What the record has under a name is not the line's.
#[test]
fn a_line_does_not_answer_for_the_record() {
    let line = r#"{"a":{"s":1},"source":{"x":1},"ecs_x":{"s":1}}"#;
    let one = || Test::Equals("1".to_string());
    for (members, field, expected) in [
        ("", "a.s", true),
        (r#""a":{"s":2},"#, "a.s", false),
        (r#""a":{"s":1},"#, "a.s", true),
        (r#""a":"text","#, "a.s", false),
        (r#""a.s":2,"#, "a.s", false),
        ("", "ecs_x.s", false),
        (r#""ecs_x":{"s":1},"#, "ecs_x.s", true),
    ] {
        assert_eq!(holds(field, one(), members, line), expected, "{members} {field}");
    }
    // The record's own count for lines that are no JSON, too.
    assert!(holds("a.s", one(), r#""a":{"s":1},"#, "host"));
    assert!(!holds("a.s", one(), r#""a":{"s":1}, "a":{"s":2},"#, "host"), "the last one counts");
}

#[test]
fn paths_that_lead_nowhere_are_errors() {
    let errors = |formats: Vec<Format>, field: &str| {
        let mut spec = httpd(formats);
        spec.routes = vec![route("a", vec![on(field, Test::Present)], Action::Keep), route("b", vec![], Action::Keep)];
        let errors = compile(&spec).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.message, error.help.is_some())).collect::<Vec<_>>()
    };
    for field in ["client.x", "container_name.x", "ecs_cluster.x", "container.x", "kind.x", "a..b", "a.", "log.x"] {
        let found = errors(vec![access("%h")], field);
        assert_eq!(found.len(), 1, "{field}");
        assert!(found[0].1, "{field}: {found:?}");
    }
    // Of lines of JSON nobody knows what is an object.
    assert_eq!(errors(vec![access("%h"), Format::Json { zone: Vec::new() }], "client.x"), []);
    assert_eq!(errors(vec![access("%h")], "kubernetes.labels.app"), []);
}

#[test]
fn types_say_what_can_be_asked() {
    let member = |name: &str, value_type| spec::MemberType { name: name.to_string(), value_type };
    let mut spec = httpd(vec![Format::Json { zone: Vec::new() }, access("%h")]);
    spec.types = vec![member("a.s", spec::FieldType::Integer), member("t", spec::FieldType::Time)];
    let errors = |spec: &mut Spec, field: &str, test: Test| {
        spec.routes = vec![route("a", vec![on(field, test)], Action::Keep), route("b", vec![], Action::Keep)];
        compile(spec).err().unwrap_or_default()
    };
    assert_eq!(errors(&mut spec, "a.s", Test::Range(500, 599)), []);
    assert_eq!(errors(&mut spec, r#"a."s""#, Test::Equals("high".into())).len(), 1);
    assert_eq!(errors(&mut spec, "t", Test::Prefix("2026".into())).len(), 1);
    assert_eq!(errors(&mut spec, "a.s.x", Test::Present).len(), 1);
    assert_eq!(errors(&mut spec, "a.x", Test::Prefix("2026".into())), []);
    for (name, message) in
        [("client", "is known"), ("source", "is known"), ("a.s.t", "not an object"), ("a..b", "missing")]
    {
        spec.types.truncate(2);
        spec.types.push(member(name, spec::FieldType::String));
        let found = errors(&mut spec, "a.x", Test::Present);
        assert_eq!((found.len(), &found[0].place), (1, &crate::Part::Type(2)), "{name}");
        assert!(found[0].message.contains(message) && found[0].help.is_some(), "{name}: {found:?}");
    }
}

fn masked(spec: &Spec, members: &str, line: &str) -> String {
    let record = format!("{{{members}\"log\":{}}}", Value::from(line));
    let mut out = Vec::new();
    Filter::new(compile(spec).unwrap()).filter(b"httpd-firelens-1", record.as_bytes(), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn masks_reach_members_of_members() {
    let mut spec = httpd(vec![Format::Json { zone: Vec::new() }]);
    spec.privacy = spec::Privacy {
        remove: ["user.email", "a.b.c", "gone.only"].map(String::from).to_vec(),
        replace: ["user.name", r#"req.headers."x-token""#].map(String::from).to_vec(),
        ..Default::default()
    };
    for (members, line, expected) in [
        (
            "",
            r#"{"user":{"id":1,"email":"e","name":"n"},"email":"x","name":"y"}"#,
            r#"{"kind":"json","user":{"id":1,"name":"***"},"email":"x","name":"y"}"#,
        ),
        (
            "",
            r#"{"user": { "email" : "e" , "id" : 1 },"req":{"headers":{"x-token":{"deep":[1]},"X-Token":2}}}"#,
            r#"{"kind":"json","user": {"id" : 1},"req":{"headers":{"x-token":"***","X-Token":2}}}"#,
        ),
        // All of them, however they are written.
        (
            "",
            r#"{"user":{"n\u0061me":1,"name":2},"\u0075ser":{"name":3},"gone":{"only":1}}"#,
            r#"{"kind":"json","user":{"name":"***","name":"***"},"\u0075ser":{"name":"***"},"gone":{}}"#,
        ),
        ("", r#"{"user":[{"name":1}],"a":{"b":"c"}}"#, r#"{"kind":"json","user":[{"name":1}],"a":{"b":"c"}}"#),
        // The dots can be the member's own.
        ("", r#"{"user.name":"n","user.email":"e","x":1}"#, r#"{"kind":"json","user.name":"***","x":1}"#),
        (
            r#""user":{"email":"e","name":"n"},"a":{"b":{"c":1,"d":2}},"#,
            "{}",
            r#"{"user":{"name":"***"},"a":{"b":{"d":2}},"kind":"json"}"#,
        ),
    ] {
        assert_eq!(masked(&spec, members, line), expected, "{members} {line}");
    }
    spec.keep_log = true;
    let kept = r#"{"kind":"json","user":{"name":"***"},"log":"{\"user\":{\"name\":\"***\"}}"}"#;
    assert_eq!(masked(&spec, "", r#"{"user":{"name":"n","email":"e"}}"#), kept);
    for (name, message) in [("kind.x", "is text"), (r#""kind""#, "the filter's own"), ("a..b", "missing")] {
        spec.privacy.replace = vec![name.to_string()];
        let errors = compile(&spec).unwrap_err();
        assert_eq!(errors[0].place, crate::Part::Member(name.to_string()));
        assert!(errors[0].message.contains(message), "{name}: {errors:?}");
    }
}

const KEYS: [&str; 5] = ["a", "b", "é", "x-y", "q\"\\"];

/// A JSON text, of which the keys can be written with escapes, and come twice.
fn document() -> impl Strategy<Value = String> {
    let scalars = ["1", "-2.50", "true", "null", r#""a""#, r#""\u00e9\n\/""#, "[]", "{}", r#""""#];
    prop::sample::select(scalars.to_vec()).prop_map(String::from).prop_recursive(8, 64, 5, |inner| {
        let member =
            (prop::sample::select(KEYS.to_vec()), any::<bool>(), inner.clone()).prop_map(|(key, escaped, value)| {
                let key = match escaped {
                    true => {
                        format!("\"{}\"", key.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<String>())
                    }
                    false => Value::from(key).to_string(),
                };
                format!("{key} :{value}")
            });
        prop_oneof![
            1 => prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            3 => prop::collection::vec(member, 0..5).prop_map(|members| format!("{{ {} }}", members.join(","))),
        ]
    })
}

proptest! {
    #[test]
    fn a_path_leads_where_a_json_pointer_does(
        documents in prop::collection::vec(document(), 1..5),
        path in prop::collection::vec(prop::sample::select(KEYS.to_vec()), 1..6),
    ) {
        let members: Vec<String> = documents.iter().map(|document| format!("\"root\":{document}")).collect();
        let line = format!("{{{}}}", members.join(","));
        let parsed: Value = serde_json::from_str(&line).unwrap();
        let pointer: String = path.iter().map(|name| format!("/{name}")).collect();
        let quoted: String = path.iter().map(|name| format!(".{}", Value::from(*name))).collect();
        let field = format!("root{quoted}");
        match parsed.pointer(&format!("/root{pointer}")) {
            None | Some(Value::Null) => prop_assert!(!holds(&field, Test::Present, "", &line), "{field} {line}"),
            Some(Value::String(text)) => prop_assert!(holds(&field, Test::Equals(text.clone()), "", &line), "{field} {line}"),
            Some(Value::Object(_)) => prop_assert!(holds(&field, Test::Prefix("{".into()), "", &line), "{field} {line}"),
            Some(Value::Array(_)) => prop_assert!(holds(&field, Test::Prefix("[".into()), "", &line), "{field} {line}"),
            Some(other) => {
                let text = if other.is_f64() { "-2.50".to_string() } else { other.to_string() };
                prop_assert!(holds(&field, Test::Equals(text), "", &line), "{field} {line}");
            }
        }
    }
}
