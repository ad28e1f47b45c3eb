//! What is read, where it stands, and what is said about values of a wrong type.
use super::*;

const TASK: &str = r#"{
  "taskDefinition": {
    "taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:7",
    "family": "shop",
    "containerDefinitions": [
      {
        "name": "httpd", "image": "httpd:2.4", "essential": true, "stopTimeout": 30,
        "logConfiguration": { "logDriver": "awsfirelens", "options": { "log-driver-buffer-limit": "2097152" } },
        "dependsOn": [{ "containerName": "log_router", "condition": "HEALTHY" }],
        "environment": [{ "name": "TZ", "value": "UTC" }]
      },
      {
        "name": "log_router", "image": "example/router:1", "memoryReservation": 64, "user": "0",
        "firelensConfiguration": { "type": "fluentbit", "options": { "config-file-type": "file" } },
        "healthCheck": { "command": ["CMD-SHELL", "true"], "interval": 5, "startPeriod": null },
        "mountPoints": [{ "sourceVolume": "buffer", "containerPath": "/buffer" }],
        "restartPolicy": { "enabled": true, "ignoredExitCodes": [0] },
        "secrets": [{ "name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/token" }],
        "readonlyRootFilesystem": false
      }
    ],
    "volumes": [{ "name": "buffer" }],
    "networkMode": "awsvpc", "cpu": "256", "memory": "0.5 GB",
    "requiresCompatibilities": ["FARGATE"],
    "runtimePlatform": { "cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX" },
    "revision": 7,
    "somethingNew": { "deep": [1, 2, { "x": null }] }
  },
  "tags": []
}"#;

fn text<T>(source: &str, value: &Spanned<T>) -> String {
    source[value.span.clone()].to_string()
}

/// The problems, each with the text that it is about.
fn problems(source: &str) -> Vec<(String, String)> {
    let (_, problems) = read(source);
    problems.into_iter().map(|problem| (source[problem.span].to_string(), problem.message)).collect()
}

#[test]
fn everything_that_firelens_needs_is_read_with_its_place() {
    let (task, problems) = read(TASK);
    let task = task.unwrap();
    assert_eq!(problems, []);
    assert!(task.wrapped && task.fargate() && TASK[task.span.clone()].starts_with("{\n    \"taskDefinitionArn\""));
    assert_eq!(text(TASK, task.family.as_ref().unwrap()), "\"shop\"");
    assert_eq!(task.memory.as_ref().and_then(|memory| mebibytes(memory)), Some(512));
    assert_eq!(task.volumes[0].name.as_ref().unwrap().value, "buffer");
    let httpd = task.container("httpd").unwrap();
    assert_eq!((httpd.log_driver(), httpd.stop_timeout.as_ref().unwrap().value), (Some("awsfirelens"), 30));
    let limit = httpd.log_configuration.as_ref().unwrap().option("log-driver-buffer-limit").unwrap();
    assert_eq!((text(TASK, &limit.name), &*limit.value.value), ("\"log-driver-buffer-limit\"".to_string(), "2097152"));
    assert_eq!(httpd.depends_on[0].condition.as_ref().unwrap().value, "HEALTHY");
    let router = task.routers().next().unwrap();
    assert!(router.is_named("log_router"));
    let health = router.health_check.as_ref().unwrap();
    assert_eq!((health.command.len(), health.start_period.as_ref()), (2, None));
    assert_eq!(router.restart_policy.as_ref().unwrap().ignored_exit_codes[0].value, 0);
    assert_eq!(text(TASK, &router.mount_points[0]), r#"{ "sourceVolume": "buffer", "containerPath": "/buffer" }"#);
    let read_only: Vec<&str> = task.read_only_keys().map(|key| key.as_str()).collect();
    assert_eq!(read_only, ["taskDefinitionArn", "revision"]);
}

#[test]
fn the_wrapper_is_optional() {
    let (task, problems) = read(r#"{"containerDefinitions": []}"#);
    assert_eq!((task.unwrap().wrapped, problems.len()), (false, 0));
}

#[test]
fn values_of_a_wrong_type_are_all_told_with_their_place() {
    let source = r#"{"cpu": 256, "volumes": {}, "containerDefinitions": [7,
        {"name": "a", "memory": "64", "essential": "yes", "logConfiguration": {"options": {"Retry_Limit": 5}}}]}"#;
    let expected = [
        ("7", "an object is needed here, not a number"),
        ("\"64\"", "a whole number is needed here, not a string"),
        ("\"yes\"", "`true` or `false` is needed here, not a string"),
        ("5", "a string is needed here, not a number"),
        ("{}", "a list is needed here, not an object"),
        ("256", "a string is needed here, not a number"),
    ];
    assert_eq!(problems(source), expected.map(|(place, message)| (place.to_string(), message.to_string())));
    let helps: Vec<String> = read(source).1.into_iter().filter_map(|problem| problem.help).collect();
    assert_eq!(helps, ["write it without quotes: 64", "put it in quotes: \"5\"", "put it in quotes: \"256\""]);
}

