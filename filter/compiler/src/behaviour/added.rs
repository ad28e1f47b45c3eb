//! Fields that are added are like those that the record came with.
use super::*;
use crate::{
    Part,
    spec::{AddedField, AddedValue, Ecs},
};

fn text(name: &str, value: &str) -> AddedField {
    AddedField { container: None, name: name.to_string(), value: AddedValue::Text(value.to_string()) }
}

fn of_httpd(field: AddedField) -> AddedField {
    AddedField { container: Some("httpd".to_string()), ..field }
}

fn ecs(name: &str, ecs: Ecs) -> AddedField {
    AddedField { container: None, name: name.to_string(), value: AddedValue::Ecs(ecs) }
}

fn run(spec: &Spec, tag: &str, record: &str) -> String {
    let mut out = Vec::new();
    let mut filter = Filter::new(compile(spec).unwrap());
    match filter.filter(tag.as_bytes(), record.as_bytes(), &mut out) {
        Outcome::Dropped => "dropped".to_string(),
        _ => String::from_utf8(out).unwrap(),
    }
}

const TASK: &str = "arn:aws:ecs:eu-west-1:123456789012:task/prod/f0d9abcd";

#[test]
fn records_of_all_containers_or_of_one_get_fields() {
    let number = |value| AddedField { value, ..text("n", "") };
    let mut spec = httpd(vec![access("%h")]);
    spec.added = vec![text("service", "a \"shop\""), text("stage", "prod"), of_httpd(text("stage", "test"))];
    for (tag, record, expected) in [
        (
            "httpd-firelens-1",
            r#"{"log":"c","x":1}"#,
            r#"{"x":1,"service":"a \"shop\"","stage":"test","kind":"access","client":"c"}"#,
        ),
        (
            "web-firelens-1",
            r#"{"log":"c c"} "#,
            r#"{"service":"a \"shop\"","stage":"prod","kind":"unparsed","log":"c c"}"#,
        ),
        // It does not say where it is from.
        ("", "{}", r#"{"service":"a \"shop\"","stage":"prod","kind":"unparsed"}"#),
        ("", r#"{"stage":1}"#, r#"{"stage":1,"service":"a \"shop\"","kind":"unparsed"}"#),
        ("", r#"{"st\u0061ge":1}"#, r#"{"st\u0061ge":1,"service":"a \"shop\"","kind":"unparsed"}"#),
        // It had to be repaired.
        ("", "{\"a\":\"\u{1}\"}", r#"{"a":"\u0001","service":"a \"shop\"","stage":"prod","kind":"unparsed"}"#),
    ] {
        assert_eq!(run(&spec, tag, record), expected, "{tag} {record}");
    }
    for (value, expected) in [
        (AddedValue::Integer(-3), "-3"),
        (AddedValue::Number(1.0), "1.0"),
        (AddedValue::Number(1e300), "1e300"),
        (AddedValue::Boolean(true), "true"),
        (AddedValue::Text("\u{1}é\u{1f600}".into()), "\"\\u0001é\u{1f600}\""),
    ] {
        spec.added = vec![number(value)];
        assert_eq!(run(&spec, "", "{}"), format!("{{\"n\":{expected},\"kind\":\"unparsed\"}}"));
    }
}

#[test]
fn what_ecs_knows() {
    let mut spec = httpd(vec![access("%h")]);
    spec.added = vec![
        ecs("cluster", Ecs::Cluster),
        ecs("task", Ecs::TaskId),
        ecs("family", Ecs::Family),
        ecs("revision", Ecs::Revision),
        ecs("container", Ecs::Container),
    ];
    let of_task = r#""ecs_cluster":"prod","ecs_task_definition":"my-shop-2:3","#;
    for (tag, members, expected) in [
        ("web-firelens-77", "", r#""task":"77","container":"web""#),
        ("web-firelens-77.in", "", r#""task":"77","container":"web""#),
        ("x.web-firelens-77", "", r#""task":"77","container":"web""#),
        ("web", "", ""),
        (
            "web-firelens-77",
            &format!("{of_task}\"ecs_task_arn\":\"{TASK}\","),
            r#""cluster":"prod","task":"f0d9abcd","family":"my-shop-2","revision":3,"container":"web""#,
        ),
        // Older agents write the cluster as an ARN; JSON may have `/` escaped.
        (
            "",
            r#""ecs_cluster":"arn:aws:ecs:eu-west-1:123456789012:cluster\/prod","ecs_task_definition":"","ecs_task_arn":"","#,
            r#""cluster":"prod""#,
        ),
        ("", r#""ecs_task_definition":"shop:latest","ecs_cluster":7,"#, r#""cluster":"7","family":"shop""#),
        ("", r#""ecs_task_definition":"shop","ecs_cluster":null,"#, ""),
        (
            "",
            &format!("{of_task}\"container_name\":\"/ecs-my-shop-2-3-http-d-f0d9abcdf0d9abcd01\","),
            r#""cluster":"prod","family":"my-shop-2","revision":3,"container":"http-d""#,
        ),
        (
            "",
            &format!("{of_task}\"container_name\":\"/ecs-other-3-httpd-f0d9\","),
            r#""cluster":"prod","family":"my-shop-2","revision":3,"container":"ecs-other-3-httpd-f0d9""#,
        ),
        ("a\"b-firelens-\\", "", r#""task":"\\","container":"a\"b""#),
    ] {
        let printed = run(&spec, tag, &format!("{{{members}\"log\":\"c c\"}}"));
        let start = printed.find("\"kind\"").unwrap();
        let own = members.trim_end_matches(',');
        let comma = |text: &str| if text.is_empty() { "" } else { "," };
        let before = format!("{{{own}{}{expected}{}", comma(own), comma(expected));
        assert_eq!(printed[..start], before, "{tag} {members}");
    }
}

#[test]
fn lines_cannot_set_them_and_routes_and_masks_see_them() {
    let mut spec = httpd(vec![access("%h %U"), Format::Json { zone: Vec::new() }]);
    spec.added = vec![text("service", "shop"), ecs("task", Ecs::TaskId)];
    spec.routes = vec![
        route("none", vec![on("service", Test::Equals("other".into()))], Action::Keep),
        route("noise", vec![on("task", Test::Equals("2".into())), on("path", Test::Prefix("/a".into()))], Action::Drop),
        route("rest", vec![], Action::Keep),
    ];
    let record = |line: &str| json!({"log": line}).to_string();
    for (tag, line, expected) in [
        (
            "httpd-firelens-1",
            r#"{"service":"other","task":2,"path":"/a","log_task":3}"#,
            r#"{"service":"shop","task":"1","kind":"json","log_service":"other","log_log_task":2,"path":"/a","log_task":3,"route":"rest"}"#,
        ),
        ("httpd-firelens-2", "c /a", "dropped"),
        (
            "httpd-firelens-2",
            "c /b",
            r#"{"service":"shop","task":"2","kind":"access","client":"c","path":"/b","route":"rest"}"#,
        ),
    ] {
        assert_eq!(run(&spec, tag, &record(line)), expected, "{tag} {line}");
    }
    spec.privacy = spec::Privacy { remove: vec!["service".into()], replace: vec!["task".into()], ..Default::default() };
    let expected = r#"{"task":"***","kind":"access","client":"c","path":"/b","route":"rest"}"#;
    assert_eq!(run(&spec, "httpd-firelens-2", &record("c /b")), expected);
}

#[test]
fn names_that_are_taken() {
    let mut spec = httpd(vec![access("%h %{x-a}i"), Format::Lograge { zone: Vec::new() }]);
    spec.names = spec::Names::Otel;
    let long = "x".repeat(65);
    for (name, message) in [
        ("kind", "the filter itself"),
        ("route", "the filter itself"),
        ("log", "FireLens and Fluent Bit"),
        ("source", "FireLens and Fluent Bit"),
        ("container_name", "FireLens and Fluent Bit"),
        ("ecs_family", "FireLens and Fluent Bit"),
        ("ec2_instance_id", "FireLens and Fluent Bit"),
        ("partial_id", "FireLens and Fluent Bit"),
        ("not", "`match`"),
        ("container", "`match`"),
        ("client", "formats in use"),
        ("client.address", "formats in use"),
        ("x_a", "formats in use"),
        ("gc_time", "formats in use"),
        ("", "cannot be the name"),
        ("a b", "cannot be the name"),
        ("ä", "cannot be the name"),
        (&long, "cannot be the name"),
    ] {
        for field in [text(name, "v"), of_httpd(text(name, "v"))] {
            spec.added = vec![text("fine", "v"), field];
            let errors = compile(&spec).unwrap_err();
            assert_eq!(errors.len(), 1, "{name}: {errors:?}");
            assert_eq!(errors[0].place, Part::Added(1), "{name}");
            let words = format!("{} {:?}", errors[0].message, errors[0].help);
            assert!(words.contains(message), "{name}: {words}");
            assert!(errors[0].help.is_some(), "{name}");
        }
    }
    spec.added = vec![text("vhost", "one that no format has")];
    assert!(compile(&spec).is_ok());
    for value in [f64::NAN, f64::INFINITY] {
        spec.added = vec![AddedField { value: AddedValue::Number(value), ..text("n", "") }];
        assert!(compile(&spec).unwrap_err()[0].message.contains("not a finite number"));
    }
    spec.added = vec![text("a", &"é".repeat(500)), of_httpd(text("b", &"x".repeat(20)))];
    assert!(compile(&spec).unwrap_err()[0].message.contains(" 1034 bytes"), "{:?}", compile(&spec));
    spec.added.pop();
    assert!(compile(&spec).is_ok());
}
