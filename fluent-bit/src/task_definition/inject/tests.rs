//! Whatever a task definition holds is kept, and a second time changes nothing.
use super::*;
use proptest::prelude::*;

fn request() -> Request {
    let pipeline = Pipeline {
        version: crate::Version::DEFAULT,
        containers: Vec::new(),
        joined: Vec::new(),
        routes: Vec::new(),
        destinations: Vec::new(),
        router: crate::pipeline::Router::default(),
    };
    Request {
        router: Router {
            image: Some("example/router:1.0.0".into()),
            memory: 256,
            log: OwnLog { group: None, region: Some("eu-west-1".into()) },
            secrets: vec![(
                "FIRELENS_KIT_HTTP_TOKEN".into(),
                "arn:aws:ssm:eu-west-1:123456789012:parameter/token".into(),
            )],
            ..Router::of(&pipeline)
        },
        apps: Apps { names: vec!["app".into()], unconfigured: false },
        replace_log_driver: false,
        replace_router: false,
        limit_driver_buffer: true,
        register: false,
    }
}

#[track_caller]
fn injected(source: &str, request: &Request) -> String {
    match inject(source, request) {
        Ok(injected) => injected.text,
        Err(problems) => panic!("{problems:?}"),
    }
}

/// Everything in `old` is in `new`: keys in their order, lists from their beginning.
fn kept(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let order: Vec<&String> = new.keys().filter(|key| old.contains_key(*key)).collect();
            old.keys().eq(order) && old.iter().all(|(key, value)| kept(value, &new[key]))
        }
        (Value::Array(old), Value::Array(new)) => {
            old.len() <= new.len() && old.iter().zip(new).all(|(old, new)| kept(old, new))
        }
        _ => old == new,
    }
}

/// Any JSON, under keys that ECS may have tomorrow.
fn unknown() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}|\\PC{0,3}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn extras() -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::btree_map("x[A-Za-z\"\\\\é]{1,8}", unknown(), 0..4).prop_map(|map| map.into_iter().collect())
}

fn with(mut value: Value, extras: Vec<(String, Value)>, first: bool) -> Value {
    let Value::Object(map) = &mut value else { return value };
    if first {
        return Value::Object(extras.into_iter().chain(std::mem::take(map)).collect());
    }
    map.extend(extras);
    value
}

/// As people and programs write JSON.
fn printed(value: &Value, style: usize) -> String {
    let indent = [None, Some("  "), Some("    "), Some("\t")][style % 4];
    let Some(indent) = indent else { return value.to_string() };
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
    serde::Serialize::serialize(value, &mut serde_json::Serializer::with_formatter(&mut bytes, formatter)).unwrap();
    let text = String::from_utf8(bytes).unwrap() + "\n";
    if style >= 4 { text.replace('\n', "\r\n") } else { text }
}

prop_compose! {
    fn task_definition()(
        [top, app, sidecar] in [extras(), extras(), extras()],
        volumes in prop::option::of(unknown().prop_map(|extra| json!([{ "name": "data", "x": extra }]))),
        first in any::<bool>(),
        wrapped in any::<bool>(),
        style in 0usize..8,
    ) -> String {
        let app = with(json!({ "name": "app", "image": "app:1", "environment": [] }), app, first);
        let sidecar = with(json!({ "name": "sidecar", "image": "sidecar:1" }), sidecar, !first);
        let mut task = json!({ "family": "shop", "containerDefinitions": [app, sidecar], "memory": "1024" });
        if let Some(volumes) = volumes {
            task["volumes"] = volumes;
        }
        let task = with(task, top, first);
        printed(&if wrapped { json!({ "taskDefinition": task, "tags": [] }) } else { task }, style)
    }
}

proptest! {
    #[test]
    fn any_task_definition_keeps_what_it_has(source in task_definition()) {
        let text = injected(&source, &request());
        let [old, new] = [&source, &text].map(|text| serde_json::from_str::<Value>(text).unwrap());
        prop_assert!(kept(&old, &new), "{source}\n{text}");
        let task = read(&text).0.unwrap();
        prop_assert!(task.routers().next().is_some_and(|router| router.is_named("log_router")));
        prop_assert_eq!(task.container("app").and_then(|app| app.log_driver()), Some("awsfirelens"));
        prop_assert_eq!(injected(&text, &request()), text);
    }

    #[test]
    fn what_is_registered_keeps_it_too(source in task_definition()) {
        let text = injected(&source, &Request { register: true, ..request() });
        let [old, new] = [&source, &text].map(|text| serde_json::from_str::<Value>(text).unwrap());
        let old = old.get("taskDefinition").unwrap_or(&old);
        prop_assert!(kept(old, &new), "{source}\n{text}");
    }
}