#[test]
fn what_is_no_task_definition_is_refused() {
    let said = |source| problems(source).into_iter().map(|(_, message)| message).collect::<Vec<_>>().join("; ");
    assert_eq!(said("{\"containerDefinitions\": [],}"), "this is not JSON: trailing commas are not allowed");
    assert_eq!(said("// a comment\n{}"), "this is not JSON: comments are not allowed");
    assert_eq!(said(" "), "there is no JSON in this file");
    assert_eq!(said("[]"), "a task definition (an object) is needed here, not a list");
    assert_eq!(said("{\"taskDefinition\": 1}"), "an object is needed here, not a number");
    let template = r#"{"Resources": {}}"#;
    assert_eq!(said(template), "this is no task definition: it has no `containerDefinitions`");
    assert!(read(template).1[0].help.as_ref().unwrap().contains("CloudFormation"));
}

#[test]
fn a_key_that_is_there_twice_is_told() {
    let (task, problems) = read(r#"{"family": "a", "family": "b", "containerDefinitions": []}"#);
    assert_eq!(task.unwrap().family.unwrap().value, "a");
    assert_eq!(problems[0].message, "the key `family` is here twice");
}

#[test]
fn memory_is_read_as_ecs_reads_it() {
    let sizes = ["512", "2 GB", "1gb", ".5 GB", "x", ""].map(mebibytes);
    assert_eq!(sizes, [Some(512), Some(2048), Some(1024), Some(512), None, None]);
}

#[test]
fn no_text_at_all_breaks_the_reader() {
    for end in (0..TASK.len()).filter(|end| TASK.is_char_boundary(*end)) {
        assert!(read(&TASK[..end]).0.is_none());
    }
    assert!(read(&"[".repeat(100_000)).0.is_none());
}

#[test]
fn control_characters_in_strings_are_no_json() {
    for (text, at) in [("{ \"a\": \"b\u{1}\" }", 9), ("{ \"a\tb\": 1 }", 4), ("[\"\\\\\", \"\n\"]", 8)] {
        let (definition, problems) = read(text);
        assert!(definition.is_none());
        assert_eq!(
            (problems[0].span.clone(), problems[0].message.as_str()),
            (at..at + 1, "this is not JSON: a control character in a string")
        );
    }
    for (text, span) in [("{ \"a\":\u{c}1 }", 6..7), ("{\u{a0}\"a\": 1 }", 1..3), ("\u{feff}{}", 0..3)] {
        let (definition, problems) = read(text);
        assert!(definition.is_none(), "{text:?}");
        assert_eq!(problems[0].span, span);
    }
    assert!(read("{\n\t\"family\": \"a\\u0001\\\"\", \"containerDefinitions\": []\r\n}").0.is_some());
}