#[test]
fn numbers_stay_as_they_were_written() {
    let source =
        r#"{"x": 1.10, "y": 1e400, "z": 123456789012345678901234567890, "containerDefinitions": [{"name": "app"}]}"#;
    let text = injected(source, &request());
    assert!(text.starts_with(r#"{"x": 1.10, "y": 1e400, "z": 123456789012345678901234567890, "#), "{text}");
}

#[test]
fn a_changed_configuration_changes_the_router_and_nothing_else() {
    let source = injected(r#"{"containerDefinitions": [{"name": "app"}]}"#, &request());
    let mut later = request();
    later.router.image = None;
    assert_eq!(injected(&source, &later), source);
    let source = source.replacen(r#""secrets": ["#, r#""secrets": [{"name": "MINE", "valueFrom": "arn:mine"}, "#, 1);
    later.router.image = Some("example/router:2.0.0".into());
    later.router.secrets = vec![("FIRELENS_KIT_A".into(), "arn:a".into()), ("FIRELENS_KIT_B".into(), "arn:b".into())];
    let text = injected(&source, &later);
    let router = read(&text).0.unwrap();
    let router = router.container("log_router").unwrap();
    let secrets = router.secrets.iter().map(|secret| secret.value_from.as_ref().unwrap().value.as_str());
    assert_eq!(secrets.collect::<Vec<_>>(), ["arn:mine", "arn:a", "arn:b"]);
    assert_eq!(router.image.as_ref().unwrap().value, "example/router:2.0.0");
}

#[test]
fn a_container_without_a_name_is_told() {
    let router = r#"{ "image": "fluent/fluent-bit:5.0.9", "firelensConfiguration": { "type": "fluentbit" } }"#;
    let source = format!(r#"{{ "containerDefinitions": [{router}, {{ "name": "app" }}] }}"#);
    let request = Request { replace_router: true, ..request() };
    let problems = inject(&source, &request).unwrap_err();
    assert_eq!(problems[0].message, "this container has no name");
}

/// The value of an app container's `log-driver-buffer-limit` after the router was put in.
fn driver_buffer(options: &str, limit_driver_buffer: bool) -> Option<String> {
    let source = format!(
        r#"{{ "containerDefinitions": [ {{ "name": "app", "image": "app:1",
            "logConfiguration": {{ "logDriver": "awsfirelens", "options": {{ {options} }} }} }} ] }}"#
    );
    let text = injected(&source, &Request { limit_driver_buffer, ..request() });
    let task = read(&text).0.unwrap();
    let log = task.container("app").and_then(|app| app.log_configuration.clone()).unwrap();
    log.option("log-driver-buffer-limit").map(|pair| pair.value.value.clone())
}

#[test]
fn the_log_drivers_buffer_is_raised_and_never_lowered() {
    let own = |lines: &str| driver_buffer(&format!("\"log-driver-buffer-limit\": \"{lines}\""), false);
    assert_eq!(
        ["2097152", "15000", "100", "8MB"].map(own),
        ["2097152", "15000", "15000", "15000"].map(|it| Some(it.into()))
    );
    assert_eq!(driver_buffer("", false), None);
    assert_eq!(driver_buffer("", true), Some("15000".into()));
}

#[test]
fn a_fluentd_router_is_taken_over_when_asked_for() {
    let source = r#"{ "containerDefinitions": [ { "name": "app", "image": "app:1" },
        { "name": "fluentd", "image": "fluent/fluentd:v1.17-1", "command": ["fluentd", "-v"],
          "firelensConfiguration": { "type": "fluentd" } } ] }"#;
    let message = |request: &Request| inject(source, request).unwrap_err()[0].message.clone();
    assert!(message(&request()).contains("this router is Fluentd"));
    let replaced = Request { replace_router: true, ..request() };
    let keeps = Request { router: Router { image: None, ..replaced.router.clone() }, ..replaced.clone() };
    assert!(message(&keeps).contains("this image has Fluentd inside"));
    let task = read(&injected(source, &replaced)).0.unwrap();
    let router = task.container("fluentd").unwrap();
    assert!(!router.is_fluentd() && router.command.is_none());
    assert_eq!(router.image.as_ref().map(|image| image.as_str()), Some("example/router:1.0.0"));
}

#[test]
fn a_list_of_containers_alone_has_no_place_for_the_volume() {
    let problems = inject(r#"[{ "name": "app", "image": "app:1" }]"#, &request()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].help.as_ref().is_some_and(|help| help.contains("containerDefinitions")), "{problems:?}");
}
